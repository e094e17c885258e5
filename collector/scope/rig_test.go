package scope_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/collector/scope"
)

func at(seconds float64) time.Time {
	return time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC).Add(time.Duration(seconds * float64(time.Second)))
}

// machine is a Mac whose chip and plug are known at every tenth of a second.
// What it draws beyond 8 W and 1.3 times the chip wanders slowly.
type machine struct {
	soc, wall []float64 // watts, by tenth
	total     []float64 // joules at the wall until then
}

const tenth = 0.1

func newMachine(seconds int, seed uint64) *machine {
	m := &machine{total: []float64{0}}
	rnd := rand.New(rand.NewPCG(seed, 7))
	load, left, wander := 1.5, 0, 0.0
	for range seconds * 10 {
		if left--; left < 0 {
			left = 20 + rnd.IntN(600)
			load = []float64{1.5, 1.5, 8, 25, 40}[rnd.IntN(5)]
		}
		wander = wander*0.999 + 0.02*rnd.NormFloat64()
		soc := load * (1 + 0.05*rnd.NormFloat64())
		m.soc = append(m.soc, max(soc, 0.1))
		m.wall = append(m.wall, 8+1.3*soc+wander+0.002*soc*soc)
		m.total = append(m.total, m.total[len(m.total)-1]+m.wall[len(m.wall)-1]*tenth)
	}
	return m
}

// between is what list, in watts, sums up to between two times, in joules.
func (m *machine) between(list []float64, from, to float64) float64 {
	sum := 0.0
	for i := int(math.Round(from / tenth)); i < int(math.Round(to/tenth)) && i < len(list); i++ {
		sum += list[i] * tenth
	}
	return sum
}

func (m *machine) window(from, to float64) attribution.Measurement {
	j := energy.Joules(m.between(m.soc, from, to))
	return attribution.Measurement{Window: &attribution.Window{
		Start: at(from), End: at(to), Scope: attribution.ScopeSoC, Energy: j,
		CPU: attribution.Rail{Energy: j / 4, Known: true}, GPU: attribution.Rail{Energy: j * 3 / 4, Known: true},
	}}
}

// plug is a device that shows the machine's wall power.
type plug struct {
	*machine
	power, counts bool
	mean          float64 // seconds that a power is the mean of
	step          float64 // of the counter, in joules
	update        float64 // seconds between two updates of the counter; 0: always
	late          float64 // seconds by which all is late
	gain          float64 // of the power against the counter
	offset        float64 // of the counter
}

func (p *plug) read(t float64) attribution.MeterReading {
	r := attribution.MeterReading{At: at(t), HasPower: p.power, HasEnergy: p.counts}
	true := max(t-p.late, 0)
	from := max(true-max(p.mean, tenth), 0)
	if true > from {
		r.Power = energy.Watts(p.gain * p.between(p.wall, from, true) / (true - from))
	}
	if p.update > 0 {
		true = math.Floor(true/p.update) * p.update
	}
	c := p.total[min(int(math.Round(true/tenth)), len(p.total)-1)]
	if p.step > 0 {
		c = math.Floor(c/p.step) * p.step
	}
	r.Energy = energy.Joules(c + p.offset)
	return r
}

// rig feeds a scoper in the order of time, a window a second and a reading every
// so often, and keeps what comes out.
type rig struct {
	t *testing.T
	*machine
	s     *scope.Scoper
	plug  plug
	every float64
	mute  func(t float64) bool // the meter does not answer
	apart bool                 // it tells power and counter apart
	out   []attribution.Measurement
	now   float64
	next  float64
}

func newRig(t *testing.T, m *machine, p plug, meter scope.Meter) *rig {
	t.Helper()
	p.machine = m
	if p.gain == 0 {
		p.gain = 1
	}
	s, err := scope.New(scope.Config{Meters: []scope.Meter{meter}, Model: "Mac16,11", OS: "26.1"}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{t: t, machine: m, s: s, plug: p, every: 2, mute: func(float64) bool { return false }, next: 0.4}
	if meter.Every > 0 {
		r.every = meter.Every.Seconds()
	}
	return r
}

// run goes on to a time.
func (r *rig) run(until float64) {
	for ; r.now+1 <= until; r.now++ {
		r.readUntil(r.now + 1)
		r.s.Add(r.window(r.now, r.now+1))
		r.take(r.s.Settle(at(r.now + 1)))
	}
}

// gap goes on to a time without windows.
func (r *rig) gap(until float64, reason attribution.GapReason, reads bool) {
	if reads {
		r.readUntil(until)
	}
	for r.next < until {
		r.next += r.every
	}
	r.s.Add(attribution.Measurement{Gap: &attribution.Gap{Start: at(r.now), End: at(until), Reason: reason}})
	r.now = until
}

func (r *rig) readUntil(t float64) {
	for ; r.next <= t; r.next += r.every {
		if r.mute(r.next) {
			continue
		}
		x := r.plug.read(r.next)
		if !r.apart {
			r.s.Read("plug", x)
			continue
		}
		power, counter := x, r.plug.read(max(r.next-1.5, 0))
		power.HasEnergy, counter.HasPower = false, false
		r.s.Read("plug", counter)
		r.s.Read("plug", power)
	}
}

func (r *rig) take(all []attribution.Measurement) { r.out = append(r.out, all...) }

func (r *rig) flush() { r.take(r.s.Flush()) }

// restart makes a new scoper of the state.
func (r *rig) restart(meter scope.Meter) {
	r.t.Helper()
	state, err := r.s.State()
	if err != nil {
		r.t.Fatal(err)
	}
	r.s, err = scope.New(scope.Config{Meters: []scope.Meter{meter}, Model: "Mac16,11", OS: "26.1"}, state, nil)
	if err != nil {
		r.t.Fatal(err)
	}
}

// sums are the energies of what came out, by scope, and the time.
func (r *rig) sums() (joules map[attribution.Scope]float64, seconds map[attribution.Scope]float64) {
	joules, seconds = map[attribution.Scope]float64{}, map[attribution.Scope]float64{}
	var last time.Time
	for _, m := range r.out {
		start, end, sc, e := bounds(m)
		if start.Before(last) {
			r.t.Fatalf("%v comes after %v", start, last)
		}
		last = end
		joules[sc] += float64(e)
		seconds[sc] += end.Sub(start).Seconds()
	}
	return joules, seconds
}

func bounds(m attribution.Measurement) (start, end time.Time, s attribution.Scope, e energy.Joules) {
	if m.Gap != nil {
		return m.Gap.Start, m.Gap.End, m.Gap.Scope, m.Gap.Energy
	}
	return m.Window.Start, m.Window.End, m.Window.Scope, m.Window.Energy
}

// off is how far a is off b, as a share of b.
func off(a, b float64) float64 { return math.Abs(a-b) / b }
