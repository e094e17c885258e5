package attribution

import (
	"math"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
)

const (
	// leastGPU is the share of the GPU, 0 to 1, from which it is worth asking
	// what a party's GPU time draws.
	leastGPU = 0.02
	// mostPower bounds how much more a second of one party's GPU time can draw
	// than that of another.
	mostPower = 6
	// othersHalfLife is after how much of their GPU time what other processes
	// drew counts half: another program may draw another power.
	othersHalfLife = 3 * time.Minute
)

// GPUPower is what GPU time of other processes has taken so far, as far as it
// is not forgotten: what was left of the GPU's energy over the servers' work.
type GPUPower struct {
	Energy energy.Joules
	Time   float64 // seconds
}

func (p GPUPower) watts() (float64, bool) {
	return max(float64(p.Energy), 0) / p.Time, p.Time > 1
}

// add takes in a step.
func (p *GPUPower) add(o GPUPower) {
	keep := math.Exp2(-o.Time / othersHalfLife.Seconds())
	p.Energy, p.Time = p.Energy*energy.Joules(keep)+o.Energy, p.Time*keep+o.Time
}

// byPower turns GPU times into energies: a second of a model that reads a
// prompt draws more than one of a game's. cpu is what the servers have of the
// CPU rail, and rail the energy that is to be split. Parties whose power is not
// known have what the others leave; where nobody's is, a second is a second.
func (t *times) byPower(parties []party, cpu []float64, others GPUPower, rail float64, dt time.Duration) {
	least := leastGPU * dt.Seconds()
	watts, known := others.watts()
	if t.others <= least {
		watts, known = 0, false
	}
	var sum, seconds float64 // of the parties whose power is known
	var rest float64         // seconds of those whose power is not
	power := make([]float64, len(t.servers))
	for i, s := range t.servers {
		if e := parties[i].expected - cpu[i]; parties[i].expected > 0 && s > least && e > 0 {
			power[i] = e / s
			sum, seconds = sum+e, seconds+s
		} else {
			rest += s
		}
	}
	if known {
		sum, seconds = sum+watts*t.others, seconds+t.others
	} else {
		rest += t.others
	}
	if seconds <= 0 || sum <= 0 {
		return
	}
	usual := sum / seconds
	left := 1.0 // how much more than that a second of the rest draws
	if rest > least {
		left = min(max((rail-sum)/rest/usual, 1/float64(mostPower)), mostPower)
	}
	factor := func(p float64, known bool) float64 {
		if !known {
			return left
		}
		return min(max(p/usual, 1/float64(mostPower)), mostPower)
	}
	before, after := t.others, t.others*factor(watts, known)
	t.others = after
	for i, s := range t.servers {
		t.servers[i] *= factor(power[i], power[i] > 0)
		before, after = before+s, after+t.servers[i]
	}
	if before > 0 { // what no process accounts for keeps its share
		t.whole *= after / before
	}
}

// othersPower is what GPU time took other processes in a window: what the GPU
// drew over the servers' work. It is false when that is not known.
func othersPower(w Window, base level, parties []party) (GPUPower, bool) {
	dt := w.End.Sub(w.Start)
	if w.Usage == nil || !w.Usage.GPUKnown || !w.GPU.Known {
		return GPUPower{}, false
	}
	_, seconds, _ := base.others.beyond(w.Usage.Others, dt)
	if seconds <= leastGPU*dt.Seconds() {
		return GPUPower{}, false
	}
	left := above(w.GPU, base.gpu, dt)
	for i, s := range w.Usage.Servers {
		used := s.GPU.Seconds() > leastGPU*dt.Seconds()
		if used && parties[i].expected <= 0 {
			return GPUPower{}, false
		}
		if used {
			left -= max(energy.Joules(parties[i].expected)-s.CPUEnergy, 0)
		}
	}
	return GPUPower{left, seconds}, true
}
