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

// book splits one window exactly. The parts are made by dividing what is left,
// never computed a second way, so they sum to the window's energy.
func (e *Engine) book(w Window, c company) Booking {
	b := Booking{Window: w}
	dt := w.End.Sub(w.Start)
	base := e.baseline.at(w.Start, e.config.AssumedBaseline)
	b.Baseline = min(base.all.For(dt), w.Energy)
	b.BaselineAssumed = base.assumed
	active := w.Energy - b.Baseline

	b.Busy, b.ModelBusy = c.busy()
	if w.Usage == nil {
		e.bookBlind(&b, active, c)
	} else {
		cl := claim(w, active, base, c.servesAny)
		b.OtherProcesses, b.Unexplained = cl.others, cl.unexplained
		for _, s := range cl.servers {
			e.bookServer(&b, s.energy, c.of(s.server), cl.assumed)
		}
	}
	b.finish()
	return b
}

// bookBlind books a window for which nobody looked at the processes: the
// active energy is the requests' while any is in flight, else a model load's;
// with neither, nothing explains it.
func (e *Engine) bookBlind(b *Booking, active energy.Joules, c company) {
	if len(c.requests) == 0 && len(c.loads) == 0 {
		b.Unexplained = active
		return
	}
	e.bookServer(b, active, c, true)
}

// bookServer books what a server drew to its loads and requests. When both
// touch the window they share it by their time in it.
func (e *Engine) bookServer(b *Booking, amount energy.Joules, c company, estimated bool) {
	if len(c.requests) == 0 && len(c.loads) == 0 {
		b.ServerOther += amount
		return
	}
	busy, _ := c.busy()
	loading := union(c.loadSpans(), c.from, c.to)
	load, inference := split2(amount, loading.Seconds(), busy.Seconds())
	c.shareLoads(b, load)
	e.shareRequests(b, inference, c, estimated)
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

// shareRequests divides amount among requests by the work they did in the
// window. What sharing by time alone would have given is the measure of how
// far the division may be off.
func (e *Engine) shareRequests(b *Booking, amount energy.Joules, c company, estimated bool) {
	n := len(c.requests)
	if n == 0 {
		return
	}
	works, places := make([]work, n), make([]phases, n)
	for i, r := range c.requests {
		places[i] = r.phases(c.to)
		works[i] = e.config.workIn(r.Request, places[i], c.from, c.to)
	}
	unknown := estimate(works, places, c.from, c.to)
	byWork, byTime := make([]float64, n), make([]float64, n)
	for i, w := range works {
		byWork[i], byTime[i] = w.total(), w.overlap.Seconds()
	}
	parts, other := split(amount, byWork), split(amount, byTime)
	for i, r := range c.requests {
		prefill, decode := split2(parts[i], works[i].prefill, works[i].decode)
		s := Share{Request: r.Request.ID, Server: r.Request.Server, Model: r.Request.Model, Prefill: prefill, Decode: decode, Tier: TierMeasured}
		if n > 1 {
			s.Tier = TierShared
			s.Error = max(parts[i]-other[i], other[i]-parts[i])
		}
		if estimated || b.BaselineAssumed || (unknown && n > 1) {
			s.Tier = TierEstimated
		}
		b.Shares = append(b.Shares, s)
	}
}

// finish sums the shares and puts them in order.
func (b *Booking) finish() {
	slices.SortFunc(b.Shares, func(x, y Share) int { return strings.Compare(x.Request, y.Request) })
	slices.SortFunc(b.Loads, func(x, y LoadShare) int {
		if d := strings.Compare(x.Server, y.Server); d != 0 {
			return d
		}
		return strings.Compare(x.Model, y.Model)
	})
	for _, s := range b.Shares {
		b.Inference += s.Prefill + s.Decode
	}
	for _, l := range b.Loads {
		b.ModelLoad += l.Energy
	}
}
