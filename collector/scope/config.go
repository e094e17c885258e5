package scope

import (
	"cmp"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
)

// Config says which meters there are, and on which machine.
type Config struct {
	Meters []Meter // the most trusted first
	Model  string  // of this machine, such as Mac16,11; empty: not known
	OS     string  // the version of macOS, such as 26.1; empty: not known
}

// Meter is a meter of the whole machine.
type Meter struct {
	Name  string // its own among the meters
	Scope attribution.Scope
	Every time.Duration // between two readings; 0 means two seconds
	// Lag is how much earlier than MeterReading.At the values were true; a
	// calibration may know better while it is 0.
	Lag      time.Duration
	Accuracy float64      // bounds its relative error; 0 means usual for the scope
	MaxWatts energy.Watts // more than this cannot be; 0 means 1500
}

// The defaults of Meter.
const (
	defaultEvery                    = 2 * time.Second
	defaultMaxWatts                 = 1500
	plugAccuracy                    = 0.02 // smart plugs promise 1 to 2 %
	telemetryAccuracy               = 0.05 // nothing is promised; adapters are told apart by as much
	leastPause                      = 10 * time.Second
	mostPause                       = 3 * time.Minute
	pauseReadings                   = 3 // missed readings that are no drop-out
	blockLength                     = 30 * time.Second
	passingEvery                    = 6 * time.Hour    // between two calibrations of what was learned
	chargingAge                     = 5 * time.Minute  // from which telemetry is silent
	leastOfSoC                      = 0.9              // a meter that shows a smaller part of the chip's energy is of something else
	lessFor                         = 10 * time.Second // that long it may be late
	maxPoints                       = 1024             // readings that wait of a meter: more than in mostPause at any pace
	maxItems                        = 4096             // bounds how much waits
	residualTime                    = 2 * time.Second  // over which a device's power is taken to be a mean
	residualChange                  = 10 * time.Second // how fast the machine leaves the line, other than with its chip
	leastWall         energy.Watts  = 1                // no Mac that is awake takes less at a plug
	steadyShare                     = 0.05             // of the power that changes by as much and by a watt, which halves what is believed
	leastSoC          energy.Joules = 0.5              // with less nothing can be said about less
)

func (m Meter) withDefaults() Meter {
	m.Every = cmp.Or(m.Every, defaultEvery)
	m.MaxWatts = cmp.Or(m.MaxWatts, defaultMaxWatts)
	m.Accuracy = cmp.Or(m.Accuracy, usualAccuracy(m.Scope))
	return m
}

// usualAccuracy bounds the relative error of a scope's meters.
func usualAccuracy(s attribution.Scope) float64 {
	if s == attribution.ScopeWall {
		return plugAccuracy
	}
	return telemetryAccuracy
}
