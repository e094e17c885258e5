package llamacpp_test

import (
	"bufio"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/requestlog"
	"github.com/sovmeter/sovmeter/collector/requestlog/llamacpp"
)

// truth is the client's account of one request.
type truth struct {
	Cancelled    bool
	Start, End   float64
	PromptTokens int64 `json:"prompt_tokens"`
	OutputTokens int64 `json:"output_tokens"`
	CachedTokens int64 `json:"cached_tokens"`
	Timings      struct {
		PromptMS    float64 `json:"prompt_ms"`
		PredictedMS float64 `json:"predicted_ms"`
		PromptN     int64   `json:"prompt_n"`
		PredictedN  int64   `json:"predicted_n"`
	}
}

func (tr truth) own() float64 { return (tr.Timings.PromptMS + tr.Timings.PredictedMS) / 1e3 }

func readTruth(t *testing.T, run string) []truth {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", run+".truth.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var all []truth
	for sc := bufio.NewScanner(f); sc.Scan(); {
		var tr truth
		if err := json.Unmarshal(sc.Bytes(), &tr); err != nil {
			t.Fatal(err)
		}
		all = append(all, tr)
	}
	return all
}

func readArrivals(t *testing.T, run string) requestlog.Arrivals {
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

type replayed struct {
	requests []attribution.Request
	loads    []attribution.ModelLoad
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
	out.counts, err = requestlog.Replay(f, a, llamacpp.New(opt), func(f requestlog.Facts) error {
		out.requests = append(out.requests, f.Requests...)
		out.loads = append(out.loads, f.Loads...)
		out.last = f
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// match pairs the client's requests with the log's: finished ones by the
// server's own timings, which both tell, cancelled ones by the nearest end.
func match(t *testing.T, all []truth, got []attribution.Request) map[int]attribution.Request {
	t.Helper()
	pairs := map[int]attribution.Request{}
	for i, tr := range all {
		best, found := math.Inf(1), attribution.Request{}
		for _, r := range got {
			if tr.Cancelled != (r.Outcome == attribution.OutcomeCancelled) {
				continue
			}
			off := math.Abs(seconds(r.End) - tr.End)
			if !tr.Cancelled && (r.Input.N != tr.Timings.PromptN || r.Output.N != tr.Timings.PredictedN) {
				continue
			}
			if off < best {
				best, found = off, r
			}
		}
		if found.ID == "" {
			t.Fatalf("request %d of the client is not in the log", i)
		}
		pairs[i] = found
	}
	seen := map[string]bool{}
	for _, r := range pairs {
		if seen[r.ID] {
			t.Fatalf("request %s matches two of the client's", r.ID)
		}
		seen[r.ID] = true
	}
	return pairs
}

func seconds(t time.Time) float64 { return float64(t.UnixNano()) / 1e9 }

// tolerance is what the times may be off: 50 ms, and 1 s where the log has no
// stamps. The recorded runs need far less; see TestTimes.
func tolerance(run string) float64 {
	if run == "llama-noprefix" {
		return 1
	}
	return 0.05
}

var captures = []struct {
	run   string
	model string
	// waited counts requests that the client sent more than the tolerance
	// before they were launched: they lay in the server's queue, or behind a
	// running batch. The log does not show that time, and it is not theirs.
	waited int
}{
	{run: "llama-parallel4", model: "tiny", waited: 27},
	{run: "llama-jsonl", model: "tiny", waited: 19},
	{run: "llama-noprefix", model: "tiny"},
	{run: "llama-colors", model: "tiny", waited: 1},
	{run: "llama-verbose", model: "tiny"},
	{run: "slow-overlap", model: "slow", waited: 25},
}

func TestCounts(t *testing.T) {
	for _, c := range captures {
		t.Run(c.run, func(t *testing.T) {
			all := readTruth(t, c.run)
			got := replay(t, c.run, readArrivals(t, c.run), requestlog.Options{Server: "s"})
			var want, have struct{ Requests, Cancelled, Fresh, Cached, Output int64 }
			for _, tr := range all {
				want.Requests++
				if tr.Cancelled {
					want.Cancelled++
					continue
				}
				want.Fresh += tr.PromptTokens - tr.CachedTokens
				want.Cached += tr.CachedTokens
				want.Output += tr.OutputTokens
			}
			for _, r := range got.requests {
				have.Requests++
				if r.Model != c.model || r.Server != "s" {
					t.Errorf("%s: server %q, model %q", r.ID, r.Server, r.Model)
				}
				if r.Outcome == attribution.OutcomeCancelled {
					have.Cancelled++
					continue
				}
				if !r.Input.Known || !r.Cached.Known || !r.Output.Known || !r.Context.Known {
					t.Errorf("%s: a count is unknown: %+v", r.ID, r)
				}
				have.Fresh += r.Input.N
				have.Cached += r.Cached.N
				have.Output += r.Output.N
			}
			if diff := cmp.Diff(want, have); diff != "" {
				t.Errorf("against the client's account (-want +got):\n%s", diff)
			}
			if got.counts.Malformed != 0 || len(got.last.InFlight) != 0 {
				t.Errorf("%d malformed lines, %d left in flight", got.counts.Malformed, len(got.last.InFlight))
			}
			for i, r := range match(t, all, got.requests) {
				if !all[i].Cancelled && r.Cached.N != all[i].CachedTokens {
					t.Errorf("%s: cached %d, the client was told %d", r.ID, r.Cached.N, all[i].CachedTokens)
				}
			}
		})
	}
}

func TestTimes(t *testing.T) {
	for _, c := range captures {
		t.Run(c.run, func(t *testing.T) {
			all := readTruth(t, c.run)
			got := replay(t, c.run, readArrivals(t, c.run), requestlog.Options{Server: "s"})
			most, waited := 0.0, 0
			for i, r := range match(t, all, got.requests) {
				tr := all[i]
				start, end := seconds(r.Start), seconds(r.End)
				if start-tr.Start > tolerance(c.run) {
					waited++
				}
				if start < tr.Start {
					t.Errorf("%s: launched %.3f s before the client sent it", r.ID, tr.Start-start)
				}
				if tr.Cancelled {
					// Its end is the release line, after the batch that ran.
					if end < tr.End-tolerance(c.run) || end > tr.End+tolerance(c.run)+batch(c.run) {
						t.Errorf("%s: cancelled, ends %+.3f s off the client's", r.ID, end-tr.End)
					}
					continue
				}
				most = max(most, math.Abs(end-tr.End))
				if math.Abs(end-tr.End) > tolerance(c.run) {
					t.Errorf("%s: ends %+.3f s off the client's", r.ID, end-tr.End)
				}
				if off := start - (tr.End - tr.own()); math.Abs(off) > tolerance(c.run) {
					t.Errorf("%s: starts %+.3f s off the server's own timings", r.ID, off)
				}
				first := seconds(r.FirstToken)
				if off := first - (tr.End - tr.Timings.PredictedMS/1e3); math.Abs(off) > tolerance(c.run) {
					t.Errorf("%s: first token %+.3f s off the server's own timings", r.ID, off)
				}
			}
			if waited != c.waited {
				t.Errorf("%d requests waited before the server began on them, want %d", waited, c.waited)
			}
			t.Logf("largest offset of an end: %.1f ms", most*1e3)
		})
	}
}

// batch is how long the batch may run on that a client leaves behind.
func batch(run string) float64 {
	if run == "slow-overlap" {
		return 0.07
	}
	return 0
}

// TestVerboseTotals holds the counts worked out for cancelled requests at -lv 4
// against the server's own counters, which include them.
func TestVerboseTotals(t *testing.T) {
	got := replay(t, "llama-verbose", readArrivals(t, "llama-verbose"), requestlog.Options{Server: "s"})
	var fresh, cached, output int64
	for _, r := range got.requests {
		if !r.Input.Known || !r.Cached.Known || !r.Output.Known {
			t.Errorf("%s: a count is unknown: %+v", r.ID, r)
		}
		fresh, cached, output = fresh+r.Input.N, cached+r.Cached.N, output+r.Output.N
	}
	want := []int64{metric(t, "prompt_tokens_total"), metric(t, "prompt_tokens_cached_total"), metric(t, "tokens_predicted_total")}
	if diff := cmp.Diff(want, []int64{fresh, cached, output}); diff != "" {
		t.Errorf("fresh, cached, output (-want +got):\n%s", diff)
	}
}

func metric(t *testing.T, name string) int64 {
	t.Helper()
	data, err := os.ReadFile("testdata/llama-verbose.metrics.txt")
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`(?m)^llamacpp:` + name + ` (\d+)$`).FindSubmatch(data)
	if m == nil {
		t.Fatalf("no metric %s", name)
	}
	n, err := strconv.ParseInt(string(m[1]), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestWithoutArrivals: the counts need no times, and times are not made up.
func TestWithoutArrivals(t *testing.T) {
	for _, c := range captures {
		t.Run(c.run, func(t *testing.T) {
			var want, got []attribution.Request
			for _, r := range replay(t, c.run, readArrivals(t, c.run), requestlog.Options{Server: "s"}).requests {
				want = append(want, untimed(r))
			}
			for _, r := range replay(t, c.run, requestlog.Arrivals{}, requestlog.Options{Server: "s"}).requests {
				if !r.Start.IsZero() || !r.End.IsZero() || !r.FirstToken.IsZero() {
					t.Errorf("%s: times out of nowhere: %+v", r.ID, r)
				}
				got = append(got, untimed(r))
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestProcessStart places a log's stamps by the start of its process, which is
// 8 to 11 ms before the first stamp's zero on the recorded runs.
func TestProcessStart(t *testing.T) {
	start := time.Unix(1795436268, 924917000) // llama-parallel4
	got := replay(t, "llama-parallel4", requestlog.Arrivals{}, requestlog.Options{Server: "s", ProcessStart: start}).requests
	all := readTruth(t, "llama-parallel4")
	for i, r := range match(t, all, got) {
		if off := seconds(r.End) - all[i].End; math.Abs(off) > tolerance("llama-parallel4") {
			t.Errorf("%s: ends %+.3f s off the client's", r.ID, off)
		}
		if !strings.HasPrefix(r.ID, "s/1795436268924/") {
			t.Errorf("id %s does not name the process start", r.ID)
		}
	}
}

func TestModelLoads(t *testing.T) {
	for _, c := range captures {
		t.Run(c.run, func(t *testing.T) {
			got := replay(t, c.run, readArrivals(t, c.run), requestlog.Options{Server: "s"})
			if len(got.loads) != 1 || got.loads[0].Model != c.model || got.loads[0].Server != "s" {
				t.Fatalf("loads %+v", got.loads)
			}
			if took := got.loads[0].End.Sub(got.loads[0].Start); took < 50*time.Millisecond || took > 2*time.Second {
				t.Errorf("the load took %v", took)
			}
		})
	}
}
