package calibration

import "math"

const (
	adviceLonger = "let the meter run for longer, or run sovmeter calibrate"
	adviceLoad   = "let the model server work while the meter is there, or run sovmeter calibrate"
	adviceMeter  = "check that this meter is the one the Mac is plugged into, and its unit (W, not kW or VA)"
	adviceAlone  = "leave only this Mac on the meter: a display, dock or charger that comes and goes makes the line useless"
)

// enough refuses evidence that no line can be drawn through.
func (e *evidence) enough(o Options) *RefusedError {
	const rounding = 1e-6 // the points are a sum of weights
	if points := math.Floor(e.points + rounding); points < float64(o.MinBlocks) {
		return refuse(ReasonFewBlocks, adviceLonger, "%.0f usable blocks, and %d are needed", points, o.MinBlocks)
	}
	if e.high-e.low < o.MinRange {
		return refuse(ReasonNarrow, adviceLoad, "the chip drew %.1f to %.1f W, and a range of %.1f W is needed", e.low, e.high, o.MinRange)
	}
	if chip, all := e.plain.soc(), e.plain.mean(whole); all < MinSlope*chip {
		return refuse(ReasonBelowChip, adviceMeter, "the meter shows %.1f W in the mean, and the chip alone draws %.1f W", all, chip)
	}
	return nil
}

// plausible refuses a line that no Mac has.
func (e *evidence) plausible(l *line, o Options) *RefusedError {
	scatter := e.scatter(l)
	for i := range l.model {
		low, high := bounds(i, o)
		value, margin := l.free[i], 2*math.Sqrt(scatter*l.covariance[i][i])
		switch {
		case i == 0 && value+margin < low:
			return refuse(ReasonNegativeBase, adviceMeter, "with the chip at rest the machine would draw %.1f W", value)
		case i == 0 && value-margin > high:
			return refuse(ReasonLargeBase, adviceAlone, "with the chip at rest the meter shows %.0f W, more than %.0f", value, high)
		case i > 0 && value+margin < low:
			return refuse(ReasonBelowChip, adviceMeter, "for each watt of the chip the meter shows %.2f W only", value)
		case i > 0 && value-margin > high:
			return refuse(ReasonSteep, adviceMeter, "for each watt of the chip the meter shows %.1f W", value)
		}
	}
	return e.close(l, o)
}

// close refuses a line that the points are far from.
func (e *evidence) close(l *line, o Options) *RefusedError {
	rmse, r2 := e.quality(l)
	if r2 < o.MinR2 {
		return refuse(ReasonUnrelated, adviceAlone, "R² is %.2f, and %.2f is needed: the meter follows something else than the chip", r2, o.MinR2)
	}
	limit := float64(o.MaxRMSE)
	if limit <= 0 {
		limit = 1.5 + 0.06*e.plain.mean(whole)
	}
	if rmse > limit {
		return refuse(ReasonScattered, adviceAlone, "the points are %.1f W off the line, and %.1f W is the limit", rmse, limit)
	}
	return nil
}
