package calibration_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/calibration"
	"github.com/sovmeter/sovmeter/collector/energy"
)

func TestFitRefusesWhatCannotBe(t *testing.T) {
	good := func() []calibration.Block {
		return straight{6, 1.25, 1.9}.ladder(1, 0.2, rand.New(rand.NewPCG(1, 2)))
	}
	change := func(f func(i int, b *calibration.Block)) []calibration.Block {
		blocks := good()
		for i := range blocks {
			f(i, &blocks[i])
		}
		return blocks
	}
	r := rand.New(rand.NewPCG(9, 9))
	tests := []struct {
		name   string
		blocks []calibration.Block
		want   calibration.Reason
		says   string
	}{
		{"nothing", nil, calibration.ReasonFewBlocks, "0 usable blocks, and 5 are needed"},
		{"few", good()[:4], calibration.ReasonFewBlocks, "4 usable blocks"},
		{"idle only", change(func(i int, b *calibration.Block) { b.CPU, b.GPU = 0.2, 0.1 }), calibration.ReasonNarrow, "0.3 to 0.3 W"},
		{"another device's meter", change(func(i int, b *calibration.Block) { b.Whole = 3 + energy.Watts(i%2) }), calibration.ReasonBelowChip, "the chip alone"},
		{"the meter of half of it", change(func(i int, b *calibration.Block) { b.Whole = 12 + 0.6*b.SoC() }), calibration.ReasonBelowChip, "0.60 W only"},
		{"too steep", change(func(i int, b *calibration.Block) { b.Whole = 1 + 4.8*b.SoC() }), calibration.ReasonSteep, "4.8 W"},
		{"negative at rest", change(func(i int, b *calibration.Block) { b.CPU += 4; b.Whole = 3*b.SoC() - 9 }), calibration.ReasonNegativeBase, "would draw -"},
		{"a heater on the plug", change(func(i int, b *calibration.Block) { b.Whole = 299.5 + 2*b.SoC() }), "", ""},
		{"a kettle comes and goes", change(func(i int, b *calibration.Block) { b.Whole += energy.Watts(120 * (i % 2)) }), calibration.ReasonUnrelated, "R² is"},
		{"a display comes and goes", change(func(i int, b *calibration.Block) {
			b.CPU, b.GPU, b.Whole = 4*b.CPU, 4*b.GPU, 4*b.Whole+energy.Watts(12*r.NormFloat64())
		}), calibration.ReasonScattered, "W off the line"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := calibration.Fit(tt.blocks, calibration.Options{})
			if tt.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			var refused *calibration.RefusedError
			if !errors.As(err, &refused) {
				t.Fatalf("got %+v and %v, want a refusal", c, err)
			}
			if refused.Reason != tt.want || !strings.Contains(err.Error(), tt.says) || refused.Hint() == "" {
				t.Errorf("refused as %s: %v (hint: %s), want %s with %q", refused.Reason, err, refused.Hint(), tt.want, tt.says)
			}
			if c.N != 0 || c.Base != 0 {
				t.Errorf("half a line is left: %+v", c)
			}
		})
	}
}

// garbage are blocks that cannot be true.
func garbage() map[string]calibration.Block {
	with := func(f func(b *calibration.Block)) calibration.Block {
		b := block(100, 3, 4, 0, 20)
		f(&b)
		return b
	}
	return map[string]calibration.Block{
		"NaN of the meter":  with(func(b *calibration.Block) { b.Whole = energy.Watts(math.NaN()) }),
		"Inf of the meter":  with(func(b *calibration.Block) { b.Whole = energy.Watts(math.Inf(1)) }),
		"NaN of a rail":     with(func(b *calibration.Block) { b.GPU = energy.Watts(math.NaN()) }),
		"-Inf of a rail":    with(func(b *calibration.Block) { b.CPU = energy.Watts(math.Inf(-1)) }),
		"a negative rail":   with(func(b *calibration.Block) { b.ANE = -1 }),
		"a negative meter":  with(func(b *calibration.Block) { b.Whole = -20 }),
		"a meter at 0":      with(func(b *calibration.Block) { b.Whole = 0 }),
		"more than any Mac": with(func(b *calibration.Block) { b.Whole, b.GPU = 1600, 400 }),
		"milliwatts":        with(func(b *calibration.Block) { b.Whole = 900 }),
		"no length":         with(func(b *calibration.Block) { b.End = b.Start }),
		"backwards":         with(func(b *calibration.Block) { b.End = b.Start.Add(-time.Second) }),
	}
}

func TestGarbageIsLeftOut(t *testing.T) {
	good := straight{6, 1.25, 1.9}.ladder(1, 0.2, rand.New(rand.NewPCG(1, 2)))
	want, err := calibration.Fit(good, calibration.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for name, bad := range garbage() {
		got, err := calibration.Fit(append([]calibration.Block{bad}, good...), calibration.Options{})
		if err != nil || got != want {
			t.Errorf("%s: %v\n%+v, without\n%+v", name, err, got, want)
		}
		var l calibration.Learner
		if l.Add(bad) {
			t.Errorf("%s: learned", name)
		}
	}
}
