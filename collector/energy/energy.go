// Package energy holds the units that every other package speaks: Joules and
// Watts, and the conversions between them. A number that is an energy or a
// power has one of these types from the moment it is read until it is printed.
package energy

import "time"

// Joules is an amount of energy. Negative amounts do not occur: a counter that
// ran backwards is a gap, not a negative energy.
type Joules float64

// Watts is a power: one joule a second.
type Watts float64

// JoulesPerKilowattHour is exact by definition.
const JoulesPerKilowattHour = 3.6e6

// FromMillijoules converts the integer millijoules that powermetrics prints.
func FromMillijoules(mj int64) Joules { return Joules(mj) / 1e3 }

// FromNanojoules converts the nanojoules that the XNU rusage counters hold.
func FromNanojoules(nj uint64) Joules { return Joules(nj) / 1e9 }

// WattHours returns j in watt-hours, the unit that reports print.
func (j Joules) WattHours() float64 { return float64(j) / 3600 }

// KilowattHours returns j in kilowatt-hours, the unit that tariffs price.
func (j Joules) KilowattHours() float64 { return float64(j) / JoulesPerKilowattHour }

// Over returns the mean power of j spread over d, and 0 when d is not positive.
func (j Joules) Over(d time.Duration) Watts {
	if d <= 0 {
		return 0
	}
	return Watts(float64(j) / d.Seconds())
}

// For returns the energy of w held for d.
func (w Watts) For(d time.Duration) Joules { return Joules(float64(w) * d.Seconds()) }
