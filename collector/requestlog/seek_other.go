//go:build !darwin && !linux

package requestlog

import "io"

// seekData knows nothing here: holes are read through.
func seekData(io.Seeker, int64) (int64, bool) { return 0, false }
