package ollama_test

import (
	"bufio"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/requestlog"
	"github.com/sovmeter/sovmeter/collector/requestlog/ollama"
)

// truth is the client's account of one request.
type truth struct {
	Cancelled    bool
	Start, End   float64
	Model        string
	Status       int
	PromptTokens int64 `json:"prompt_tokens"`
	OutputTokens int64 `json:"output_tokens"`
	EvalDuration int64 `json:"eval_duration"`
	Usage        struct {
		PromptTokens int64 `json:"prompt_tokens"`
	}
	Timings *struct {
		CacheN      int64   `json:"cache_n"`
		PromptN     int64   `json:"prompt_n"`
		PredictedN  int64   `json:"predicted_n"`
		PredictedMS float64 `json:"predicted_ms"`
	}
}

func readTruth(t *testing.T, files ...string) []truth {
	t.Helper()
	var all []truth
	for _, name := range files {
		f, err := os.Open(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		for sc := bufio.NewScanner(f); sc.Scan(); {
			var tr truth
			if err := json.Unmarshal(sc.Bytes(), &tr); err != nil {
				t.Fatal(err)
			}
			all = append(all, tr)
		}
	}
	return all
}

func readArrivals(t testing.TB, run string) requestlog.Arrivals {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", run+".arrivals.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	a, err := requestlog.ReadArrivals(f)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func capture(t testing.TB, run string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", run+".log"))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

type replayed struct {
	requests []attribution.Request
	loads    []attribution.ModelLoad
	remote   []attribution.RemoteCall
	counts   attribution.LineCounts
	last     requestlog.Facts
}

func replay(t *testing.T, run string, a requestlog.Arrivals, opt requestlog.Options) replayed {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", run+".log"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out replayed
	out.counts, err = requestlog.Replay(f, a, ollama.New(opt), func(f requestlog.Facts) error {
		out.requests = append(out.requests, f.Requests...)
		out.loads = append(out.loads, f.Loads...)
		out.remote = append(out.remote, f.Remote...)
		out.last = f
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func seconds(t time.Time) float64 { return float64(t.UnixNano()) / 1e9 }

// sums are what the client's account and the log must agree on.
type sums struct {
	Requests, Cancelled, Prompt, Output int64
}

func sumTruth(all []truth) sums {
	var s sums
	for _, tr := range all {
		s.Requests++
		if tr.Cancelled {
			s.Cancelled++
			continue
		}
		s.Prompt += tr.PromptTokens + tr.Usage.PromptTokens
		s.Output += tr.OutputTokens
		if tr.Timings != nil {
			s.Output += tr.Timings.PredictedN
		}
	}
	return s
}

func sumLog(all []attribution.Request) sums {
	var s sums
	for _, r := range all {
		s.Requests++
		if r.Outcome == attribution.OutcomeCancelled {
			s.Cancelled++
			continue
		}
		s.Prompt += r.Input.N + r.Cached.N
		s.Output += r.Output.N
	}
	return s
}

var recordings = []struct {
	run    string
	truths []string
	fresh  int64 // prompt tokens of finished requests that came from no cache
	loads  []string
}{
	// Ollama's answers give the prompt whole. Its fresh part is what the runner's
	// prompt lines sum up to.
	{"ollama-default", []string{"ollama-default.truth.jsonl", "ollama-default.truth2.jsonl"}, 14549, []string{"tiny"}},
	{"ollama-debug", []string{"ollama-debug.truth.jsonl", "ollama-debug.truth2.jsonl"}, 7412, []string{"tiny"}},
	{"tworunners", []string{"tworunners.truth.jsonl"}, 13395, []string{"a", "b", "e"}},
	{"twins", []string{"twins.truth.jsonl"}, 11288, []string{"a", "b", "e"}},
}

// named knows the models of the recordings.
func named(digest string) string {
	switch digest[:4] {
	case "dde1":
		return "tiny"
	case "a1a1":
		return "a"
	case "b2b2":
		return "b"
	case "e3e3":
		return "e"
	}
	return ""
}

func TestCounts(t *testing.T) {
	for _, c := range recordings {
		t.Run(c.run, func(t *testing.T) {
			got := replay(t, c.run, readArrivals(t, c.run), requestlog.Options{Server: "s", ModelName: named})
			if diff := cmp.Diff(sumTruth(readTruth(t, c.truths...)), sumLog(got.requests)); diff != "" {
				t.Errorf("against the client's account (-want +got):\n%s", diff)
			}
			fresh, ids := int64(0), map[string]bool{}
			for _, r := range got.requests {
				if r.Outcome != attribution.OutcomeCancelled {
					fresh += r.Input.N
				}
				if known := r.Input.Known && r.Cached.Known && r.Output.Known; !known && r.Outcome != attribution.OutcomeError {
					t.Errorf("%s: a count is unknown: %+v", r.ID, r)
				}
				if r.Server != "s" || ids[r.ID] {
					t.Errorf("%s: server %q, or not the only one", r.ID, r.Server)
				}
				ids[r.ID] = true
			}
			if fresh != c.fresh {
				t.Errorf("%d fresh tokens, want %d", fresh, c.fresh)
			}
			var loads []string
			for _, l := range got.loads {
				loads = append(loads, l.Model)
				if took := l.End.Sub(l.Start); took < 50*time.Millisecond || took > 5*time.Second {
					t.Errorf("the load of %s took %v", l.Model, took)
				}
			}
			if diff := cmp.Diff(c.loads, loads); diff != "" {
				t.Errorf("loads (-want +got):\n%s", diff)
			}
			if got.counts.Malformed != 0 {
				t.Errorf("%d malformed lines", got.counts.Malformed)
			}
			if len(got.last.InFlight)+len(got.last.Loading)+len(got.remote) != 0 {
				t.Errorf("left over: %+v %+v", got.last, got.remote)
			}
		})
	}
}

// match pairs a finished request of the client with the log's by its tokens and
// the nearest end that has none yet.
func match(tr truth, got []attribution.Request, seen map[string]bool) (attribution.Request, bool) {
	best, found := math.Inf(1), attribution.Request{}
	for _, r := range got {
		if seen[r.ID] || tr.Cancelled != (r.Outcome == attribution.OutcomeCancelled) {
			continue
		}
		if !tr.Cancelled && tr.Status != 500 && r.Input.N+r.Cached.N != tr.PromptTokens+tr.Usage.PromptTokens {
			continue
		}
		if tr.Timings != nil && !tr.Cancelled && r.Input.N != tr.Timings.PromptN {
			continue
		}
		if off := math.Abs(seconds(r.End) - tr.End); off < best {
			best, found = off, r
		}
	}
	seen[found.ID] = true
	return found, found.ID != ""
}

// TestModels holds the models that the log tells apart against the client's.
func TestModels(t *testing.T) {
	for _, c := range []struct {
		run     string
		unknown int // requests that could be of either of two runners
	}{{"tworunners", 0}, {"twins", 61}} {
		t.Run(c.run, func(t *testing.T) {
			got := replay(t, c.run, readArrivals(t, c.run), requestlog.Options{Server: "s", ModelName: named})
			seen, unknown, wrong := map[string]bool{}, 0, 0
			for i, tr := range readTruth(t, c.run+".truth.jsonl") {
				r, ok := match(tr, got.requests, seen)
				if !ok {
					t.Errorf("request %d of the client is not in the log", i)
				}
				switch r.Model {
				case tr.Model:
				case "":
					unknown++
				default:
					wrong++
				}
			}
			if unknown != c.unknown || wrong != 0 {
				t.Errorf("%d without a model, want %d; %d with a wrong one, want 0", unknown, c.unknown, wrong)
			}
		})
	}
}

// TestTimes holds what the log says of finished requests against the client's
// account. All start after the client sent them, and what a request waited for its
// model to load is not part of it.
func TestTimes(t *testing.T) {
	const tolerance = 0.05
	for _, run := range []string{"ollama-default", "ollama-debug"} {
		t.Run(run, func(t *testing.T) {
			got := replay(t, run, readArrivals(t, run), requestlog.Options{Server: "s"})
			mostEnd, mostFirst, seen := 0.0, 0.0, map[string]bool{}
			for i, tr := range readTruth(t, run+".truth.jsonl", run+".truth2.jsonl") {
				r, ok := match(tr, got.requests, seen)
				switch {
				case !ok:
					t.Fatalf("request %d of the client is not in the log", i)
				case seconds(r.Start) < tr.Start-0.001:
					t.Errorf("%s: starts %.3f s before the client sent it", r.ID, tr.Start-seconds(r.Start))
				case tr.Cancelled:
					if off := seconds(r.End) - tr.End; off < -tolerance || off > 0.5 {
						t.Errorf("%s: cancelled, ends %+.3f s off the client's", r.ID, off)
					}
					continue
				}
				off := math.Abs(seconds(r.End) - tr.End)
				if mostEnd = max(mostEnd, off); off > tolerance {
					t.Errorf("%s: ends %+.3f s off the client's", r.ID, seconds(r.End)-tr.End)
				}
				if tr.EvalDuration == 0 {
					continue
				}
				off = math.Abs(seconds(r.FirstToken) - (tr.End - float64(tr.EvalDuration)/1e9))
				if mostFirst = max(mostFirst, off); off > tolerance {
					t.Errorf("%s: first token %.3f s off the server's own timings", r.ID, off)
				}
			}
			t.Logf("largest offset of an end %.1f ms, of a first token %.1f ms", mostEnd*1e3, mostFirst*1e3)
		})
	}
}

// TestBacklog reads the recordings as logs that nobody watched. The counts are the
// same, and the times lie where the lines around them say, within the error that
// each request states.
func TestBacklog(t *testing.T) {
	for _, c := range recordings[:2] {
		t.Run(c.run, func(t *testing.T) {
			all := readTruth(t, c.truths...)
			got := replay(t, c.run, requestlog.Arrivals{}, requestlog.Options{Server: "s"})
			if diff := cmp.Diff(sumTruth(all), sumLog(got.requests)); diff != "" {
				t.Errorf("against the client's account (-want +got):\n%s", diff)
			}
			off, seen := 0.0, map[string]bool{}
			for i, tr := range all {
				r, ok := match(tr, got.requests, seen)
				if !ok || r.End.IsZero() {
					t.Fatalf("request %d of the client is not in the log, or at no time", i)
				}
				late := seconds(r.End) - tr.End
				off = max(off, math.Abs(late))
				if slack := 0.1 + r.Uncertainty.Seconds(); !tr.Cancelled && (late < -0.1 || late > slack) {
					t.Errorf("%s: ends %+.3f s off the client's, said to be %v at most", r.ID, late, r.Uncertainty)
				}
			}
			t.Logf("largest offset of an end %.3f s", off)
		})
	}
}
