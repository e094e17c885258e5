package attribution

import "errors"

// ErrEmptyWindow is returned for a window that does not end after it starts.
var ErrEmptyWindow = errors.New("window has no length")

// ErrClosed is returned for a window that lies in time that is booked already.
var ErrClosed = errors.New("window comes after its time was settled")

// ErrOverlap is returned for a window that overlaps one already taken.
var ErrOverlap = errors.New("window overlaps another")
