package powermetrics

import (
	"errors"
	"fmt"
	"io/fs"
	"os/exec"
)

// how says in a few words how the child ended.
func (e *ending) how() string {
	switch {
	case e.silent:
		return ErrSilent.Error()
	case e.odd:
		return ErrGarbage.Error()
	case e.err == nil:
		return "exit status 0"
	}
	return e.err.Error()
}

// startError says why a child gave no sample.
func (e *ending) startError(path string) *StartError {
	out := &StartError{Path: path, Detail: e.detail()}
	switch {
	case !e.started && (errors.Is(e.err, fs.ErrNotExist) || errors.Is(e.err, exec.ErrNotFound)):
		out.Cause = ErrNotFound
		out.Hint = "powermetrics comes with macOS at " + DefaultPath + "; elsewhere there is none, and --powermetrics must name an executable that exists"
	case !e.started:
		out.Cause = ErrNotFound
		out.Hint = "check that the file is an executable for this machine and that its permissions allow to run it"
	case e.notes.superuser:
		out.Cause = ErrNotRoot
		out.Hint = "run sovmeter with sudo, or install it as a service: sudo sovmeter service install"
	case e.odd:
		out.Cause = ErrGarbage
		out.Hint = "check that --powermetrics names Apple's powermetrics, not a wrapper that prints text"
	case e.silent:
		out.Cause = ErrSilent
		out.Hint = "run the same command by hand and see whether it prints anything"
	case e.refused != "":
		out.Cause = ErrExited
		out.Hint = "this powermetrics refuses " + e.refused + ", which sovmeter cannot do without; it needs macOS 12 or later on Apple Silicon"
	default:
		out.Cause = ErrExited
		out.Hint = "run the same command by hand to see why it ends"
	}
	return out
}

func (e *ending) detail() string {
	if !e.started {
		return e.err.Error()
	}
	exit := "exit status 0"
	if e.err != nil {
		exit = e.err.Error()
	}
	if e.notes.last == "" {
		return exit
	}
	return fmt.Sprintf("%s, after %q", exit, e.notes.last)
}
