package calibration_test

import (
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/sovmeter/sovmeter/collector/calibration"
	"github.com/sovmeter/sovmeter/collector/energy"
)

var identity = calibration.Identity{Model: "Mac16,11", OS: "26.1", Meter: "desk", Scope: "wall"}

// feed adds days of a machine that idles but for an hour of load a day, and is the
// number of blocks so far.
func feed(l *calibration.Learner, from, days int, s straight, r *rand.Rand) int {
	for i := range days * 24 * 120 {
		cpu, gpu := 0.1+0.1*r.Float64(), 0.02
		if i%2880 >= 2700 && i%2880 < 2820 {
			cpu, gpu = 1+2*r.Float64(), 5+15*r.Float64()
			if i%4 == 0 {
				cpu, gpu = 3+12*r.Float64(), 0.1
			}
		}
		w := s.base + s.cpu*cpu + s.gpu*gpu
		l.Add(block(from+i, cpu, gpu, 0, w+0.2*math.Hypot(0.25, 0.015*w)*r.NormFloat64()))
	}
	return from + days*24*120
}

func TestIdleHoursDoNotDrownTheLoad(t *testing.T) {
	var l calibration.Learner
	feed(&l, 0, 30, straight{6, 1.25, 1.9}, rand.New(rand.NewPCG(1, 1)))
	c, err := l.Line(identity)
	if err != nil {
		t.Fatal(err)
	}
	if !c.PerRail || math.Abs(float64(c.Base)-6) > 0.05 || math.Abs(c.CPU-1.25) > 0.02 || math.Abs(c.GPU-1.9) > 0.02 {
		t.Errorf("got %g + %g CPU + %g GPU", c.Base, c.CPU, c.GPU)
	}
	if c.Kind != "passing" || c.Model != identity.Model || c.N != 30*2880 || c.Made.IsZero() {
		t.Errorf("it does not say what it is: %+v", c)
	}
	if c.SoCMin > 0.3 || c.SoCMax < 15 {
		t.Errorf("fitted to %g to %g W", c.SoCMin, c.SoCMax)
	}
}

func TestALearnerIsNotSureBeforeItHasSeenLoad(t *testing.T) {
	var l calibration.Learner
	reason := func() calibration.Reason {
		var refused *calibration.RefusedError
		if _, err := l.Line(identity); !errors.As(err, &refused) {
			return ""
		}
		return refused.Reason
	}
	if got := reason(); got != calibration.ReasonFewBlocks {
		t.Errorf("of nothing: %q", got)
	}
	i := 0
	for ; i < 200; i++ {
		l.Add(block(i, 0.1, 0.02, 0, 6.2))
	}
	if got := reason(); got != calibration.ReasonNarrow {
		t.Errorf("of idling: %q", got)
	}
	if _, ok := l.Calibration(identity); ok {
		t.Error("sure of idling")
	}
	for ; i < 210; i++ {
		l.Add(block(i, 2, 14, 0, 6+1.8*16))
	}
	if got := reason(); got != calibration.ReasonNarrow {
		t.Errorf("of two kinds of power: %q", got)
	}
	for ; i < 220; i++ {
		l.Add(block(i, 1, 5, 0, 6+1.8*6+0.05*float64(i%3)))
	}
	if c, ok := l.Calibration(identity); !ok || c.PerRail || math.Abs(c.GPU-1.8) > 0.03 {
		t.Errorf("of three kinds of power: %q, %+v", reason(), c)
	}
}

// TestMoreOfTheSameMakesNoLineBetter: a fit of blocks that all have the same supply
// and room in common is not better for having more of them.
func TestMoreOfTheSameMakesNoLineBetter(t *testing.T) {
	var l calibration.Learner
	r := rand.New(rand.NewPCG(1, 1))
	n := feed(&l, 0, 3, straight{6, 1.25, 1.9}, r)
	few, okFew := l.Calibration(identity)
	feed(&l, n, 20, straight{6, 1.25, 1.9}, r)
	many, ok := l.Calibration(identity)
	if !okFew || !ok || many.Covariance[0] < few.Covariance[0]/2 || many.Covariance[0] < 5e-5 {
		t.Errorf("%v %v, a variance of the base of %g after 3 days, and %g after 23", okFew, ok, few.Covariance[0], many.Covariance[0])
	}
}

// TestAnIdleDayIsToldAsWellAsABusyOne: a supply's curve bends the truth away from any
// line, and a watt is more of an idle machine than of a busy one.
func TestAnIdleDayIsToldAsWellAsABusyOne(t *testing.T) {
	var l calibration.Learner
	truth := func(p float64) float64 { return 7 + 1.6*p + p*p/600 }
	powers := []float64{0.2, 0.2, 0.2, 0.2, 1.5, 6, 12, 25, 40, 60}
	for i := range 2000 {
		p := powers[i%len(powers)]
		l.Add(block(i, 0.1*p, 0.9*p, 0, truth(p)))
	}
	c, ok := l.Calibration(identity)
	if !ok {
		t.Fatal("nothing was learned")
	}
	for _, p := range powers {
		told := float64(c.Power(energy.Watts(0.1*p), energy.Watts(0.9*p), 0))
		if off := told/truth(p) - 1; math.Abs(off) > 0.03 {
			t.Errorf("%.1f W of the chip: %.1f W, told as %.1f (%.1f %% off)", p, truth(p), told, 100*off)
		}
	}
}

// TestThreeKindsOfLoadHaveOneSlope: three points are on a plane always.
func TestThreeKindsOfLoadHaveOneSlope(t *testing.T) {
	var l calibration.Learner
	for i := range 90 {
		at := [][2]float64{{0.1, 0.02}, {10, 0.1}, {2, 18}}[i%3]
		l.Add(block(i, at[0], at[1], 0, 6+1.6*at[0]+1.75*at[1]))
	}
	if c, ok := l.Calibration(identity); !ok || c.PerRail {
		t.Errorf("%v, %+v", ok, c)
	}
}

// TestTheCutOfBatchesChangesNothing goes through the state at random places, as
// restarts do, by way of both encodings.
func TestTheCutOfBatchesChangesNothing(t *testing.T) {
	codecs := map[string]func(s calibration.State) (calibration.State, error){
		"json": func(s calibration.State) (out calibration.State, err error) {
			data, err := json.Marshal(s)
			if err != nil {
				return out, err
			}
			return out, json.Unmarshal(data, &out)
		},
		"cbor": func(s calibration.State) (out calibration.State, err error) {
			data, err := cborMode().Marshal(s)
			if err != nil {
				return out, err
			}
			return out, cbor.Unmarshal(data, &out)
		},
	}
	for name, through := range codecs {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(rt *rapid.T) {
				r := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 1))
				var whole calibration.Learner
				whole.Identify(identity)
				parts := calibration.NewLearner(whole.State())
				for i := range 150 {
					p := 40 * r.Float64() * r.Float64()
					b := block(i, p*r.Float64(), p, 0, 5+1.6*p+r.NormFloat64())
					whole.Add(b)
					parts.Add(b)
					if r.IntN(10) == 0 {
						parts.Add(b) // counted already
						s, err := through(parts.State())
						if err != nil {
							rt.Fatal(err)
						}
						parts = calibration.NewLearner(s)
					}
				}
				if diff := cmp.Diff(whole.State(), parts.State()); diff != "" {
					rt.Fatalf("(-whole +parts)\n%s", diff)
				}
				a, errA := whole.Line(identity)
				b, errB := parts.Line(identity)
				if a != b || (errA == nil) != (errB == nil) {
					rt.Fatalf("%+v, %v\nand in parts\n%+v, %v", a, errA, b, errB)
				}
			})
		})
	}
}

func cborMode() cbor.EncMode {
	mode, err := cbor.EncOptions{Time: cbor.TimeRFC3339Nano}.EncMode()
	if err != nil {
		panic(err)
	}
	return mode
}

func TestTheStateStaysSmall(t *testing.T) {
	var l calibration.Learner
	l.Identify(identity)
	r := rand.New(rand.NewPCG(4, 4))
	i := 0
	for p := 0.1; p < 400; p *= 1.3 {
		for _, share := range []float64{0.1, 0.9} {
			l.Add(block(i, p*share, p*(1-share)*0.9, p*(1-share)*0.1, 6+1.5*p+r.Float64()))
			i++
		}
	}
	data, err := cborMode().Marshal(l.State())
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d bytes of CBOR with %d cells", len(data), len(l.State().Cells))
	if len(data) > 4096 {
		t.Errorf("a state of %d bytes", len(data))
	}
	if len(l.State().Cells) < 20 {
		t.Errorf("only %d cells are in use: not the largest state", len(l.State().Cells))
	}
}

func TestAStateOfSomethingElseDoesNoHarm(t *testing.T) {
	bad := calibration.State{
		Cells: []calibration.Cell{
			{At: -1, Sums: make([]float64, 15)},
			{At: 1 << 30, Sums: make([]float64, 15)},
			{At: 0, Sums: []float64{1, 2}},
			{At: 1, Sums: append(make([]float64, 14), math.NaN())},
			{At: 2, Sums: append([]float64{5}, append(make([]float64, 13), -1)...)},
		},
		Lately: []float64{math.Inf(1)},
	}
	l := calibration.NewLearner(bad)
	if s := l.State(); len(s.Cells) > 0 || len(s.Lately) > 0 {
		t.Errorf("it was taken over: %+v", s)
	}
	feed(l, 0, 3, straight{6, 1.25, 1.9}, rand.New(rand.NewPCG(1, 1)))
	if c, ok := l.Calibration(identity); !ok || math.Abs(float64(c.Base)-6) > 0.1 {
		t.Errorf("learned %+v, %v", c, ok)
	}
}

func TestAGlitchMovesTheLineByLittle(t *testing.T) {
	var l calibration.Learner
	r := rand.New(rand.NewPCG(1, 1))
	n := feed(&l, 0, 3, straight{6, 1.25, 1.9}, r)
	before, _ := l.Calibration(identity)
	for i := range 3 {
		if !l.Add(block(n+i, 2, 15, 0, 350)) {
			t.Fatal("the block was not taken: the test tests nothing")
		}
	}
	after, ok := l.Calibration(identity)
	if p, q := before.Power(2, 15, 0), after.Power(2, 15, 0); !ok || q > 1.03*p {
		t.Errorf("from %g to %g W, %v", p, q, ok)
	}
}

// TestOneBlockDoesNotWidenTheRange: the band of a power that was seen for half a
// minute is that of one never seen.
func TestOneBlockDoesNotWidenTheRange(t *testing.T) {
	var l calibration.Learner
	n := feed(&l, 0, 2, straight{6, 1.25, 1.9}, rand.New(rand.NewPCG(1, 1)))
	before, _ := l.Calibration(identity)
	l.Add(block(n, 10, 70, 0, 6+1.25*10+1.9*70))
	if after, ok := l.Calibration(identity); !ok || after.SoCMax > before.SoCMax {
		t.Errorf("%v, up to %g W, and %g before", ok, after.SoCMax, before.SoCMax)
	}
}

func TestAnotherMachineForgetsAll(t *testing.T) {
	var l calibration.Learner
	l.Identify(identity)
	n := feed(&l, 0, 2, straight{6, 1.25, 1.9}, rand.New(rand.NewPCG(1, 1)))
	minor, other := identity, identity
	minor.OS, other.OS = "26.3", "27.0"
	if l.Identify(minor) {
		t.Error("a minor version of the system forgets")
	}
	if _, ok := l.Calibration(minor); !ok {
		t.Fatal("nothing was learned: the test tests nothing")
	}
	if _, ok := l.Calibration(other); ok {
		t.Error("what was learned goes for another system")
	}
	if !l.Identify(other) {
		t.Error("another system does not forget")
	}
	if _, ok := l.Calibration(other); ok || len(l.State().Cells) > 0 {
		t.Error("something is left")
	}
	if l.Add(block(n-1, 1, 1, 0, 10)) {
		t.Error("a block is counted again after forgetting")
	}
}

func TestABlockIsCountedOnce(t *testing.T) {
	var l calibration.Learner
	b := block(5, 1, 1, 0, 10)
	if !l.Add(b) || l.Add(b) || l.Add(block(4, 1, 1, 0, 10)) || !l.Add(block(6, 1, 1, 0, 10)) {
		t.Error("blocks are not counted once, in order")
	}
}

// TestHalvesOfBlocksTellTheSame: how long the blocks are is not what is learned.
func TestHalvesOfBlocksTellTheSame(t *testing.T) {
	var whole, halves calibration.Learner
	r := rand.New(rand.NewPCG(2, 2))
	for i := range 400 {
		p := 30 * r.Float64() * r.Float64()
		b := block(i, p/4, p, 0, 5+1.6*p+0.1*r.NormFloat64())
		whole.Add(b)
		first, second := b, b
		first.End = b.Start.Add(15 * time.Second)
		second.Start = first.End
		halves.Add(first)
		halves.Add(second)
	}
	a, okA := whole.Calibration(identity)
	b, okB := halves.Calibration(identity)
	if !okA || !okB || math.Abs(float64(a.Base-b.Base)) > 1e-3 || math.Abs(a.GPU-b.GPU) > 1e-3 {
		t.Errorf("%+v, and in halves %+v", a, b)
	}
}

func BenchmarkAdd(b *testing.B) {
	var l calibration.Learner
	i := feed(&l, 0, 2, straight{6, 1.25, 1.9}, rand.New(rand.NewPCG(1, 1)))
	b.ReportAllocs()
	for b.Loop() {
		l.Add(block(i, 2, float64(i%20), 0, 12+1.9*float64(i%20)))
		i++
	}
}

func BenchmarkFit(b *testing.B) {
	blocks := straight{6, 1.25, 1.9}.ladder(1, 1, rand.New(rand.NewPCG(1, 1)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := calibration.Fit(blocks, calibration.Options{}); err != nil {
			b.Fatal(err)
		}
	}
}
