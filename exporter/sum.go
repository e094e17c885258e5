package exporter

// sum adds many small amounts to a large one without losing them: after a year
// at one window a second a plain float64 has forgotten more than 1e-9 of the
// total. It keeps what rounding cut off, so the parts of a metric still sum to
// the whole. Its value never falls, as a counter must not: the rounded value
// is monotonic in the amounts added.
type sum struct {
	hi, lo float64 // the total is hi + lo; hi is the total, rounded
}

// add adds x. Energy and time never run backwards: what is not positive, or
// not a number, adds nothing.
func (s *sum) add(x float64) {
	if !(x > 0) {
		return
	}
	// Knuth's exact sum of two numbers, then one renormalisation.
	rounded := s.hi + x
	part := rounded - s.hi
	cut := (s.hi - (rounded - part)) + (x - part)
	s.lo += cut
	s.hi, s.lo = rounded+s.lo, s.lo-((rounded+s.lo)-rounded)
}

// value is the total.
func (s *sum) value() float64 { return s.hi }
