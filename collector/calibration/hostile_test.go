package calibration_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/calibration"
	"github.com/sovmeter/sovmeter/collector/energy"
)

// possible wants a line to be one that Valid takes, with a band that is a number.
func possible(t *testing.T, c attribution.Calibration) {
	t.Helper()
	c.Model, c.OS = identity.Model, identity.OS
	if err := calibration.Valid(c, identity.Model, identity.OS); err != nil {
		t.Errorf("%v: %+v", err, c)
	}
	for _, s := range []calibration.Stretch{{Length: time.Second, CPU: 1, GPU: 1}, {Length: time.Second, GPU: 100}, {Length: time.Hour}} {
		if e := float64(calibration.Error(c, s, time.Hour, 0.01)); !(e > 0) || math.IsInf(e, 0) {
			t.Errorf("band %g of %+v for %+v", e, c, s)
		}
	}
}

// odd are numbers that no block and no state should hold.
func odd(r *rand.Rand) float64 {
	all := []float64{math.NaN(), math.Inf(1), math.Inf(-1), 1e308, -1e308, 1e300, 1e155, 1e9, 1500, -1, 0, 1e-308, 1e-320}
	return all[r.IntN(len(all))]
}

// TestAnyBlocksGiveALineThatCanBeOrNone fits what nobody measured: numbers that are
// none, times that run backwards, rails in step with each other, the same again
// and again, and something else that is switched on and off.
func TestAnyBlocksGiveALineThatCanBeOrNone(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	fitted := 0
	for range 20_000 {
		blocks := oddBlocks(r)
		c, err := calibration.Fit(blocks, calibration.Options{})
		if err != nil {
			continue
		}
		fitted++
		if possible(t, c); t.Failed() {
			t.Fatalf("of %+v", blocks)
		}
	}
	if fitted < 1000 {
		t.Errorf("%d lines only: nothing was tried", fitted)
	}
}

func oddBlocks(r *rand.Rand) []calibration.Block {
	var blocks []calibration.Block
	at, kind := start, r.IntN(5)
	for i := range r.IntN(14) {
		cpu, gpu, ane := 30*r.Float64(), 60*r.Float64(), 0.0
		switch kind {
		case 1:
			gpu = 2 * cpu
		case 2:
			cpu, gpu = 5, 10
		case 3:
			ane = gpu
		}
		v := []float64{cpu, gpu, ane, 6 + 1.25*cpu + 1.9*gpu + 1.5*ane}
		if kind == 4 && i%2 == 0 {
			v[3] += 60
		}
		if r.IntN(8) == 0 {
			v[r.IntN(len(v))] = odd(r)
		}
		length := time.Duration(r.IntN(60)+1) * time.Second
		switch r.IntN(50) {
		case 0:
			length = -length
		case 1:
			length = 1
		case 2:
			length = math.MaxInt64
		}
		blocks = append(blocks, calibration.Block{
			Start: at, End: at.Add(length),
			CPU: energy.Watts(v[0]), GPU: energy.Watts(v[1]), ANE: energy.Watts(v[2]), Whole: energy.Watts(v[3]),
		})
		at = at.Add(time.Minute)
	}
	return blocks
}

// TestADamagedStateGivesALineThatCanBeOrNone goes on from states that were damaged
// where they were kept.
func TestADamagedStateGivesALineThatCanBeOrNone(t *testing.T) {
	var l calibration.Learner
	l.Identify(identity)
	r := rand.New(rand.NewPCG(1, 2))
	feed(&l, 0, 3, straight{6, 1.25, 1.9}, r)
	sound := l.State()
	lines := 0
	for range 5000 {
		s := damaged(sound, r)
		n := calibration.NewLearner(s)
		n.Add(calibration.Block{Start: sound.Last, End: sound.Last.Add(30 * time.Second), CPU: 1, GPU: 1, Whole: 9})
		c, err := n.Line(identity)
		if err != nil {
			continue
		}
		lines++
		possible(t, c)
		if d, ok := calibration.FindDrift(c, n); ok && !(d.Ratio > 0 && d.Error >= 0 && d.Ratio+d.Error < math.MaxFloat64) {
			t.Errorf("drift %+v", d)
		}
		if t.Failed() {
			t.Fatalf("of %+v", s)
		}
	}
	if lines < 1000 {
		t.Errorf("%d lines only: nothing was tried", lines)
	}
}

func damaged(s calibration.State, r *rand.Rand) calibration.State {
	s.Cells, s.Lately = slices.Clone(s.Cells), slices.Clone(s.Lately)
	for i := range s.Cells {
		c := &s.Cells[i]
		c.Sums = slices.Clone(c.Sums)
		switch r.IntN(12) {
		case 0, 1:
			c.Sums[r.IntN(len(c.Sums))] = odd(r)
		case 2:
			c.Sums = c.Sums[:r.IntN(len(c.Sums))]
		case 3:
			c.At = r.IntN(60) - 20
		}
	}
	switch r.IntN(3) {
	case 0:
		s.Lately[r.IntN(len(s.Lately))] = odd(r)
	case 1:
		s.Blocks = -r.IntN(1 << 40)
	}
	return s
}

// TestAClockThatWasAheadDoesNotEndTheLearning: a machine that believed to be in
// another year learns on once its clock is right, and dates its line by that.
func TestAClockThatWasAheadDoesNotEndTheLearning(t *testing.T) {
	var l calibration.Learner
	l.Identify(identity)
	feed(&l, 0, 2, straight{6, 1.25, 1.9}, rand.New(rand.NewPCG(1, 2)))
	s := l.State()
	s.Last = s.Last.AddDate(10, 0, 0)
	n := calibration.NewLearner(s)
	b := block(3*2880, 1, 1, 0, 9)
	if !n.Add(b) || n.Add(b) {
		t.Error("a block of now does not count once")
	}
	if c, ok := n.Calibration(identity); !ok || !c.Made.Equal(b.End) {
		t.Errorf("a line of %v (%v), want one of %v", c.Made, ok, b.End)
	}
}
