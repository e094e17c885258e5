package host

import (
	"context"
	"errors"
	"testing"
	"time"
)

// TestMemoryIsBoundByTheProcessList runs many short processes and GPU clients
// past a meter.
func TestMemoryIsBoundByTheProcessList(t *testing.T) {
	now := time.Date(2026, 5, 1, 8, 0, 0, 0, time.UTC)
	f := NewFake(now)
	m, err := New(Options{Servers: []Server{{Name: "llama", Processes: []string{"llama-server"}}}, System: f})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 1000 {
		pid := 10 + i
		now = now.Add(time.Second)
		f.Spawn(pid, 1, now, Executable{Path: "/bin/llama-server"})
		f.BurnGPU(pid, uint64(pid), time.Second)
		if _, err := m.Sample(context.Background(), now); err != nil && !errors.Is(err, ErrNoData) {
			t.Fatal(err)
		}
		f.Exit(pid)
	}
	const listed = 2 // pid 1 and the last one
	if l, b, g := len(m.families.live), len(m.families.byPID), len(m.gpu.before); l != listed || b != listed || g != 1 {
		t.Errorf("%d processes, %d pids, %d GPU clients remembered; want %d, %d, 1", l, b, g, listed, listed)
	}
}
