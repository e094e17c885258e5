package systemmeter

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
)

// What can be wrong with a meter. Every error of a Meter wraps at most one of
// these; the text around it names the meter's address and the question.
var (
	// ErrConfig is returned by Open for a config that cannot work.
	ErrConfig = errors.New("meter config is wrong")
	// ErrUnauthorized is returned when the device wants another user, password
	// or token, or any at all.
	ErrUnauthorized = errors.New("access refused")
	// ErrRemote is returned when an address is neither on this machine nor in
	// its local network, and Config.AllowRemote is false.
	ErrRemote = errors.New("address is not local")
	// ErrUnreachable is returned when there is no connection to the device.
	ErrUnreachable = errors.New("not reachable")
	// ErrTimeout is returned when there is no whole answer in time.
	ErrTimeout = errors.New("no answer in time")
	// ErrStatus is returned for an HTTP status that is no success.
	ErrStatus = errors.New("answered with an error")
	// ErrFormat is returned for an answer that is not what such a device says.
	ErrFormat = errors.New("answer not understood")
	// ErrUnavailable is returned when the device says that it has no value.
	ErrUnavailable = errors.New("no value available")
	// ErrAbsent is returned when this machine has nothing that such a meter could
	// read: no battery, no key of the SMC. It is also an ErrUnavailable, one that
	// asking again soon does not change.
	ErrAbsent = fmt.Errorf("%w on this machine", ErrUnavailable)
	// ErrStale is returned for a value that is too old.
	ErrStale = errors.New("value is too old")
	// ErrImplausible is returned for a value that cannot be true.
	ErrImplausible = errors.New("value is implausible")
)

// HintError is an error with what the operator can do about it.
type HintError struct {
	Err  error
	Hint string
}

// Error is the error's own text with the hint behind it.
func (e *HintError) Error() string { return e.Err.Error() + " (" + e.Hint + ")" }

// Unwrap returns the error without the hint.
func (e *HintError) Unwrap() error { return e.Err }

// hint adds what the operator can do to an error.
func hint(err error, format string, args ...any) error {
	return &HintError{Err: err, Hint: fmt.Sprintf(format, args...)}
}

// KeyError is one fault of a Config. It is an ErrConfig.
type KeyError struct {
	Key     string // what Config calls it, in small letters with underscores, such as max_age
	Problem string // never holds a secret
	Fix     string
}

// Error names the key, what is wrong with it, and the fix.
func (e *KeyError) Error() string { return e.Key + ": " + e.Problem + " (" + e.Fix + ")" }

// Is makes every KeyError an ErrConfig.
func (e *KeyError) Is(target error) bool { return target == ErrConfig }

// statusError is an answer that is no success. What the device said is kept for
// who knows the device, and never printed.
type statusError struct {
	Code int
	Body []byte
}

func (e *statusError) Error() string {
	return strings.TrimSpace(fmt.Sprintf("%v: status %d %s", ErrStatus, e.Code, http.StatusText(e.Code)))
}

func (e *statusError) Is(target error) bool {
	if e.Code == http.StatusUnauthorized || e.Code == http.StatusForbidden {
		return target == ErrUnauthorized
	}
	return target == ErrStatus
}

// asTimeout turns what a library says when time is up into ErrTimeout.
func asTimeout(err error) error {
	var timed net.Error
	if errors.Is(err, context.DeadlineExceeded) || errors.As(err, &timed) && timed.Timeout() {
		return ErrTimeout
	}
	return err
}
