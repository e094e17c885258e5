package vllm

import (
	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/requestlog"
)

// Parser reads the log of one vLLM server. It implements requestlog.Parser.
type Parser struct {
	opt      requestlog.Options
	run      run
	requests []request // in flight, in order of their start
	load     *load
	// gone are requests handed over: the engine's line of one may come later.
	gone []uint64

	done   []attribution.Request
	loaded []attribution.ModelLoad
}

// run is what is known of the server's present life.
type run struct {
	Model   string `cbor:"1,keyasint"`
	Logged  bool   `cbor:"2,keyasint"` // requests are logged by name
	NoStats bool   `cbor:"3,keyasint"` // as of message
	NoIDs   bool   `cbor:"4,keyasint"`
	Outputs bool   `cbor:"5,keyasint"`
	Several bool   `cbor:"6,keyasint"` // several engines: each counts its own requests
	Owed    int    `cbor:"7,keyasint"` // access lines of requests that have ended
	Stats   moment `cbor:"8,keyasint"` // the last stats
	Last    moment `cbor:"9,keyasint"` // the last line with a stamp
	// NoAccess as of message: no request is known to be a stream or not.
	NoAccess bool `cbor:"10,keyasint"`
}

// endless is true when no line tells the end of a stream, but for an abort.
func (r *run) endless() bool { return (r.NoStats || r.Several) && !r.Outputs }

// load is a model load under way.
type load struct {
	Model string `cbor:"1,keyasint"`
	Begin moment `cbor:"2,keyasint"`
}

// New returns a parser of one server's log.
func New(opt requestlog.Options) *Parser { return &Parser{opt: opt} }

// SpeaksAtEnd is false: a request that gets an end is told from its beginning.
// Those of which only the end is seen have no times.
func (p *Parser) SpeaksAtEnd() bool { return false }

// Parse takes the next line.
func (p *Parser) Parse(l requestlog.Line) requestlog.Verdict {
	d, ok := undress(l.Data)
	if !ok {
		return requestlog.Ignored
	}
	at := p.moment(d, l)
	if at.Known && !d.uvicorn && at.Wall >= p.run.Last.Wall {
		defer func() { p.run.Last = at }()
	}
	switch m := d.read(); m.kind {
	case none:
		return requestlog.Ignored
	case broken:
		return requestlog.Malformed
	case begun:
		return p.begin(l)
	case options:
		p.run.NoStats, p.run.NoIDs, p.run.Outputs, p.run.NoAccess = m.noStats, m.noIDs, m.outputs, m.noAccess
		p.run.Model = m.text
		return requestlog.Used
	case loading, loaded:
		return p.loads(m, at)
	case answered:
		return p.access(m, at, l)
	case stats:
		return p.count(m, at, l)
	default:
		return p.request(m, at, l)
	}
}

// begin ends what a former life of the server left.
func (p *Parser) begin(l requestlog.Line) requestlog.Verdict {
	for len(p.requests) > 0 {
		p.end(0, p.run.Last, attribution.OutcomeError, l.Offset)
	}
	p.run = run{Last: p.run.Last}
	p.load = nil
	return requestlog.Used
}

// loads takes the lines about the model. The model that was asked for by name
// keeps that name.
func (p *Parser) loads(m message, at moment) requestlog.Verdict {
	if m.kind == loading {
		if p.run.Model == "" {
			p.run.Model = m.text
		}
		if p.load == nil {
			p.load = &load{Model: p.model(), Begin: at}
		}
		return requestlog.Used
	}
	if p.load == nil {
		return requestlog.Ignored
	}
	l := attribution.ModelLoad{Server: p.opt.Server, Model: p.load.Model}
	if p.load.Begin.Known && at.Known {
		l.Start, l.End = p.load.Begin.time(), moment{Wall: max(at.Wall, p.load.Begin.Wall)}.time()
	}
	p.loaded = append(p.loaded, l)
	p.load = nil
	return requestlog.Used
}

func (p *Parser) model() string {
	if p.opt.Model != "" {
		return p.opt.Model
	}
	return p.run.Model
}

// Take hands over what became complete, and what is under way.
func (p *Parser) Take() requestlog.Facts {
	f := requestlog.Facts{Requests: p.done, Loads: p.loaded, Latest: p.run.Last.time()}
	p.done, p.loaded = nil, nil
	for _, r := range p.requests {
		if start := r.Start.time(); !start.IsZero() {
			f.InFlight = append(f.InFlight, attribution.Request{
				ID: p.requestID(r), Server: p.opt.Server, Model: p.model(), Start: start,
			})
		}
	}
	if p.load != nil && p.load.Begin.Wall != 0 {
		f.Loading = append(f.Loading, attribution.ModelLoad{
			Server: p.opt.Server, Model: p.load.Model, Start: p.load.Begin.time(),
		})
	}
	return f
}
