package calibration_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/calibration"
	"github.com/sovmeter/sovmeter/collector/energy"
)

var start = time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)

// block is one of 30 s, i-th after start.
func block(i int, cpu, gpu, ane, whole float64) calibration.Block {
	at := start.Add(time.Duration(i) * 30 * time.Second)
	return calibration.Block{
		Start: at, End: at.Add(30 * time.Second),
		CPU: energy.Watts(cpu), GPU: energy.Watts(gpu), ANE: energy.Watts(ane), Whole: energy.Watts(whole),
	}
}

// straight is a machine that is a line.
type straight struct{ base, cpu, gpu float64 }

// loads are the powers of CPU and GPU in nine steps of a ladder.
var loads = [][2]float64{{0.1, 0.02}, {2, 10}, {5, 0.05}, {2.5, 14}, {14, 0.1}, {3, 17}, {24, 0.1}, {3, 20}, {0.15, 0.02}}

// ladder is what nine steps show, with noise as a ratio of what Fit takes for usual.
func (s straight) ladder(scale, noise float64, r *rand.Rand) []calibration.Block {
	var out []calibration.Block
	for i, l := range loads {
		w := s.base + scale*(s.cpu*l[0]+s.gpu*l[1])
		w += noise * math.Hypot(0.25, 0.015*w) * r.NormFloat64()
		out = append(out, block(i, scale*l[0], scale*l[1], 0, max(w, 0.01)))
	}
	return out
}

func TestFitFindsTheLine(t *testing.T) {
	blocks := straight{6, 1.25, 1.9}.ladder(1, 0, rand.New(rand.NewPCG(1, 2)))
	id := calibration.Identity{Model: "Mac16,11", OS: "26.1", Meter: "desk", Scope: attribution.ScopeWall}
	c, err := calibration.Fit(blocks, calibration.Options{Identity: id, Lag: 3 * time.Second, LagKnown: true})
	if err != nil {
		t.Fatal(err)
	}
	for name, off := range map[string]float64{"base": float64(c.Base) - 6, "cpu": c.CPU - 1.25, "gpu": c.GPU - 1.9} {
		if math.Abs(off) > 1e-9 {
			t.Errorf("%s is off by %g", name, off)
		}
	}
	if !c.PerRail || c.N != 9 || c.R2 < 1-1e-12 || c.RMSE > 1e-6 {
		t.Errorf("got %+v", c)
	}
	if !c.Made.Equal(blocks[8].End) || c.Kind != attribution.CalibrationLadder || c.Model != id.Model || c.OS != id.OS || c.Meter != id.Meter || c.Scope != id.Scope {
		t.Errorf("it does not say what it is: %+v", c)
	}
	if c.Lag != 3*time.Second || !c.LagKnown || c.SoCMin != blocks[0].SoC() || c.SoCMax != blocks[6].SoC() {
		t.Errorf("lag %v, chip %v to %v W", c.Lag, c.SoCMin, c.SoCMax)
	}
}

// TestFitAgainstBruteForce compares with a search for the least of the same sum
// by steps along each parameter, which knows no matrix.
func TestFitAgainstBruteForce(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	blocks := straight{7, 1.2, 1.8}.ladder(1, 0.3, r)
	c, err := calibration.Fit(blocks, calibration.Options{})
	if err != nil {
		t.Fatal(err)
	}
	// Noise this small makes no outliers, so the sum is that of weighted squares.
	sum := func(p [3]float64) float64 {
		s := 0.0
		for _, b := range blocks {
			usual := math.Hypot(0.25, 0.015*float64(c.Power(b.CPU, b.GPU, b.ANE)))
			off := (float64(b.Whole) - p[0] - p[1]*float64(b.CPU) - p[2]*float64(b.GPU)) / usual
			s += off * off
		}
		return s
	}
	p, size := [3]float64{10, 1, 1}, 1.0
	for size > 1e-10 {
		better := false
		for i := range 27 {
			q := p
			q[0], q[1], q[2] = q[0]+size*float64(i%3-1), q[1]+size*float64(i/3%3-1), q[2]+size*float64(i/9-1)
			if sum(q) < sum(p) {
				p, better = q, true
			}
		}
		if !better {
			size /= 2
		}
	}
	for i, got := range []float64{float64(c.Base), c.CPU, c.GPU} {
		if math.Abs(got-p[i]) > 1e-6 {
			t.Errorf("parameter %d: %.9f, and %.9f by brute force", i, got, p[i])
		}
	}
}

// TestStandardErrorsAreTrue draws many ladders of lines at random and counts how
// often each parameter lies within what the covariance says.
func TestStandardErrorsAreTrue(t *testing.T) {
	const worlds = 600
	var near [3]int
	for seed := range uint64(worlds) {
		r := rand.New(rand.NewPCG(seed, 7))
		s := straight{3 + 10*r.Float64(), 1.1 + r.Float64(), 1.1 + 1.5*r.Float64()}
		c, err := calibration.Fit(s.ladder(0.5+2*r.Float64(), 1, r), calibration.Options{})
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		const student = 2.45 // of 6 degrees of freedom, 95 %
		for i, off := range [3]float64{float64(c.Base) - s.base, c.CPU - s.cpu, c.GPU - s.gpu} {
			if math.Abs(off) <= student*math.Sqrt(c.Covariance[[3]int{0, 3, 5}[i]]) {
				near[i]++
			}
		}
	}
	t.Logf("within 95 %% bands: base %d, CPU %d, GPU %d of %d", near[0], near[1], near[2], worlds)
	for i, n := range near {
		if float64(n) < 0.93*worlds {
			t.Errorf("parameter %d lies in its band in %d of %d worlds", i, n, worlds)
		}
	}
}

func TestFitOfRandomLines(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := straight{
			rapid.Float64Range(0, 200).Draw(rt, "base"),
			rapid.Float64Range(1, 3.9).Draw(rt, "cpu"), rapid.Float64Range(1, 3.9).Draw(rt, "gpu"),
		}
		blocks := s.ladder(rapid.Float64Range(0.3, 8).Draw(rt, "scale"), 0, nil0())
		c, err := calibration.Fit(blocks, calibration.Options{})
		if err != nil {
			var refused *calibration.RefusedError
			if !errors.As(err, &refused) || refused.Reason != calibration.ReasonUnrelated && refused.Reason != calibration.ReasonScattered {
				rt.Fatal(err)
			}
			return // one slope for two that are far apart, where the range is small
		}
		for _, b := range blocks {
			told := float64(c.Power(b.CPU, b.GPU, b.ANE))
			if band := math.Abs(told - float64(b.Whole)); c.PerRail && band > 1e-6*told {
				rt.Fatalf("%v is told as %g", b, told)
			}
		}
		slices.Reverse(blocks)
		again, err := calibration.Fit(blocks, calibration.Options{})
		if err != nil || math.Abs(float64(again.Base-c.Base)) > 1e-6 || math.Abs(again.GPU-c.GPU) > 1e-6 {
			rt.Fatalf("another order gives another line: %v %v and %v", err, again, c)
		}
	})
}

func nil0() *rand.Rand { return rand.New(rand.NewPCG(0, 0)) }

func TestOneSlopeWhereRailsCannotBeToldApart(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	var together, mixed []calibration.Block
	for i := range 12 {
		w := float64(i) * 3
		noise := 0.3 * r.NormFloat64()
		together = append(together, block(i, 0.2*w, 0.8*w, 0, 8+1.6*w+noise))
		mixed = append(mixed, block(i, w*float64(i%2), w*float64((i+1)%2), 0, 8+1.2*w*float64(i%2)+1.7*w*float64((i+1)%2)+noise))
	}
	one, err := calibration.Fit(together, calibration.Options{})
	if err != nil {
		t.Fatal(err)
	}
	two, err := calibration.Fit(mixed, calibration.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if one.PerRail || one.CPU != one.GPU || one.GPU != one.ANE || math.Abs(one.GPU-1.6) > 0.02 {
		t.Errorf("rails that always go together have slopes of %g and %g", one.CPU, one.GPU)
	}
	if !two.PerRail || math.Abs(two.CPU-1.2) > 0.03 || math.Abs(two.GPU-1.7) > 0.03 {
		t.Errorf("rails that differ have slopes of %g and %g, want 1.2 and 1.7", two.CPU, two.GPU)
	}
	// A load of the usual mix is told well, one of the CPU alone is not.
	of := func(cpu, gpu float64) energy.Joules {
		return calibration.Error(one, calibration.Stretch{Length: time.Second, CPU: energy.Joules(cpu), GPU: energy.Joules(gpu)}, 0, 0)
	}
	if usual, odd := of(4, 16), of(20, 0); odd < 4*usual || odd < 5 {
		t.Errorf("bands of %.2f W for the usual mix and %.2f W for another", usual, odd)
	}
}

// TestASlopeThatNoRailHas: where one of two slopes is none that a rail can have, the
// rails were not told apart but something else was.
func TestASlopeThatNoRailHas(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var blocks []calibration.Block
	for range 40 {
		blocks = append(blocks, straight{6, 0.3, 1.6}.ladder(1, 0.2, r)...)
	}
	c, err := calibration.Fit(blocks, calibration.Options{MinR2: 0.1, MaxRMSE: 50})
	if err != nil || c.PerRail || c.CPU != c.GPU {
		t.Errorf("%v, %+v", err, c)
	}
}

func TestTheNeuralEngineHasASlopeWhereItWorked(t *testing.T) {
	var blocks []calibration.Block
	for i := range 15 {
		c, g, a := float64(i%5)*4, float64(i%3)*7, float64(i%4)*2
		blocks = append(blocks, block(i, c, g, a, 5+1.3*c+1.8*g+2.4*a))
	}
	c, err := calibration.Fit(blocks, calibration.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(c.CPU-1.3) > 1e-6 || math.Abs(c.GPU-1.8) > 1e-6 || math.Abs(c.ANE-2.4) > 1e-6 {
		t.Errorf("slopes %g, %g, %g", c.CPU, c.GPU, c.ANE)
	}
}

func TestAnOutlierMovesTheLineByLittle(t *testing.T) {
	blocks := straight{6, 1.25, 1.9}.ladder(1, 0.3, rand.New(rand.NewPCG(1, 2)))
	blocks[3].Whole += 6
	c, err := calibration.Fit(blocks, calibration.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(c.GPU-1.9) > 0.08 || math.Abs(float64(c.Base)-6) > 0.6 {
		t.Errorf("base %g, GPU %g", c.Base, c.GPU)
	}
	if c.RMSE < 1 {
		t.Errorf("the scatter of %.2f W hides the outlier", c.RMSE)
	}
}

func TestALineWithinItsErrorOfABoundIsHeldThere(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 8))
	blocks := straight{0, 1.3, 1.6}.ladder(1, 0.5, r)
	for seed := uint64(0); seed < 200; seed++ {
		c, err := calibration.Fit(blocks, calibration.Options{})
		if err == nil && (c.Base < 0 || c.CPU < calibration.MinSlope || c.GPU < calibration.MinSlope) {
			t.Fatalf("seed %d: %+v", seed, c)
		}
		blocks = straight{0, 0.9, 1.6}.ladder(1, 0.5, rand.New(rand.NewPCG(seed, 8)))
	}
}

// TestBlocksOfAnyLengthAreCounted fits just as many blocks as are needed, none as
// long as another: what their weights sum up to is rounded.
func TestBlocksOfAnyLengthAreCounted(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 4))
	for range 1000 {
		var blocks []calibration.Block
		for i := range 5 {
			b := block(i, 1, 4*float64(i), 0, 10+8*float64(i))
			b.End = b.Start.Add(time.Duration(1e10 + 2e10*r.Float64()))
			blocks = append(blocks, b)
		}
		if _, err := calibration.Fit(blocks, calibration.Options{}); err != nil {
			t.Fatalf("%v, of %+v", err, blocks)
		}
	}
}
