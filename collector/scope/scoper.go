package scope

import (
	"slices"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
)

// Scoper raises measurements. It is not safe for concurrent use.
type Scoper struct {
	config   Config
	items    []item // that wait, by start
	accounts []*account
	lines    lines
	charging charging
	newest   time.Time // the latest end of what was added
	begun    bool      // anything was added
}

// item is a measurement that waits, and what the accounts make of it.
type item struct {
	Window *attribution.Window
	Gap    *attribution.Gap
	Parts  []part // by account
}

// part is what an account says of an item so far.
type part struct {
	Energy  energy.Joules
	Covered time.Duration
}

func (x *item) bounds() (start, end time.Time) {
	if x.Gap != nil {
		return x.Gap.Start, x.Gap.End
	}
	return x.Window.Start, x.Window.End
}

func (x *item) measurement() attribution.Measurement {
	return attribution.Measurement{Window: x.Window, Gap: x.Gap}
}

// Add takes a window of the SoC or a gap. Windows come in the order of time, and
// so do gaps.
func (s *Scoper) Add(m attribution.Measurement) {
	x := item{Parts: make([]part, len(s.accounts))}
	if m.Window != nil {
		w := *m.Window
		x.Window = &w
	} else {
		g := *m.Gap
		x.Gap = &g
	}
	start, end := x.bounds()
	i, _ := slices.BinarySearchFunc(s.items, start, func(y item, t time.Time) int {
		begin, _ := y.bounds()
		return begin.Compare(t)
	})
	s.items = slices.Insert(s.items, i, x)
	if !s.begun {
		s.begun = true
		for _, a := range s.accounts {
			a.born(start)
		}
	}
	if end.After(s.newest) {
		s.newest = end
	}
}

// Read takes a reading of the meter of that name. Readings of a meter that is
// not configured are none.
func (s *Scoper) Read(meter string, r attribution.MeterReading) {
	if r.HasCharging {
		s.charging.add(r.At, r.Charging)
	}
	for _, a := range s.accounts {
		if a.meter.Name == meter {
			a.read(r, s.lines.lag(a.meter))
		}
	}
}

// First is the begin of what waits longest; false when nothing does.
func (s *Scoper) First() (time.Time, bool) {
	if len(s.items) == 0 {
		return time.Time{}, false
	}
	start, _ := s.items[0].bounds()
	return start, true
}

// Waiting is the energy and the time of the windows that wait.
func (s *Scoper) Waiting() (sum energy.Joules, d time.Duration) {
	for i := range s.items {
		if w := s.items[i].Window; w != nil {
			sum += w.Energy
			d += w.End.Sub(w.Start)
		}
	}
	return sum, d
}

// Settle returns what is decided, in the order of time. Nothing that begins
// before until will be added any more.
func (s *Scoper) Settle(until time.Time) []attribution.Measurement {
	known := until
	if s.newest.Before(known) {
		known = s.newest
	}
	for k, a := range s.accounts {
		for len(a.Points) > 1 && !a.Points[1].At.After(known) {
			s.segment(k)
		}
	}
	n := 0
	for n < len(s.items) {
		x := &s.items[n]
		if _, end := x.bounds(); end.After(until) || !s.decide(x) && len(s.items)-n <= maxItems {
			break
		}
		n++
	}
	return s.take(n)
}

// Flush decides all that waits: nothing will come any more.
func (s *Scoper) Flush() []attribution.Measurement {
	for k, a := range s.accounts {
		for len(a.Points) > 1 && !a.Points[1].At.After(s.newest) {
			s.segment(k)
		}
		a.Away = true
		a.Points = a.Points[:min(len(a.Points), 1)]
	}
	for i := range s.items {
		s.decide(&s.items[i])
	}
	return s.take(len(s.items))
}

func (s *Scoper) take(n int) []attribution.Measurement {
	var out []attribution.Measurement
	for i := range s.items[:n] {
		out = append(out, s.items[i].measurement())
	}
	s.items = slices.Delete(s.items, 0, n)
	return out
}

// decide gives an item its energy; false when a better source may still tell.
func (s *Scoper) decide(x *item) bool {
	start, end := x.bounds()
	best := -1
	for k, a := range s.accounts {
		covered := x.Parts[k].Covered == end.Sub(start)
		if !covered && a.waits(end, s.waking) {
			return false
		}
		if covered && best < 0 {
			best = k
		}
	}
	s.meet(x)
	if best < 0 {
		if x.Window != nil {
			s.lines.raise(x.Window, s.newest)
		}
		return true
	}
	a, e := s.accounts[best], x.Parts[best].Energy
	if wall, err, ok := s.throughSupply(a, x, e); ok {
		x.raise(attribution.ScopeCalibrated, wall, err)
		return true
	}
	x.raise(a.meter.Scope, e, e*energy.Joules(a.meter.Accuracy))
	return true
}

func (x *item) raise(scope attribution.Scope, e, err energy.Joules) {
	if x.Gap != nil {
		x.Gap.Scope, x.Gap.Energy, x.Gap.Error = scope, e, err
		return
	}
	x.Window.Scope, x.Window.Energy, x.Window.Error = scope, e, err
}

// waking is for how long the machine was measured since t, as far as that waits.
func (s *Scoper) waking(t time.Time) time.Duration {
	var d time.Duration
	for i := len(s.items) - 1; i >= 0; i-- {
		w := s.items[i].Window
		if w == nil {
			continue
		}
		if !w.End.After(t) {
			break
		}
		d += w.End.Sub(later(w.Start, t))
	}
	return d
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
