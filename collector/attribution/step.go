package attribution

import (
	"slices"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
)

// Step is what was measured and done in the current step. Rows are made of it
// when it ends.
type Step struct {
	Start time.Time
	// Works are by server and model; that of none comes first: time in which
	// nobody was at work.
	Works  []StepWork
	Others GPUPower
}

// StepWork is what was measured in the windows in which one model was at work
// and no other, and what it did.
type StepWork struct {
	Server, Model string
	Length        time.Duration
	// Energy is what the machine drew but for other processes' and unexplained
	// energy, which is Elsewhere.
	Energy, Elsewhere         energy.Joules
	Prefilled, Steps, Decoded float64
	Contexts                  float64 // of the decoded tokens, in thousands
	Paused                    float64 // seconds without a request in flight
}

// plus adds what o holds to s.
func (s StepWork) plus(o StepWork) StepWork {
	s.Length += o.Length
	s.Energy += o.Energy
	s.Elsewhere += o.Elsewhere
	s.Prefilled += o.Prefilled
	s.Steps += o.Steps
	s.Decoded += o.Decoded
	s.Contexts += o.Contexts
	s.Paused += o.Paused
	return s
}

func (s Step) clone() Step {
	s.Works = slices.Clone(s.Works)
	return s
}

// add counts a window.
func (s *Step) add(o StepWork) {
	k := modelKey{o.Server, o.Model}
	i, found := slices.BinarySearchFunc(s.Works, k, func(x StepWork, k modelKey) int {
		return modelKey{x.Server, x.Model}.compare(k)
	})
	if !found {
		s.Works = slices.Insert(s.Works, i, StepWork{Server: o.Server, Model: o.Model})
	}
	s.Works[i] = s.Works[i].plus(o)
}
