//go:build darwin || linux

package requestlog

import (
	"errors"
	"io"
	"syscall"
)

// seekData returns the offset of the first data at or after offset, which is
// the end of the file when there is none. It is false where that is not known.
func seekData(s io.Seeker, offset int64) (int64, bool) {
	// Asked for first: the file may grow, and what it grows by is data.
	size, err := s.Seek(0, io.SeekEnd)
	if err != nil {
		return 0, false
	}
	at, err := s.Seek(offset, whenceData)
	if errors.Is(err, syscall.ENXIO) {
		return size, true
	}
	return at, err == nil
}
