package scope

import (
	"slices"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/calibration"
	"github.com/sovmeter/sovmeter/collector/energy"
)

// lines are the calibrations: those that users made, and what the accounts
// have learned.
type lines struct {
	config  Config
	stored  []attribution.Calibration
	own     map[string]attribution.Calibration // learned, by account
	made    []attribution.Calibration          // to be stored
	passing time.Time                          // when one was last made of what was learned
	// chosen is what stands in for a meter; good for an hour from
	// when it was chosen.
	chosen   attribution.Calibration
	known    bool
	why      string
	chosenAt time.Time
}

// chooseEvery is between two choices of the line: what was learned moves slowly.
const chooseEvery = time.Hour

func newLines(c Config, stored []attribution.Calibration) lines {
	return lines{config: c, stored: slices.Clone(stored), own: map[string]attribution.Calibration{}}
}

func (l *lines) identity(m Meter) calibration.Identity {
	return calibration.Identity{Model: l.config.Model, OS: l.config.OS, Meter: m.Name, Scope: m.Scope}
}

// refit takes over what an account has learned by now.
func (l *lines) refit(a *account) {
	if c, sure := a.learner.Calibration(l.identity(a.meter)); sure {
		l.own[accountKey(a.meter)] = c
	}
}

// learned takes over what an account has learned, and now and then makes a
// calibration of it that is stored.
func (l *lines) learned(a *account, now time.Time) {
	l.refit(a)
	c, sure := l.own[accountKey(a.meter)]
	if !sure || now.Sub(l.passing) < passingEvery && !now.Before(l.passing) {
		return
	}
	l.passing = now
	l.made = append(l.made, c)
}

// of is the line that gives an account's segments their shape. Its level hardly
// matters: the readings have that.
func (l *lines) of(a *account) attribution.Calibration {
	if c, ok := l.own[accountKey(a.meter)]; ok {
		return c
	}
	for _, c := range slices.Backward(l.stored) {
		if c.Scope == a.meter.Scope && calibration.Valid(c, l.config.Model, l.config.OS) == nil {
			return c
		}
	}
	slope := a.Slope.of()
	return attribution.Calibration{CPU: slope, GPU: slope, ANE: slope}
}

// lag is how late a meter's values are.
func (l *lines) lag(m Meter) time.Duration {
	if m.Lag != 0 {
		return m.Lag
	}
	for _, c := range slices.Backward(l.stored) {
		if c.LagKnown && c.Meter == m.Name && c.Scope == m.Scope {
			return c.Lag
		}
	}
	return 0
}

// choose picks the line that stands in for a meter.
func (l *lines) choose(now time.Time) {
	if age := now.Sub(l.chosenAt); l.known && age >= 0 && age < chooseEvery {
		return
	}
	l.chosenAt = now
	l.chosen, l.known, l.why = calibration.Pick(l.stored, l.newestOwn(), now, l.config.Model, l.config.OS)
}

// newestOwn is what the most trusted account that is sure has learned.
func (l *lines) newestOwn() *attribution.Calibration {
	for _, m := range l.config.Meters {
		if c, ok := l.own[accountKey(m)]; ok {
			return &c
		}
	}
	return nil
}

// raise makes w the machine's by the line, if there is one.
func (l *lines) raise(w *attribution.Window, now time.Time) {
	l.choose(now)
	length := w.End.Sub(w.Start)
	if !l.known || length <= 0 {
		return
	}
	known := func(r attribution.Rail) energy.Joules {
		if !r.Known {
			return 0
		}
		return r.Energy
	}
	c, cpu, gpu, ane := l.chosen, known(w.CPU), known(w.GPU), known(w.ANE)
	whole := c.Base.For(length) + energy.Joules(c.CPU)*cpu + energy.Joules(c.GPU)*gpu + energy.Joules(c.ANE)*ane
	stretch := calibration.Stretch{Length: length, CPU: cpu, GPU: gpu, ANE: ane}
	w.Error = calibration.Error(c, stretch, max(now.Sub(c.Made), 0), usualAccuracy(c.Scope))
	w.Energy, w.Scope = max(whole, w.Energy), attribution.ScopeCalibrated
}

// add takes a calibration that a user made.
func (l *lines) add(c attribution.Calibration) {
	l.stored = append(l.stored, c)
	l.chosenAt = time.Time{}
}
