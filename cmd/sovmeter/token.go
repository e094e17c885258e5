package main

import (
	"fmt"
	"io"
	"os"
	"strings"
)

// maxToken is the longest secret that a file may hold, in bytes.
const maxToken = 4096

// tokenFileError is returned for a file of a secret that others can read.
type tokenFileError struct {
	path string
	mode os.FileMode
}

func (e *tokenFileError) Error() string {
	return fmt.Sprintf("token file %s: others may read it (mode %04o)", e.path, e.mode)
}

// Hint says how to mend it.
func (e *tokenFileError) Hint() string { return "chmod 600 " + e.path }

// readToken reads the secret in a file, which only its owner may read; "" when
// no file is named.
func readToken(path string) (string, error) {
	if path == "" {
		return "", nil
	}
	f, err := openFile("token file", path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", fmt.Errorf("token file: %w", err)
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return "", &tokenFileError{path, mode}
	}
	text, err := io.ReadAll(io.LimitReader(f, maxToken+1))
	if err != nil {
		return "", fmt.Errorf("token file: %w", err)
	}
	token := strings.TrimSpace(string(text))
	if token == "" || len(text) > maxToken {
		return "", fmt.Errorf("token file %s: holds no token of up to %d bytes", path, maxToken)
	}
	return token, nil
}
