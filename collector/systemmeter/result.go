package systemmeter

import (
	"context"
	"errors"
)

// Result says what became of one question to a meter. The set is closed so that
// it can be a metric label.
type Result string

// The results.
const (
	ResultOK           Result = "ok"           // a new reading, handed on
	ResultRepeat       Result = "repeat"       // the reading of before, once more
	ResultStale        Result = "stale"        // older than Config.MaxAge
	ResultImplausible  Result = "implausible"  // cannot be true
	ResultUnavailable  Result = "unavailable"  // the device has no value
	ResultUnauthorized Result = "unauthorized" // wrong user, password or token
	ResultTimeout      Result = "timeout"      // no whole answer in time
	ResultUnreachable  Result = "unreachable"  // no connection
	ResultRemote       Result = "remote"       // the address is not local
	ResultError        Result = "error"        // an answer that is an error, or not understood
)

// Results lists all results.
func Results() []Result {
	return []Result{
		ResultOK, ResultRepeat, ResultStale, ResultImplausible, ResultUnavailable,
		ResultUnauthorized, ResultTimeout, ResultUnreachable, ResultRemote, ResultError,
	}
}

// resultOf sorts the error of a Meter.
func resultOf(err error) Result {
	for _, r := range []struct {
		err    error
		result Result
	}{
		{ErrUnauthorized, ResultUnauthorized},
		{ErrRemote, ResultRemote},
		{ErrStale, ResultStale},
		{ErrImplausible, ResultImplausible},
		{ErrTimeout, ResultTimeout},
		{context.DeadlineExceeded, ResultTimeout},
		{ErrUnreachable, ResultUnreachable},
		{ErrUnavailable, ResultUnavailable},
	} {
		if errors.Is(err, r.err) {
			return r.result
		}
	}
	return ResultError
}
