package exporter

import "errors"

// ErrAddress is returned for a listen address that is no host:port.
var ErrAddress = errors.New("not a listen address")

// ErrExposed is returned when the server would listen beyond the loopback
// interface with neither a web configuration file nor permission.
var ErrExposed = errors.New("listening beyond this machine without protection")

// HintError is an error that the operator can fix, with the way to do it.
type HintError struct {
	Err    error
	Advice string
}

// Error says what went wrong, without the advice.
func (e *HintError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *HintError) Unwrap() error { return e.Err }

// Hint returns the advice.
func (e *HintError) Hint() string { return e.Advice }
