package llamacpp

import (
	"slices"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/requestlog"
)

const (
	// maxSlots bounds slot numbers, and so how many requests are in flight.
	maxSlots = 1024
	// maxWaiting bounds how many completed requests wait for a wall time. Those
	// beyond it are handed over without.
	maxWaiting = 8192
	// stampReset is by how much a stamp must be smaller than one before to show
	// that the process began anew; threads may swap neighbouring lines.
	stampReset = time.Second
	// timingSlack is how far the two phases may exceed the time since launch.
	timingSlack = 100 * time.Millisecond
	// totalSlack covers the rounding of the three timing lines to 10 µs.
	totalSlack = 20 * time.Microsecond
)

// Parser reads the log of one llama-server. It implements requestlog.Parser.
type Parser struct {
	opt   requestlog.Options
	run   run
	model string
	load  *load
	tasks []task // in flight, in order of launch
	next  choice // of the slot for the task that is launched next

	waiting  []ended // of this run, to be handed over once it has a wall time
	requests []attribution.Request
	loads    []attribution.ModelLoad
}

type load struct {
	Model string `cbor:"1,keyasint"`
	Begin mark   `cbor:"2,keyasint"`
}

// choice is what a slot's cache holds of the prompt that it was chosen for.
type choice struct {
	Slot   int64    `cbor:"1,keyasint"`
	Reused fraction `cbor:"2,keyasint"`
}

// New returns a parser that expects the beginning of a log.
func New(opt requestlog.Options) *Parser { return &Parser{opt: opt} }

// SpeaksAtEnd is false: the log tells launches.
func (p *Parser) SpeaksAtEnd() bool { return false }

// Parse takes the next line.
func (p *Parser) Parse(l requestlog.Line) requestlog.Verdict {
	sh, stamp, msg, ok := undress(l.Data)
	if !ok {
		p.date(l)
		return requestlog.Ignored
	}
	m := read(msg, sh)
	if !p.enter(sh, stamp, m, l) {
		return requestlog.Ignored
	}
	at := markOf(sh, stamp, l)
	p.run.Last, p.run.LastLine = at, l.Offset
	if sh != shapePlain {
		p.run.Clock.observe(stamp, l)
	}
	if len(p.waiting) > 0 {
		p.settle()
	}
	return p.apply(m, at, stamp, l)
}

// date lets a line without a stamp place a run that nothing else has placed:
// the last line of a file is the only one whose time its modification tells,
// and it may be the rest of a message of several lines.
func (p *Parser) date(l requestlog.Line) {
	if !p.run.Begun || p.run.Shape == shapePlain || l.Spread != 0 || p.run.Clock.best().Known {
		return
	}
	p.run.Clock.observe(p.run.Last.Stamp, l)
	p.settle()
}

// enter finds the run that the line belongs to, beginning a new one when the
// line shows that. It is false for lines of no run.
func (p *Parser) enter(sh shape, stamp time.Duration, m message, l requestlog.Line) bool {
	switch {
	case !p.run.Begun:
		if sh == shapePlain && (m.kind == none || m.kind == broken) {
			return false
		}
		p.begin(sh, stamp, l)
		if !p.opt.ProcessStart.IsZero() {
			p.run.Clock.Fixed = p.opt.ProcessStart.UnixNano()
		}
	case sh != p.run.Shape:
		// Plain lines in a stamped run are text, and text may say anything.
		if m.kind != initializing || sh == shapePlain && len(p.tasks) > 0 {
			return false
		}
		p.begin(sh, stamp, l)
	case p.foreign(sh, stamp, m, l):
		return false
	case sh != shapePlain && stamp+stampReset < p.run.Last.Stamp:
		p.begin(sh, stamp, l)
	case m.kind == initializing && (p.run.Greeted || p.run.Key != ""):
		p.begin(sh, stamp, l)
	}
	return true
}

// foreign is true for a line that is not on the list and whose stamp cannot be
// while requests are in flight: it stands in somebody's text.
func (p *Parser) foreign(sh shape, stamp time.Duration, m message, l requestlog.Line) bool {
	if sh == shapePlain || len(p.tasks) == 0 || m.kind > broken {
		return false
	}
	best := p.run.Clock.best()
	return stamp+stampReset < p.run.Last.Stamp ||
		best.Known && !l.Arrival.IsZero() && unix(best.Start+int64(stamp)).After(l.Arrival.Add(clockStep))
}

// begin ends the present run and begins another.
func (p *Parser) begin(sh shape, stamp time.Duration, l requestlog.Line) {
	for len(p.tasks) > 0 {
		p.end(0, ended{End: p.run.Last, Outcome: attribution.OutcomeError, Position: p.run.LastLine})
	}
	p.endLoad(p.run.Last)
	p.flush()
	p.model = ""
	p.run = run{Begun: true, Shape: sh, Offset: l.Offset, First: stamp}
}

// apply acts on a message.
func (p *Parser) apply(m message, at mark, stamp time.Duration, l requestlog.Line) requestlog.Verdict {
	switch m.kind {
	case none:
		return requestlog.Ignored
	case broken:
		return requestlog.Malformed
	case initializing:
		p.run.Greeted = true
		return requestlog.Used
	case loading, loaded, loadFailed:
		return p.applyLoad(m, at)
	case chosen:
		p.next = choice{m.slot, fraction{m.n, true}}
		return requestlog.Used
	case launch:
		return p.launch(m, at, stamp, l)
	}
	i := slices.IndexFunc(p.tasks, func(t task) bool { return t.ID == m.task })
	if i < 0 { // launched before the log began, or never
		return requestlog.Ignored
	}
	t := &p.tasks[i]
	switch m.kind {
	case cancel:
		t.Cancelled = true
		return requestlog.Used
	case failed:
		t.Failed = true
		return requestlog.Used
	}
	if t.Slot != m.slot {
		return requestlog.Malformed
	}
	if m.kind == release {
		p.end(i, ended{
			End: at, Tokens: count{m.n, true}, Truncated: m.flag, Outcome: t.outcome(), Position: l.Offset,
		})
		return requestlog.Used
	}
	if !t.note(m, at) {
		return requestlog.Malformed
	}
	return requestlog.Used
}

func (p *Parser) applyLoad(m message, at mark) requestlog.Verdict {
	switch {
	case m.kind == loading && len(p.tasks) > 0: // no server loads while it serves
		return requestlog.Malformed
	case m.kind == loading:
		p.model = m.text
		p.load = &load{Model: p.modelName(), Begin: at}
	case p.load == nil:
		return requestlog.Ignored
	default:
		p.endLoad(at)
	}
	return requestlog.Used
}

func (p *Parser) launch(m message, at mark, stamp time.Duration, l requestlog.Line) requestlog.Verdict {
	if m.slot >= maxSlots || slices.ContainsFunc(p.tasks, func(t task) bool { return t.ID == m.task }) {
		return requestlog.Malformed
	}
	if p.run.Key == "" {
		p.run.setKey(l, stamp)
	}
	// A slot serves one task: what it served before has ended unseen.
	if i := slices.IndexFunc(p.tasks, func(t task) bool { return t.Slot == m.slot }); i >= 0 {
		p.end(i, ended{End: at, Outcome: attribution.OutcomeError, Position: l.Offset})
	}
	t := task{ID: m.task, Slot: m.slot, Launch: at, Child: m.flag}
	if p.next.Slot == m.slot {
		t.Reused = p.next.Reused
	}
	p.next = choice{}
	p.tasks = append(p.tasks, t)
	return requestlog.Used
}

func (t *task) outcome() attribution.Outcome {
	switch {
	case t.Failed:
		return attribution.OutcomeError
	case t.Cancelled:
		return attribution.OutcomeCancelled
	}
	return attribution.OutcomeOK
}

// note keeps a fact about a task in flight. It is false when the fact cannot be.
func (t *task) note(m message, at mark) bool {
	switch m.kind {
	case prompt:
		t.Whole = count{m.n, true}
	case cached:
		if !t.Cached.Known { // older builds repeat the line for every batch
			t.Cached = count{m.n, true}
		}
	case drafted:
		t.Drafted = true
	case promptMS:
		return t.time(&t.Prompt, m, at)
	case evalMS:
		if !t.Prompt.Known || !t.time(&t.Eval, m, at) {
			return false
		}
		t.Printed = at
	case totalMS:
		off := m.took - t.Prompt.Took - t.Eval.Took
		if !t.timed() || m.n != t.Prompt.Tokens+t.Eval.Tokens || off.Abs() > totalSlack {
			t.Disputed = true
			return false
		}
	}
	return true
}

// time keeps one timing line: once, and no longer than the task has run.
func (t *task) time(to *timing, m message, at mark) bool {
	if to.Known || at.Stamp != noStamp && t.Prompt.Took+m.took > at.Stamp-t.Launch.Stamp+timingSlack {
		t.Disputed = true
		return false
	}
	*to = timing{Known: true, Took: m.took, Tokens: m.n}
	return true
}
