package calibration_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/calibration"
	"github.com/sovmeter/sovmeter/collector/energy"
)

// device is how a meter shows the machine.
type device struct {
	delay       float64       // seconds, of its clock and its transport
	box, filter float64       // seconds that it averages over
	poll        time.Duration // between two readings
	jitter      float64       // of that, as a ratio
	missed      float64       // ratio of readings
	quantum     float64       // watts
	hold        float64       // seconds: it shows a new value this often only
	noise       float64       // watts
	fan         float64       // watts at 30 W of the chip, with a minute's delay
}

// mean is the delay that is to be found. A value that is held is as old as half
// of the time that it is held.
func (d device) mean() float64 { return d.delay + d.box/2 + d.filter + d.hold/2 }

const tick = 0.05 // seconds

// run is ten minutes of a chip and what a meter shows of it.
type run struct {
	r        *rand.Rand
	watts    []float64 // of the chip, by tick
	windows  []attribution.Window
	readings []attribution.MeterReading
}

// work is a chip that is loaded for 4 to 40 s, and again.
func work(r *rand.Rand) []float64 {
	var out []float64
	for len(out) < 600/tick {
		level := 0.2
		if r.IntN(2) == 0 {
			level = 5 + 25*r.Float64()
		}
		for range int((4 + 36*r.Float64()) / tick) {
			out = append(out, level)
		}
	}
	return out
}

// simulate lets a device look at the chip.
func simulate(watts []float64, d device, r *rand.Rand) run {
	out := run{r: r, watts: watts}
	at := func(s float64) time.Time { return start.Add(time.Duration(s * float64(time.Second))) }
	// The whole machine, and what the device makes of it.
	shown, total := make([]float64, len(watts)), make([]float64, len(watts))
	state, heat := 6+1.7*watts[0], watts[0]
	sum, box := 0.0, max(int(d.box/tick), 1)
	raw := make([]float64, len(watts))
	for i, w := range watts {
		heat += (w - heat) * (1 - math.Exp(-tick/60))
		raw[i] = 6 + 1.7*w + d.fan*heat/30
		total[i] = raw[i] * tick
		if i > 0 {
			total[i] += total[i-1]
		}
		if d.filter > 0 {
			state += (raw[i] - state) * (1 - math.Exp(-tick/d.filter))
		} else {
			state = raw[i]
		}
		if sum += raw[i]; i >= box {
			sum -= raw[i-box]
		}
		shown[i] = state
		if d.box > 0 {
			shown[i] = sum / float64(min(i+1, box))
		}
	}
	look := func(s []float64, t float64) float64 { return s[min(max(int(t/tick), 0), len(s)-1)] }
	for t := 0.0; t < 598; t += 0.9 + 0.2*r.Float64() {
		w := attribution.Window{Start: at(t), End: at(t + 1)}
		e := 0.0
		for s := t; s < t+1; s += tick {
			e += look(watts, s) * tick
		}
		w.CPU = attribution.Rail{Energy: energy.Joules(0.2 * e), Known: true}
		w.GPU = attribution.Rail{Energy: energy.Joules(0.8 * e), Known: true}
		w.Energy = energy.Joules(e)
		out.windows = append(out.windows, w)
	}
	noise, shownAt := 0.0, -1.0
	for t := 0.0; t < 600; t += d.poll.Seconds() * (1 + d.jitter*(2*r.Float64()-1)) {
		if r.Float64() < d.missed {
			continue
		}
		when := t
		if d.hold > 0 {
			when = math.Floor(t/d.hold) * d.hold
		}
		if when != shownAt { // a value that is held has its noise held
			noise, shownAt = d.noise*r.NormFloat64(), when
		}
		v := look(shown, when-d.delay) + noise
		if d.quantum > 0 {
			v = math.Round(v/d.quantum) * d.quantum
		}
		out.readings = append(out.readings, attribution.MeterReading{
			At: at(t), Power: energy.Watts(max(v, 0)), HasPower: true,
			Energy: energy.Joules(look(total, when-d.delay)), HasEnergy: true,
		})
	}
	return out
}

func (r run) lag() (calibration.Lag, bool) {
	return calibration.FindLag(calibration.ChipPoints(r.windows), calibration.Points(r.readings), 0)
}

func TestLagIsFound(t *testing.T) {
	devices := map[string]device{
		"plain":                 {poll: time.Second},
		"two seconds late":      {delay: 2, poll: time.Second, noise: 0.3, fan: 2},
		"clock 30 s ahead":      {delay: -30, poll: 2 * time.Second, noise: 0.3, fan: 2},
		"clock 30 s behind":     {delay: 30, poll: 2 * time.Second, noise: 0.3, fan: 2},
		"nearly too far ahead":  {delay: -34, poll: time.Second, noise: 0.3},
		"nearly too late":       {delay: 58, poll: time.Second, noise: 0.3},
		"the mean of 10 s":      {delay: 1, box: 10, poll: 2 * time.Second, noise: 0.2, fan: 2},
		"the mean of a minute":  {delay: 2, box: 60, poll: 5 * time.Second, noise: 0.2, fan: 1},
		"a filter of 4 s":       {delay: 1.5, filter: 4, poll: time.Second, noise: 0.3, fan: 2},
		"a filter of 12 s":      {delay: 1, filter: 12, poll: 2 * time.Second, noise: 0.3, fan: 2},
		"whole watts":           {delay: 3, poll: 2 * time.Second, quantum: 1, noise: 0.3, fan: 2},
		"a third of polls lost": {delay: 3, poll: 2 * time.Second, missed: 0.35, jitter: 0.3, noise: 0.3},
		"new values every 3 s":  {delay: 1, hold: 3, poll: time.Second, noise: 0.2},
		"all of it":             {delay: -12, box: 5, poll: 3 * time.Second, jitter: 0.2, missed: 0.1, quantum: 0.1, noise: 0.5, fan: 2},
		"polled every 10 s":     {delay: 4, box: 10, poll: 10 * time.Second, noise: 0.3, fan: 1},
	}
	for name, d := range devices {
		t.Run(name, func(t *testing.T) {
			worst, uncertain := 0.0, 0.0
			for seed := range uint64(6) {
				r := rand.New(rand.NewPCG(seed, 5))
				l, ok := simulate(work(r), d, r).lag()
				off := math.Abs(l.Delay.Seconds() - d.mean())
				if off > 3*l.Error.Seconds()+0.2 {
					t.Errorf("seed %d: off by %.2f s with a standard error of %v", seed, off, l.Error)
				}
				worst, uncertain = max(worst, off), max(uncertain, l.Error.Seconds())
				// No value of a device that holds them says more than half of that.
				limit := max(0.5, 0.06*(d.box+d.filter), 0.5*d.hold, 0.08*d.poll.Seconds())
				if !ok || off > limit {
					t.Errorf("seed %d: %v, %+v, want %.1f s", seed, ok, l, d.mean())
				}
			}
			t.Logf("off by %.2f s at most, standard error %.2f s at most", worst, uncertain)
		})
	}
}

func TestLagFromACounter(t *testing.T) {
	// 0.001, 0.0167, 0.028, 0.056 and 0.1 Wh: at rest the last takes a minute.
	for _, step := range []energy.Joules{0, 3.6, 60, 100, 200, 360} {
		t.Run(fmt.Sprintf("%g J", float64(step)), func(t *testing.T) {
			worst, found := 0.0, 0
			for seed := range uint64(6) {
				r := rand.New(rand.NewPCG(seed, 5))
				s := simulate(work(r), device{delay: 7, poll: time.Second}, r)
				for i := range s.readings {
					m := &s.readings[i]
					m.HasPower, m.Power = false, 0
					if step > 0 {
						m.Energy = energy.Joules(math.Floor(float64(m.Energy/step))) * step
					}
				}
				l, ok := s.lag()
				if !ok {
					continue
				}
				found++
				worst = max(worst, math.Abs(l.Delay.Seconds()-7))
				if l.Correlation < 0.97 {
					t.Errorf("seed %d: a correlation of %.2f", seed, l.Correlation)
				}
			}
			t.Logf("found %d of 6, off by %.2f s at most", found, worst)
			if worst > max(0.7, 0.01*float64(step)) || step <= 100 && found < 6 {
				t.Errorf("found %d of 6, off by %.2f s", found, worst)
			}
		})
	}
}

// inStep is a chip, seen each second, whose load changes just after its meter is
// read, each period: what is read is the same with any delay up to that.
func inStep(r *rand.Rand, period int) (chip, meter []calibration.Point) {
	level := energy.Watts(2)
	for i := range 120 * period {
		at := start.Add(time.Duration(i) * time.Second)
		if i%period == 0 {
			meter = append(meter, calibration.Point{At: at, Watts: 6 + 1.7*level + energy.Watts(0.3*r.NormFloat64())})
			if r.IntN(5) == 0 {
				level = energy.Watts(2 + 25*r.Float64())
			}
		}
		chip = append(chip, calibration.Point{At: at.Add(time.Second / 2), Watts: level})
	}
	return chip, meter
}

// TestLagSaysWhatItCannotTellApart has changes between two readings only. A lag
// that may be any within a few seconds says so, and one that may be any at all is
// none.
func TestLagSaysWhatItCannotTellApart(t *testing.T) {
	for seed := range uint64(6) {
		r := rand.New(rand.NewPCG(seed, 5))
		for _, period := range []int{2, 5} {
			chip, meter := inStep(r, period)
			l, ok := calibration.FindLag(chip, meter, 0)
			off := max(l.Delay.Seconds(), float64(period)-l.Delay.Seconds())
			if !ok || off > 3*l.Error.Seconds()+0.2 {
				t.Errorf("read every %d s: %v, %+v, and %.1f s off is as likely", period, ok, l, off)
			}
		}
		chip, meter := inStep(r, 25)
		if l, ok := calibration.FindLag(chip, meter, 0); ok {
			t.Errorf("read every 25 s: %+v", l)
		}
	}
}

func TestNoLagWhereNoneCanBeSeen(t *testing.T) {
	idle := make([]float64, int(600/tick))
	var periodic []float64
	for i := range int(600 / tick) {
		idle[i] = 0.3
		level := 2.0
		if math.Mod(float64(i)*tick, 20) < 10 {
			level = 22
		}
		periodic = append(periodic, level)
	}
	r := rand.New(rand.NewPCG(1, 1))
	plain := device{delay: 3, poll: time.Second, noise: 0.3}
	if l, ok := simulate(idle, plain, r).lag(); ok {
		t.Errorf("of a chip at rest: %+v", l)
	}
	if l, ok := simulate(periodic, plain, r).lag(); ok {
		t.Errorf("of a load that repeats every 20 s: %+v", l)
	}
	chip, other := simulate(work(r), plain, r), simulate(work(r), plain, r)
	if l, ok := calibration.FindLag(calibration.ChipPoints(chip.windows), calibration.Points(other.readings), 0); ok {
		t.Errorf("of another machine's meter: %+v", l)
	}
	if l, ok := calibration.FindLag(calibration.ChipPoints(chip.windows), calibration.Points(chip.readings)[:12], 0); ok {
		t.Errorf("of twelve readings: %+v", l)
	}
	if l, ok := calibration.FindLag(nil, nil, 0); ok {
		t.Errorf("of nothing: %+v", l)
	}
	late := simulate(work(r), device{delay: 50, poll: time.Second}, r)
	if l, ok := calibration.FindLag(calibration.ChipPoints(late.windows), calibration.Points(late.readings), 20*time.Second); ok {
		t.Errorf("of a meter later than was allowed: %+v", l)
	}
}

func TestLagLeavesGarbageOut(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 5))
	s := simulate(work(r), device{delay: 4, poll: time.Second, noise: 0.2}, r)
	chip, meter := calibration.ChipPoints(s.windows), calibration.Points(s.readings)
	want, ok := calibration.FindLag(chip, meter, 0)
	if !ok {
		t.Fatal("no lag without garbage")
	}
	nan := calibration.Point{At: start.Add(300 * time.Second), Watts: energy.Watts(math.NaN())}
	chip = append(chip, nan, calibration.Point{At: nan.At, Watts: energy.Watts(math.Inf(1))}, chip[7])
	meter = append([]calibration.Point{nan}, meter...)
	if got, ok := calibration.FindLag(chip, meter, 0); !ok || got != want {
		t.Errorf("got %+v, without garbage %+v", got, want)
	}
}

// TestLagIgnoresWhatTheChipDidUnseen leaves power samples out for a third of the
// time, in which the meter goes on.
func TestLagIgnoresWhatTheChipDidUnseen(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 5))
	s := simulate(work(r), device{delay: 4, poll: time.Second, noise: 0.2}, r)
	all, ok := s.lag()
	chip := calibration.ChipPoints(s.windows)
	n := len(chip)
	chip = append(chip[:n/3:n/3], chip[2*n/3:]...)
	l, found := calibration.FindLag(chip, calibration.Points(s.readings), 0)
	if !ok || !found || math.Abs(l.Delay.Seconds()-4) > 0.3 || l.Correlation < all.Correlation-0.01 {
		t.Errorf("%v, %+v, and with all of it %v, %+v", found, l, ok, all)
	}
	if l.Changes > 3*all.Changes/4 {
		t.Errorf("%d changes are compared, and %d with all of it", l.Changes, all.Changes)
	}
}

func BenchmarkFindLag(b *testing.B) {
	r := rand.New(rand.NewPCG(3, 5))
	s := simulate(work(r), device{delay: 4, box: 5, poll: time.Second, noise: 0.2}, r)
	chip, meter := calibration.ChipPoints(s.windows), calibration.Points(s.readings)
	for b.Loop() {
		if _, ok := calibration.FindLag(chip, meter, 0); !ok {
			b.Fatal("no lag")
		}
	}
}
