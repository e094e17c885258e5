package calibration_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/calibration"
	"github.com/sovmeter/sovmeter/collector/energy"
)

// tally is how a line did over many worlds.
type tally struct {
	covered, all int
	off, band    []float64 // ratios of the truth
}

func (c *tally) add(told, band, truth energy.Joules) {
	off := math.Abs(float64(told-truth)) / float64(truth)
	c.all++
	if told-band <= truth && truth <= told+band {
		c.covered++
	}
	c.off, c.band = append(c.off, off), append(c.band, float64(band/truth))
}

func (c *tally) check(t *testing.T, mostOff float64) {
	t.Helper()
	slices.Sort(c.off)
	slices.Sort(c.band)
	at := func(f []float64, q float64) float64 { return f[int(q*float64(len(f)-1))] }
	t.Logf("%d of %d days in the band; off by %.2f %% (median), %.2f %% (95 of 100), %.2f %% (most); band %.2f %% (median), %.2f %% (95 of 100)",
		c.covered, c.all, 100*at(c.off, 0.5), 100*at(c.off, 0.95), 100*at(c.off, 1), 100*at(c.band, 0.5), 100*at(c.band, 0.95))
	if float64(c.covered) < 0.93*float64(c.all) {
		t.Errorf("%d of %d days lie in the band", c.covered, c.all)
	}
	if worst := at(c.off, 0.95); worst > mostOff {
		t.Errorf("5 of 100 days are off by more than %.1f %%", 100*worst)
	}
	if usual := at(c.band, 0.5); usual > 0.08 {
		t.Errorf("the usual band is %.1f %%, too wide to be of use", 100*usual)
	}
}

func TestBandOfALadderCoversTheDay(t *testing.T) {
	for _, after := range []int{0, 30, 90} {
		var c tally
		for seed := range uint64(100) {
			w := newWorld(seed)
			w.step(time.Hour, 0.1, 0.02)
			line, err := calibration.Fit(w.ladder(), calibration.Options{})
			if err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
			w.at = w.at.AddDate(0, 0, after)
			c.add(w.told(line))
		}
		t.Logf("%d days after:", after)
		c.check(t, 0.05)
	}
}

func TestBandOfALearnedLineCoversTheDay(t *testing.T) {
	var c tally
	unsure := 0
	for seed := range uint64(25) {
		w := newWorld(seed)
		var l calibration.Learner
		for range 5 {
			w.day(func(b calibration.Block, _ energy.Joules) { l.Add(b) })
		}
		line, ok := l.Calibration(calibration.Identity{Model: "Mac16,11", OS: "26.1"})
		if !ok {
			unsure++
			continue
		}
		w.at = w.at.AddDate(0, 0, 30)
		c.add(w.told(line))
	}
	if unsure > 0 {
		t.Errorf("%d worlds were not learned in five days", unsure)
	}
	c.check(t, 0.05)
}

func TestBandsOfPartsAddUpToNoLess(t *testing.T) {
	c, err := calibration.Fit(newWorld(3).ladder(), calibration.Options{})
	if err != nil {
		t.Fatal(err)
	}
	a := calibration.Stretch{Length: time.Minute, CPU: 60, GPU: 3}
	b := calibration.Stretch{Length: 2 * time.Minute, CPU: 700, GPU: 9000, ANE: 12}
	both := calibration.Stretch{Length: a.Length + b.Length, CPU: a.CPU + b.CPU, GPU: a.GPU + b.GPU, ANE: a.ANE + b.ANE}
	of := func(s calibration.Stretch) energy.Joules { return calibration.Error(c, s, time.Hour, 0.01) }
	if of(a)+of(b) < of(both) {
		t.Errorf("parts %g and %g J, the whole %g J", of(a), of(b), of(both))
	}
	if of(calibration.Stretch{}) != 0 {
		t.Error("no time has a band")
	}
}

// TestBandGrowsWithWhatIsUnknown tells each part of the band by what it is for.
func TestBandGrowsWithWhatIsUnknown(t *testing.T) {
	c := attribution.Calibration{
		Base: 6, CPU: 1.5, GPU: 1.5, ANE: 1.5, RMSE: 0.5, N: 9, SoCMin: 0.2, SoCMax: 30,
		Covariance: [6]float64{0.01, 0, 0, 0.0004, 0, 0.0004},
	}
	second := calibration.Stretch{Length: time.Second, CPU: 2, GPU: 18}
	base := calibration.Error(c, second, 0, 0)
	steep, scattered, wide, far, neural := c, c, c, second, second
	steep.Covariance[5] *= 20
	scattered.RMSE *= 4
	far.GPU = 60
	neural.ANE, wide.SoCMax = 5, 100
	relative := func(e energy.Joules, s calibration.Stretch) float64 {
		return float64(e / (6 + 1.5*(s.CPU+s.GPU+s.ANE)))
	}
	least := relative(base, second)
	for name, got := range map[string]float64{
		"a month":            relative(calibration.Error(c, second, 30*24*time.Hour, 0), second),
		"a worse meter":      relative(calibration.Error(c, second, 0, 0.03), second),
		"a worse parameter":  relative(calibration.Error(steep, second, 0, 0), second),
		"more scatter":       relative(calibration.Error(scattered, second, 0, 0), second),
		"power never seen":   relative(calibration.Error(c, far, 0, 0), far),
		"the neural engine":  relative(calibration.Error(c, neural, 0, 0), neural),
		"few points fitted":  relative(calibration.Error(func() attribution.Calibration { d := c; d.N = 4; return d }(), second, 0, 0), second),
		"a year without end": relative(calibration.Error(c, second, 2000*24*time.Hour, 0), second),
	} {
		if got <= least*1.02 {
			t.Errorf("%s: a band of %.3f %%, and %.3f %% without", name, 100*got, 100*least)
		}
		if got > 0.5 {
			t.Errorf("%s: a band of %.0f %%", name, 100*got)
		}
	}
	if known, unknown := calibration.Error(wide, far, 0, 0), calibration.Error(c, far, 0, 0); unknown < 2*known {
		t.Errorf("a power beyond the fit has a band of %.2f W, and of %.2f W within it", unknown, known)
	}
}
