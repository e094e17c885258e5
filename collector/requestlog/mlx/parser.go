package mlx

import (
	"slices"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/requestlog"
)

// Parser reads the log of one MLX server. It implements requestlog.Parser.
type Parser struct {
	opt requestlog.Options
	run run

	tasks []task // in flight, of vllm-mlx and its kin, in order of their start
	posts []post // of mlx_lm.server, whose prompt is not known yet
	hits  []hit  // what oMLX's cache held of prompts not yet answered
	loads []load // under way
	// echoes are the output tokens of requests handed over whose summary is
	// still to come: it must not be taken for another request.
	echoes []int64

	requests []attribution.Request
	loaded   []attribution.ModelLoad
}

// run is what is known of the server's present life.
type run struct {
	Kin       bool   `cbor:"1,keyasint"` // it is vllm-mlx or one of its kin
	Scheduled bool   `cbor:"2,keyasint"` // its scheduler tells of requests
	Stores    bool   `cbor:"3,keyasint"` // and of their ends
	Model     string `cbor:"4,keyasint"`
	Last      moment `cbor:"5,keyasint"` // of the latest line with a known time
}

// New returns a parser of one server's log.
func New(opt requestlog.Options) *Parser { return &Parser{opt: opt} }

// SpeaksAtEnd is true: oMLX, and vllm-mlx without its scheduler's lines, tell
// of a request only when it has ended.
func (p *Parser) SpeaksAtEnd() bool { return true }

// Parse takes the next line.
func (p *Parser) Parse(l requestlog.Line) requestlog.Verdict {
	m := read(l.Data)
	p.run.Kin = p.run.Kin || m.kin
	switch m.kind {
	case none:
		return requestlog.Ignored
	case broken:
		return requestlog.Malformed
	}
	at := momentOf(m, l, p.opt.Zone)
	if at.Known && at.Wall > p.run.Last.Wall {
		defer func() { p.run.Last = at }()
	}
	switch m.kind {
	case begun:
		return p.begin(at)
	case loading, loaded, ready:
		return p.load(m, at)
	case posted, progress:
		return p.post(m, at, l)
	case answered:
		return p.answer(m, l)
	case summary, reused:
		return p.summary(m, at, l)
	}
	return p.schedule(m, at, l)
}

// begin ends what a former life of the server left. vllm-mlx and its kin load
// their model before they say that they begin, others after.
func (p *Parser) begin(at moment) requestlog.Verdict {
	for p.run.Kin && len(p.loads) > 0 {
		p.endLoad(0, at)
	}
	for len(p.tasks) > 0 {
		p.end(0, p.run.Last, attribution.OutcomeError, attribution.Count{}, p.tasks[0].Offset)
	}
	p.flushPosts(len(p.posts))
	p.run = run{Kin: p.run.Kin, Model: p.run.Model, Last: p.run.Last}
	p.hits, p.loads, p.echoes = nil, nil, nil
	return requestlog.Used
}

// answer counts a request that nothing but uvicorn's access line tells of. That
// line is written when a stream begins and when a whole answer ends, and does
// not say which: the request has no times.
func (p *Parser) answer(m message, l requestlog.Line) requestlog.Verdict {
	if p.run.Kin || m.n >= 400 && m.n < 500 { // told otherwise, or refused
		return requestlog.Ignored
	}
	p.requests = append(p.requests, attribution.Request{
		ID: p.id("access", uint64(l.Offset)), Server: p.opt.Server, Model: p.model(""),
		Outcome: byStatus(m.n), Position: l.Offset,
	})
	return requestlog.Used
}

func byStatus(status int64) attribution.Outcome {
	if status >= 400 {
		return attribution.OutcomeError
	}
	return attribution.OutcomeOK
}

// model is the id to give a request: the configured one, what its own line
// says, or what the server loaded.
func (p *Parser) model(said string) string {
	switch {
	case p.opt.Model != "":
		return p.opt.Model
	case said != "":
		return said
	}
	return p.run.Model
}

// Take hands over what became complete, and what is under way.
func (p *Parser) Take() requestlog.Facts {
	f := requestlog.Facts{Requests: p.requests, Loads: p.loaded, Latest: p.run.Last.time()}
	p.requests, p.loaded = nil, nil
	for _, t := range p.tasks {
		if start := t.Start.time(); !start.IsZero() {
			f.InFlight = append(f.InFlight, attribution.Request{
				ID: p.taskID(t), Server: p.opt.Server, Model: p.model(""), Start: start,
			})
		}
	}
	for _, d := range p.loads {
		if start := d.Begin.time(); !start.IsZero() {
			f.Loading = append(f.Loading, attribution.ModelLoad{Server: p.opt.Server, Model: p.model(d.Model), Start: start})
		}
	}
	return f
}

// find returns the index of the task with an id, or -1.
func (p *Parser) find(id uint64) int {
	return slices.IndexFunc(p.tasks, func(t task) bool { return t.ID == id })
}
