package attribution

import "github.com/sovmeter/sovmeter/collector/energy"

// split divides total in proportion to weights, which are not negative. The
// last part with a weight is what the others leave, so that the parts sum to
// total to the last bit but one and none is negative. When no weight is
// positive it returns nil: nobody has a claim.
func split(total energy.Joules, weights []float64) []energy.Joules {
	var sum float64
	last := -1
	for i, w := range weights {
		if w > 0 {
			sum += w
			last = i
		}
	}
	if last < 0 {
		return nil
	}
	parts := make([]energy.Joules, len(weights))
	left := total
	for i, w := range weights[:last] {
		if w <= 0 {
			continue
		}
		parts[i] = min(total*energy.Joules(w/sum), left)
		left -= parts[i]
	}
	parts[last] = left
	return parts
}

// split2 divides total between two weights; with no weight all goes to the
// second.
func split2(total energy.Joules, a, b float64) (energy.Joules, energy.Joules) {
	if a <= 0 {
		return 0, total
	}
	if b <= 0 {
		return total, 0
	}
	first := total * energy.Joules(a/(a+b))
	return first, total - first
}
