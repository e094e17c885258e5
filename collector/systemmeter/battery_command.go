package systemmeter

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os/exec"
	"syscall"
	"time"
)

// maxToolOutput bounds what a tool may print. ioreg prints some tens of KB of a
// battery.
const maxToolOutput = 1 << 20

var errTooLong = fmt.Errorf("it printed more than %d KiB: %w", maxToolOutput>>10, ErrFormat)

// runCommand runs a tool and returns its standard output. It and whatever it
// started are killed when ctx ends or two seconds are over; what it says on
// standard error is dropped.
func runCommand(ctx context.Context, name string, args ...string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, questionTimeout)
	defer cancel()
	out := limitedBuffer{left: maxToolOutput}
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Stdout = struct{ io.Writer }{&out} // hides ReadFrom, which would pass the limit by
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return killGroup(cmd.Process.Pid) }
	cmd.WaitDelay = time.Second // in case something outlives that and holds the pipe
	err := cmd.Run()
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return nil, fmt.Errorf("run %s: %w", name, ErrTimeout)
	case ctx.Err() != nil:
		return nil, fmt.Errorf("run %s: %w", name, ctx.Err())
	case errors.Is(err, fs.ErrNotExist):
		return nil, hint(fmt.Errorf("run %s: it is not there: %w", name, ErrAbsent), "battery telemetry can be read on a Mac only")
	case out.full:
		return nil, fmt.Errorf("run %s: %w", name, errTooLong)
	case err != nil:
		return nil, fmt.Errorf("run %s: %w: %w", name, ErrUnavailable, err)
	}
	return out.Bytes(), nil
}

// killGroup ends the process group that a child leads.
func killGroup(leader int) error {
	err := syscall.Kill(-leader, syscall.SIGKILL)
	if errors.Is(err, syscall.ESRCH) {
		return nil
	}
	return err
}

// limitedBuffer refuses to grow beyond its limit; the child then gets a broken
// pipe.
type limitedBuffer struct {
	bytes.Buffer
	left int
	full bool
}

func (b *limitedBuffer) Write(p []byte) (int, error) {
	if len(p) > b.left {
		b.full = true
		return 0, errTooLong
	}
	b.left -= len(p)
	return b.Buffer.Write(p)
}
