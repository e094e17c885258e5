package powermetrics

import (
	"errors"
	"fmt"
	"time"
)

// Causes of a StartError.
var (
	// ErrNotFound means that the executable does not exist or may not be run.
	ErrNotFound = errors.New("executable not found")
	// ErrNotRoot means that powermetrics refused to run without root.
	ErrNotRoot = errors.New("must be run as root")
	// ErrGarbage means that the executable prints something, but no property
	// list with a sample in it.
	ErrGarbage = errors.New("output is not a powermetrics property list")
	// ErrExited means that the executable ended before its first sample.
	ErrExited = errors.New("ended before its first sample")
	// ErrSilent means that the executable runs but printed no sample in time.
	ErrSilent = errors.New("no sample in time")
)

// ErrNoTimestamp is returned by Replay for a recording whose documents carry
// no timestamp: there is nothing to anchor its windows to.
var ErrNoTimestamp = errors.New("no document has a timestamp")

// Defect says what is wrong with a document. The set is closed so that it can
// be a label.
type Defect string

// The defects of a document.
const (
	DefectCut       Defect = "cut"       // the stream ended, or the next document began, inside it
	DefectOverlong  Defect = "overlong"  // longer than Decoder.MaxDocument; skipped
	DefectMalformed Defect = "malformed" // not a property list of the expected shape
	DefectNumber    Defect = "number"    // a value that is read is not a number
	DefectElapsed   Defect = "elapsed"   // elapsed_ns is missing or not positive
	DefectGarbage   Defect = "garbage"   // bytes between documents that are neither blank nor NUL
)

// DocumentError reports a document, or bytes between documents, that gave no
// Sample. It never ends the stream: the decoder has moved past it.
type DocumentError struct {
	Defect Defect
	Offset int64 // where in the stream it begins, in bytes
	Size   int64 // how many bytes of it were seen
	// Elapsed and Timestamp are what the document's head said before it broke;
	// zero when that is unknown.
	Elapsed   time.Duration
	Timestamp time.Time
	Restarted bool  // as in Sample
	Err       error // io.ErrUnexpectedEOF when the stream ended inside it, else nil
}

// Error names the place and the defect. It holds no byte of the document.
func (e *DocumentError) Error() string {
	msg := fmt.Sprintf("decode powermetrics document at byte %d (%d bytes): %s", e.Offset, e.Size, e.Defect)
	if e.Err != nil {
		msg += ": " + e.Err.Error()
	}
	return msg
}

// Unwrap returns Err.
func (e *DocumentError) Unwrap() error { return e.Err }

// StartError says why powermetrics has never given a sample, and what an
// operator can do about it.
type StartError struct {
	Path   string
	Cause  error  // ErrNotFound, ErrNotRoot, ErrGarbage, ErrExited or ErrSilent
	Detail string // what the tool or the system said; may be empty
	Hint   string // what to do
}

// Error names the executable, the cause, the detail and the hint.
func (e *StartError) Error() string {
	msg := fmt.Sprintf("run %s: %v", e.Path, e.Cause)
	if e.Detail != "" {
		msg += ": " + e.Detail
	}
	return msg + " (" + e.Hint + ")"
}

// Unwrap returns Cause.
func (e *StartError) Unwrap() error { return e.Cause }
