package prices

import "errors"

// ErrTable is returned for a price table that is not what it says it is: text
// of another format, a field that does not fit, prices that contradict.
var ErrTable = errors.New("not a usable price table")
