package store

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sovmeter/sovmeter/collector/energy"
)

// TestPieces cuts windows of any length anywhere: the pieces lie end to end in
// slots that follow each other, none is negative, and the last is what the
// others leave.
func TestPieces(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		start := time.Unix(1_780_000_000, rapid.Int64Range(0, int64(time.Hour)).Draw(r, "start"))
		end := start.Add(time.Duration(rapid.Int64Range(1, int64(3*time.Hour)).Draw(r, "length")))
		amount := energy.Joules(rapid.Float64Range(0, 1e5).Draw(r, "J"))
		busy := time.Duration(rapid.Int64Range(0, int64(end.Sub(start))).Draw(r, "busy"))
		cut := pieces(start, end)
		if cut[0].slot != slotNumber(start) || cut[len(cut)-1].slot != slotNumber(end.Add(-1)) {
			r.Fatalf("slots %d to %d", cut[0].slot, cut[len(cut)-1].slot)
		}
		var length, busySum time.Duration
		left, sum := amount, energy.Joules(0)
		for i, p := range cut {
			if p.slot != cut[0].slot+uint32(i) || p.length <= 0 || p.of(amount) < 0 || p.time(busy) < 0 {
				r.Fatalf("piece %d: %+v takes %g J, %s", i, p, p.of(amount), p.time(busy))
			}
			length, busySum, sum = length+p.length, busySum+p.time(busy), sum+p.of(amount)
			left -= p.of(amount)
		}
		if length != end.Sub(start) || busySum != busy {
			r.Errorf("pieces last %s of %s, busy %s of %s", length, end.Sub(start), busySum, busy)
		}
		if off := sum - amount; off > amount*1e-15 || off < -amount*1e-15 {
			r.Errorf("pieces sum to %g of %g J, %g left", sum, amount, left)
		}
	})
}
