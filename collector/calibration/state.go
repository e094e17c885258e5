package calibration

import "time"

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
	l := &Learner{identity: s.Identity, last: s.Last, made: max(s.Blocks, 0)}
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
	copy(m[:], saved)
	if !m.possible() {
		return moments{}
	}
	return m
}

// mostWeight is more than any sums hold: the decay keeps them from growing on.
const mostWeight = 1e6

// possible reports whether sums can be those of usable blocks: of numbers, none
// below 0, powers within what a machine draws, and no product of two variables
// larger than their squares allow.
func (m *moments) possible() bool {
	if !(m.weight() >= 0 && m.weight() <= mostWeight) {
		return false
	}
	squared := float64(Options{}.filled().MaxWatts)
	squared *= squared
	for i := range variables {
		if i != one && !(m.at(i, i) <= m.weight()*squared) {
			return false
		}
		for j := i; j < variables; j++ {
			if v := m.at(i, j); !(v >= 0 && v*v <= m.at(i, i)*m.at(j, j)*(1+1e-6)) {
				return false
			}
		}
	}
	return true
}
