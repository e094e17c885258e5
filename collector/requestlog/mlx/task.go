package mlx

import (
	"slices"
	"strconv"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/requestlog"
)

const (
	// maxTasks bounds the requests in flight; no machine decodes so many.
	maxTasks = 1024
	// maxEchoes bounds how many summaries are awaited.
	maxEchoes = 256
)

// task is a request that vllm-mlx's scheduler has begun and not ended.
type task struct {
	ID     uint64 `cbor:"1,keyasint"`
	Offset int64  `cbor:"2,keyasint"` // of the line that began it
	Start  moment `cbor:"3,keyasint"`
	First  moment `cbor:"4,keyasint"` // token
	Whole  int64  `cbor:"5,keyasint"` // prompt tokens
	Fresh  int64  `cbor:"6,keyasint"` // of them, to be prefilled
	// Streamed is when the last token was sent; its summary comes next.
	Streamed moment `cbor:"7,keyasint"`
	Done     bool   `cbor:"8,keyasint"` // Streamed is set
}

// schedule takes a line of vllm-mlx's scheduler.
func (p *Parser) schedule(m message, at moment, l requestlog.Line) requestlog.Verdict {
	switch m.kind {
	case scheduled:
		return p.start(m, at, l)
	case lost:
		if len(p.tasks) == 0 {
			return requestlog.Ignored
		}
		for len(p.tasks) > 0 {
			p.end(0, at, attribution.OutcomeError, attribution.Count{}, l.Offset)
		}
		return requestlog.Used
	case stored:
		p.run.Stores = true
	}
	i := p.find(m.id)
	if i < 0 {
		return requestlog.Ignored
	}
	switch t := &p.tasks[i]; m.kind {
	case firstToken:
		t.First = at
	case streamed:
		t.Streamed, t.Done = at, true
	case aborted:
		p.end(i, at, attribution.OutcomeCancelled, attribution.Count{}, l.Offset)
	case stored:
		if m.total < t.Whole {
			return requestlog.Malformed
		}
		out := m.total - t.Whole
		p.end(i, at, attribution.OutcomeOK, attribution.Known(out), l.Offset)
		p.await(out)
	}
	return requestlog.Used
}

// start begins a task. A task that has streamed its last token and was not
// summed up by now is not going to be.
func (p *Parser) start(m message, at moment, l requestlog.Line) requestlog.Verdict {
	if m.n > m.total {
		return requestlog.Malformed
	}
	p.run.Scheduled = true
	if i := p.find(m.id); i >= 0 { // scheduled anew, after an error
		p.tasks[i].Fresh = m.n
		return requestlog.Used
	}
	for i := slices.IndexFunc(p.tasks, isDone); i >= 0; i = slices.IndexFunc(p.tasks, isDone) {
		p.end(i, p.tasks[i].Streamed, attribution.OutcomeOK, attribution.Count{}, l.Offset)
	}
	if len(p.tasks) >= maxTasks {
		p.end(0, moment{}, attribution.OutcomeError, attribution.Count{}, l.Offset)
	}
	p.tasks = append(p.tasks, task{ID: m.id, Offset: l.Offset, Start: at, Whole: m.total, Fresh: m.n})
	return requestlog.Used
}

func isDone(t task) bool { return t.Done }

// await notes that a summary with so many output tokens is still to come.
func (p *Parser) await(out int64) {
	if len(p.echoes) >= maxEchoes {
		p.echoes = p.echoes[1:]
	}
	p.echoes = append(p.echoes, out)
}

// end completes task i.
func (p *Parser) end(i int, at moment, outcome attribution.Outcome, out attribution.Count, offset int64) {
	t := p.tasks[i]
	p.tasks = slices.Delete(p.tasks, i, i+1)
	r := attribution.Request{
		ID: p.taskID(t), Server: p.opt.Server, Model: p.model(""),
		Outcome: outcome, Output: out, Position: offset,
	}
	t.place(&r, at)
	switch {
	case outcome == attribution.OutcomeOK || t.First.Wall != 0:
		r.Input, r.Cached = attribution.Known(t.Fresh), attribution.Known(t.Whole-t.Fresh)
		if out.Known {
			r.Context = attribution.Known(t.Whole + out.N)
		}
	case t.Whole > 0:
		r.Reused = attribution.Fraction{Of: float64(t.Whole-t.Fresh) / float64(t.Whole), Known: true}
	}
	p.requests = append(p.requests, r)
}

// place sets the times of r; they stay zero when nothing tells them.
func (t *task) place(r *attribution.Request, end moment) {
	if !end.Known || !t.Start.Known || end.Wall < t.Start.Wall {
		return
	}
	r.Start, r.End = t.Start.time(), end.time()
	r.Uncertainty = max(t.Start.Off, end.Off)
	if first, ok := t.First.within(t.Start, end); ok {
		r.FirstToken = first
	}
}

func (p *Parser) taskID(t task) string {
	return p.id(strconv.FormatUint(t.ID>>16, 16), uint64(t.Offset))
}

func (p *Parser) id(name string, n uint64) string {
	return p.opt.Server + "/" + name + "/" + strconv.FormatUint(n, 10)
}
