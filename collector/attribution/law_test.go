package attribution_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
)

// sum adds with a second float for what the first one loses (Neumaier 1974),
// so that the test's own rounding is no part of what it finds.
type sum struct{ value, lost float64 }

func (s *sum) add(j energy.Joules) {
	x := float64(j)
	t := s.value + x
	if math.Abs(s.value) >= math.Abs(x) {
		s.lost += s.value - t + x
	} else {
		s.lost += x - t + s.value
	}
	s.value = t
}

func (s sum) of() float64 { return s.value + s.lost }

// exact is the tolerance of the law, as a share.
const exact = 1e-9

func equal(a, b float64) bool {
	return a == b || math.Abs(a-b) <= exact*max(math.Abs(a), math.Abs(b))
}

// checkLaw holds bookings and charges against the law: each window's parts are
// none negative and sum to its energy, to 1e-9 of it; its shares sum to its
// inference; the day's sums agree; and what was charged is what was booked.
func checkLaw(t fatal, windows []attribution.Window, res attribution.Result) {
	t.Helper()
	if len(res.Bookings) != len(windows) {
		t.Fatalf("%d bookings of %d windows", len(res.Bookings), len(windows))
	}
	var measured, booked, shares sum
	for i, b := range res.Bookings {
		if b.Window.Energy != windows[i].Energy || !b.Window.Start.Equal(windows[i].Start) {
			t.Fatalf("booking %d is of another window", i)
		}
		checkBooking(t, b)
		measured.add(windows[i].Energy)
		for _, p := range parts(b) {
			booked.add(p)
		}
		for _, s := range b.Shares {
			shares.add(s.Prefill)
			shares.add(s.Decode)
		}
	}
	if !equal(measured.of(), booked.of()) {
		t.Fatalf("%v J measured in all, %v J booked", measured.of(), booked.of())
	}
	checkCharges(t, res.Charges, shares.of())
}

func checkBooking(t fatal, b attribution.Booking) {
	t.Helper()
	var all, shares, loads sum
	for name, p := range parts(b) {
		if !(p >= 0) || math.IsInf(float64(p), 0) {
			t.Fatalf("%s of window %v is %v J", name, b.Window.Start, p)
		}
		all.add(p)
	}
	if !equal(all.of(), float64(b.Window.Energy)) {
		t.Fatalf("parts of window %v sum to %v J, it holds %v J", b.Window.Start, all.of(), b.Window.Energy)
	}
	for _, s := range b.Shares {
		for _, p := range []energy.Joules{s.Prefill, s.Decode, s.Error, s.Sharing, s.Noise} {
			if !(p >= 0) || math.IsInf(float64(p), 0) {
				t.Fatalf("share %+v of window %v", s, b.Window.Start)
			}
		}
		shares.add(s.Prefill)
		shares.add(s.Decode)
	}
	for _, l := range b.Loads {
		if !(l.Energy >= 0) {
			t.Fatalf("load %+v of window %v", l, b.Window.Start)
		}
		loads.add(l.Energy)
	}
	if !equal(shares.of(), float64(b.Inference)) || !equal(loads.of(), float64(b.ModelLoad)) {
		t.Fatalf("window %v: shares of %v J, inference %v J; loads of %v J, model load %v J", b.Window.Start, shares.of(), b.Inference, loads.of(), b.ModelLoad)
	}
}

func checkCharges(t fatal, charges []attribution.Charge, shares float64) {
	t.Helper()
	var charged sum
	seen := map[string]bool{}
	for _, c := range charges {
		if seen[c.Request.ID] {
			t.Fatalf("%s was charged twice", c.Request.ID)
		}
		seen[c.Request.ID] = true
		if !(c.Prefill >= 0) || !(c.Decode >= 0) || !(c.Error >= 0) || !(c.Covered >= 0 && c.Covered <= 1) {
			t.Fatalf("charge %+v", c)
		}
		charged.add(c.Prefill)
		charged.add(c.Decode)
	}
	if !equal(charged.of(), shares) {
		t.Fatalf("%v J charged, %v J booked to requests", charged.of(), shares)
	}
}

// TestLaw holds the law on random machines that are fed as a daemon feeds
// them: late, out of order, with restarts.
func TestLaw(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(drawKnobs(t))
		d := drawDelays(t)
		res := w.daemon(t, d, rand.New(rand.NewPCG(w.Seed, 2)))
		checkLaw(t, w.windows, res)
		if len(res.Charges) != len(w.requests) {
			t.Fatalf("%d charges of %d requests", len(res.Charges), len(w.requests))
		}
	})
}

// TestLawUnderTheCap books windows with requests in flight, which are replaced
// by what the log says of them when they end, and has requests that nobody knew
// of before they come, some of them late.
func TestLawUnderTheCap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(drawKnobs(t))
		d := drawDelays(t)
		d.cap = rapid.SampledFrom([]float64{1, 5, 20}).Draw(t, "cap")
		d.unseen = rapid.SampledFrom([]float64{0, 0.2, 1}).Draw(t, "unseen")
		res := w.daemon(t, d, rand.New(rand.NewPCG(w.Seed, 4)))
		checkLaw(t, w.windows, res)
		if len(res.Charges) != len(w.requests) {
			t.Fatalf("%d charges of %d requests", len(res.Charges), len(w.requests))
		}
		for _, c := range res.Charges {
			if c.Late && (c.EnergyKnown || c.Energy() != 0) {
				t.Fatalf("late, but charged %v J", c.Energy())
			}
			if c.Request.Outcome == attribution.OutcomeError {
				t.Fatalf("lost %s", c.Request.ID)
			}
		}
	})
}

func drawDelays(t *rapid.T) delays {
	return delays{
		step:    rapid.SampledFrom([]float64{1, 0.2, 7, 60}).Draw(t, "step"),
		window:  rapid.SampledFrom([]float64{0, 2, 20}).Draw(t, "window delay"),
		request: rapid.SampledFrom([]float64{0, 2, 20}).Draw(t, "request delay"),
		restart: rapid.SampledFrom([]float64{0, 0.05, 1}).Draw(t, "restart"),
	}
}
