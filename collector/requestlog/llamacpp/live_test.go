package llamacpp_test

import (
	"bytes"
	"cmp"
	"io"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/requestlog"
)

const (
	// near is how far a time may be off the client's, besides what a busy
	// machine keeps the client waiting; see watcher.stall.
	near = 100 * time.Millisecond
	// noticed is how long llama-server may take to see that a client has gone:
	// it looks once a second, and between two batches.
	noticed = 2 * time.Second
)

// watcher follows a log while it is written.
type watcher struct {
	source   *requestlog.Source
	requests []attribution.Request
	last     attribution.LogUpdate
	// stall is the longest that the machine let the tests wait for their turn:
	// so much later than it happened a client may have seen its request's end.
	stall time.Duration
}

// poll polls once, and holds what is new against what the last poll promised.
func (w *watcher) poll(t *testing.T) {
	u, err := w.source.Poll(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range u.Requests {
		known := slices.ContainsFunc(w.last.InFlight, func(f attribution.Request) bool { return f.ID == r.ID })
		if !known && r.Start.Before(w.last.Horizon) {
			t.Errorf("%s began %v before the horizon and was not in flight", r.ID, w.last.Horizon.Sub(r.Start))
		}
	}
	w.requests = append(w.requests, u.Requests...)
	w.last = u
}

// watch follows the log until the load has ended, and n requests with it.
func (w *watcher) watch(t *testing.T, n int, load func()) {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		load()
	}()
	defer func() { <-ended }()
	const every = 10 * time.Millisecond
	tick := time.NewTicker(every)
	defer tick.Stop()
	deadline, polled := time.After(2*time.Minute), time.Now()
	for over := ended; len(w.requests) < n || over != nil || len(w.last.InFlight) > 0; {
		select {
		case <-over:
			over = nil
		case <-tick.C:
			w.stall = max(w.stall, time.Since(polled)-every)
			w.poll(t)
			polled = time.Now()
		case <-deadline:
			t.Fatalf("%d requests after two minutes, %d in flight; want %d", len(w.requests), len(w.last.InFlight), n)
		}
	}
}

// TestLive follows the log of a running llama-server while 40 requests are sent
// to it, and holds what the log tells against the clients' own account.
func TestLive(t *testing.T) {
	url, path := os.Getenv("SOVMETER_LLAMA_SERVER"), os.Getenv("SOVMETER_LLAMA_LOG")
	if url == "" || path == "" {
		t.Skip("needs a llama-server and its log: scripts/llama-server.sh --metrics -np 4 -c 32768 -b 256 -ub 256 -- go test -run TestLive ./collector/requestlog/llamacpp")
	}
	before := readCounters(t, url)
	stayed, left := calls()
	w := &watcher{source: source(path, requestlog.FollowerOptions{})}
	defer w.source.Close()
	w.poll(t) // what the log says of the time before is not of this test
	w.requests = nil
	w.watch(t, len(stayed)+len(left), func() { sendAll(t, url, stayed, left) })
	if t.Failed() {
		t.FailNow() // the clients' account is not whole
	}

	var finished, cancelled []attribution.Request
	for _, r := range w.requests {
		switch r.Outcome {
		case attribution.OutcomeOK:
			finished = append(finished, r)
		case attribution.OutcomeCancelled:
			cancelled = append(cancelled, r)
		default:
			t.Errorf("%s: outcome %s", r.ID, r.Outcome)
		}
	}
	if len(finished) != len(stayed) || len(cancelled) != len(left) {
		t.Fatalf("%d requests finished, %d cancelled; want %d and %d", len(finished), len(cancelled), len(stayed), len(left))
	}
	checkFinished(t, stayed, finished, near+w.stall)
	log, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	verbose := bytes.Contains(log, []byte("task.n_tokens = "))
	checkCancelled(t, left, cancelled, near+w.stall, verbose)
	if verbose {
		checkCounters(t, before, readCounters(t, url), w.requests)
	}
	t.Logf("the machine kept the test waiting for %v at most", w.stall)
	if s := w.source.Stats(); s.Unplaced != 0 || s.CutLines != 0 {
		t.Errorf("%+v", s)
	}
}

// checkFinished compares the requests whose answer the clients had whole.
func checkFinished(t *testing.T, stayed []*call, got []attribution.Request, near time.Duration) {
	t.Helper()
	counts := func(c *call) []int64 { return []int64{c.prompt - c.cached, c.cached, c.output} }
	told := func(r attribution.Request) []int64 { return []int64{r.Input.N, r.Cached.N, r.Output.N} }
	slices.SortFunc(stayed, func(a, b *call) int {
		return cmp.Or(slices.Compare(counts(a), counts(b)), a.ended.Compare(b.ended))
	})
	slices.SortFunc(got, func(a, b attribution.Request) int {
		return cmp.Or(slices.Compare(told(a), told(b)), a.End.Compare(b.End))
	})
	var off, phase time.Duration
	var sum [3]int64
	for i, r := range got {
		c := stayed[i]
		if diff := gocmp.Diff(counts(c), told(r)); diff != "" || !r.Input.Known || !r.Cached.Known || !r.Output.Known {
			t.Fatalf("%s: fresh, cached and output tokens (-client +log), or some are not known:\n%s", r.ID, diff)
		}
		off = max(off, r.End.Sub(c.ended).Abs())
		if r.End.Sub(c.ended).Abs() > near || r.Start.Before(c.sent.Add(-near)) {
			t.Errorf("%s: starts %v after the client sent it, ends %v after the client had it", r.ID, r.Start.Sub(c.sent), r.End.Sub(c.ended))
		}
		phase = max(phase, (r.FirstToken.Sub(r.Start) - c.promptTime).Abs())
		if (r.FirstToken.Sub(r.Start) - c.promptTime).Abs() > time.Millisecond {
			t.Errorf("%s: prefill %v, the server told the client %v", r.ID, r.FirstToken.Sub(r.Start), c.promptTime)
		}
		for k, n := range counts(c) {
			sum[k] += n
		}
	}
	if sum[1] == 0 {
		t.Error("nothing was served from the cache: the load tests less than it should")
	}
	t.Logf("%d finished: %d fresh, %d cached, %d output tokens; ends at most %v off, prefill %v", len(got), sum[0], sum[1], sum[2], off, phase)
}

// checkCancelled compares the requests that the client left. It sent each of
// them after it had seen the one before begin.
func checkCancelled(t *testing.T, left []*call, got []attribution.Request, near time.Duration, verbose bool) {
	t.Helper()
	slices.SortFunc(got, func(a, b attribution.Request) int { return a.Start.Compare(b.Start) })
	var late time.Duration
	for i, r := range got {
		c := left[i]
		after := r.End.Sub(c.ended)
		late = max(late, after)
		if after < -near || after > noticed+near || r.Start.Before(c.sent.Add(-near)) {
			t.Errorf("%s: starts %v after the client sent it, ends %v after the client left", r.ID, r.Start.Sub(c.sent), after)
		}
		least, most := c.processed, c.prompt-1
		if c.leftReply {
			least, most = c.prompt+c.output-1, c.prompt+int64(c.limit)-1
		}
		if !r.Context.Known || r.Context.N < least || r.Context.N > most {
			t.Errorf("%s: context %+v, by the client's account %d to %d tokens", r.ID, r.Context, least, most)
		}
		if verbose {
			checkVerbose(t, c, r)
			continue
		}
		// A saved prompt that holds more may have been loaded into the slot.
		if reused := r.Reused.Of * float64(c.prompt); reused > float64(c.cached)+1 {
			t.Errorf("%s: %.1f tokens from the cache, the client was told %d", r.ID, reused, c.cached)
		}
	}
	t.Logf("%d cancelled, the last noticed %v after the client left", len(got), late)
}

// checkVerbose: a log at -lv 4 tells the tokens of cancelled requests, too. How
// many the server generated before it noticed, the client cannot know: see
// checkCounters.
func checkVerbose(t *testing.T, c *call, r attribution.Request) {
	t.Helper()
	input, output := r.Context.N-c.cached, int64(0)
	if c.leftReply {
		input, output = c.prompt-c.cached, max(c.output, r.Context.N-c.prompt)
	}
	want := []attribution.Count{attribution.Known(input), attribution.Known(c.cached), attribution.Known(output)}
	if diff := gocmp.Diff(want, []attribution.Count{r.Input, r.Cached, r.Output}); diff != "" {
		t.Errorf("%s: fresh, cached and output tokens (-client +log):\n%s", r.ID, diff)
	}
}

// readCounters reads the server's own counts of fresh, cached and output
// tokens, which it has with --metrics. They include cancelled work.
func readCounters(t *testing.T, url string) (out [3]int64) {
	t.Helper()
	res, err := http.Get(url + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("read the server's counters: status %s, %v; it needs --metrics", res.Status, err)
	}
	for i, name := range []string{"prompt_tokens_total", "prompt_tokens_cached_total", "tokens_predicted_total"} {
		m := regexp.MustCompile(`(?m)^llamacpp:` + name + ` (\d+)$`).FindSubmatch(text)
		if m == nil {
			t.Fatalf("the server has no counter %s", name)
		}
		if out[i], err = strconv.ParseInt(string(m[1]), 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

func checkCounters(t *testing.T, before, after [3]int64, all []attribution.Request) {
	t.Helper()
	var got [3]int64
	for _, r := range all {
		got[0], got[1], got[2] = got[0]+r.Input.N, got[1]+r.Cached.N, got[2]+r.Output.N
	}
	want := [3]int64{after[0] - before[0], after[1] - before[1], after[2] - before[2]}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("fresh, cached and output tokens of all requests (-server +log):\n%s", diff)
	}
}
