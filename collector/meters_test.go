package collector_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector"
	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/collector/scope"
)

// plugged is a machine at a plug that counts: 10 W at rest, and 40 W in every
// other minute, of which the chip has 2 W and 25 W.
type plugged struct {
	t     *testing.T
	sink  *memory
	c     *collector.Collector
	from  attribution.Resume
	total energy.Joules // the plug's counter
	now   float64
}

func (p *plugged) config() collector.Config {
	cfg := config(nil)
	cfg.ProcessStats = true
	cfg.Scope = scope.Config{Meters: []scope.Meter{{Name: "plug", Scope: attribution.ScopeWall}}}
	return cfg
}

func (p *plugged) watts() (soc, wall energy.Watts) {
	if int(p.now)/60%2 == 0 {
		return 2, 10
	}
	return 25, 40
}

// drawn is what the plug gives between two times.
func drawn(from, to float64) energy.Joules {
	var sum energy.Joules
	for t := from; t < to; {
		next := min(math.Floor(t/60)*60+60, to)
		watts := energy.Watts(10)
		if int(t)/60%2 == 1 {
			watts = 40
		}
		sum += energy.Joules(float64(watts) * (next - t))
		t = next
	}
	return sum
}

// second lets a second pass; down, nobody measures.
func (p *plugged) second(down bool) {
	soc, wall := p.watts()
	p.total += wall.For(time.Second)
	p.now++
	if down {
		return
	}
	p.c.Measure(window(p.now-1, p.now, soc.For(time.Second)))
	if int(p.now)%2 == 0 {
		p.c.Read(collector.Reading{Meter: "plug", MeterReading: attribution.MeterReading{
			At: at(p.now), Power: wall, HasPower: true, Energy: p.total, HasEnergy: true, Resolution: 1,
		}})
	}
	if int(p.now)%5 == 0 {
		p.c.Use(use(p.now-5, p.now, 0.5))
	}
	p.c.Poll(at(p.now))
	if int(p.now)%10 == 0 {
		p.commit()
	}
}

func (p *plugged) commit() { commit(p.t, p.c, at(p.now)) }

// restart goes on from what was committed, as a store gives it back.
func (p *plugged) restart() {
	all := p.sink.all()
	from := attribution.Resume{State: all.State, LastEnd: p.from.LastEnd}
	for _, b := range p.sink.batches {
		if b.Scoping != nil {
			from.Scoping = b.Scoping
		}
	}
	for _, w := range all.Windows {
		if w.End.After(all.State.Closed) {
			from.Windows = append(from.Windows, w)
		}
		if w.End.After(from.LastEnd) {
			from.LastEnd = w.End
		}
	}
	for _, g := range all.Gaps {
		if g.End.After(from.LastEnd) {
			from.LastEnd = g.End
		}
	}
	p.c = collector.New(p.config(), from, p.sink)
}

// Whatever crashes and pauses there are, what the plug counted is booked once:
// to windows, or to the gaps of the pauses.
func TestWhatThePlugCountsIsBookedOnce(t *testing.T) {
	for seed := range uint64(5) {
		rnd := rand.New(rand.NewPCG(seed, 3))
		p := &plugged{t: t, sink: &memory{}, from: attribution.Resume{LastEnd: at(0)}}
		p.c = collector.New(p.config(), p.from, p.sink)
		for range 15 {
			for range 30 + rnd.IntN(400) {
				p.second(false)
			}
			if rnd.IntN(2) == 0 { // a clean stop
				p.c.Flush()
				p.commit()
			}
			for range rnd.IntN(90) {
				p.second(true)
			}
			p.restart()
		}
		for range 100 {
			p.second(false)
		}
		end, counted := p.now, p.total
		for range 40 {
			p.second(false)
		}
		p.c.Finish()
		p.commit()
		p.check(end, counted)
	}
}

func (p *plugged) check(end float64, counted energy.Joules) {
	p.t.Helper()
	all := p.sink.all()
	var sum energy.Joules
	var covered time.Duration
	add := func(start, stop time.Time, s attribution.Scope, e energy.Joules) {
		if stop.After(at(end)) {
			return
		}
		covered += stop.Sub(start)
		if s == attribution.ScopeWall {
			sum += e
		} else if stop.After(at(4)) {
			p.t.Errorf("%v to %v has scope %q", start, stop, s)
		}
	}
	for _, b := range all.Bookings {
		parts := b.Baseline + b.Inference + b.ModelLoad + b.ServerOther + b.OtherProcesses + b.Unexplained
		if d := parts - b.Window.Energy; d > 1e-9*parts || d < -1e-9*parts {
			p.t.Fatalf("parts of %v sum to %v, it holds %v", b.Window.Start, parts, b.Window.Energy)
		}
		add(b.Window.Start, b.Window.End, b.Window.Scope, b.Window.Energy)
	}
	for _, g := range all.Gaps {
		truth := drawn(g.Start.Sub(at(0)).Seconds(), g.End.Sub(at(0)).Seconds())
		if d := g.Energy - truth; g.End.Before(at(end)) && g.Start.After(at(0)) && (d > 60 || d < -60) { // of the waking seconds around it
			p.t.Errorf("gap %v to %v has %.0f J, it took %.0f", g.Start, g.End, float64(g.Energy), float64(truth))
		}
		add(g.Start, g.End, g.Scope, g.Energy)
	}
	if covered != at(end).Sub(at(0)) {
		p.t.Errorf("%v booked of %v", covered, at(end).Sub(at(0)))
	}
	if d := sum - counted; d > 150 || d < -150 { // the first reading, and the last segment
		p.t.Errorf("booked %.0f J, the plug counted %.0f", float64(sum), float64(counted))
	}
}
