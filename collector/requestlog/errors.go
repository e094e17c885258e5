package requestlog

import (
	"errors"
	"io/fs"
)

var (
	// ErrCheckpoint is returned when a checkpoint cannot be understood: it is
	// damaged, or of another version or format.
	ErrCheckpoint = errors.New("checkpoint not understood")
	// ErrNotRegular is returned when the log's path names a folder, a pipe or
	// a device.
	ErrNotRegular = errors.New("not a regular file")
	// ErrArrivals is returned when a file of arrival times cannot be
	// understood.
	ErrArrivals = errors.New("arrival times not understood")
)

// FileError is returned when the log cannot be read now. It is worth trying
// again: the follower goes on where it was as soon as the file is back. The
// kinds are told apart with errors.Is and fs.ErrNotExist, fs.ErrPermission or
// ErrNotRegular.
type FileError struct {
	Op   string // what was being done: open, read, examine
	Path string
	Err  error
	Hint string // what the operator can do about it; may be empty
}

// Error says what was being done to which file, and the hint.
func (e *FileError) Error() string {
	s := e.Op + " " + e.Path + ": " + cause(e.Err).Error()
	if e.Hint != "" {
		s += " (" + e.Hint + ")"
	}
	return s
}

// Unwrap returns the cause.
func (e *FileError) Unwrap() error { return e.Err }

// cause strips the path that fs.PathError would print a second time.
func cause(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

func fileError(op, path string, err error) error {
	e := &FileError{Op: op, Path: path, Err: err}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		e.Hint = "is the log's path right, and has the server been started with a log file?"
	case errors.Is(err, fs.ErrPermission):
		e.Hint = "let the user that sovmeter runs as read the file and enter its folders"
	case errors.Is(err, ErrNotRegular):
		e.Hint = "give the path of the log file itself"
	}
	return e
}
