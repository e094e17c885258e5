package sim

import (
	"math"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
)

// TestHeatTurnsInFewLooks: however close the heat is to a turn, and however
// little too much is drawn, the machine is not looked at for ever.
func TestHeatTurnsInFewLooks(t *testing.T) {
	for _, hot := range []bool{false, true} {
		for exp := -12; exp <= 1; exp++ {
			for _, off := range []float64{0, 1, 2, 3, 10, 1e3, 1e9} {
				looks(t, hot, math.Pow(10, float64(exp)), off)
			}
		}
	}
}

// looks counts the looks until the heat turns, from so many of the smallest
// steps of a float before it.
func looks(t *testing.T, hot bool, rise, off float64) {
	t.Helper()
	h := heat{cfg: Thermal{Watts: 20, Budget: 500}, hot: hot, stored: energy.Joules(500 - off*6e-14)}
	w := 20 + rise
	if hot {
		h.stored, w = energy.Joules(250+off*6e-14), 20-rise
	}
	now := time.Duration(0)
	for n := 0; h.hot == hot; n++ {
		at := h.next(now, energy.Watts(w))
		if at == never {
			return
		}
		if n > 10 {
			t.Errorf("hot %v, %v W off balance, %v steps away: no turn after %d looks, at %v", hot, rise, off, n, now)
			return
		}
		h.add(energy.Watts(w), at-now)
		now = at
	}
}
