package calibration

import (
	"math"
	"time"
)

// State is what a Learner is, as plain data for JSON or CBOR: under 4 kB in
// CBOR. The zero State is that of the zero Learner.
type State struct {
	Identity Identity
	Last     time.Time // the end of the last block
	Blocks   int       // all that were counted
	Cells    []Cell    // those that are not empty, by At
	Lately   []float64 // sums of the last day or so; empty: none
}

// Cell is what was seen at one kind of load. The numbers mean nothing outside
// this package and version.
type Cell struct {
	At   int
	Sums []float64
}

// State is what NewLearner goes on from.
func (l *Learner) State() State {
	s := State{Identity: l.identity, Last: l.last, Blocks: l.made}
	for i := range l.sums {
		if l.sums[i].weight() > 0 {
			s.Cells = append(s.Cells, Cell{At: i, Sums: append([]float64(nil), l.sums[i][:]...)})
		}
	}
	if l.lately.weight() > 0 {
		s.Lately = append([]float64(nil), l.lately[:]...)
	}
	return s
}

// NewLearner goes on from a state as if it had never stopped. What cannot be
// of this package is left out: a learner that knows too little is only unsure.
func NewLearner(s State) *Learner {
	l := &Learner{identity: s.Identity, last: s.Last, made: s.Blocks}
	for _, c := range s.Cells {
		if c.At >= 0 && c.At < cells {
			l.sums[c.At] = restored(c.Sums)
		}
	}
	l.lately = restored(s.Lately)
	return l
}

// restored are sums as they were saved; none where they cannot be true.
func restored(saved []float64) moments {
	var m moments
	if len(saved) != len(m) {
		return m
	}
	for _, v := range saved {
		if math.IsNaN(v) || math.IsInf(v, 0) || v < 0 {
			return m
		}
	}
	copy(m[:], saved)
	return m
}
