package series

import "errors"

// ErrPoint is returned for a point that cannot be in a series: one that ends
// before it begins, that is not on 15-minute marks or lies outside of the years
// 1970 to 2199.
var ErrPoint = errors.New("not a point of a series")

// ErrConflict is returned when two points say different things of one time.
var ErrConflict = errors.New("two different values for one time")

// ErrValue is returned for text that is no decimal number, or one that does not
// fit into a Value.
var ErrValue = errors.New("not a value")

// ErrUnit is returned for a unit that no series has.
var ErrUnit = errors.New("unknown unit")

// ErrFormat is returned when a file is not in the format of this package, or
// breaks it.
var ErrFormat = errors.New("not a series file")

// ErrTooMany is returned when a file holds more than MaxPoints points.
var ErrTooMany = errors.New("too many points")
