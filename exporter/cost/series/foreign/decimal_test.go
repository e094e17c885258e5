package foreign

import (
	"errors"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"github.com/sovmeter/sovmeter/exporter/cost/series"
)

func TestParseDecimal(t *testing.T) {
	tests := []struct {
		text string
		want decimal
		err  bool
	}{
		{"82.5", decimal{825, -1}, false},
		{"-0.010", decimal{-10, -3}, false},
		{"0", decimal{}, false},
		{"0e999999999999999999", decimal{}, false},
		{"0e9999", decimal{}, false},
		{"1.5E-4", decimal{15, -5}, false},
		{"1e+2", decimal{1, 2}, false},
		{"5.", decimal{5, 0}, false},
		{".5", decimal{5, -1}, false},
		{"123456789012345678901", decimal{123456789012345678, 3}, false},
		{"1234567890123456.7501", decimal{123456789012345676, -2}, false}, // 75, cut above: 76
		{"1e61", decimal{}, true},
		{"1e999999999", decimal{}, true},
		{"", decimal{}, true},
		{"-", decimal{}, true},
		{".", decimal{}, true},
		{"+1", decimal{}, true},
		{"--1", decimal{}, true},
		{"1.2.3", decimal{}, true},
		{"12,5", decimal{}, true},
		{"0x10", decimal{}, true},
		{"NaN", decimal{}, true},
	}
	for _, tt := range tests {
		got, err := parseDecimal(tt.text)
		if got != tt.want || (err != nil) != tt.err {
			t.Errorf("parseDecimal(%q) = %v, %v, want %v, error %v", tt.text, got, err, tt.want, tt.err)
		}
		if err != nil && !errors.Is(err, series.ErrValue) {
			t.Errorf("parseDecimal(%q): error %v is not ErrValue", tt.text, err)
		}
	}
}

// A half goes to the even neighbour, in what fits into 64 bits and what does not.
func TestHalves(t *testing.T) {
	for text, want := range map[string]series.Value{
		"0.0000000005": 0, "0.0000000015": 2, "0.0000000025": 2, "-0.0000000005": 0, "-0.0000000015": -2, "-0.0000000035": -4,
		"0.00000000050000000000000000000000000001": 1, "0.0000000025000000000000000000000000001": 3, "5e-10": 0, "0.00000000149999999999999999999999": 1,
	} {
		d, err := parseDecimal(text)
		if err != nil {
			t.Fatal(err)
		}
		single, err := factor{1, 0}.value(d)
		if err != nil || single != want {
			t.Errorf("%s is %d billionths, %v, want %d", text, single, err, want)
		}
		if mean, err := (factor{1, 0}).mean([]decimal{d, d, d}, []int64{300, 300, 300}); err != nil || mean != want {
			t.Errorf("the mean of three times %s is %d billionths, %v, want %d", text, mean, err, want)
		}
	}
}

// exact rounds text × f to billionths with exact arithmetic of its own.
func exact(t *rapid.T, text string, f factor) (*big.Int, bool) {
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		t.Fatalf("%q is no number", text)
	}
	r.Mul(r, new(big.Rat).SetInt64(f.coef))
	r.Mul(r, tenTo(f.exp+9))
	r.Mul(r, big.NewRat(2, 1)) // count halves
	halves := new(big.Int).Div(r.Num(), r.Denom())
	whole := new(big.Int).Rsh(halves, 1)
	if halves.Bit(0) == 1 && (!r.IsInt() || whole.Bit(0) == 1) {
		whole.Add(whole, big.NewInt(1))
	}
	most := big.NewInt(maxUnits * 1_000_000_000)
	return whole, whole.CmpAbs(most) <= 0
}

// Any number comes out as exact arithmetic has it, rounded once, half to even,
// however many digits it has.
func TestValuesAreRoundedOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`-?[0-9]{1,6}(\.[0-9]{0,30}(5|50|05)?)?`).Draw(t, "number") + rapid.StringMatching(`(e-?[0-9])?`).Draw(t, "exponent")
		if text[len(text)-1] == '.' {
			text += "0"
		}
		f := rapid.SampledFrom([]factor{{1, 0}, {1, -2}, {1, -3}, {1, 3}, {gramsPerPound, -8}}).Draw(t, "factor")
		d, err := parseDecimal(text)
		if err != nil {
			t.Fatal(err)
		}
		if f.coef != 1 && len(text) > 19 {
			return // a number that was cut is no longer exact in pounds
		}
		got, err := f.value(d)
		want, fits := exact(t, text, f)
		if (err == nil) != fits {
			t.Fatalf("error %v, fits %v", err, fits)
		}
		if fits && int64(got) != want.Int64() {
			t.Fatalf("%s × %v is %d, want %d", text, f, got, want)
		}
	})
}
