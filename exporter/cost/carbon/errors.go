package carbon

import "errors"

// ErrIntensity is returned for an intensity that no grid has: below 0, above
// MaxGramsPerKWh or no number.
var ErrIntensity = errors.New("not a carbon intensity")

// ErrAge is returned for a longest age below zero.
var ErrAge = errors.New("not an age")
