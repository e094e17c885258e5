package tariff

import "errors"

// ErrSpec is returned for a Spec that contradicts itself, or that names what
// does not exist.
var ErrSpec = errors.New("not a usable tariff")

// ErrSeries is returned when a series that a Spec names was not handed in, or
// holds something other than what it is named for.
var ErrSeries = errors.New("not the series that the tariff needs")

// ErrSyntax is returned for text that is no date, time of day, days, months or
// ratio.
var ErrSyntax = errors.New("not understood")
