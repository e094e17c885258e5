package sim_test

import (
	"bufio"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/sim"
)

var (
	stampedLine = regexp.MustCompile(`^(\d+)\.(\d\d)\.(\d{3})\.(\d{3}) ([IW]) (.*)$`)
	slotTask    = regexp.MustCompile(`^slot +(\S+): id +(\d+) \| task (\d+) \| (.*)$`)
	numbers     = regexp.MustCompile(`[0-9][0-9.]*`)
)

// logged is what a test's own reading of the log knows of one task.
type logged struct {
	launch, release            time.Duration
	fresh, out, total, context int64
	promptMS, evalMS           float64
	cancelled                  bool
}

// readLog reads a simulated log: the tasks of each run.
func readLog(t *testing.T, text string) []map[int]*logged {
	t.Helper()
	var runs []map[int]*logged
	last := time.Duration(-1)
	for line := range strings.Lines(text) {
		m := stampedLine.FindStringSubmatch(strings.TrimSuffix(line, "\n"))
		if m == nil {
			t.Fatalf("line without a stamp: %q", line)
		}
		stamp := time.Duration(atoi(t, m[1]))*time.Minute + time.Duration(atoi(t, m[2]))*time.Second +
			time.Duration(atoi(t, m[3]))*time.Millisecond + time.Duration(atoi(t, m[4]))*time.Microsecond
		if strings.HasSuffix(m[6], "llama_server: initializing ...") {
			runs, last = append(runs, map[int]*logged{}), -1
		}
		if stamp < last {
			t.Fatalf("stamps go back: %q", line)
		}
		last = stamp
		readTask(t, runs[len(runs)-1], stamp, m[6])
	}
	return runs
}

// readTask notes what one message says of a task.
func readTask(t *testing.T, tasks map[int]*logged, stamp time.Duration, msg string) {
	t.Helper()
	if id, ok := strings.CutPrefix(msg, "srv          stop: cancel task, id_task = "); ok {
		tasks[int(atoi(t, id))].cancelled = true
		return
	}
	m := slotTask.FindStringSubmatch(msg)
	if m == nil {
		return
	}
	id := int(atoi(t, m[3]))
	n := numbers.FindAllString(m[4], -1)
	switch {
	case m[1] == "launch_slot_":
		if tasks[id] != nil {
			t.Fatalf("task %d is launched twice", id)
		}
		tasks[id] = &logged{launch: stamp}
	case strings.HasPrefix(m[4], "prompt eval time"):
		tasks[id].promptMS, tasks[id].fresh = atof(t, n[0]), atoi(t, n[1])
	case strings.HasPrefix(m[4], "       eval time"):
		tasks[id].evalMS, tasks[id].out = atof(t, n[0]), atoi(t, n[1])
	case strings.HasPrefix(m[4], "      total time"):
		tasks[id].total = atoi(t, n[1])
	case m[1] == "release":
		tasks[id].release, tasks[id].context = stamp, atoi(t, n[0])
	}
}

func atoi(t *testing.T, s string) int64 {
	t.Helper()
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func atof(t *testing.T, s string) float64 {
	t.Helper()
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestLogTellsTheTruth(t *testing.T) {
	r := run(t, rough(3))
	runs := readLog(t, r.log.String())
	starts := r.mac.Runs("llama")
	if len(runs) != 3 || len(starts) != 3 {
		t.Fatalf("log has %d runs and Runs %d, want 3", len(runs), len(starts))
	}
	for _, q := range r.truth {
		l := runs[q.Run][q.Task]
		if l == nil {
			t.Fatalf("run %d task %d is not in the log", q.Run, q.Task)
		}
		delete(runs[q.Run], q.Task)
		checkTask(t, l, q, starts[q.Run].Start)
	}
	for i, left := range runs {
		if len(left) > 0 {
			t.Errorf("run %d: the log has %d tasks that are not in the truth", i, len(left))
		}
	}
}

// checkTask holds one task's lines against the truth.
func checkTask(t *testing.T, l *logged, q sim.Truth, start time.Time) {
	t.Helper()
	us := func(a, b time.Duration) bool { return (a - b).Abs() <= time.Microsecond }
	if !us(l.launch, q.Start.Sub(start)) {
		t.Errorf("task %d: launched at %v, truth says %v", q.Task, l.launch, q.Start.Sub(start))
	}
	if q.Outcome == attribution.OutcomeError {
		if l.release != 0 {
			t.Errorf("task %d: released though the server died", q.Task)
		}
		return
	}
	if !us(l.release, q.End.Sub(start)) {
		t.Errorf("task %d: released at %v, truth says %v", q.Task, l.release, q.End.Sub(start))
	}
	context := q.Cached + q.Input + max(q.Output-1, 0)
	if l.context != context {
		t.Errorf("task %d: n_tokens = %d, truth says %d", q.Task, l.context, context)
	}
	if l.cancelled != (q.Outcome == attribution.OutcomeCancelled) {
		t.Errorf("task %d: cancelled %v, truth says %s", q.Task, l.cancelled, q.Outcome)
	}
	if l.cancelled {
		if l.total != 0 {
			t.Errorf("task %d: timings of a cancelled task", q.Task)
		}
		return
	}
	if l.fresh != q.Input || l.out != q.Output || l.total != q.Input+q.Output {
		t.Errorf("task %d: %d + %d = %d tokens, truth says %d + %d", q.Task, l.fresh, l.out, l.total, q.Input, q.Output)
	}
	if first := l.launch + time.Duration(l.promptMS*1e6); (first - q.FirstToken.Sub(start)).Abs() > 10*time.Microsecond {
		t.Errorf("task %d: first token at %v, truth says %v", q.Task, first, q.FirstToken.Sub(start))
	}
	if end := l.launch + time.Duration((l.promptMS+l.evalMS)*1e6); end > l.release || l.release-end > time.Millisecond {
		t.Errorf("task %d: timings end at %v, release at %v", q.Task, end, l.release)
	}
}

func TestStampsStartAgainWithEachRun(t *testing.T) {
	r := run(t, rough(3))
	var begins int
	for i, line := range strings.SplitAfter(strings.TrimSuffix(r.log.String(), "\n"), "\n") {
		if !strings.Contains(line, "initializing ...") {
			continue
		}
		if !strings.HasPrefix(line, "0.00.000.802 ") {
			t.Errorf("run %d begins with %q", begins, line)
		}
		if want := r.mac.Runs("llama")[begins].Start.Add(802 * time.Microsecond); !r.lines[i].Equal(want) {
			t.Errorf("run %d: first line at %v, want %v", begins, r.lines[i], want)
		}
		begins++
	}
	if begins != 3 {
		t.Errorf("%d runs begin, want 3", begins)
	}
}

// shape is a line without its numbers, names and padding.
func shape(line string) string {
	line = regexp.MustCompile(`'[^']*\.gguf'`).ReplaceAllString(line, "'MODEL'")
	line = numbers.ReplaceAllString(line, "#")
	return regexp.MustCompile(` +`).ReplaceAllString(line, " ")
}

// TestShapesOfLines holds every kind of line against recordings of the real
// server.
func TestShapesOfLines(t *testing.T) {
	real := map[string]bool{}
	for _, name := range []string{"llama-parallel4.log", "slow-overlap.log"} {
		f, err := os.Open(filepath.Join("..", "..", "..", "shared", "captures", "servers", name))
		if err != nil {
			t.Skipf("the recordings are not beside this checkout: %v", err)
		}
		defer f.Close()
		for lines := bufio.NewScanner(f); lines.Scan(); {
			real[shape(lines.Text())] = true
		}
	}
	missed, kinds := map[string]bool{}, map[string]bool{}
	r := run(t, rough(3))
	for line := range strings.Lines(r.log.String()) {
		s := shape(strings.TrimSuffix(line, "\n"))
		kinds[s] = true
		if !real[s] && !missed[s] {
			missed[s] = true
			t.Errorf("no recording has a line like %q", line)
		}
	}
	if len(kinds) < 16 {
		t.Errorf("the simulation writes %d kinds of lines, want 16 or more", len(kinds))
	}
}

// TestPadding compares whole lines, byte for byte, with ones recorded from
// llama-server that have the same numbers.
func TestPadding(t *testing.T) {
	s := plain()
	s.Models[0].PrefillRate = 400
	s.Servers[0].Traffic = []sim.Source{asks(788, 120, 30*time.Second)}
	r := run(t, s)
	for _, want := range []string{
		" I slot get_availabl: id  0 | task -1 | selected slot by LRU, n_tokens = 0, t_last = -1\n",
		" I slot launch_slot_: id  0 | task 0 | processing task, is_child = 0\n",
		" I slot print_timing: id  0 | task 0 | prompt eval time =    1970.00 ms /   788 tokens (    2.50 ms per token,   400.00 tokens per second)\n",
		" I slot print_timing: id  0 | task 0 |        eval time =   11900.00 ms /   120 tokens (  100.00 ms per token,    10.00 tokens per second)\n",
		" I slot print_timing: id  0 | task 0 |       total time =   13870.00 ms /   908 tokens\n",
		" I slot print_timing: id  0 | task 0 |    graphs reused =        121\n",
		" I slot print_timing: id  0 | task 0 |   graph reallocs =          0    /     0        (same size) / (changed size)\n",
		" I slot      release: id  0 | task 0 | stop processing: n_tokens = 907, truncated = 0\n",
	} {
		if !strings.Contains(r.log.String(), want) {
			t.Errorf("the log has no line %q", want)
		}
	}
	if t.Failed() {
		t.Log(r.log.String())
	}
}
