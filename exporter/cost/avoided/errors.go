package avoided

import "errors"

// ErrOptions is returned for options that contradict themselves or the world,
// such as a share above 1.
var ErrOptions = errors.New("not a plan")
