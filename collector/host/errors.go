package host

import (
	"errors"
	"fmt"
)

// ErrNoData is returned by Meter.Sample when there is no span to report yet:
// on the first call, and when the clock did not move forward since the last.
var ErrNoData = errors.New("no process use to report yet")

// ErrNoGPU is returned by System.GPUClients where GPU time cannot be read.
var ErrNoGPU = errors.New("no GPU times on this system")

// errGone is returned when a process ended while it was being read.
var errGone = errors.New("process is gone")

// errDenied is returned when a process belongs to another user and its counters
// may not be read.
var errDenied = errors.New("permission denied")

// ServerError is returned by Meter.Sample when the use of a configured server
// cannot be known. The span is not reported then: zero use would be wrong.
type ServerError struct {
	Server string // the configured server name
	Doing  string // what was being done, such as "read the CPU time of pid 7"
	Err    error  // why it did not work
	Advice string // what an operator can do about it
}

// Error says which server could not be metered and why.
func (e *ServerError) Error() string {
	return fmt.Sprintf("server %s: %s: %v", e.Server, e.Doing, e.Err)
}

// Unwrap returns the cause.
func (e *ServerError) Unwrap() error { return e.Err }

// Hint says what an operator can do about it.
func (e *ServerError) Hint() string { return e.Advice }
