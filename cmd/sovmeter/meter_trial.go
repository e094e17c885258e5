package main

import (
	"slices"
	"strings"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/collector/systemmeter"
)

// meterTrial is what came of testing one meter.
type meterTrial struct {
	Meter    meterRow      `json:"meter"`
	Readings []meterAnswer `json:"questions"`
	Summary  meterSummary  `json:"summary"`
}

// meterAnswer is what one question brought.
type meterAnswer struct {
	Asked           time.Time          `json:"asked_at"`
	Result          systemmeter.Result `json:"result"`
	QuestionSeconds float64            `json:"question_seconds"`
	At              *time.Time         `json:"at,omitempty"`
	PowerWatts      *float64           `json:"power_watts,omitempty"`
	EnergyJoules    *float64           `json:"energy_joules,omitempty"`
	LagSeconds      *float64           `json:"lag_seconds,omitempty"`
	Error           string             `json:"error,omitempty"`

	Took    time.Duration        `json:"-"`
	reading *systemmeter.Reading // nil: none
	hint    string
}

// fill writes the reading for machines.
func (a *meterAnswer) fill() {
	r := a.reading
	if r == nil {
		return
	}
	lag := r.Lag.Seconds()
	a.At, a.LagSeconds = &r.At, &lag
	if r.HasPower {
		a.PowerWatts = (*float64)(&r.Power)
	}
	if r.HasEnergy {
		a.EnergyJoules = (*float64)(&r.Energy)
	}
}

// meterSummary sums a trial up.
type meterSummary struct {
	Usable          bool                       `json:"usable"`
	Readings        int                        `json:"readings"`
	Refused         map[systemmeter.Result]int `json:"refused,omitempty"` // by why
	MedianWatts     *float64                   `json:"median_power_watts,omitempty"`
	CounterJoules   *float64                   `json:"counter_moved_joules,omitempty"`
	CounterSeconds  *float64                   `json:"counter_seconds,omitempty"`
	ResolutionJoule *float64                   `json:"counter_resolution_joules,omitempty"`
	LagSeconds      *float64                   `json:"median_lag_seconds,omitempty"`
	Problems        []finding                  `json:"problems,omitempty"`
}

func (t *meterTrial) count(result systemmeter.Result) int {
	n := 0
	for _, a := range t.Readings {
		if a.Result == result {
			n++
		}
	}
	return n
}

// hopeless says that asking on brings nothing: the same answer would come again.
func (t *meterTrial) hopeless() bool {
	last := t.Readings[len(t.Readings)-1].Result
	switch {
	case t.count(systemmeter.ResultOK) > 0:
		return false
	case last == systemmeter.ResultUnauthorized, last == systemmeter.ResultRemote:
		return true // a wrong password that is tried again gets an account locked
	}
	return len(t.Readings) >= hopeless
}

// sumUp draws the conclusions of a trial.
func (t *meterTrial) sumUp() {
	s := &t.Summary
	var powers, lags []float64
	var first, last *systemmeter.Reading // with a counter
	for i := range t.Readings {
		a := &t.Readings[i]
		switch a.Result {
		case systemmeter.ResultOK:
		case systemmeter.ResultRepeat:
			continue
		default:
			if s.Refused == nil {
				s.Refused = map[systemmeter.Result]int{}
			}
			s.Refused[a.Result]++
			continue
		}
		s.Readings++
		lags = append(lags, a.reading.Lag.Seconds())
		if a.reading.HasPower {
			powers = append(powers, float64(a.reading.Power))
		}
		if a.reading.HasEnergy {
			if first == nil {
				first = a.reading
			}
			last = a.reading
		}
	}
	s.Usable = s.Readings > 0
	s.MedianWatts, s.LagSeconds = median(powers), median(lags)
	t.sumUpCounter(first, last)
	t.findProblems(first, last)
}

func (t *meterTrial) sumUpCounter(first, last *systemmeter.Reading) {
	if first == nil {
		return
	}
	s := &t.Summary
	moved, over := float64(last.Energy-first.Energy), last.At.Sub(first.At).Seconds()
	s.CounterJoules, s.CounterSeconds = &moved, &over
	if last.Resolution > 0 {
		s.ResolutionJoule = (*float64)(&last.Resolution)
	}
}

// median is nil of nothing.
func median(values []float64) *float64 {
	if len(values) == 0 {
		return nil
	}
	sorted := slices.Sorted(slices.Values(values))
	m := sorted[len(sorted)/2]
	if len(sorted)%2 == 0 {
		m = (m + sorted[len(sorted)/2-1]) / 2
	}
	return &m
}

// withoutHint is the text of an error whose hint stands in brackets in it.
func withoutHint(text, hint string) string { return strings.Replace(text, " ("+hint+")", "", 1) }

// countedPower is the mean power that a counter says.
func countedPower(first, last *systemmeter.Reading) (energy.Watts, bool) {
	if first == nil || !last.At.After(first.At) {
		return 0, false
	}
	return (last.Energy - first.Energy).Over(last.At.Sub(first.At)), true
}
