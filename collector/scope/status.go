package scope

import (
	"slices"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/calibration"
	"github.com/sovmeter/sovmeter/collector/energy"
)

// Status is how the meters and the line stand.
type Status struct {
	Meters []MeterStatus // in the order of the config
	// Calibration is what stands in for a meter that is away; nil: nothing does,
	// and Why says why not.
	Calibration *attribution.Calibration
	Why         string
	// Drift is how far the last calibration of a user is off what was measured
	// lately; nil where that is not known.
	Drift *calibration.Drift
}

// MeterStatus is how one meter's account stands.
type MeterStatus struct {
	Name  string
	Scope attribution.Scope
	Away  bool      // it is silent
	Seen  time.Time // the last reading; zero before the first
	Counts
	// Owed is what the counter says beyond what is booked; meaningless unless
	// Counted.
	Owed    energy.Joules
	Counted bool
}

// Status says how the meters stand.
func (s *Scoper) Status() Status {
	s.lines.choose(s.newest)
	st := Status{Why: s.lines.why}
	if s.lines.known {
		c := s.lines.chosen
		st.Calibration = &c
	}
	for _, a := range s.accounts {
		m := MeterStatus{Name: a.meter.Name, Scope: a.meter.Scope, Away: a.Away || a.counts.Readings == 0, Counts: a.counts, Owed: a.Counter.Debt, Counted: a.Counter.Known}
		if a.counts.Readings > 0 {
			m.Seen = a.Seen
		}
		st.Meters = append(st.Meters, m)
		if st.Drift == nil {
			st.Drift = s.lines.drift(a)
		}
	}
	return st
}

// drift is how far the newest calibration that a user made of a meter is off
// what its account has learned.
func (l *lines) drift(a *account) *calibration.Drift {
	for _, c := range slices.Backward(l.stored) {
		if c.Kind != attribution.CalibrationLadder || c.Scope != a.meter.Scope || calibration.Valid(c, l.config.Model, l.config.OS) != nil {
			continue
		}
		if d, ok := calibration.FindDrift(c, a.learner); ok {
			return &d
		}
		return nil
	}
	return nil
}

// Calibrate has a new calibration hold from now on.
func (s *Scoper) Calibrate(c attribution.Calibration) { s.lines.add(c) }

// TakeCalibrations returns those that were made of what was learned since the
// last call.
func (s *Scoper) TakeCalibrations() []attribution.Calibration {
	made := s.lines.made
	s.lines.made = nil
	s.lines.stored = append(s.lines.stored, made...)
	return made
}
