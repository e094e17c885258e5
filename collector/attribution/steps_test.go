package attribution_test

import (
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// TestDaemonBooksAsIfItKnewAllAtOnce: the order of arrival, the number and
// times of the calls and restarts anywhere change nothing.
func TestDaemonBooksAsIfItKnewAllAtOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		compareDaemon(t, drawKnobs(t), drawDelays(t))
	})
}

// TestStepsThatOnceMattered are worlds that the property above found.
func TestStepsThatOnceMattered(t *testing.T) {
	for _, tt := range []struct {
		name string
		knobs
		delays
	}{
		{
			"a request begins in a gap in which a step ends",
			knobs{Seed: 0, Seconds: 20, Window: 3, Every: 4, Servers: 1, Models: 1, Gaps: 0.3, Stats: 1}, delays{step: 1},
		},
		{
			"a restart while nothing was learned of a model",
			knobs{Seed: 1, Seconds: 116.25, Window: 0.5, Every: 12, Servers: 2, Models: 2, Gaps: 0.02, Stats: 0.9, Unknown: 0.3, Loads: 1},
			delays{step: 1, request: 2, restart: 1},
		},
		{
			"a request of a quarter of an hour",
			knobs{Seed: 16, Seconds: 1500, Window: 1, Every: 5, Servers: 1, Models: 1, Stats: 1, Long: 900}, delays{step: 1, request: 2},
		},
	} {
		t.Run(tt.name, func(t *testing.T) { compareDaemon(t, tt.knobs, tt.delays) })
	}
}

func compareDaemon(t fatal, k knobs, d delays) {
	t.Helper()
	w := newWorld(k)
	want := w.atOnce(t)
	got := w.daemon(t, d, rand.New(rand.NewPCG(w.Seed, 3)))
	if d := cmp.Diff(want.Bookings, got.Bookings, cmp.Comparer(near)); d != "" {
		t.Fatalf("bookings (-all at once +daemon):\n%.3000s", d)
	}
	if d := cmp.Diff(want.Charges, got.Charges, cmp.Comparer(near)); d != "" {
		t.Fatalf("charges (-all at once +daemon):\n%.3000s", d)
	}
}
