package config

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"
)

// MissingError is returned by Load when there is no file.
type MissingError struct{ Path string }

func (e *MissingError) Error() string { return fmt.Sprintf("config %s: no such file", e.Path) }

// Hint says how to get a config.
func (e *MissingError) Hint() string {
	return fmt.Sprintf("write one with: sovmeter check --example > %s, or name another with --config", e.Path)
}

// UnreadableError is returned by Load when there is something that cannot be
// read as a file.
type UnreadableError struct {
	Path string
	Err  error
}

func (e *UnreadableError) Error() string {
	cause := e.Err
	var named *fs.PathError // says the path once more
	if errors.As(e.Err, &named) {
		cause = named.Err
	}
	return fmt.Sprintf("config %s: %v", e.Path, cause)
}

// Unwrap returns the cause.
func (e *UnreadableError) Unwrap() error { return e.Err }

// Hint says what to do about it; it may be empty.
func (e *UnreadableError) Hint() string {
	switch {
	case errors.Is(e.Err, syscall.EISDIR):
		return "name the file itself with --config"
	case errors.Is(e.Err, fs.ErrPermission):
		return "it may belong to root: try with sudo"
	}
	return ""
}

// Problem is one thing that is wrong in a file.
type Problem struct {
	Line, Column int    // 1-based; 0 when the problem has no place
	Key          string // such as servers[0].port; empty for the file as a whole
	Text         string // the value got and what is allowed
}

// InvalidError is returned for a file that was read but cannot be used.
type InvalidError struct {
	Path     string
	Problems []Problem // by line; at least one
}

func (e *InvalidError) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = p.in(e.Path)
	}
	return strings.Join(lines, "\n")
}

func (p Problem) in(path string) string {
	place := path
	if p.Line > 0 {
		place = fmt.Sprintf("%s:%d:%d", path, p.Line, p.Column)
	}
	if p.Key == "" {
		return fmt.Sprintf("%s: %s", place, p.Text)
	}
	return fmt.Sprintf("%s: %s: %s", place, p.Key, p.Text)
}
