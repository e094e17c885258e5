package llamacpp_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/requestlog"
	"github.com/sovmeter/sovmeter/collector/requestlog/llamacpp"
)

// builds are the names of the logs in testdata/builds.
func builds(t testing.TB) []string {
	t.Helper()
	paths, err := filepath.Glob("testdata/builds/*.lines")
	if err != nil || len(paths) < 9 {
		t.Fatalf("logs %v, %v", paths, err)
	}
	var names []string
	for _, path := range paths {
		names = append(names, strings.TrimSuffix(filepath.Base(path), ".lines"))
	}
	return names
}

// buildLines reads a log whose lines begin with their arrival in seconds, or "-".
func buildLines(t testing.TB, name string) []requestlog.Line {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata/builds", name+".lines"))
	if err != nil {
		t.Fatal(err)
	}
	var lines []requestlog.Line
	offset := int64(0)
	for row := range bytes.Lines(data) {
		arrival, line, _ := bytes.Cut(bytes.TrimSuffix(row, []byte("\n")), []byte(" "))
		l := requestlog.Line{Data: line, Offset: offset}
		if at, ok := moment(t, string(arrival)); ok {
			l.Arrival = at
		}
		lines = append(lines, l)
		offset += int64(len(line)) + 1
	}
	return lines
}

// moment reads seconds; "-" and "" are none.
func moment(t testing.TB, s string) (time.Time, bool) {
	t.Helper()
	if s == "" || s == "-" {
		return time.Time{}, false
	}
	d, err := time.ParseDuration(s + "s")
	if err != nil {
		t.Fatal(err)
	}
	return time.Unix(0, int64(d)).UTC(), true
}

// expected is a request as .requests.jsonl has it.
type expected struct {
	Task, Model, Outcome           string
	Start, First, End, Within      json.Number
	Input, Cached, Output, Context *int64
	Reused                         *float64
}

func expectedOf(r attribution.Request) expected {
	count := func(c attribution.Count) *int64 {
		if !c.Known {
			return nil
		}
		return &c.N
	}
	e := expected{
		Task: tail(r.ID), Model: r.Model, Outcome: string(r.Outcome),
		Input: count(r.Input), Cached: count(r.Cached), Output: count(r.Output), Context: count(r.Context),
	}
	if r.Reused.Known {
		e.Reused = &r.Reused.Of
	}
	return e
}

func readExpected(t *testing.T, name string) []expected {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata/builds", name+".requests.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var all []expected
	d := json.NewDecoder(f)
	d.DisallowUnknownFields()
	for d.More() {
		var e expected
		if err := d.Decode(&e); err != nil {
			t.Fatal(err)
		}
		all = append(all, e)
	}
	return all
}

func TestBuilds(t *testing.T) {
	for _, name := range builds(t) {
		t.Run(name, func(t *testing.T) {
			p := llamacpp.New(requestlog.Options{Server: "s"})
			var got []attribution.Request
			for _, l := range buildLines(t, name) {
				if p.Parse(l) == requestlog.Malformed {
					t.Errorf("malformed: %s", l.Data)
				}
				got = append(got, p.Take().Requests...)
			}
			want := readExpected(t, name)
			if len(got) != len(want) {
				t.Fatalf("%d requests, want %d: %+v", len(got), len(want), got)
			}
			ids := map[string]bool{}
			for i, r := range got {
				w := want[i]
				ids[r.ID] = true
				compareTimes(t, w, r)
				w.Start, w.First, w.End, w.Within = "", "", "", ""
				if diff := cmp.Diff(w, expectedOf(r)); diff != "" {
					t.Errorf("task %s (-want +got):\n%s", w.Task, diff)
				}
			}
			if len(ids) != len(want) {
				t.Errorf("ids %v", ids)
			}
		})
	}
}

func compareTimes(t *testing.T, w expected, r attribution.Request) {
	t.Helper()
	for _, x := range []struct {
		name string
		want json.Number
		got  time.Time
	}{{"start", w.Start, r.Start}, {"first token", w.First, r.FirstToken}, {"end", w.End, r.End}} {
		if at, _ := moment(t, string(x.want)); !at.Equal(x.got) {
			t.Errorf("task %s: %s %v, want %v", w.Task, x.name, x.got, at)
		}
	}
	within, _ := moment(t, string(w.Within))
	if want := within.Sub(time.Unix(0, 0)); !within.IsZero() && r.Uncertainty != want || within.IsZero() && r.Uncertainty != 0 {
		t.Errorf("task %s: uncertainty %v, want %s s", w.Task, r.Uncertainty, w.Within)
	}
}

// TestBuildsRestart stops and restarts the parser after every line.
func TestBuildsRestart(t *testing.T) {
	for _, name := range builds(t) {
		t.Run(name, func(t *testing.T) {
			opt := requestlog.Options{Server: "s"}
			p, q := llamacpp.New(opt), llamacpp.New(opt)
			for i, l := range buildLines(t, name) {
				vp, vq := p.Parse(l), q.Parse(l)
				if diff := cmp.Diff(p.Take(), q.Take()); diff != "" || vp != vq {
					t.Fatalf("line %d: %v, after a restart %v (-want +got):\n%s", i+1, vp, vq, diff)
				}
				state, err := q.State()
				if err != nil {
					t.Fatal(err)
				}
				q = llamacpp.New(opt)
				if err := q.Restore(state); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func TestBuildsDetect(t *testing.T) {
	for _, name := range builds(t) {
		var sample [][]byte
		for _, l := range buildLines(t, name) {
			sample = append(sample, l.Data)
		}
		if n := llamacpp.Detect(sample); n < 5 {
			t.Errorf("%s: %d of %d lines recognised", name, n, len(sample))
		}
	}
}
