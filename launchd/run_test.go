package launchd_test

import (
	"context"
	"errors"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/launchd"
)

var errDead = errors.New("the sampler died")

// outcome returns what RunUnderService returned, and fails the test when it
// does not return: the fault that RunWait is there for.
func outcome(t *testing.T, ctx context.Context, run func(context.Context) error) error {
	t.Helper()
	done := make(chan error, 1)
	go func() { done <- launchd.RunUnderService(ctx, run) }()
	select {
	case err := <-done:
		return err
	case <-time.After(20 * time.Second):
		t.Fatal("still running: the daemon lives on without its work")
		return nil
	}
}

func TestRunEndsWhenTheWorkDies(t *testing.T) {
	err := outcome(t, t.Context(), func(context.Context) error { return errDead })
	if !errors.Is(err, errDead) {
		t.Errorf("got %v, want %v", err, errDead)
	}
}

func TestRunEndsWhenTheWorkIsDone(t *testing.T) {
	if err := outcome(t, t.Context(), func(context.Context) error { return nil }); err != nil {
		t.Errorf("got %v, want nil", err)
	}
}

func TestRunEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	closed := false
	err := outcome(t, ctx, func(ctx context.Context) error {
		cancel()
		<-ctx.Done()
		closed = true // what a daemon does last, such as closing its store
		return errDead
	})
	if !errors.Is(err, errDead) || !closed {
		t.Errorf("got %v, closed %v: want the work's own last word", err, closed)
	}
}

func TestRunEndsOnSIGTERM(t *testing.T) {
	err := outcome(t, t.Context(), func(ctx context.Context) error {
		if err := syscall.Kill(os.Getpid(), syscall.SIGTERM); err != nil {
			return err
		}
		<-ctx.Done()
		return nil
	})
	if err != nil {
		t.Errorf("got %v, want nil after a stop that was asked for", err)
	}
}

// TestInteractive: the tests were started by a person or a script, not by launchd.
func TestInteractive(t *testing.T) {
	if os.Getppid() == 1 {
		t.Skip("started by the first process of this machine")
	}
	if !launchd.Interactive() {
		t.Error("want interactive")
	}
}
