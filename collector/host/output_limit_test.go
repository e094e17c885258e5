package host

import (
	"context"
	"testing"
)

// TestToolOutputIsBounded: a tool that prints more than commandOutput must be an error.
func TestToolOutputIsBounded(t *testing.T) {
	out, err := runCommand(context.Background(), "/bin/sh", "-c", "head -c 67108864 /dev/zero")
	if err == nil {
		t.Errorf("%d bytes accepted, limit %d", len(out), commandOutput)
	}
}
