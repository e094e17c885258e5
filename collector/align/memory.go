package align

import (
	"math"
	"time"
)

const (
	// groups is how many parts what was seen is dealt out to; a power of two.
	groups = 8
	// turn is how long one group has its turn, in seconds. Requests of one
	// conversation resemble each other, so it is longer than most of them.
	turn = 64
	// rescale is the age in half-lives at which weights are made small again.
	rescale = 64
)

// memory is what was seen, by group and candidate, weighed by age. Instead of
// making all that is old lighter with every window, it makes the new heavier.
type memory struct {
	halfLife time.Duration
	origin   time.Time // what is seen then weighs 1; zero before the first
	edges    float64   // weighed
	sums     [groups][]sums
}

func newMemory(candidates int, halfLife time.Duration) memory {
	m := memory{halfLife: halfLife}
	for g := range m.sums {
		m.sums[g] = make([]sums, candidates)
	}
	return m
}

// add takes the change from one window to the next.
func (m *memory) add(now, was *reading, edges int) {
	weight := m.weight(now.start)
	m.edges += weight * float64(edges)
	group := m.sums[uint64(now.start.Unix()/turn)%groups]
	dy := now.watts - was.watts
	for i := range group {
		x, z := now.row[i], was.row[i]
		group[i].add(weight, dy, x[0]-z[0], x[1]-z[1])
	}
}

// weight is what something seen at t weighs.
func (m *memory) weight(t time.Time) float64 {
	if m.origin.IsZero() {
		m.origin = t
	}
	age := m.age(t)
	if age < rescale {
		return math.Exp2(age)
	}
	f := math.Exp2(-age)
	m.edges *= f
	for g := range m.sums {
		for i := range m.sums[g] {
			m.sums[g][i].scale(f)
		}
	}
	m.origin = t
	return 1
}

// age is how many half-lives t is after the origin.
func (m *memory) age(t time.Time) float64 { return float64(t.Sub(m.origin)) / float64(m.halfLife) }

// edgesAt is how many edges there are, seen from t.
func (m *memory) edgesAt(t time.Time) int {
	if m.origin.IsZero() {
		return 0
	}
	return int(math.Round(m.edges * math.Exp2(-m.age(t))))
}

// at is what the groups that are in, a bit each, have of candidate i.
func (m *memory) at(i int, in uint) sums {
	var all sums
	for g := range m.sums {
		if in>>g&1 == 1 {
			all.plus(&m.sums[g][i])
		}
	}
	return all
}

// sums are the normal equations of a regression of the power y on the columns.
type sums struct {
	aa, ab, bb, ay, by float64
}

func (s *sums) add(weight, y, a, b float64) {
	wa, wb := weight*a, weight*b
	s.aa += wa * a
	s.ab += wa * b
	s.bb += wb * b
	s.ay += wa * y
	s.by += wb * y
}

func (s *sums) plus(o *sums) {
	s.aa += o.aa
	s.ab += o.ab
	s.bb += o.bb
	s.ay += o.ay
	s.by += o.by
}

func (s *sums) scale(f float64) {
	s.aa *= f
	s.ab *= f
	s.bb *= f
	s.ay *= f
	s.by *= f
}

// collinear is the share of a column's squares that must be its own for it to
// explain anything beside the other.
const collinear = 1e-9

// explained is by how much the columns lessen the sum of squares.
func (s *sums) explained() float64 {
	if s.aa <= 0 {
		return 0
	}
	sum := s.ay * s.ay / s.aa
	if own := s.bb - s.ab*s.ab/s.aa; own > collinear*s.bb {
		rest := s.by - s.ay*s.ab/s.aa
		sum += rest * rest / own
	}
	return sum
}
