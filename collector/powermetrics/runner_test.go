package powermetrics_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/powermetrics"
)

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

// Samples that are joined are usable: that is told once, and no more of them is
// called flawed.
func TestRunnerTellsOfBatchedCountersOnce(t *testing.T) {
	r := newRig(t, "batched")
	r.start(t)
	joined := func(m attribution.Measurement) bool {
		return m.Window != nil && m.Window.CPU.Busy > 3*m.Window.End.Sub(m.Window.Start)/5 && m.Window.Energy > 0.65
	}
	r.until(t, joined)
	before := strings.Count(r.log.String(), "no usable energy")
	for range 10 {
		r.until(t, joined)
	}
	flaw := r.Stats().Flaw
	r.stop(t)
	log := r.log.String()
	if told, after := strings.Count(log, "published in batches"), strings.Count(log, "no usable energy"); told != 1 || after != before {
		t.Errorf("batches are told of %d times, flaws %d times and %d before; log:\n%s", told, after, before, log)
	}
	if n := r.Stats().Counts.Results; n[powermetrics.ResultJoined] < 20 || n[powermetrics.ResultUnusable] != 7 {
		t.Errorf("counted %v, want 20 or more joined and 7 unusable before", n)
	}
	if flaw != "" {
		t.Errorf("flaw %q of samples that are joined", flaw)
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
		{mode: "stuck", cause: powermetrics.ErrGarbage, hint: "--powermetrics"},
		{mode: "silent", cause: powermetrics.ErrSilent, hint: "by hand"},
		{mode: "ok", refuse: "--format", cause: powermetrics.ErrExited, hint: "refuses format"},
		{mode: "ok", path: "/nowhere/powermetrics", cause: powermetrics.ErrNotFound, detail: "no such file", hint: "comes with macOS"},
		{mode: "ok", path: "/etc/passwd", cause: powermetrics.ErrNotFound, detail: "permission denied", hint: "permissions"},
	}
	for _, tt := range tests {
		t.Run(tt.mode+tt.path+tt.refuse, func(t *testing.T) {
			r := newRig(t, tt.mode)
			r.GiveUp, r.Patience = 3, 300*time.Millisecond
			if tt.mode != "silent" && tt.mode != "stuck" {
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
