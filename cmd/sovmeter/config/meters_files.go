package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// nonBlocking keeps the opening of a pipe from waiting for who writes to it.
const nonBlocking = syscall.O_NONBLOCK

// secretFileError is what is wrong with a file that holds a secret, with the
// way to mend it.
type secretFileError struct{ what, fix string }

func (e *secretFileError) Error() string { return e.what + ", want " + e.fix }

// checkSecretFile demands a regular file that nobody but its owner may read, who
// is this user or root.
func checkSecretFile(info fs.FileInfo, path string) error {
	if !info.Mode().IsRegular() {
		return &secretFileError{"is " + kind(info.Mode()), "the file with the secret itself"}
	}
	// Root reads what its users keep: the secrets of their own meters.
	user := os.Geteuid()
	if owner, ok := info.Sys().(*syscall.Stat_t); ok && user != 0 && owner.Uid != 0 && int(owner.Uid) != user {
		return &secretFileError{fmt.Sprintf("belongs to another user (uid %d)", owner.Uid), "it your own or root's: sudo chown root " + path}
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return &secretFileError{fmt.Sprintf("may be read by others (mode %04o)", mode), "mode 0600: chmod 600 " + path}
	}
	return nil
}

// saidError is an error about a file in the words of a problem, the path once.
type saidError struct {
	text string
	err  error
}

func (e *saidError) Error() string { return e.text }
func (e *saidError) Unwrap() error { return e.err }

func said(err error, path string) error {
	var file *secretFileError
	var named *fs.PathError
	text := fmt.Sprintf("got %q: %v, want a file of mode 0600 that holds the secret alone", path, err)
	switch {
	case errors.As(err, &file):
		text = fmt.Sprintf("got %q, which %s", path, file)
	case errors.Is(err, fs.ErrPermission):
		text = fmt.Sprintf("got %q, which you may not read, want it your own, or try with sudo", path)
	case errors.As(err, &named):
		text = fmt.Sprintf("got %q: %v, want a file of mode 0600 that holds the secret alone", path, named.Err)
	}
	return &saidError{text, err}
}
