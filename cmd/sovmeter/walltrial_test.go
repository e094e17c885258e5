package main

import (
	"testing"

	"github.com/sovmeter/sovmeter/collector/sim"
)

// A day of each machine is booked within 1 % of what it drew where a plug is, and
// within 5 % a month after it was calibrated, where none is; within the band that
// is stated in both cases.
func TestMachinesAtTheWall(t *testing.T) {
	if testing.Short() {
		t.Skip("meters ten simulated days")
	}
	for _, n := range sim.Machines() {
		t.Run(n.Name, func(t *testing.T) {
			got, err := tryAtWall(t.Context(), n)
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("calibration %+v", got.Calibration)
			checkWallDay(t, "with plug", got.Plug, 0.01)
			checkWallDay(t, "month later", got.Later, 0.05)
		})
	}
}

func checkWallDay(t *testing.T, name string, d wallDay, limit float64) {
	t.Helper()
	t.Logf("%s: %.2f Wh drawn, %+.2f %%, band %.2f %%, chip %.1f Wh, requests %+.2f %% median %.1f %% p95 %.1f %%, %v", name, d.Drawn.WattHours(), 100*d.Error,
		100*float64(d.Band/d.Drawn), d.Chip.WattHours(), 100*d.Inference, 100*float64(d.Request.Median), 100*float64(d.Request.P95), d.Scopes)
	if d.Error > limit || d.Error < -limit {
		t.Errorf("%s: %.2f %% off, want %.0f", name, 100*d.Error, 100*limit)
	}
	if !d.InBand {
		t.Errorf("%s: %v J off, with a band of %v", name, d.Booked-d.Drawn, d.Band)
	}
	if d.Apart > 1e-9 {
		t.Errorf("%s: the parts of a window are %v off", name, d.Apart)
	}
}
