package attribution

import (
	"slices"
	"strings"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
)

// company is what one window has to be shared among.
type company struct {
	requests []*tracked // that touch the window, by start, id
	loads    []ModelLoad
	from     time.Time // the window
	to       time.Time
}

// book splits one window exactly. Where it holds the energy of the whole
// machine, its SoC's is split, and then raised to it.
func (e *Engine) book(w Window, c company) Booking {
	soc := w
	soc.Energy, soc.Error, soc.Scope = w.SoC(), 0, ScopeSoC
	b := e.bookSoC(soc, c)
	if w.Scope.Whole() {
		e.raise(&b, w)
		b.sum()
	} else {
		b.Window, e.slopes.Scope = w, w.Scope
	}
	return b
}

// bookSoC splits what the SoC drew. The parts are made by dividing what is left,
// never computed a second way, so they sum to the window's energy.
func (e *Engine) bookSoC(w Window, c company) Booking {
	b := Booking{Window: w}
	dt := w.End.Sub(w.Start)
	base := e.baseline.current
	var done tokensDone
	b.Baseline = min(base.all.For(dt), w.Energy)
	b.BaselineAssumed = base.assumed
	active := w.Energy - b.Baseline

	b.Busy, b.ModelBusy = c.busy()
	var parties []party
	if w.Usage == nil {
		e.bookBlind(&b, active, c, &done)
	} else {
		parties = e.parties(w, c, &done)
		cl := claim(w, active, base, parties, e.learner.others)
		b.OtherProcesses, b.Unexplained = cl.others, cl.unexplained
		for i, s := range cl.servers {
			parties[i].rivals = cl.total() - s.energy
			e.bookServer(&b, s.energy, parties[i], cl.assumed)
		}
	}
	b.finish()
	e.learner.observe(&b, done)
	if p, ok := othersPower(w, base, parties); ok {
		e.learner.step.Others.Energy += p.Energy
		e.learner.step.Others.Time += p.Time
	}
	return b
}

// parties are the servers whose use of the window is known.
func (e *Engine) parties(w Window, c company, done *tokensDone) []party {
	parties := make([]party, len(w.Usage.Servers))
	for i, s := range w.Usage.Servers {
		parties[i] = e.party(s.Server, c.of(s.Server), done)
	}
	return parties
}

func (e *Engine) party(server string, c company, done *tokensDone) party {
	p := party{server: server, company: c, division: e.divide(c, done)}
	for i, r := range c.requests {
		if p.vague || p.unknown[i] && r.Guess.FirstToken.IsZero() {
			p.expected = 0
			break
		}
		p.expected += p.prefill[i] + p.decode[i]
	}
	return p
}

// bookBlind books a window for which nobody looked at the processes: the
// active energy is the requests' while any is in flight, else a model load's;
// with neither, nothing explains it.
func (e *Engine) bookBlind(b *Booking, active energy.Joules, c company, done *tokensDone) {
	if len(c.requests) == 0 && len(c.loads) == 0 {
		b.Unexplained = active
		return
	}
	e.bookServer(b, active, e.party("", c, done), true)
}

// bookServer books what a server drew to its loads and requests. When both
// touch the window they share it by their time in it.
func (e *Engine) bookServer(b *Booking, amount energy.Joules, c party, estimated bool) {
	if len(c.requests) == 0 && len(c.loads) == 0 {
		b.ServerOther += amount
		return
	}
	load, inference := energy.Joules(0), amount
	if len(c.loads) > 0 {
		busy, _ := c.busy()
		loading := union(c.loadSpans(), c.from, c.to)
		load, inference = split2(amount, loading.Seconds(), busy.Seconds())
		c.shareLoads(b, load)
	}
	doubt := e.doubtOf(b, c, inference, load, estimated)
	e.shareRequests(b, inference, c, estimated, doubt)
}

func (c company) shareLoads(b *Booking, amount energy.Joules) {
	spans := c.loadSpans()
	weights := make([]float64, len(spans))
	for i, s := range spans {
		weights[i] = s.overlap(c.from, c.to).Seconds()
	}
	for i, part := range split(amount, weights) {
		if part > 0 {
			b.Loads = append(b.Loads, LoadShare{c.loads[i].Server, c.loads[i].Model, part})
		}
	}
}

// shareRequests divides amount among requests by the energy that their work in
// the window is known to take. doubt is how far amount itself may be off.
func (e *Engine) shareRequests(b *Booking, amount energy.Joules, c party, estimated bool, doubt energy.Joules) {
	n := len(c.requests)
	if n == 0 {
		return
	}
	d := c.division
	parts := split(amount, d.weights())
	if parts == nil { // nobody did anything that can be told
		parts = split(amount, c.times())
	}
	mixed := d.mixed(parts)
	for i, r := range c.requests {
		prefill, decode := split2(parts[i], d.prefill[i], d.decode[i])
		s := shareOf(r.Request)
		s.Prefill, s.Decode = prefill, decode
		if n > 1 {
			s.Tier = TierShared
		}
		if estimated || b.BaselineAssumed || n > 1 && slices.Contains(d.unknown, true) {
			s.Tier = TierEstimated
		}
		if amount > 0 {
			s.Error = bandWidth * doubt * parts[i] / amount
			s.Sharing, s.Expected = mixed[i]+c.rivalry(amount)*parts[i]/amount, energy.Joules(d.prefill[i]+d.decode[i])
			s.Noise = sensorError * parts[i]
		}
		b.Shares = append(b.Shares, s)
	}
}

// shareOf is an empty share of r.
func shareOf(r Request) Share {
	return Share{Request: r.ID, Server: r.Server, Model: r.Model, Client: r.Client, Project: r.Project, Tier: TierMeasured}
}

// finish puts the shares in order and sums them.
func (b *Booking) finish() {
	slices.SortFunc(b.Shares, func(x, y Share) int { return strings.Compare(x.Request, y.Request) })
	slices.SortFunc(b.Loads, func(x, y LoadShare) int {
		if d := strings.Compare(x.Server, y.Server); d != 0 {
			return d
		}
		return strings.Compare(x.Model, y.Model)
	})
	b.sum()
}

func (b *Booking) sum() {
	b.Inference, b.ModelLoad = 0, 0
	for _, s := range b.Shares {
		b.Inference += s.Prefill + s.Decode
	}
	for _, l := range b.Loads {
		b.ModelLoad += l.Energy
	}
}
