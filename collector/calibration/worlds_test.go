package calibration_test

import (
	"math"
	"math/rand/v2"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/calibration"
	"github.com/sovmeter/sovmeter/collector/energy"
)

// world is a machine at a plug, not built of what the package fits: a supply
// with a curve, a fan with a delay, a board whose power drifts.
type world struct {
	r                    *rand.Rand
	board, cpu, gpu      float64
	fixed, share, square float64 // of the supply
	fan, fanDelay        float64 // watts at most, seconds
	most                 float64 // of the chip, watts
	aMonth, season       float64 // drift of the board: a ratio in 30 days, and that of a sine over the year
	phase                float64
	gain                 float64 // of the plug: 1 is true
	accuracy             float64 // what the plug says of itself

	heat float64
	at   time.Time
}

// shapes of machines: board, most of the chip.
var machines = []struct{ board, most float64 }{{4, 35}, {6, 60}, {9, 90}, {12, 180}, {7, 45}}

func newWorld(seed uint64) *world {
	r := rand.New(rand.NewPCG(seed, 99))
	between := func(a, b float64) float64 { return a + (b-a)*r.Float64() }
	m := machines[seed%uint64(len(machines))]
	w := &world{
		r: r, board: m.board * between(0.8, 1.3), most: m.most,
		cpu: between(1.05, 1.4), gpu: between(1.1, 2.2),
		fixed: between(0.3, 1.5), share: between(0.04, 0.12), square: m.most * between(15, 60),
		fan: m.most * between(0.01, 0.04), fanDelay: between(30, 120),
		aMonth: between(-0.01, 0.01), season: between(0, 0.02), phase: between(0, 2*math.Pi),
		accuracy: 0.01, at: start,
	}
	w.gain = 1 + w.accuracy/1.96*r.NormFloat64()
	return w
}

// step goes on by d with the chip at that, and returns the true mean power.
func (w *world) step(d time.Duration, cpu, gpu float64) float64 {
	s, sum := d.Seconds(), 0.0
	n := max(int(s/5), 1)
	for range n {
		dt := s / float64(n)
		w.heat += ((cpu+gpu)/w.most - w.heat) * (1 - math.Exp(-dt/w.fanDelay))
		days := w.at.Sub(start).Hours() / 24
		drift := 1 + w.aMonth*days/30 + w.season*(math.Sin(w.phase+2*math.Pi*days/365)-math.Sin(w.phase))
		load := w.board*drift + w.cpu*cpu + w.gpu*gpu + w.fan*w.heat
		sum += w.fixed + load*(1+w.share) + load*load/w.square
		w.at = w.at.Add(time.Duration(dt * float64(time.Second)))
	}
	return sum / float64(n)
}

// block is what was measured while the chip was at that.
func (w *world) block(d time.Duration, cpu, gpu float64) calibration.Block {
	b, _ := w.both(d, cpu, gpu)
	return b
}

// both is the block and the true energy.
func (w *world) both(d time.Duration, cpu, gpu float64) (calibration.Block, energy.Joules) {
	at, drawn := w.at, w.step(d, cpu, gpu)
	seen := drawn*w.gain*(1+0.003*w.r.NormFloat64()) + 0.05*w.r.NormFloat64()
	return calibration.Block{
		Start: at, End: at.Add(d), CPU: energy.Watts(cpu), GPU: energy.Watts(gpu), Whole: energy.Watts(seen),
	}, energy.Watts(drawn).For(d)
}

// rest is what the chip draws with nothing to do.
func (w *world) rest() (cpu, gpu float64) {
	return 0.05 + 0.1*w.r.Float64()*w.most/30, 0.02
}

// busy is what it draws at work, of a random kind.
func (w *world) busy() (cpu, gpu float64) {
	part := 0.3 + 0.6*w.r.Float64()
	if w.r.Float64() < 0.15 { // a build
		return w.most * 0.6 * part, 0.02 * w.most
	}
	return w.most * 0.08, w.most * 0.85 * part
}

// ladder runs sovmeter calibrate: the plateaus only, but the heat of all of it.
func (w *world) ladder() []calibration.Block {
	var out []calibration.Block
	for _, s := range calibration.Ladder(10) {
		cpu, gpu := w.rest()
		switch s.Load {
		case calibration.LoadDecode:
			cpu, gpu = 0.07*w.most, w.most*(0.4+0.05*float64(s.Count))
		case calibration.LoadPrefill:
			cpu, gpu = 0.05*w.most, 0.8*w.most
		case calibration.LoadCPU:
			cpu, gpu = w.most*0.06*float64(s.Count), 0.01*w.most
		}
		w.step(s.Settle, cpu, gpu)
		out = append(out, w.block(s.Length-s.Settle, cpu, gpu))
	}
	return out
}

// day goes through a day in steps of 30 s, with work in some hours of it, and
// calls back with the chip's power of each and the true energy.
func (w *world) day(f func(calibration.Block, energy.Joules)) {
	share := 0.02 + 0.4*w.r.Float64()*w.r.Float64()
	working, cpu, gpu := false, 0.0, 0.0
	for i := range 24 * 120 {
		if i%20 == 0 {
			working = w.r.Float64() < share
		}
		if cpu, gpu = w.rest(); working {
			cpu, gpu = w.busy()
		}
		f(w.both(30*time.Second, cpu, gpu))
	}
}

// told sums a day up by a line: what it says, its band, and the truth.
func (w *world) told(c attribution.Calibration) (told, band, truth energy.Joules) {
	w.day(func(b calibration.Block, e energy.Joules) {
		d := b.End.Sub(b.Start)
		told += c.Power(b.CPU, b.GPU, b.ANE).For(d)
		band += calibration.Error(c, calibration.Stretch{
			Length: d, CPU: b.CPU.For(d), GPU: b.GPU.For(d), ANE: b.ANE.For(d),
		}, b.End.Sub(c.Made), w.accuracy)
		truth += e
	})
	return told, band, truth
}
