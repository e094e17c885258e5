package publishers

import "errors"

// ErrFormat is returned for a file that is no table of the publisher it is said
// to be from, and for a name that is no format.
var ErrFormat = errors.New("not a price table of a known publisher")
