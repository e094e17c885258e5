// Package carbon turns joules into grams of CO2 equivalent: what the grid emits
// for the energy that a machine takes, at the power stations and not where the
// machine stands.
//
// An Intensity is either one figure for all time, such as a country's mean of
// the year,
//
//	i, err := carbon.NewFixed(363, "UBA 2025")
//
// or a series of the hours, with what holds where the series is silent:
//
//	i, err := carbon.NewSeries(s, 2*time.Hour, nil, "electricitymaps, DE")
//
// Where nothing is known, At is false: an unknown intensity is not zero, and
// grams are not counted for it. The zero Intensity knows nothing.
//
// Grams are an estimate to a few per cent at best, so they are a float64, as
// energy is; money is not.
package carbon
