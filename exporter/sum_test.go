package exporter_test

import (
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"github.com/sovmeter/sovmeter/exporter"
)

// A counter of a year of seconds keeps the last joule.
func TestSumKeepsSmallAmounts(t *testing.T) {
	var s exporter.Sum
	s.Add(1e9)
	plain := 1e9
	for range 1_000_000 {
		s.Add(1e-8)
		plain += 1e-8
	}
	if want := 1e9 + 1e-2; s.Value() != want {
		t.Errorf("got %v, want %v", s.Value(), want)
	}
	if plain != 1e9 {
		t.Errorf("a plain float64 gives %v: the test shows nothing", plain)
	}
}

// Whatever is added, the value never falls, and is within one unit in the last
// place of the exact sum.
func TestSumIsAccurateAndMonotonic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		amounts := rapid.SliceOfN(rapid.OneOf(
			rapid.Float64Range(0, 1e-12), rapid.Float64Range(0, 50), rapid.Float64Range(0, 1e12),
		), 1, 200).Draw(t, "amounts")
		var s exporter.Sum
		exact := new(big.Float).SetPrec(2000)
		for _, x := range amounts {
			before := s.Value()
			s.Add(x)
			if s.Value() < before {
				t.Fatalf("fell from %v to %v by adding %v", before, s.Value(), x)
			}
			exact.Add(exact, big.NewFloat(x))
		}
		want, _ := exact.Float64()
		if s.Value() > math.Nextafter(want, math.Inf(1)) || s.Value() < math.Nextafter(want, 0) {
			t.Errorf("got %v, want %v", s.Value(), want)
		}
	})
}

func TestSumRefuses(t *testing.T) {
	var s exporter.Sum
	for _, x := range []float64{3, math.NaN(), -1, math.Inf(-1), 0} {
		s.Add(x)
	}
	if s.Value() != 3 {
		t.Errorf("got %v, want 3", s.Value())
	}
}
