package attribution_test

import (
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
)

// stretch is how long the machine is at rest, or works for a request, and what
// it draws at the wall meanwhile.
type stretch struct {
	seconds int
	busy    bool
	wall    energy.Joules // a second
}

// atTheWall books stretches: the chip draws 2 W at rest and 22 W at work. It
// returns the bookings of the last second of each.
func atTheWall(t *testing.T, stretches ...stretch) []attribution.Booking {
	t.Helper()
	e := attribution.New(attribution.Config{}, attribution.Resume{})
	second := 0
	var ends []int
	for i, s := range stretches {
		for range s.seconds {
			w := window(float64(second), float64(second+1), 2, gpu(0, 0))
			if s.busy {
				w = window(float64(second), float64(second+1), 22, gpu(1, 0))
			}
			if err := e.AddWindow(raised(w, attribution.ScopeWall, s.wall)); err != nil {
				t.Fatal(err)
			}
			second++
		}
		ends = append(ends, second-1)
		if from := float64(second - s.seconds); s.busy {
			e.AddRequest(request(string(rune('a'+i)), from, from+1, float64(second), 100, 10*int64(s.seconds)))
		}
	}
	all := e.Advance(at(float64(second+1000)), nil, nil).Bookings
	var last []attribution.Booking
	for _, b := range all {
		checkBooking(t, b)
	}
	for _, i := range ends {
		last = append(last, all[i])
	}
	return last
}

// A machine that worked before it was ever seen at rest shows nothing of its
// slope: what it draws then is taken for its baseline.
func TestAssumedBaselineTeachesNoSlope(t *testing.T) {
	last := atTheWall(t, stretch{1800, true, 60}, stretch{120, false, 10}, stretch{10, true, 60})
	if b := last[2]; !near(b.Baseline, 10) || !near(b.Inference, 50) || b.Unexplained > 1e-9 {
		t.Errorf("baseline %v, inference %v, unexplained %v: want 10, 50, 0", b.Baseline, b.Inference, b.Unexplained)
	}
}

// A display that is switched on or off is in the baseline after some minutes of
// rest, whatever the machine drew in the hours before.
func TestBaselineFollowsTheBoard(t *testing.T) {
	hours := stretch{2 * 3600, false, 10}
	last := atTheWall(t, hours, stretch{60, true, 60}, stretch{10 * 60, false, 17}, stretch{10, true, 67}, stretch{10 * 60, false, 10}, stretch{10, true, 60})
	for i, base := range map[int]energy.Joules{1: 10, 3: 17, 5: 10} {
		if b := last[i]; !near(b.Baseline, base) || !near(b.Inference, 50) {
			t.Errorf("stretch %d: baseline %v, inference %v: want %v, 50", i, b.Baseline, b.Inference, base)
		}
	}
}

// A plug that is read every five seconds says of a short request what was drawn
// around it. Bands hold that: they are learned from how far windows lie from what
// the chip did.
func TestBandsHoldWhenTheMeterIsCoarse(t *testing.T) {
	const seconds = 3 * 3600
	rnd := rand.New(rand.NewPCG(7, 7))
	e := attribution.New(attribution.Config{}, attribution.Resume{})
	wall := make([]energy.Joules, seconds+10)
	for i := range wall {
		wall[i] = 10
	}
	busy := make([]bool, seconds)
	really := map[string]energy.Joules{}
	for from := 120; from < seconds-20; {
		length := 1 + rnd.IntN(6)
		if rnd.IntN(20) == 0 {
			length = 60
		}
		if from+length > seconds-20 {
			break
		}
		for i := from; i < from+length; i++ {
			busy[i], wall[i] = true, 60
		}
		id := strconv.Itoa(from)
		really[id] = energy.Joules(50 * length)
		e.AddRequest(request(id, float64(from), float64(from)+0.5, float64(from+length), 20, 20*int64(length)))
		from += length + 1 + rnd.IntN(30)
	}
	for i := range seconds {
		w := window(float64(i), float64(i+1), 2, gpu(0, 0))
		if busy[i] {
			w = window(float64(i), float64(i+1), 22, gpu(1, 0))
		}
		from, part := i/5*5, energy.Joules(i%5)/5
		if err := e.AddWindow(raised(w, attribution.ScopeWall, wall[from]*(1-part)+wall[from+5]*part)); err != nil {
			t.Fatal(err)
		}
	}
	in, all := 0, 0
	for _, c := range e.Advance(at(seconds+1000), nil, nil).Charges {
		if c.Request.Start.Before(at(1800)) {
			continue // nothing is learned yet
		}
		all++
		if d := c.Energy() - really[c.Request.ID]; d <= c.Error && d >= -c.Error {
			in++
		}
	}
	if all < 200 || float64(in) < 0.9*float64(all) {
		t.Errorf("%d of %d requests are within their bands, want 9 of 10 at least", in, all)
	}
}
