package proxy

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// logFile is the log as it is written. It is made when it is not there, and
// again when it was renamed or removed, so it can be rotated in any way.
type logFile struct {
	path string
	file *os.File // nil: not open
	// torn is set when the file may end in the middle of a line, as after a
	// crash or on a full disk: the next line begins with a line end.
	torn bool
}

// open opens the file for appending.
func (l *logFile) open() error {
	if info, err := os.Stat(l.path); err == nil && info.IsDir() {
		return &HintError{fmt.Errorf("log %s: %w: a folder", l.path, ErrLog), "name a file in it, such as " + l.path + "/requests.jsonl"}
	}
	torn, err := endsWithin(l.path)
	if err != nil {
		return l.cannot(err)
	}
	file, err := os.OpenFile(l.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return l.cannot(err)
	}
	l.file, l.torn = file, torn
	return nil
}

func (l *logFile) cannot(err error) error {
	wrapped := fmt.Errorf("log: %w", err)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &HintError{wrapped, "make its folder first"}
	case errors.Is(err, fs.ErrPermission):
		return &HintError{wrapped, "choose a log that this user may write"}
	}
	return wrapped
}

// endsWithin reports whether a file ends in the middle of a line.
func endsWithin(path string) (bool, error) {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() || info.Size() == 0 {
		return false, nil // opening it for writing says what is wrong
	}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrPermission) {
		return false, nil // it may be written all the same
	}
	if err != nil {
		return false, err
	}
	defer f.Close()
	var last [1]byte
	if _, err := f.ReadAt(last[:], info.Size()-1); err != nil {
		return false, err
	}
	return last[0] != '\n', nil
}

// write appends a line in one write.
func (l *logFile) write(line []byte) error {
	if l.file == nil || l.moved() {
		l.close()
		if err := l.open(); err != nil {
			return err
		}
	}
	if l.torn {
		line = append([]byte{'\n'}, line...)
	}
	n, err := l.file.Write(line)
	if err != nil {
		l.torn = l.torn || n > 0
		l.close()
		return fmt.Errorf("log: %w", err)
	}
	l.torn = false
	return nil
}

// moved reports whether the path no longer leads to the open file.
func (l *logFile) moved() bool {
	there, err := os.Stat(l.path)
	if err != nil {
		return true
	}
	ours, err := l.file.Stat()
	return err != nil || !os.SameFile(there, ours)
}

func (l *logFile) close() {
	if l.file != nil {
		l.file.Close()
		l.file = nil
	}
}
