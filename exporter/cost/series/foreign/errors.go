package foreign

import (
	"errors"
	"fmt"
)

// ErrUnknown is returned for a file of no known format, and for a format's name
// that is none.
var ErrUnknown = errors.New("unknown format")

// ErrFormat is returned when a file breaks the format that it is read as.
var ErrFormat = errors.New("not in the format")

// ErrEmpty is returned when a file of a known format holds no figure that can be
// used.
var ErrEmpty = errors.New("no figures in it")

// ErrTooLarge is returned for a file beyond MaxBytes, and for one whose single
// entry is larger than any format needs.
var ErrTooLarge = errors.New("too large")

// ErrNeeds is returned when a file leaves open what its figures mean, such as
// their currency, and Options does not say either.
var ErrNeeds = errors.New("more must be known")

// ErrVAT is returned when prices with tax are asked for, and a file has none.
var ErrVAT = errors.New("no prices with VAT")

// LineError is what is wrong with one line of a file.
type LineError struct {
	Line int // from 1
	Err  error
}

// Error implements error.
func (e *LineError) Error() string { return fmt.Sprintf("line %d: %v", e.Line, e.Err) }

// Unwrap gives what is wrong.
func (e *LineError) Unwrap() error { return e.Err }

// hinted is an error with a way to mend it.
type hinted struct {
	error
	hint string
}

func (e *hinted) Hint() string  { return e.hint }
func (e *hinted) Unwrap() error { return e.error }

func hint(err error, format string, args ...any) error {
	return &hinted{err, fmt.Sprintf(format, args...)}
}

// shown is as much of a foreign text as an error message should carry.
func shown(text string) string {
	if len(text) > 40 {
		return text[:40] + "…"
	}
	return text
}
