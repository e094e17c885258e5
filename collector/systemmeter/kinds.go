package systemmeter

import (
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
)

// defaults are what a kind's Config holds where it says nothing.
type defaults struct {
	scope    attribution.Scope
	every    time.Duration
	maxAge   time.Duration
	accuracy float64 // relative error bound, 0 to 1
}

// defaultsOf returns the defaults of a kind.
func defaultsOf(k Kind) defaults {
	d := defaults{scope: attribution.ScopeWall, every: 2 * time.Second, maxAge: 30 * time.Second, accuracy: 0.02}
	switch k {
	case KindHomeAssistant, KindPrometheus:
		// Both hold what others measured some time before.
		d.every, d.maxAge = 5*time.Second, 2*time.Minute
	case KindMQTT:
		d.every, d.maxAge = time.Second, 90*time.Second // devices publish each minute, or on change
	case KindSMC:
		d.scope, d.every, d.maxAge, d.accuracy = attribution.ScopeSMC, 500*time.Millisecond, 5*time.Second, 0.05
	case KindBattery:
		d.scope, d.every, d.maxAge, d.accuracy = attribution.ScopeBattery, 20*time.Second, 3*time.Minute, 0.05
	}
	return d
}

// WithDefaults returns the config with the kind's own values in place of those
// that are 0.
func (c Config) WithDefaults() Config {
	d := defaultsOf(c.Kind)
	if c.Every == 0 {
		c.Every = d.every
	}
	if c.MaxAge == 0 {
		c.MaxAge = d.maxAge
	}
	if c.MaxWatts == 0 {
		c.MaxWatts = DefaultMaxWatts
	}
	if c.Accuracy == 0 {
		c.Accuracy = d.accuracy
	}
	return c
}
