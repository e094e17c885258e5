package store_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/store"
)

// TestMeteredSums: tokens and energy go into the metered sums together or not
// at all.
func TestMeteredSums(t *testing.T) {
	whole := func(*attribution.Charge) {}
	for name, tc := range map[string]struct {
		change func(*attribution.Charge)
		want   store.ModelSlot // of it the metered sums
	}{
		"whole":     {whole, store.ModelSlot{MeteredOutput: 5, MeteredEnergy: 9, MeteredOK: 1, MeteredOKEnergy: 9}},
		"late":      {func(c *attribution.Charge) { c.Late = true }, store.ModelSlot{}},
		"unmetered": {func(c *attribution.Charge) { c.EnergyKnown = false }, store.ModelSlot{}},
		"partial":   {func(c *attribution.Charge) { c.Covered = 0.9 }, store.ModelSlot{}},
		"cancelled": {func(c *attribution.Charge) { c.Request.Outcome = attribution.OutcomeCancelled },
			store.ModelSlot{MeteredOutput: 5, MeteredEnergy: 9}},
		"tokens unknown": {func(c *attribution.Charge) { c.Request.Output = attribution.Count{} },
			store.ModelSlot{MeteredOK: 1, MeteredOKEnergy: 9}},
		"other counts unknown": {func(c *attribution.Charge) {
			c.Request.Input, c.Request.Cached = attribution.Count{}, attribution.Count{}
		},
			store.ModelSlot{MeteredOutput: 5, MeteredEnergy: 9, MeteredOK: 1, MeteredOKEnergy: 9}},
	} {
		t.Run(name, func(t *testing.T) {
			end := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
			c := attribution.Charge{Request: attribution.Request{ID: "s/1/1", Server: "s", Model: "m", Start: end.Add(-time.Second), End: end,
				Input: attribution.Known(3), Cached: attribution.Known(0), Output: attribution.Known(5), Outcome: attribution.OutcomeOK},
				Prefill: 2, Decode: 7, EnergyKnown: true, Covered: 1, Tier: attribution.TierMeasured}
			tc.change(&c)
			s := mustOpen(t, filepath.Join(t.TempDir(), "store.db"))
			if err := s.Commit(t.Context(), attribution.Batch{Charges: []attribution.Charge{c}}); err != nil {
				t.Fatal(err)
			}
			r, err := s.Range(t.Context(), end, end.Add(time.Minute))
			if err != nil || len(r.Models) != 1 {
				t.Fatalf("%d rows, %v", len(r.Models), err)
			}
			m := r.Models[0]
			got := store.ModelSlot{MeteredOutput: m.MeteredOutput, MeteredEnergy: m.MeteredEnergy, MeteredOK: m.MeteredOK, MeteredOKEnergy: m.MeteredOKEnergy}
			if d := cmp.Diff(tc.want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			mustClose(t, s)
		})
	}
}
