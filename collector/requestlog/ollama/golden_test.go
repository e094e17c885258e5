package ollama_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/requestlog"
	"github.com/sovmeter/sovmeter/collector/requestlog/ollama"
	"github.com/sovmeter/sovmeter/collector/requestlog/parsertest"
)

// begun is the moment that the arrivals in hand-written logs count from.
var begun = time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)

// script makes lines of a hand-written log: "@SECONDS text" for a line that
// arrived so long after begun, and text alone for one of which nobody knows.
func script(lines ...string) []requestlog.Line {
	var out []requestlog.Line
	offset := int64(0)
	for _, text := range lines {
		l := requestlog.Line{Offset: offset}
		if at, rest, ok := strings.Cut(text, " "); ok && strings.HasPrefix(at, "@") {
			if sec, err := strconv.ParseFloat(at[1:], 64); err == nil {
				l.Arrival = begun.Add(time.Duration(sec * float64(time.Second)).Round(time.Microsecond))
				text = rest
			}
		}
		l.Data = []byte(text)
		offset += int64(len(text)) + 1
		out = append(out, l)
	}
	return out
}

// read gives lines to a parser and returns all that it found.
func read(t testing.TB, p *ollama.Parser, lines []requestlog.Line) (requestlog.Facts, []requestlog.Verdict) {
	t.Helper()
	var all requestlog.Facts
	var verdicts []requestlog.Verdict
	for _, l := range lines {
		verdicts = append(verdicts, p.Parse(l))
		f := p.Take()
		all.Requests = append(all.Requests, f.Requests...)
		all.Loads = append(all.Loads, f.Loads...)
		all.Remote = append(all.Remote, f.Remote...)
		all.InFlight, all.Loading, all.Latest, all.Waiting = f.InFlight, f.Loading, f.Latest, f.Waiting
	}
	return all, verdicts
}

// expected is a line of a golden file: a request, a load, or a call served
// elsewhere.
type expected struct {
	Kind        string `json:"kind"`
	Model       string `json:"model"`
	Start       string `json:"start"`
	FirstToken  string `json:"first_token,omitempty"`
	End         string `json:"end"`
	Outcome     string `json:"outcome,omitempty"`
	Input       *int64 `json:"input,omitempty"` // absent: unknown
	Cached      *int64 `json:"cached,omitempty"`
	Output      *int64 `json:"output,omitempty"`
	Context     *int64 `json:"context,omitempty"`
	Uncertainty string `json:"uncertainty,omitempty"`
}

func known(c attribution.Count) *int64 {
	if !c.Known {
		return nil
	}
	return &c.N
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Round(time.Millisecond).Format("15:04:05.000")
}

func found(f requestlog.Facts) []expected {
	var out []expected
	for _, r := range f.Requests {
		e := expected{
			Kind: "request", Model: r.Model, Start: stamp(r.Start), FirstToken: stamp(r.FirstToken), End: stamp(r.End),
			Outcome: string(r.Outcome), Input: known(r.Input), Cached: known(r.Cached), Output: known(r.Output), Context: known(r.Context),
		}
		if r.Uncertainty > 0 {
			e.Uncertainty = r.Uncertainty.Round(time.Millisecond).String()
		}
		out = append(out, e)
	}
	for _, l := range f.Loads {
		out = append(out, expected{Kind: "load", Model: l.Model, Start: stamp(l.Start), End: stamp(l.End)})
	}
	for _, c := range f.Remote {
		out = append(out, expected{Kind: "remote", Model: c.Model, Start: stamp(c.Start), End: stamp(c.End), Outcome: string(c.Outcome), Input: known(c.Input)})
	}
	return out
}

func scripts(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no hand-written logs: %v", err)
	}
	return files
}

func readScript(t testing.TB, file string) []requestlog.Line {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return script(strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")...)
}

// TestGolden reads hand-written logs and compares with the lines written down
// beside them.
func TestGolden(t *testing.T) {
	for _, file := range scripts(t) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			facts, verdicts := read(t, ollama.New(requestlog.Options{Server: "s"}), readScript(t, file))
			var got []string
			for _, e := range found(facts) {
				line, err := json.Marshal(e)
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, string(line))
			}
			data, err := os.ReadFile(strings.TrimSuffix(file, ".txt") + ".jsonl")
			if err != nil {
				t.Fatal(err)
			}
			want := strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			for i, v := range verdicts {
				if v == requestlog.Malformed && !strings.HasPrefix(filepath.Base(file), "forged") {
					t.Errorf("line %d is malformed", i+1)
				}
			}
		})
	}
}

// TestRestartAtEveryLine: a parser that is stopped and restored after any line
// gives what one gives that is not.
func TestRestartAtEveryLine(t *testing.T) {
	logs := map[string][]requestlog.Line{}
	for _, file := range scripts(t) {
		logs[filepath.Base(file)] = readScript(t, file)
	}
	for _, run := range []string{"ollama-debug", "tworunners", "twins"} {
		arrivals, offset := readArrivals(t, run), int64(0)
		for _, line := range strings.SplitAfter(string(capture(t, run)), "\n") {
			at, _ := arrivals.At(offset)
			logs[run] = append(logs[run], requestlog.Line{Data: []byte(strings.TrimSuffix(line, "\n")), Offset: offset, Arrival: at})
			offset += int64(len(line))
		}
		for _, l := range logs[run] { // the same that nobody watched
			l.Arrival, l.Spread = time.Time{}, requestlog.SpreadUnknown
			logs[run+", unwatched"] = append(logs[run+", unwatched"], l)
		}
	}
	for name, lines := range logs {
		t.Run(name, func(t *testing.T) { contract().Agree(t, lines, parsertest.Always) })
	}
}

func TestRestoreRefuses(t *testing.T) {
	for name, data := range map[string][]byte{"nothing": nil, "garbage": []byte("garbage"), "an empty map": {0xa0}, "a number": {0x01}} {
		if err := ollama.New(requestlog.Options{}).Restore(data); err == nil {
			t.Errorf("%s was restored", name)
		} else if strings.Contains(fmt.Sprint(err), "garbage") {
			t.Errorf("the error shows the data: %v", err)
		}
	}
}
