package launchd

import (
	"errors"
	"fmt"
	"strings"
)

// Sentinel errors; match them with errors.Is.
var (
	// ErrUnsupported is returned by every operation on a system without launchd.
	ErrUnsupported = errors.New("launchd exists on macOS only")
	// ErrNotInstalled is returned by Start and Restart when there is no property list.
	ErrNotInstalled = errors.New("the service is not installed")
	// ErrPermission is returned when an operation needs root and did not have it.
	ErrPermission = errors.New("this needs root")
	// ErrTemporary is returned by Install for a binary that will soon be gone,
	// such as the one that "go run" builds.
	ErrTemporary = errors.New("the binary is a temporary file")
	// ErrInvalid is returned by Install for a path that cannot work in a
	// property list: relative, missing, of the wrong kind or unprintable.
	ErrInvalid = errors.New("invalid path")
	// ErrStillLoaded is returned when launchd kept the job longer than it may
	// take to stop.
	ErrStillLoaded = errors.New("launchd still has the job loaded")
)

// HintError is an error that the operator can fix, with the way to do it.
type HintError struct {
	Err    error
	Advice string // what to do; one line, no full stop
}

// Error returns the message without the advice.
func (e *HintError) Error() string { return e.Err.Error() }

// Unwrap returns the error that the advice is about.
func (e *HintError) Unwrap() error { return e.Err }

// Hint returns the advice.
func (e *HintError) Hint() string { return e.Advice }

// LaunchctlError is a launchctl call that ended with a code other than 0.
type LaunchctlError struct {
	Args   []string
	Code   int    // the exit code: an errno, or launchctl's own from 100 up
	Output string // the first line on standard error, for people; never parsed
}

// Error names the call, its exit code and what launchctl said.
func (e *LaunchctlError) Error() string {
	msg := fmt.Sprintf("launchctl %s: exit code %d", strings.Join(e.Args, " "), e.Code)
	if e.Output == "" {
		return msg
	}
	return msg + ": " + e.Output
}

func hint(advice string, err error) error { return &HintError{Err: err, Advice: advice} }
