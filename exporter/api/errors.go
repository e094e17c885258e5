package api

import "errors"

// ErrNoSocket is returned when the socket does not exist: the daemon does not
// run, or keeps its socket elsewhere.
var ErrNoSocket = errors.New("no daemon socket")

// ErrNotAnswering is returned when the socket exists and the daemon behind it
// does not answer, or not in time.
var ErrNotAnswering = errors.New("daemon does not answer")

// ErrPermission is returned when this user may not use the socket.
var ErrPermission = errors.New("no permission for the daemon socket")

// ErrVersion is returned when the daemon speaks a version of the interface
// that this program does not know.
var ErrVersion = errors.New("daemon speaks another version")

// ErrInUse is returned when another daemon answers on the socket already.
var ErrInUse = errors.New("another daemon answers on the socket")

// ErrNotSocket is returned when something other than a socket is in its place.
var ErrNotSocket = errors.New("not a socket")

// ErrPathTooLong is returned for a socket path that does not fit into the
// address of a unix socket.
var ErrPathTooLong = errors.New("socket path too long")

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

// RemoteError is an error that the daemon answered with.
type RemoteError struct {
	Message string
	Advice  string // may be empty
	Status  int    // HTTP status
}

// Error returns the daemon's words.
func (e *RemoteError) Error() string { return "daemon: " + e.Message }

// Hint returns the daemon's advice; it may be empty.
func (e *RemoteError) Hint() string { return e.Advice }
