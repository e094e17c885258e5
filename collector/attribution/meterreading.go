package attribution

import (
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
)

// MeterReading is one answer of a meter of the whole machine.
type MeterReading struct {
	// At is when the values were true as far as the device says, by this
	// machine's clock: the middle of the time between question and answer, less
	// what the device says of the age of its values. UTC.
	At       time.Time
	Power    energy.Watts // of the whole machine; meaningless unless HasPower
	HasPower bool
	// Energy is a counter that only rises, from an origin that may change: the
	// difference of two readings is what was drawn between them. Meaningless
	// unless HasEnergy.
	Energy    energy.Joules
	HasEnergy bool
	// Resolution is the least step of the counter; 0: it is not known.
	Resolution energy.Joules
	// Lag is how much later than At the answer came: the age of the values.
	Lag time.Duration
	// Charging is what goes into the battery, on the DC side; below 0 what comes
	// out of it. Meaningless unless HasCharging.
	Charging    energy.Watts
	HasCharging bool
}
