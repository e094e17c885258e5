package attribution

import (
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
)

// Calibration is a line that was fitted to the readings of a meter: the power of
// the whole machine by that of the SoC's rails. It is plain data; package
// calibration makes them.
type Calibration struct {
	Made  time.Time // UTC
	Kind  CalibrationKind
	Model string // of the machine, such as Mac16,11
	OS    string // the version of macOS, such as 26.1
	Meter string // the name of the meter
	Scope Scope  // of the meter

	Base energy.Watts // of the machine while the SoC draws nothing
	// CPU, GPU and ANE are what the machine draws for each watt of the rail.
	// They are the same where rails could not be told apart (PerRail false).
	CPU, GPU, ANE float64
	PerRail       bool

	RMSE energy.Watts // of the fit's points
	R2   float64      // 0 to 1
	N    int          // of points
	// Covariance of Base, CPU, GPU, in that order, as the upper triangle by rows.
	Covariance [6]float64
	// SoCMin and SoCMax are the powers of the SoC that it was fitted to.
	SoCMin, SoCMax energy.Watts
	// Lag is how late the meter's readings are; meaningless unless LagKnown.
	Lag      time.Duration
	LagKnown bool
}

// CalibrationKind says how a calibration came about.
type CalibrationKind string

// The kinds of calibration.
const (
	CalibrationLadder  CalibrationKind = "ladder"  // a user ran sovmeter calibrate
	CalibrationPassing CalibrationKind = "passing" // learned while a meter was there
)

// Power is what the machine draws when its rails draw that much.
func (c Calibration) Power(cpu, gpu, ane energy.Watts) energy.Watts {
	return c.Base + energy.Watts(c.CPU)*cpu + energy.Watts(c.GPU)*gpu + energy.Watts(c.ANE)*ane
}
