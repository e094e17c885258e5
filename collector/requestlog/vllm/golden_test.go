package vllm_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/requestlog"
	"github.com/sovmeter/sovmeter/collector/requestlog/vllm"
)

// base is when the logs in testdata begin; their stamps are this in UTC.
var base = time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)

// golden is a request or load as written down beside a log, by hand. Times are
// seconds after base; null: unknown.
type golden struct {
	Load     bool     `json:"load,omitempty"`
	Model    string   `json:"model,omitempty"`
	Start    *float64 `json:"start"`
	First    *float64 `json:"first,omitempty"`
	End      *float64 `json:"end"`
	Input    *int64   `json:"input,omitempty"`
	Cached   *int64   `json:"cached,omitempty"`
	Output   *int64   `json:"output,omitempty"`
	Context  *int64   `json:"context,omitempty"`
	Reused   *float64 `json:"reused,omitempty"`
	Outcome  string   `json:"outcome,omitempty"`
	Off      float64  `json:"off,omitempty"` // uncertainty, seconds
	Position int64    `json:"line,omitempty"`
}

func goldenOf(r attribution.Request) golden {
	g := golden{
		Model: r.Model, Start: seconds(r.Start), First: seconds(r.FirstToken), End: seconds(r.End),
		Input: count(r.Input), Cached: count(r.Cached), Output: count(r.Output), Context: count(r.Context),
		Outcome: string(r.Outcome), Off: r.Uncertainty.Seconds(), Position: r.Position,
	}
	if r.Reused.Known {
		g.Reused = &r.Reused.Of
	}
	return g
}

func goldenLoad(l attribution.ModelLoad) golden {
	return golden{Load: true, Model: l.Model, Start: seconds(l.Start), End: seconds(l.End)}
}

func seconds(t time.Time) *float64 {
	if t.IsZero() {
		return nil
	}
	s := t.Sub(base).Round(time.Millisecond).Seconds()
	return &s
}

func count(c attribution.Count) *int64 {
	if !c.Known {
		return nil
	}
	return &c.N
}

// logLines reads a log of testdata: each line has its arrival in front, in
// seconds after base, and a tab. A line's offset is its number, from 1.
func logLines(t testing.TB, name string) []requestlog.Line {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name+".log"))
	if err != nil {
		t.Fatal(err)
	}
	var out []requestlog.Line
	for i, row := range strings.Split(strings.TrimSuffix(string(data), "\n"), "\n") {
		at, text, ok := strings.Cut(row, "\t")
		sec, err := strconv.ParseFloat(at, 64)
		if !ok || err != nil {
			t.Fatalf("%s: line %d has no arrival", name, i+1)
		}
		out = append(out, requestlog.Line{
			Data: []byte(text), Offset: int64(i + 1), Arrival: base.Add(time.Duration(sec * float64(time.Second))),
		})
	}
	return out
}

func wanted(t testing.TB, name string) []golden {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name+".requests.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	var out []golden
	for s := bufio.NewScanner(bytes.NewReader(data)); s.Scan(); {
		var g golden
		if err := json.Unmarshal(s.Bytes(), &g); err != nil {
			t.Fatal(err)
		}
		out = append(out, g)
	}
	return out
}

// goldens are the logs in testdata.
var goldens = []string{"requests", "outputs", "default", "nostats", "v0"}

func parse(t testing.TB, p requestlog.Parser, lines []requestlog.Line, restartAt int) []golden {
	t.Helper()
	var out []golden
	for i, l := range lines {
		if i == restartAt {
			p = restarted(t, p)
		}
		p.Parse(l)
		f := p.Take()
		for _, r := range f.Requests {
			out = append(out, goldenOf(r))
		}
		for _, d := range f.Loads {
			out = append(out, goldenLoad(d))
		}
	}
	return out
}

func restarted(t testing.TB, p requestlog.Parser) requestlog.Parser {
	t.Helper()
	state, err := p.State()
	if err != nil {
		t.Fatal(err)
	}
	q := vllm.New(requestlog.Options{Server: "s"})
	if err := q.Restore(state); err != nil {
		t.Fatal(err)
	}
	return q
}

func TestGolden(t *testing.T) {
	for _, name := range goldens {
		t.Run(name, func(t *testing.T) {
			got := parse(t, vllm.New(requestlog.Options{Server: "s"}), logLines(t, name), -1)
			if diff := cmp.Diff(wanted(t, name), got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestRestartAnywhere(t *testing.T) {
	for _, name := range goldens {
		lines, want := logLines(t, name), wanted(t, name)
		for cut := range lines {
			got := parse(t, vllm.New(requestlog.Options{Server: "s"}), lines, cut)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s: restarted before line %d (-want +got):\n%s", name, cut+1, diff)
			}
		}
	}
}

func TestDetect(t *testing.T) {
	for _, name := range goldens {
		var sample [][]byte
		for _, l := range logLines(t, name) {
			sample = append(sample, l.Data)
		}
		if n := vllm.Detect(sample); n < 3 {
			t.Errorf("%s: only %d lines recognised", name, n)
		}
	}
	foreign := []string{
		"0.06.536.043 I slot launch_slot_: id  0 | task 6 | processing task, is_child = 0",
		`[GIN] 2026/11/24 - 10:00:00 | 200 |  1.2s |       127.0.0.1 | POST     "/api/chat"`,
		"time=2026-11-24T10:00:00.000Z level=INFO source=server.go:1 msg=x",
		"INFO:vllm_mlx.server:Chat completion (stream): 60 tokens in 3.00s (20.0 tok/s)",
		`{"gen_ai.request.model":"m"}`, "", "INFO", "2026-11-24",
	}
	for _, line := range foreign {
		if vllm.Detect([][]byte{[]byte(line)}) != 0 {
			t.Errorf("recognised %q", line)
		}
	}
}
