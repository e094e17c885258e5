package requestlog

import (
	"cmp"
	"io"
	"io/fs"
	"os"
)

// File is what a Follower needs of an open file. *os.File is one.
type File interface {
	io.ReaderAt
	io.Closer
	Stat() (fs.FileInfo, error)
}

// openRegular opens path for reading. It looks before it opens, since opening a
// device may do something, and looks again after: a pipe that took the file's
// place meanwhile is opened without waiting for its writer.
func openRegular(path string) (File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, ErrNotRegular
	}
	f, err := os.OpenFile(path, os.O_RDONLY|openNow, 0)
	if err != nil {
		return nil, err
	}
	if info, err = f.Stat(); err == nil && info.Mode().IsRegular() {
		return f, nil
	}
	f.Close() //nolint:errcheck // read only
	return nil, cmp.Or(err, ErrNotRegular)
}
