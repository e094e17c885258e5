package mlx_test

import (
	"strings"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/requestlog"
	"github.com/sovmeter/sovmeter/collector/requestlog/mlx"
	"github.com/sovmeter/sovmeter/collector/requestlog/parsertest"
)

const (
	omlxDone  = "2026-11-24 10:00:40,000 - omlx.server - INFO - [-] - Chat completion: model=m, 40 tokens in 1.00s (40.0 tok/s), prompt: 36, finish_reason=stop"
	begins    = "INFO:vllm_mlx.scheduler:[schedule] request=abc uid=1 prompt_tokens=11 tokens_to_prefill=4, 7 cached max_tokens=20 running=1 waiting=0"
	ends      = "INFO:vllm_mlx.scheduler:[cache_store] request=abc tokens=20 (11 prompt + 9 output) stored=True"
	httpBegin = `127.0.0.1 - - [24/Nov/2026 10:00:10] "POST /v1/chat/completions HTTP/1.1" 200 -`
)

func one(t *testing.T, opt requestlog.Options, lines ...requestlog.Line) attribution.Request {
	t.Helper()
	p := mlx.New(opt)
	var got []attribution.Request
	for i, l := range lines {
		l.Offset = int64(i)
		p.Parse(l)
		got = append(got, p.Take().Requests...)
	}
	if len(got) != 1 {
		t.Fatalf("%d requests: %+v", len(got), got)
	}
	return got[0]
}

func TestNoCache(t *testing.T) {
	r := one(t, requestlog.Options{Server: "s", NoCache: true}, requestlog.Line{Data: []byte(omlxDone)})
	if r.Input != attribution.Known(36) || r.Cached != attribution.Known(0) {
		t.Errorf("input %v, cached %v", r.Input, r.Cached)
	}
}

func TestModelOverride(t *testing.T) {
	r := one(t, requestlog.Options{Server: "s", Model: "mine"}, requestlog.Line{Data: []byte(omlxDone)})
	if r.Model != "mine" {
		t.Errorf("model %q", r.Model)
	}
}

// TestZone: stamps are local, and the hour shown twice goes by the arrival.
func TestZone(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skip(err)
	}
	const twice = "2026-10-25 02:30:00,000 - omlx.server - INFO - [-] - Chat completion: model=m, 40 tokens in 1.00s (40.0 tok/s)"
	for _, tt := range []struct {
		name, line string
		arrival    time.Time
		want       time.Time
	}{
		{"winter", omlxDone, time.Time{}, time.Date(2026, 11, 24, 9, 0, 40, 0, time.UTC)},
		{"before the clock went back", twice, time.Date(2026, 10, 25, 0, 30, 1, 0, time.UTC), time.Date(2026, 10, 25, 0, 30, 0, 0, time.UTC)},
		{"after it", twice, time.Date(2026, 10, 25, 1, 30, 1, 0, time.UTC), time.Date(2026, 10, 25, 1, 30, 0, 0, time.UTC)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := one(t, requestlog.Options{Zone: berlin}, requestlog.Line{Data: []byte(tt.line), Arrival: tt.arrival})
			if !r.End.Equal(tt.want) {
				t.Errorf("ends %v, want %v", r.End, tt.want)
			}
		})
	}
}

// TestBacklog: lines without a stamp, found before anybody looked, place nothing.
func TestBacklog(t *testing.T) {
	old := requestlog.Line{Arrival: base, Spread: requestlog.SpreadUnknown}
	begin, end := old, old
	begin.Data, end.Data = []byte(begins), []byte(ends)
	r := one(t, requestlog.Options{Server: "s"}, begin, end)
	if !r.Start.IsZero() || !r.End.IsZero() || r.Output != attribution.Known(9) {
		t.Errorf("got %+v", r)
	}
	p := mlx.New(requestlog.Options{Server: "s"})
	p.Parse(begin)
	if f := p.Take(); len(f.InFlight) != 1 || !f.InFlight[0].Start.Equal(base) || f.InFlight[0].ID != r.ID {
		t.Errorf("in flight %+v", f.InFlight)
	}
}

// TestPolled: lines placed by arrival say how far they may be off.
func TestPolled(t *testing.T) {
	begin := requestlog.Line{Data: []byte(begins), Arrival: base.Add(time.Second), Spread: time.Second}
	end := requestlog.Line{Data: []byte(ends), Arrival: base.Add(6 * time.Second), Spread: 2 * time.Second}
	r := one(t, requestlog.Options{Server: "s"}, begin, end)
	if !r.Start.Equal(base.Add(500*time.Millisecond)) || !r.End.Equal(base.Add(5*time.Second)) || r.Uncertainty != time.Second {
		t.Errorf("%v to %v, off by %v", r.Start, r.End, r.Uncertainty)
	}
}

// TestForged: a line of the right shape counts only where it fits.
func TestForged(t *testing.T) {
	for _, tt := range []struct {
		name  string
		lines []string
		want  []requestlog.Verdict
	}{
		{"an end without a beginning", []string{ends}, []requestlog.Verdict{requestlog.Ignored}},
		{"more to prefill than there is", []string{"INFO:vllm_mlx.scheduler:[schedule] request=a uid=1 prompt_tokens=1 tokens_to_prefill=4 max_tokens=20"}, []requestlog.Verdict{requestlog.Malformed}},
		{"fewer tokens stored than read", []string{begins, "INFO:vllm_mlx.scheduler:[cache_store] request=abc tokens=3 x"}, []requestlog.Verdict{requestlog.Used, requestlog.Malformed}},
		{"progress of nothing", []string{"2026-11-24 10:00:12,499 - INFO - Prompt processing progress: 2048/5000"}, []requestlog.Verdict{requestlog.Ignored}},
		{"progress beyond the end", []string{httpBegin, "2026-11-24 10:00:12,499 - INFO - Prompt processing progress: 9/8"}, []requestlog.Verdict{requestlog.Used, requestlog.Malformed}},
		{"progress in a sentence", []string{httpBegin, "2026-11-24 10:00:12,499 - INFO - Prompt processing progress: 9/80 is slow"}, []requestlog.Verdict{requestlog.Used, requestlog.Malformed}},
		{"another day than any", []string{`127.0.0.1 - - [39/Nov/2026 10:00:10] "POST /v1/chat/completions HTTP/1.1" 200 -`}, []requestlog.Verdict{requestlog.Ignored}},
		{"a month-long request", []string{"INFO:vllm_mlx.server:Chat completion: 5 tokens in 99999999.00s (2.4 tok/s)"}, []requestlog.Verdict{requestlog.Malformed}},
		{"a number too large", []string{"INFO:vllm_mlx.server:Chat completion: 99999999999999999999 tokens in 1.00s (2.4 tok/s)"}, []requestlog.Verdict{requestlog.Ignored}},
		{"first token after the end", []string{"2026-11-24 10:00:40,000 - omlx.server - INFO - [-] - Chat completion: model=m, 4 tokens in 1.00s (4.0 tok/s), prompt: 3, finish_reason=stop, stream_model_ttft=2.00s"}, []requestlog.Verdict{requestlog.Malformed}},
		{"parts that do not add up", []string{"2026-11-24 10:00:52,000 - omlx.scheduler - INFO - [-] - prefix cache: request a re-prefills 21 of 100 tokens (reused 80); x"}, []requestlog.Verdict{requestlog.Malformed}},
		{"another logger", []string{"2026-11-24 10:00:40,000 - evil.server - INFO - [-] - Chat completion: 4 tokens in 1.00s (4.0 tok/s)"}, []requestlog.Verdict{requestlog.Ignored}},
		{"no status", []string{`127.0.0.1 - - [24/Nov/2026 10:00:10] "POST /v1/chat/completions HTTP/1.1" 999 -`}, []requestlog.Verdict{requestlog.Ignored}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := mlx.New(requestlog.Options{Server: "s"})
			for i, line := range tt.lines {
				if got := p.Parse(requestlog.Line{Data: []byte(line), Arrival: base}); got != tt.want[i] {
					t.Errorf("line %d: verdict %v, want %v", i, got, tt.want[i])
				}
			}
			if f := p.Take(); len(f.Requests) != 0 {
				t.Errorf("requests %+v", f.Requests)
			}
		})
	}
}

// TestSummaries: the summary of a request that has ended is not another's.
func TestSummaries(t *testing.T) {
	p := mlx.New(requestlog.Options{Server: "s"})
	got := map[int64]int64{} // output tokens by prompt tokens
	for i, line := range []string{
		begins, "INFO:vllm_mlx.scheduler:[schedule] request=def uid=1 prompt_tokens=30 tokens_to_prefill=30 max_tokens=20 running=2 waiting=0",
		"INFO:vllm_mlx.engine_core:[stream_outputs] def finished normally, 5 tokens in 4.0s", ends,
		"INFO:vllm_mlx.server:Chat completion (stream): 9 tokens in 4.10s (2.2 tok/s)",
		"INFO:vllm_mlx.server:Chat completion (stream): 5 tokens in 4.10s (1.2 tok/s)",
		"INFO:vllm_mlx.server:Chat completion (stream): 7 tokens in 4.10s (1.7 tok/s)",
	} {
		p.Parse(requestlog.Line{Data: []byte(line), Offset: int64(i), Arrival: base.Add(time.Duration(i) * time.Second)})
		for _, r := range p.Take().Requests {
			got[r.Input.N+r.Cached.N] = r.Output.N
		}
	}
	if len(got) != 2 || got[11] != 9 || got[30] != 5 {
		t.Errorf("output tokens by prompt %v", got)
	}
}

// TestUnplaced: what mlx_lm.server does not tell the end of is counted.
func TestUnplaced(t *testing.T) {
	lines := logLines(t, "mlxlm")
	told := contract().Agree(t, lines, parsertest.Always).Requests
	u, _ := contract().Shown(t, strings.Split(string(parsertest.Joined(lines)), "\n"))
	if u.Unplaced != int64(len(told)) || len(told) == 0 || len(u.Requests) != 0 || len(u.InFlight) != 0 || !u.Horizon.IsZero() {
		t.Errorf("update %+v", u)
	}
}

func TestColours(t *testing.T) {
	r := one(t, requestlog.Options{Server: "s"}, requestlog.Line{Data: []byte("\x1b[32m" + omlxDone)})
	if r.Output != attribution.Known(40) {
		t.Errorf("got %+v", r)
	}
}

func TestIDsDiffer(t *testing.T) {
	seen := map[string]bool{}
	for range 2 {
		p := mlx.New(requestlog.Options{Server: "s"})
		for i, line := range []string{omlxDone, begins, ends, begins, ends} {
			p.Parse(requestlog.Line{Data: []byte(line), Offset: int64(i), Arrival: base})
		}
		for _, r := range p.Take().Requests {
			seen[r.ID] = true
		}
	}
	if len(seen) != 3 {
		t.Errorf("ids %v", seen)
	}
}
