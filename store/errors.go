package store

import (
	"errors"
	"fmt"
)

// The errors of opening a store. They come wrapped in an [*OpenError], which
// says what to do about them.
var (
	// ErrLocked is returned when another process has the store open.
	ErrLocked = errors.New("in use by another process")
	// ErrNotStore is returned for a file that sovmeter did not write.
	ErrNotStore = errors.New("not a sovmeter store")
	// ErrNewerSchema is returned for a store that a newer sovmeter wrote.
	ErrNewerSchema = errors.New("written by a newer sovmeter")
	// ErrOlderSchema is returned when a store that an older sovmeter wrote is
	// opened read-only: it cannot be migrated then.
	ErrOlderSchema = errors.New("written by an older sovmeter")
	// ErrDamaged is returned when the file or a value in it cannot be read.
	ErrDamaged = errors.New("damaged")
	// ErrNoFolder is returned when the folder of a new store does not exist.
	ErrNoFolder = errors.New("its folder does not exist")
	// ErrNoStore is returned when there is no file to open read-only.
	ErrNoStore = errors.New("no such store")
)

// The errors of writing.
var (
	// ErrReadOnly is returned for a write to a store opened read-only.
	ErrReadOnly = errors.New("store is open read-only")
	// ErrBooked is returned for a booking or a window whose time is booked
	// already.
	ErrBooked = errors.New("time is booked already")
	// ErrStale is returned for a batch whose state is older than the stored one.
	ErrStale = errors.New("state is older than the stored one")
	// ErrUnbooked is returned when a batch closes the time of a stored window
	// without a booking for it.
	ErrUnbooked = errors.New("stored window is closed without a booking")
	// ErrConflict is returned for a window that differs from the stored one
	// with the same end, and for the energy of a gap whose time has another one.
	ErrConflict = errors.New("differs from what is stored")
	// ErrInvalid is returned for a value that cannot be true, such as a
	// negative energy, a booking whose parts do not sum to its window, or a
	// range that ends before it starts.
	ErrInvalid = errors.New("invalid value")
)

// The errors of reading a stream.
var (
	// ErrStream is returned for a stream that is cut short or is none.
	ErrStream = errors.New("not a whole stream of slots")
	// ErrStreamSchema is returned for a stream that a sovmeter with another
	// schema writes.
	ErrStreamSchema = errors.New("written by a sovmeter with another schema")
)

// OpenError says why a store could not be opened, and what to do about it.
type OpenError struct {
	Path string
	Err  error
	hint string
}

// Error names the store and the reason.
func (e *OpenError) Error() string { return fmt.Sprintf("open store %s: %v", e.Path, e.Err) }

// Unwrap returns the reason, which is one of the sentinels or an error of the
// operating system.
func (e *OpenError) Unwrap() error { return e.Err }

// Hint tells the operator what to do; it may be empty.
func (e *OpenError) Hint() string { return e.hint }

// CorruptError names a value in the store that cannot be read. It is an
// [ErrDamaged].
type CorruptError struct {
	Bucket string
	Key    []byte
	Reason string
}

// Error names the bucket and the key, never the value.
func (e *CorruptError) Error() string {
	return fmt.Sprintf("bucket %s, key %x: %s", e.Bucket, e.Key, e.Reason)
}

// Unwrap makes every CorruptError an ErrDamaged.
func (e *CorruptError) Unwrap() error { return ErrDamaged }

// Hint tells the operator what to do.
func (e *CorruptError) Hint() string { return hintDamaged }

const (
	hintLocked    = "another sovmeter is running: ask it over its socket, or stop it first (sovmeter service stop)"
	hintNotStore  = "check the store's path; if the file is not needed, move it away and a new store will be created"
	hintNewer     = "update sovmeter, or give the path of another store"
	hintOlder     = "start the daemon once, it brings the store up to date"
	hintDamaged   = "stop sovmeter, move the file away and put the latest snapshot in its place"
	hintNoFolder  = "create the folder, owned by the user that runs sovmeter, or correct the store's path"
	hintNoStore   = "check the store's path; the daemon creates the store when it first runs"
	hintForbidden = "run as the user that owns the store, or with sudo"
)

// corrupt is an error about one value.
func corrupt(bucket string, key []byte, format string, args ...any) error {
	return &CorruptError{Bucket: bucket, Key: append([]byte(nil), key...), Reason: fmt.Sprintf(format, args...)}
}
