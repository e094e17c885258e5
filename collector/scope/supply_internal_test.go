package scope

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
)

// wallOf is a power supply: what it takes at the wall for p watts behind it.
func wallOf(p float64) float64 { return p + 0.3 + 0.07*p + p*p/3500 }

// taught is a supply that saw powers for two minutes each, of which a plug says
// the given ratio, with noise.
func taught(ratio, noise float64, powers ...float64) *supply {
	rnd := rand.New(rand.NewPCG(1, 2))
	s := &supply{}
	for _, p := range powers {
		for range 120 {
			n := 1 + noise*rnd.NormFloat64()
			s.learn(time.Second, energy.Joules(p), energy.Joules(wallOf(p)*ratio*n))
		}
	}
	return s
}

func (s *supply) tell(t *testing.T, p float64) float64 {
	t.Helper()
	loss, ok := s.loss()
	if !ok {
		t.Fatal("nothing is known")
	}
	return p + loss[0] + loss[1]*p + loss[2]*p*p
}

func TestSupplyIsLearned(t *testing.T) {
	wide := taught(1, 0.05, 4, 40, 60, 90, 70, 5, 8, 30)
	for _, p := range []float64{4, 10, 25, 60, 90} {
		if got := wide.tell(t, p); math.Abs(got/wallOf(p)-1) > 0.015 {
			t.Errorf("%v W behind the supply are told as %.2f, it takes %.2f", p, got, wallOf(p))
		}
	}
	same := taught(1, 0.05, 40, 40, 40, 40, 40, 40, 40)
	if got := same.tell(t, 40); math.Abs(got/wallOf(40)-1) > 0.01 {
		t.Errorf("40 W, the only load there was, are told as %.2f, it takes %.2f", got, wallOf(40))
	}
}

func TestSupplyIsNotMadeUp(t *testing.T) {
	if _, ok := taught(1, 0, 4, 40, 60, 90, 70).loss(); ok {
		t.Error("ten minutes are not enough")
	}
	// Another device on the same plug, or another plug.
	if s := taught(3, 0, 20, 40, 60, 90, 70, 20, 40, 60); s.N != 0 {
		t.Errorf("%v blocks were believed", s.N)
	}
	// A plug that shows less than what is behind it: no supply gives energy.
	loss, ok := taught(0.85, 0, 20, 40, 60, 90, 70, 20, 40, 60).loss()
	if !ok || loss != [3]float64{} {
		t.Errorf("loss %v, want none", loss)
	}
}
