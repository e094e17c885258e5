package host

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"time"
)

// The limits of a system tool that we start: one poll must not hang on it nor
// fill the memory. ioreg prints about 1 MB for 200 GPU clients.
const (
	commandTimeout = 3 * time.Second
	commandOutput  = 32 << 20
)

var errTooLong = errors.New("it printed more than expected")

// runCommand runs a tool and returns its standard output. The child is killed
// when ctx ends or the time is up; what it says on standard error is dropped.
func runCommand(ctx context.Context, name string, args ...string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, commandTimeout)
	defer cancel()
	out := limitedBuffer{left: commandOutput}
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Stdout = struct{ io.Writer }{&out} // hides ReadFrom, which would pass the limit by
	cmd.WaitDelay = time.Second            // a grandchild may hold the pipe
	err := cmd.Run()
	if ctx.Err() != nil {
		return nil, fmt.Errorf("run %s: %w", name, ctx.Err())
	}
	if err != nil {
		return nil, fmt.Errorf("run %s: %w", name, err)
	}
	return out.Bytes(), nil
}

// limitedBuffer refuses to grow beyond its limit; the child then gets a broken
// pipe.
type limitedBuffer struct {
	bytes.Buffer
	left int
}

func (b *limitedBuffer) Write(p []byte) (int, error) {
	if len(p) > b.left {
		return 0, errTooLong
	}
	b.left -= len(p)
	return b.Buffer.Write(p)
}
