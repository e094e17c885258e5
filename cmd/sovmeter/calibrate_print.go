package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/calibration"
)

func (r *calibrationResult) write(w io.Writer, asJSON bool) error {
	if asJSON {
		return writeJSON(w, r.document())
	}
	var b strings.Builder
	r.printSteps(&b)
	r.printLag(&b)
	if r.Refused == nil {
		r.printLine(&b)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (r *calibrationResult) printSteps(b *strings.Builder) {
	fmt.Fprintf(b, "%-10s  %9s  %9s  %9s  %9s\n", "step", "cpu", "gpu", "ane", "machine")
	for _, p := range r.Climbed.Plateaus {
		name, note := p.Run.Step.Name, ""
		if r.wasRepeated(p) {
			note = ", measured twice"
		}
		var failed *calibration.PlateauError
		if errors.As(p.Err, &failed) {
			fmt.Fprintf(b, "%-10s  dropped: %s%s\n", name, reasonOf(failed), note)
			continue
		}
		fmt.Fprintf(b, "%-10s  %7.2f W  %7.2f W  %7.2f W  %7.2f W  by %s%s\n",
			name, p.Block.CPU, p.Block.GPU, p.Block.ANE, p.Block.Whole, p.Source, note)
	}
}

func reasonOf(e *calibration.PlateauError) string {
	if e.Detail == "" {
		return e.Err.Error()
	}
	return fmt.Sprintf("%v (%s)", e.Err, e.Detail)
}

func (r *calibrationResult) printLag(b *strings.Builder) {
	l := r.Climbed.Lag
	switch {
	case !r.Climbed.LagKnown:
		b.WriteString("\nHow late the meter is could not be told; it is taken to be on time.\n")
	case l.Delay < 0:
		fmt.Fprintf(b, "\nThe meter's clock is %.1f s ahead (± %.1f s).\n", -l.Delay.Seconds(), l.Error.Seconds())
	default:
		fmt.Fprintf(b, "\nThe meter is %.1f s late (± %.1f s).\n", l.Delay.Seconds(), l.Error.Seconds())
	}
}

func (r *calibrationResult) printLine(b *strings.Builder) {
	c := r.Line
	where := "at the wall"
	if c.Scope != attribution.ScopeWall {
		where = "behind its power supply"
	}
	slopes, each := fmt.Sprintf("%.2f·chip", c.GPU), fmt.Sprintf("each watt of the chip costs %.2f W there", c.GPU)
	if c.PerRail {
		slopes = fmt.Sprintf("%.2f·cpu + %.2f·gpu + %.2f·ane", c.CPU, c.GPU, c.ANE)
		each = fmt.Sprintf("each watt of the CPU costs %.2f W there, and each watt of the GPU %.2f W", c.CPU, c.GPU)
	}
	fmt.Fprintf(b, "machine = %.2f W + %s\n", c.Base, slopes)
	fmt.Fprintf(b, "RMSE %.2f W, R² %.4f, n %d, for %.1f to %.1f W of the chip, on %s with macOS %s\n",
		c.RMSE, c.R2, c.N, c.SoCMin, c.SoCMax, c.Model, c.OS)
	fmt.Fprintf(b, "\nAn idle machine draws %.1f W %s; %s.\n", r.idle(), where, each)
	if r.Stored == "" {
		b.WriteString("Nothing was stored.\n")
		return
	}
	fmt.Fprintf(b, "Stored %s. It holds for this machine until the next major version of macOS.\n", r.Stored)
}
