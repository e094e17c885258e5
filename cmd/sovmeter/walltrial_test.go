package main

import (
	"bytes"
	"io"
	"testing"

	"github.com/sovmeter/sovmeter/collector/sim"
)

// A day of each machine is booked within 1 % of what it drew where a plug is, and
// within 5 % a month after it was calibrated, where none is; within the band that
// is stated in both cases. The README shows how far off they are.
func TestMachinesAtTheWall(t *testing.T) {
	if testing.Short() {
		t.Skip("meters ten simulated days")
	}
	a := accuracySuite{env: env{stdout: io.Discard, stderr: io.Discard}, seed: 1}
	trials, err := a.tryMachines(t.Context(), sim.Machines())
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range trials {
		checkWallDay(t, x.Machine+" with plug", x.Plug, 0.01)
		checkWallDay(t, x.Machine+" a month later", x.Later, 0.05)
	}
	var out bytes.Buffer
	if err := writeWallTrials(&out, trials); err != nil {
		t.Fatal(err)
	}
	holdReadme(t, "machines", out.String())
}

func checkWallDay(t *testing.T, name string, d wallDay, limit float64) {
	t.Helper()
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
