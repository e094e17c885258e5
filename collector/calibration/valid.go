package calibration

import (
	"fmt"
	"math"

	"github.com/sovmeter/sovmeter/collector/attribution"
)

// Valid says why a calibration does not hold on a machine of this model and
// version of macOS; nil: it does. An empty model or version, on either side, is
// ErrUnknownMachine: before the first power sample says what machine this is,
// and for a calibration that came from nowhere, there is no line. A caller that
// knows better fills them in.
func Valid(c attribution.Calibration, model, os string) error {
	if !plausible(c) {
		return fmt.Errorf("calibration of %s: %w", c.Made.Format("2006-01-02"), ErrImplausible)
	}
	wrap := func(err error, was, is string) error {
		return fmt.Errorf("calibration of %s (%s, here %s): %w", c.Made.Format("2006-01-02"), named(was), named(is), err)
	}
	switch {
	case c.Model == "" || model == "":
		return wrap(ErrUnknownMachine, c.Model, model)
	case major(c.OS) == "" || major(os) == "":
		return wrap(ErrUnknownMachine, c.OS, os)
	case c.Model != model:
		return wrap(ErrOtherMachine, c.Model, model)
	case major(c.OS) != major(os):
		return wrap(ErrOtherSystem, c.OS, os)
	}
	return nil
}

func named(s string) string {
	if s == "" {
		return "unknown"
	}
	return s
}

// plausible reports whether a calibration can be that of a fit.
func plausible(c attribution.Calibration) bool {
	numbers := append([]float64{
		float64(c.Base), c.CPU, c.GPU, c.ANE, float64(c.RMSE), c.R2, float64(c.SoCMin), float64(c.SoCMax),
	}, c.Covariance[:]...)
	for _, n := range numbers {
		if math.IsNaN(n) || math.IsInf(n, 0) {
			return false
		}
	}
	for _, slope := range []float64{c.CPU, c.GPU, c.ANE} {
		if slope < MinSlope || slope > MaxSlope {
			return false
		}
	}
	o := Options{}.filled()
	return c.Base >= 0 && c.Base <= o.MaxBase && c.RMSE >= 0 && c.SoCMin >= 0 && c.SoCMax >= c.SoCMin && c.N > 0
}
