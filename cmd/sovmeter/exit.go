package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/sovmeter/sovmeter/cmd/sovmeter/config"
	"github.com/sovmeter/sovmeter/exporter/report"
)

// The exit codes, as scripts rely on them.
const (
	exitOK         = 0
	exitRuntime    = 1 // something went wrong while running
	exitUsage      = 2 // wrong arguments or config
	exitThreshold  = 3 // a limit that the user set is exceeded
	exitNoData     = 4 // not enough data for an answer
	exitWeakSource = 5 // the energy was measured at a weaker place than asked for
	// exitInterrupted is what a shell reports for a program ended by SIGINT.
	exitInterrupted = 130
)

// usageError is a mistake in the command line.
type usageError struct{ err error }

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

// hinted is any error of ours that says how to mend it.
type hinted interface{ Hint() string }

// hintError is an error that its user can mend, with what to do about it.
type hintError struct {
	err  error
	hint string
}

func (e *hintError) Error() string { return e.err.Error() }
func (e *hintError) Unwrap() error { return e.err }

// Hint implements hinted.
func (e *hintError) Hint() string { return e.hint }

// exitCode prints err for people, with the way to mend it, and returns the
// code that fits.
func exitCode(err error, stderr io.Writer) int {
	if err == nil {
		return exitOK
	}
	if errors.Is(err, context.Canceled) {
		fmt.Fprintln(stderr, "sovmeter: interrupted")
		return exitInterrupted
	}
	for line := range strings.Lines(err.Error()) {
		fmt.Fprintln(stderr, "sovmeter:", strings.TrimRight(line, "\n"))
	}
	var h hinted
	if errors.As(err, &h) && h.Hint() != "" {
		fmt.Fprintln(stderr, "sovmeter: hint:", h.Hint())
	}
	var usage *usageError
	var invalid *config.InvalidError
	var missing *config.MissingError
	var unreadable *config.UnreadableError
	var limit *limitError
	switch {
	case errors.As(err, &limit):
		return limit.code
	case errors.As(err, &usage), errors.As(err, &invalid), errors.As(err, &missing), errors.As(err, &unreadable):
		return exitUsage
	case errors.Is(err, report.ErrNoData):
		return exitNoData
	}
	return exitRuntime
}
