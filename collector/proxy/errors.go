package proxy

import "errors"

// ErrUpstream is returned for an upstream that is no address of a server.
var ErrUpstream = errors.New("not the address of a server")

// ErrSelf is returned when the upstream is the proxy itself.
var ErrSelf = errors.New("the upstream is this proxy itself")

// ErrAddress is returned for a listen address that is no host:port.
var ErrAddress = errors.New("not a listen address")

// ErrServerName is returned for a server name that a log cannot hold.
var ErrServerName = errors.New("not a server name")

// ErrLog is returned for a log that cannot be one, such as a folder.
var ErrLog = errors.New("not a log file")

// ErrLost is returned by Run when it ends with lines that could not be written.
var ErrLost = errors.New("requests are missing in the log")

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
