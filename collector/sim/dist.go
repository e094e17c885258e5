package sim

import (
	"math"
	"math/rand/v2"
)

// Dist is a log-normal distribution cut to [Min, Max]: most draws lie near
// Median, a few far above it. Spread is the standard deviation of the
// logarithm; 0 always gives Median.
type Dist struct {
	Median, Spread, Min, Max float64
}

// draw returns one value.
func (d Dist) draw(r *rand.Rand) float64 {
	v := d.Median
	if d.Spread > 0 {
		v *= math.Exp(d.Spread * r.NormFloat64())
	}
	return min(max(v, d.Min), d.Max)
}

// drawInt returns one value as a count.
func (d Dist) drawInt(r *rand.Rand) int { return int(math.Round(d.draw(r))) }

// always is the distribution with one value.
func always(v float64) Dist { return Dist{Median: v, Min: v, Max: v} }

// stream gives each concern its own random numbers, so that a change to one,
// say the sensor's noise, leaves the traffic as it was.
func stream(seed, concern uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, concern)) }

// serverStream is the stream of one concern of server i.
func serverStream(seed, concern uint64, i int) *rand.Rand {
	return stream(seed, concern+uint64(i)<<8)
}

// The concerns that draw random numbers.
const (
	concernTraffic = iota + 1
	concernSensor
	concernIdle
	concernBackground
	concernLog
	concernZeros
	concernSeason
)
