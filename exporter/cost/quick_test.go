package cost

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/sovmeter/sovmeter/collector/energy"
)

// Halves are rare among random numbers, so they have a table of their own.
func TestPriceOfHalves(t *testing.T) {
	for _, tt := range []struct {
		joules float64
		picos  int64
		want   int64
	}{
		{1800, 1_000_000, 0}, {5400, 1_000_000, 2}, {9000, 1_000_000, 2}, {12600, 1_000_000, 4},
		{5400, -1_000_000, -2}, {9000, -1_000_000, -2}, {math.Nextafter(9000, 0), 1_000_000, 2}, {math.Nextafter(9000, 1e9), 1_000_000, 3},
	} {
		if got, ok := quickly(tt.joules, tt.picos); !ok || got != tt.want {
			t.Errorf("%v J at %d cost %d, %v; want %d", tt.joules, tt.picos, got, ok, tt.want)
		}
	}
}

// The short way gives the very number of the long one, wherever it gives any.
func TestQuicklyIsExact(t *testing.T) {
	joules := rapid.OneOf(
		rapid.Float64Range(0, 1e9),
		rapid.Map(rapid.Uint64(), math.Float64frombits),
		// Energies that lie on or beside a half of a nano-unit.
		rapid.Map(rapid.Int64Range(0, 1<<40), func(n int64) float64 { return float64(n) * 1.8e3 }),
		rapid.Map(rapid.Int64Range(0, 1<<40), func(n int64) float64 { return math.Nextafter(float64(n)*1.8e3, math.Inf(1)) }),
	)
	picos := rapid.OneOf(rapid.Int64(), rapid.Int64Range(-1e12, 1e12), rapid.SampledFrom([]int64{0, 1, -1, 1000, 1_000_000, 187_200_000_000, math.MinInt64, math.MaxInt64}))
	rapid.Check(t, func(t *rapid.T) {
		j, p := joules.Draw(t, "joules"), Price{Picos: picos.Draw(t, "picos")}
		quick, ok := quickly(j, p.Picos)
		slow, err := p.slowly(energy.Joules(j))
		if ok && (err != nil || quick != slow) {
			t.Fatalf("%v J at %d: %d, want %d, %v", j, p.Picos, quick, slow, err)
		}
		if !ok && err == nil && j < 1e9 && j > 1e-15 && p.Picos < 1e15 && p.Picos > -1e15 {
			t.Fatalf("%v J at %d take the long way", j, p.Picos)
		}
	})
}

func BenchmarkPriceOf(b *testing.B) {
	p := Price{Picos: 187_200_000_000, Currency: "EUR"}
	for b.Loop() {
		if _, err := p.Of(1234.567); err != nil {
			b.Fatal(err)
		}
	}
}
