package payback_test

import (
	"math/rand/v2"
	"testing"

	"github.com/sovmeter/sovmeter/exporter/cost/payback"
)

// TestSpreadHoldsTheTruth draws many histories of uneven days from a world whose
// mean is known, and so the month of its break-even. Early and Late are told to
// hold 8 of 10; out of two weeks nobody can tell quite so well.
func TestSpreadHoldsTheTruth(t *testing.T) {
	const worlds, daily = 400, 3.0
	m := payback.Machine{Price: eur(5000 * unit), Purchased: january, ShareRatio: 1}
	truth := m.BreakEven(days(14, daily*365.25/12, 0)).Simple.Months
	for n, least := range map[int]int{14: 68, 15: 68, 20: 70, 21: 70, 28: 70, 60: 75, 180: 75} {
		r := rand.New(rand.NewPCG(7, uint64(n)))
		held := 0
		for range worlds {
			list := days(n, 0, 0)
			for i := range list {
				list[i].Avoided = eur(int64(daily * unit * r.ExpFloat64()))
			}
			if f := order(m.BreakEven(list).Simple); f[1] <= truth && truth <= f[2] {
				held++
			}
		}
		if got := 100 * held / worlds; got < least || got > 90 {
			t.Errorf("%d days: the truth is between Early and Late in %d %% of all worlds, want at least %d and 90 at most", n, got, least)
		}
	}
}
