package cost

import "errors"

// ErrCurrency is returned for a currency that is no active ISO 4217 code, and
// when amounts of two currencies meet.
var ErrCurrency = errors.New("currency mismatch or unknown currency")

// ErrAmount is returned for text or a number that is no amount of money, or
// that is finer than a nano-unit.
var ErrAmount = errors.New("not an amount of money")

// ErrRange is returned when a result does not fit into Money, or when an
// energy or token count that is to be priced is negative or not a number.
var ErrRange = errors.New("out of range")

// ErrBasis is returned for a word that names no basis.
var ErrBasis = errors.New("unknown basis")
