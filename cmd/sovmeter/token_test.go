package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestReadToken(t *testing.T) {
	write := func(text string, mode os.FileMode) string {
		path := filepath.Join(t.TempDir(), "token")
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil { // whatever the umask
			t.Fatal(err)
		}
		return path
	}
	if token, err := readToken(write("canary-1\n", 0o600)); token != "canary-1" || err != nil {
		t.Errorf("got %q, %v", token, err)
	}
	if token, err := readToken(""); token != "" || err != nil {
		t.Errorf("no file: got %q, %v", token, err)
	}
	var open *tokenFileError
	if _, err := readToken(write("canary-2", 0o640)); !errors.As(err, &open) {
		t.Errorf("a file that others may read: %v", err)
	}
	for _, text := range []string{" \n", strings.Repeat("canary-3", 1000)} {
		if token, err := readToken(write(text, 0o600)); err == nil || token != "" || strings.Contains(err.Error(), "canary") {
			t.Errorf("%d bytes: got %q, %v", len(text), token, err)
		}
	}
	if _, err := readToken(filepath.Join(t.TempDir(), "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
}
