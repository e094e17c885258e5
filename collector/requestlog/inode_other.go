//go:build !darwin && !linux

package requestlog

import "io/fs"

// inode knows nothing here: files are told apart by their content alone.
func inode(fs.FileInfo) (device, number uint64) { return 0, 0 }

// openNow would make opening a pipe not wait; here that is not known.
const openNow = 0
