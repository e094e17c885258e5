package powermetrics_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/powermetrics"
)

// rig is a Runner over the fake tool.
type rig struct {
	*powermetrics.Runner
	dir    string
	log    *safeBuffer
	out    chan attribution.Measurement
	cancel context.CancelFunc
	done   chan error
}

func newRig(t *testing.T, mode string) *rig {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{dir: t.TempDir(), log: &safeBuffer{}, out: make(chan attribution.Measurement), done: make(chan error, 1)}
	t.Setenv(fakeMode, mode)
	t.Setenv(fakeDir, r.dir)
	r.Runner = &powermetrics.Runner{
		Path: self, Interval: 50 * time.Millisecond, Log: zerolog.New(r.log),
		FirstWait: 10 * time.Millisecond, MaxWait: 40 * time.Millisecond, Grace: 300 * time.Millisecond,
	}
	return r
}

func (r *rig) start(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r.cancel = cancel
	go func() { r.done <- r.Run(ctx, r.out) }()
	t.Cleanup(func() {
		cancel()
		r.noOrphan(t)
	})
}

// until takes measurements until one satisfies want.
func (r *rig) until(t *testing.T, want func(attribution.Measurement) bool) {
	t.Helper()
	late := time.After(20 * time.Second)
	for {
		select {
		case m := <-r.out:
			if want(m) {
				return
			}
		case err := <-r.done:
			t.Fatalf("Run ended with %v; log:\n%s", err, r.log)
		case <-late:
			t.Fatalf("nothing came in time; log:\n%s", r.log)
		}
	}
}

func isWindow(m attribution.Measurement) bool { return m.Window != nil }

func isGap(reason attribution.GapReason) func(attribution.Measurement) bool {
	return func(m attribution.Measurement) bool { return m.Gap != nil && m.Gap.Reason == reason }
}

// stop ends Run and checks how it ends.
func (r *rig) stop(t *testing.T) {
	t.Helper()
	r.cancel()
	select {
	case err := <-r.done:
		if err != nil {
			t.Errorf("Run returned %v after its context ended", err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("Run does not end")
	}
	r.noOrphan(t)
}

// noOrphan checks that every process the fake ever started is gone.
func (r *rig) noOrphan(t *testing.T) {
	t.Helper()
	late := time.After(20 * time.Second)
	for _, line := range r.notes("pids") {
		pid, err := strconv.Atoi(line)
		if err != nil {
			t.Fatal(err)
		}
		for alive(pid) {
			select {
			case <-time.After(5 * time.Millisecond):
			case <-late:
				t.Fatalf("process %d is still alive", pid)
			}
		}
	}
}

// alive is false for a zombie that nobody has reaped yet.
func alive(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return false
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err != nil || !bytes.Contains(stat, []byte(") Z "))
}

func (r *rig) notes(file string) []string {
	b, err := os.ReadFile(filepath.Join(r.dir, file))
	if err != nil {
		return nil
	}
	return strings.Split(strings.TrimSpace(string(b)), "\n")
}

type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// untilRestarts takes measurements until Run has restarted the tool n times.
func (r *rig) untilRestarts(t *testing.T, n int64) {
	t.Helper()
	late := time.After(20 * time.Second)
	for r.Stats().Restarts < n {
		select {
		case <-r.out:
		case <-time.After(5 * time.Millisecond):
		case err := <-r.done:
			t.Fatalf("Run ended with %v", err)
		case <-late:
			t.Fatalf("no restart %d", n)
		}
	}
}

// pauses returns how long each restart was waited for, as logged.
func (r *rig) pauses() (out []string) {
	for line := range strings.Lines(r.log.String()) {
		var entry struct{ Pause string }
		if json.Unmarshal([]byte(line), &entry) == nil && entry.Pause != "" {
			out = append(out, entry.Pause)
		}
	}
	return out
}
