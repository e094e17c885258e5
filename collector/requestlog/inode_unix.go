//go:build darwin || linux

package requestlog

import (
	"io/fs"
	"syscall"
)

// inode returns which file of which device info describes, so that the file
// can be known again after a restart; zeros when the system does not say.
func inode(info fs.FileInfo) (device, number uint64) {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, 0
	}
	return uint64(st.Dev), uint64(st.Ino) //nolint:unconvert // Dev is int32 on darwin
}

// openNow makes opening a pipe not wait for its writer.
const openNow = syscall.O_NONBLOCK
