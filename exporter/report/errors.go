package report

import "errors"

// ErrNoData is returned by Build when the period holds no measured time and no
// request. The error that wraps it names the period and says what the store
// does hold.
var ErrNoData = errors.New("nothing metered")

// ErrPeriod is wrapped by every error about a period that cannot be
// understood; its text says what is allowed.
var ErrPeriod = errors.New("period")

// ErrFormat is wrapped by an error about a word that names no format, and by
// Write for one that it does not draw.
var ErrFormat = errors.New("unknown format")

// ErrBy is wrapped by every error about rows that a report cannot have; its
// text says what is allowed.
var ErrBy = errors.New("cannot group by")
