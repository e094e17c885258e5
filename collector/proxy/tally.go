package proxy

import (
	"sync"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/requestlog/jsonl"
)

// Stats counts what a proxy has metered.
type Stats struct {
	InFlight  int64 // requests that have not ended
	OK        int64
	Cancelled int64
	Errors    int64
	Estimated int64 // of all that ended, those whose output was counted in chunks
	NoTokens  int64 // of the ok ones, those of which no output is known
	Remote    int64 // of all that ended, those that another machine served
	Written   int64 // lines in the log
	Waiting   int64 // lines that are not in the log yet
	Lost      int64 // lines that never will be
}

// tally counts requests.
type tally struct {
	mu sync.Mutex
	n  Stats
}

func (t *tally) begin() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.n.InFlight++
}

func (t *tally) upgraded() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.n.InFlight--
}

func (t *tally) end(r jsonl.Record) {
	outcome, output := r.Request.Outcome, r.Request.Output
	if r.Remote != nil {
		outcome, output = r.Remote.Outcome, r.Remote.Output
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.n.InFlight--
	switch outcome {
	case attribution.OutcomeOK:
		t.n.OK++
		if !output.Known {
			t.n.NoTokens++
		}
	case attribution.OutcomeCancelled:
		t.n.Cancelled++
	default:
		t.n.Errors++
	}
	if r.Request.TokensEstimated {
		t.n.Estimated++
	}
	if r.Remote != nil {
		t.n.Remote++
	}
}

// Stats returns the counts since the proxy was made.
func (p *Proxy) Stats() Stats {
	p.tally.mu.Lock()
	s := p.tally.n
	p.tally.mu.Unlock()
	s.Written, s.Waiting, s.Lost = p.journal.counts()
	return s
}
