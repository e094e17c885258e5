package requestlog

import (
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

// openRegular opens path for reading. It looks before it opens: opening a pipe
// would wait for a writer.
func openRegular(path string) (File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, ErrNotRegular
	}
	return os.Open(path)
}
