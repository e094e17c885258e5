package powermetrics_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
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

func TestRunnerMeasures(t *testing.T) {
	r := newRig(t, "ok")
	observed := 0
	r.Observe = func(s *powermetrics.Sample) { observed++ }
	r.start(t)
	for range 12 {
		r.until(t, isWindow)
	}
	if pid := r.Stats().PID; pid == 0 || !alive(pid) {
		t.Errorf("pid %d of the running child is not alive", pid)
	}
	r.stop(t)
	want := "--samplers cpu_power,gpu_power,ane_power,thermal --sample-rate 50 --format plist --buffer-size 0 --poweravg 0 --handle-invalid-values"
	if diff := cmp.Diff([]string{want}, r.notes("args")); diff != "" {
		t.Errorf("arguments (-want +got):\n%s", diff)
	}
	stats := r.Stats()
	if stats.Counts.Results[powermetrics.ResultOK] < 12 || observed < 12 {
		t.Errorf("counted %v, observed %d, want 12 or more", stats.Counts.Results, observed)
	}
	if stats.HWModel != "Mac16,8" || stats.OSBuild != "24F74" || stats.PID != 0 || stats.Starts != 1 || stats.Restarts != 0 {
		t.Errorf("stats %+v", stats)
	}
	if stats.StderrLines < 12 {
		t.Errorf("%d lines on stderr, want 12 or more", stats.StderrLines)
	}
	if n := strings.Count(r.log.String(), "underflow"); n == 0 || n > 5 {
		t.Errorf("%d of %d noise lines logged, want 1 to 5", n, stats.StderrLines)
	}
}

func TestRunnerDropsWhatIsRefused(t *testing.T) {
	r := newRig(t, "ok")
	r.ExtraSamplers = []string{"tasks"}
	t.Setenv(fakeRefuse, "ane_power,tasks,--handle-invalid-values,--sample-rate,--poweravg")
	r.start(t)
	r.until(t, isWindow)
	r.stop(t)
	stats := r.Stats()
	want := []string{"ane_power", "tasks", "handle-invalid-values", "sample-rate", "poweravg"}
	if diff := cmp.Diff(want, stats.Dropped); diff != "" {
		t.Errorf("dropped (-want +got):\n%s", diff)
	}
	args := r.notes("args")
	if last := args[len(args)-1]; last != "--samplers cpu_power,gpu_power,thermal --sample-interval 50 --format plist --buffer-size 0" {
		t.Errorf("arguments at last: %s", last)
	}
	if stats.Restarts != 0 {
		t.Errorf("%d restarts: a refusal is none", stats.Restarts)
	}
}

func TestRunnerRestarts(t *testing.T) {
	r := newRig(t, "dies")
	r.GiveUp = 1 // it worked, so this does not apply
	r.start(t)
	for range 2 {
		r.until(t, isWindow)
		r.until(t, isGap(attribution.GapPowermetrics))
	}
	r.until(t, isWindow)
	r.stop(t)
	stats := r.Stats()
	if stats.Restarts < 2 || stats.Counts.Defects[powermetrics.DefectCut] < 2 {
		t.Errorf("%d restarts, defects %v", stats.Restarts, stats.Counts.Defects)
	}
	if !strings.Contains(r.log.String(), "powermetrics ended; starting it again") {
		t.Errorf("log does not tell of the restart:\n%s", r.log)
	}
}

func TestRunnerKillsWhatIgnoresIt(t *testing.T) {
	r := newRig(t, "stubborn")
	r.start(t)
	r.until(t, isWindow)
	r.stop(t)
}

func TestRunnerLeavesNoGrandchild(t *testing.T) {
	r := newRig(t, "leaves-a-child")
	r.start(t)
	r.until(t, isWindow)
	r.until(t, isGap(attribution.GapPowermetrics)) // the first child is gone
	if pids := r.notes("pids"); len(pids) < 3 {
		t.Fatalf("pids %v: the grandchild did not start", pids)
	}
	r.stop(t)
}

// TestRunnerStopsWhileBlocked ends a Run whose reader went away.
func TestRunnerStopsWhileBlocked(t *testing.T) {
	r := newRig(t, "ok")
	r.start(t)
	r.until(t, isWindow)
	late := time.After(20 * time.Second)
	for r.Stats().Counts.Results[powermetrics.ResultOK] < 2 {
		select {
		case <-time.After(5 * time.Millisecond):
		case <-late:
			t.Fatal("no second sample")
		}
	}
	r.stop(t)
}

func TestRunnerGivesUp(t *testing.T) {
	tests := []struct {
		mode, path, refuse string
		cause              error
		detail, hint       string
	}{
		{mode: "root", cause: powermetrics.ErrNotRoot, detail: "superuser", hint: "sudo"},
		{mode: "root-on-stdout", cause: powermetrics.ErrNotRoot, hint: "sudo"},
		{mode: "exit", cause: powermetrics.ErrExited, detail: "num_resids", hint: "by hand"},
		{mode: "text", cause: powermetrics.ErrGarbage, hint: "--powermetrics"},
		{mode: "flood", cause: powermetrics.ErrGarbage, hint: "--powermetrics"},
		{mode: "silent", cause: powermetrics.ErrSilent, hint: "by hand"},
		{mode: "ok", refuse: "--format", cause: powermetrics.ErrExited, hint: "refuses format"},
		{mode: "ok", path: "/nowhere/powermetrics", cause: powermetrics.ErrNotFound, detail: "no such file", hint: "comes with macOS"},
		{mode: "ok", path: "/etc/passwd", cause: powermetrics.ErrNotFound, detail: "permission denied", hint: "permissions"},
	}
	for _, tt := range tests {
		t.Run(tt.mode+tt.path+tt.refuse, func(t *testing.T) {
			r := newRig(t, tt.mode)
			r.GiveUp, r.Patience = 3, 300*time.Millisecond
			if tt.mode != "silent" {
				r.Patience = time.Minute
			}
			if tt.path != "" {
				r.Path = tt.path
			}
			t.Setenv(fakeRefuse, tt.refuse)
			r.start(t)
			err := <-r.done
			var start *powermetrics.StartError
			if !errors.As(err, &start) || !errors.Is(err, tt.cause) {
				t.Fatalf("error %v, want a StartError for %v", err, tt.cause)
			}
			if !strings.Contains(start.Detail, tt.detail) || !strings.Contains(start.Hint, tt.hint) {
				t.Errorf("detail %q lacks %q, or hint %q lacks %q", start.Detail, tt.detail, start.Hint, tt.hint)
			}
			if !strings.Contains(err.Error(), "no sample in 3 starts") {
				t.Errorf("error %q does not say how often it was tried", err)
			}
			if n := strings.Count(r.log.String(), "has not given a sample yet"); n != 2 {
				t.Errorf("logged %d times before giving up, want 2:\n%s", n, r.log)
			}
		})
	}
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

// TestRunnerNeverGivesUp keeps trying, more and more slowly, and says why.
func TestRunnerNeverGivesUp(t *testing.T) {
	r := newRig(t, "root")
	r.start(t)
	r.untilRestarts(t, 4)
	r.stop(t)
	if n := strings.Count(r.log.String(), "run sovmeter with sudo"); n < 4 {
		t.Errorf("hint logged %d times, want 4 or more", n)
	}
	if diff := cmp.Diff([]string{"10ms", "20ms", "40ms", "40ms"}, r.pauses()[:4]); diff != "" {
		t.Errorf("pauses (-want +got):\n%s", diff)
	}
}

// TestRunnerHealthy falls back to the first pause only after a healthy time.
func TestRunnerHealthy(t *testing.T) {
	for healthy, want := range map[time.Duration][]string{
		time.Nanosecond: {"10ms", "10ms", "10ms"},
		time.Hour:       {"10ms", "20ms", "40ms"},
	} {
		r := newRig(t, "dies")
		r.Healthy = healthy
		r.start(t)
		r.untilRestarts(t, 3)
		r.stop(t)
		if diff := cmp.Diff(want, r.pauses()[:3]); diff != "" {
			t.Errorf("pauses when healthy after %v (-want +got):\n%s", healthy, diff)
		}
	}
}

// TestRunnerWorkedBefore does not give up on a tool that has worked, and does
// not say that it never did.
func TestRunnerWorkedBefore(t *testing.T) {
	r := newRig(t, "works-once")
	r.GiveUp = 1
	r.start(t)
	r.untilRestarts(t, 4)
	r.stop(t)
	if log := r.log.String(); !strings.Contains(log, "gave samples before") || strings.Contains(log, "has not given a sample yet") {
		t.Errorf("log:\n%s", log)
	}
}
