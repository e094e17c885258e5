package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// lockBeside waits until no other import changes a file of the same folder. Without
// it, of two imports that read a file, add to it and write it, the first to write
// would lose what it added. It is the folder that is locked, as the file itself is
// replaced and nothing should be left beside it.
func lockBeside(path string) (unlock func(), err error) {
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return nil, fmt.Errorf("--out: %w", err)
	}
	for {
		err = syscall.Flock(int(dir.Fd()), syscall.LOCK_EX)
		if !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	// A network share that knows no locks is no reason not to import. Closing the
	// folder ends its lock, as does the end of the program.
	return func() { _ = dir.Close() }, nil
}
