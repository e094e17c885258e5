package attribution

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/sovmeter/sovmeter/collector/energy"
)

// TestBandCovers draws errors as a tally describes them and counts how often
// the band covers their sum. Those of a kind are the same way in all windows;
// the sensor's are not.
func TestBandCovers(t *testing.T) {
	rnd := rand.New(rand.NewPCG(31, 31))
	const trials = 20_000
	for _, tt := range []struct {
		name                   string
		windows                int
		amount, sharing, noise float64 // standard errors of a window's share
		want                   Driver
	}{
		{"sensor", 30, 0, 0, 0.4, DriverSensor}, {"amount", 30, 0.3, 0, 0.1, DriverAmount},
		{"sharing", 30, 0.1, 0.3, 0.1, DriverSharing}, {"one window of each", 1, 0.2, 0.2, 0.5, DriverSensor},
	} {
		var tally Tally
		n := float64(tt.windows)
		for range tt.windows {
			tally.Error += energy.Joules(bandWidth * tt.amount)
			tally.Sharing += energy.Joules(tt.sharing)
			tally.NoiseSquared += tt.noise * tt.noise
		}
		width, driver := band(tally, 0, bandWidth)
		inside := 0
		for range trials {
			off := n*tt.amount*rnd.NormFloat64() + n*tt.sharing*rnd.NormFloat64() + math.Sqrt(n)*tt.noise*rnd.NormFloat64()
			if math.Abs(off) < float64(width) {
				inside++
			}
		}
		if c := float64(inside) / trials; c < 0.945 || c > 0.955 || driver != tt.want {
			t.Errorf("%s: the band covers %v by %s, want 0.95 by %s", tt.name, c, driver, tt.want)
		}
	}
}

// TestMixedSumsToNothing: what one request is owed another owes, so a division
// by one has no error and that of two is the same for both.
func TestMixedSumsToNothing(t *testing.T) {
	d := division{prefill: []float64{0, 0}, decode: []float64{1, 2}, unknown: []bool{false, false}, learned: []bool{true, true}, model: []int{0, 0}}
	got := d.mixed([]energy.Joules{4, 12})
	if want := decodeError * 4 * 12 / 16; math.Abs(float64(got[0]-want)) > 1e-12 || got[0] != got[1] {
		t.Errorf("errors of a division by two: %v, want %v for both", got, want)
	}
	if got := d.mixed([]energy.Joules{0, 0}); got[0] != 0 || got[1] != 0 {
		t.Errorf("errors of a division of nothing: %v", got)
	}
	one := division{prefill: []float64{3}, decode: []float64{1}, unknown: []bool{true}, learned: []bool{true}, model: []int{0}}
	if got := one.mixed([]energy.Joules{5}); got[0] != 0 {
		t.Errorf("error of a division by one: %v", got)
	}
}

// TestErrorOfADivision has the worse reasons first.
func TestErrorOfADivision(t *testing.T) {
	d := division{
		prefill: []float64{0, 0, 1, 0, 0, 1}, decode: make([]float64, 6), unknown: []bool{false, false, false, false, true, false},
		learned: []bool{true, true, true, true, true, false}, model: []int{0, 0, 0, 3, 0, 5},
	}
	for _, tt := range []struct {
		i, j int
		want energy.Joules
	}{{0, 1, decodeError}, {0, 2, readingError}, {0, 3, modelError}, {2, 3, modelError}, {3, 4, unknownError}, {2, 5, unlearned * modelError}, {4, 5, unknownError}} {
		if got := d.error(tt.i, tt.j); got != tt.want || d.error(tt.j, tt.i) != got {
			t.Errorf("requests %d and %d: %v, want %v", tt.i, tt.j, got, tt.want)
		}
	}
}

// TestWidthFollowsTheRequests: where the sums of requests lie further from what
// their tokens take than the band says, it is widened until 95 of 100 are in it.
func TestWidthFollowsTheRequests(t *testing.T) {
	for _, off := range []float64{0.5, 1, 3} { // standard deviations of the true error in standard errors
		rnd := rand.New(rand.NewPCG(7, 7))
		width := float64(firstWidth)
		inside, trials := 0, 20_000
		for range trials {
			tally := Tally{Prefill: 1000, NoiseSquared: 16 - 1} // with scaleError it is 4 J
			sum := energy.Joules(1000 + 4*off*rnd.NormFloat64())
			tally.Expected = 1000
			if b, _ := band(tally, 0, width); math.Abs(float64(sum-1000)) < float64(b) {
				inside++
			}
			width = widened(width, sum, tally)
		}
		share := float64(inside) / float64(trials)
		if off > 1 && (share < 0.94 || share > 0.96) || share < 0.94 || width < leastWidth {
			t.Errorf("errors of %v standard errors: %v within the band, width %v", off, share, width)
		}
	}
}
