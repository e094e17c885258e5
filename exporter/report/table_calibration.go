package report

import (
	"fmt"

	"github.com/sovmeter/sovmeter/collector/attribution"
)

// calibrationText tells the line in force; empty when there is none.
func (s sheet) calibrationText() string {
	c := s.report.Calibration
	if c == nil {
		return ""
	}
	how := "by sovmeter calibrate"
	if c.Kind == attribution.CalibrationPassing {
		how = "learned in passing"
	}
	return fmt.Sprintf("%s and %s; %s on %s (%s ago) from the meter %s at scope %s; RMSE %s, R%s %s, %s points, the SoC from %s to %s%s",
		FormatPower(c.Base), slopesText(c.Calibration), how, c.Made.In(s.report.Period.Since.Location()).Format("2 Jan 2006"), age(c.Age),
		s.clean(c.Meter), scopeName(c.Scope), FormatPower(c.RMSE), s.squared, fixed(c.R2, 4), count(int64(c.N)),
		FormatPower(c.SoCMin), FormatPower(c.SoCMax), driftedText(c))
}

// slopesText says what the machine draws for each watt of the SoC.
func slopesText(c attribution.Calibration) string {
	if !c.PerRail {
		return fixed(c.GPU, 3) + " W for each watt of the SoC"
	}
	return fmt.Sprintf("for each watt of the CPU %s W, of the GPU %s W, of the Neural Engine %s W", fixed(c.CPU, 3), fixed(c.GPU, 3), fixed(c.ANE, 3))
}

// driftedText says how far the machine has moved away from the ladder's line;
// empty where that is not known.
func driftedText(c *CalibrationLine) string {
	if !c.DriftKnown {
		return ""
	}
	drift, than := c.DriftRatio-1, "more"
	if drift < 0 {
		drift, than = -drift, "less"
	}
	return "; the machine draws up to " + percent(drift) + " " + than + " than when it was calibrated"
}
