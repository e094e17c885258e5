package calibration

import (
	"math"
	"slices"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
)

// meterSpan is the readings of a plateau, as if the meter were on time.
type meterSpan struct {
	from, to   time.Time
	readings   []attribution.MeterReading // At is less the lag; in order
	resolution energy.Joules              // of the counter; 0: there is none
}

// shifted takes the readings whose values were true within [from, to].
func shifted(readings []attribution.MeterReading, from, to time.Time, lag time.Duration) meterSpan {
	m := meterSpan{from: from, to: to, resolution: resolution(readings)}
	for _, r := range readings {
		r.At = r.At.Add(-lag)
		if r.At.Before(from) || r.At.After(to) || !finite(r) {
			continue
		}
		if n := len(m.readings); n > 0 && !r.At.After(m.readings[n-1].At) {
			continue
		}
		m.readings = append(m.readings, r)
	}
	return m
}

func finite(r attribution.MeterReading) bool {
	sum := float64(r.Power) + float64(r.Energy) + float64(r.Charging)
	return !math.IsNaN(sum) && !math.IsInf(sum, 0) && (!r.HasPower || r.Power >= 0)
}

// resolution is what the readings say of the counter's. Where they say nothing it
// is the least step that was seen, or the least difference of two steps: steps of a
// coarse counter are multiples of what is looked for, those of a fine one are
// of any length.
func resolution(readings []attribution.MeterReading) energy.Joules {
	var told, most energy.Joules
	var seen []energy.Joules
	for i, r := range readings {
		told, most = max(told, r.Resolution), max(most, r.Energy)
		if i == 0 || !r.HasEnergy || !readings[i-1].HasEnergy {
			continue
		}
		if step := r.Energy - readings[i-1].Energy; step > 0 {
			seen = append(seen, step)
		}
	}
	if told > 0 || len(seen) == 0 {
		return told
	}
	slices.Sort(seen)
	least := seen[0]
	for i := 1; i < len(seen); i++ {
		if d := seen[i] - seen[i-1]; d > 1e-9*most { // less is rounding
			least = min(least, d)
		}
	}
	return least
}

// measured is the power of a plateau.
type measured struct {
	from, to time.Time // what it covers
	watts    energy.Watts
	source   Source
	step     energy.Watts
}

// measure takes the counter where its resolution allows, else the power.
func (m meterSpan) measure() (measured, error) {
	counted, fine := m.counted()
	mean, ok := m.meanPower(m.from, m.to)
	powered := measured{m.from, m.to, mean, SourcePower, 0}
	if !fine {
		if !ok {
			return measured{}, ErrMeterUnknown
		}
		return powered, nil
	}
	if off := counted.watts - mean; ok && max(off, -off) > counted.step+max(steadyWatts, 0.1*mean) {
		return measured{}, ErrDisagree
	}
	return counted, nil
}

// counted is the difference of the first and the last counter, over just the time
// between them. It is false for a counter that is too coarse, was reset, or misses
// more than half of the plateau.
func (m meterSpan) counted() (measured, bool) {
	var first, last *attribution.MeterReading
	for i := range m.readings {
		r := &m.readings[i]
		if !r.HasEnergy {
			continue
		}
		if last != nil && r.Energy < last.Energy {
			return measured{}, false
		}
		if first == nil {
			first = r
		}
		last = r
	}
	if first == nil || m.resolution <= 0 || 2*last.At.Sub(first.At) < m.to.Sub(m.from) || last.At.Sub(first.At) < LeastPlateau/2 {
		return measured{}, false
	}
	drawn, length := last.Energy-first.Energy, last.At.Sub(first.At)
	return measured{first.At, last.At, drawn.Over(length), SourceCounter, m.resolution.Over(length)}, m.resolution <= finest*drawn
}

// meanPower is the mean of the powers within [from, to), each for the time around
// it. It is false for too few, and for a hole of more than a third.
func (m meterSpan) meanPower(from, to time.Time) (energy.Watts, bool) {
	need, all := leastReadings, to.Sub(from)
	if all < m.to.Sub(m.from) {
		need = 2
	}
	var sum energy.Joules
	var count int
	var previous attribution.MeterReading
	at := from
	for _, r := range m.readings {
		if !r.HasPower || r.At.Before(from) || r.At.After(to) {
			continue
		}
		if 3*r.At.Sub(at) > all {
			return 0, false
		}
		if count == 0 {
			previous = r
		}
		sum += ((previous.Power + r.Power) / 2).For(r.At.Sub(at))
		previous, at = r, r.At
		count++
	}
	if count < need || 3*to.Sub(at) > all {
		return 0, false
	}
	sum += previous.Power.For(to.Sub(at))
	return sum.Over(all), true
}

// charging is the mean of what goes into the battery; 0 without one.
func (m meterSpan) charging() energy.Watts {
	var sum energy.Watts
	n := 0
	for _, r := range m.readings {
		if r.HasCharging {
			sum += r.Charging
			n++
		}
	}
	return sum / energy.Watts(max(n, 1))
}
