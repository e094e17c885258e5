package llamacpp_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/requestlog"
	"github.com/sovmeter/sovmeter/collector/requestlog/llamacpp"
)

// routed are recorded runs of a router with room for two of three models: the
// third takes the place of one of the others.
var routed = []string{"router", "router-jsonl", "router-noprefix"}

// readRouted returns the client's account by model.
func readRouted(t *testing.T, run string) map[string][]truth {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", run+".truth.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	all := map[string][]truth{}
	for sc := bufio.NewScanner(f); sc.Scan(); {
		tr := struct {
			Model string
			truth
		}{}
		if err := json.Unmarshal(sc.Bytes(), &tr); err != nil {
			t.Fatal(err)
		}
		all[tr.Model] = append(all[tr.Model], tr.truth)
	}
	return all
}

func byModel(all []attribution.Request) map[string][]attribution.Request {
	out := map[string][]attribution.Request{}
	for _, r := range all {
		out[r.Model] = append(out[r.Model], r)
	}
	return out
}

type sums struct{ Requests, Cancelled, Fresh, Cached, Output int64 }

func told(all []truth) (s sums) {
	for _, tr := range all {
		s.Requests++
		if tr.Cancelled {
			s.Cancelled++
			continue
		}
		s.Fresh, s.Cached, s.Output = s.Fresh+tr.PromptTokens-tr.CachedTokens, s.Cached+tr.CachedTokens, s.Output+tr.OutputTokens
	}
	return s
}

func logged(all []attribution.Request) (s sums) {
	for _, r := range all {
		s.Requests++
		if r.Outcome == attribution.OutcomeCancelled {
			s.Cancelled++
			continue
		}
		s.Fresh, s.Cached, s.Output = s.Fresh+r.Input.N, s.Cached+r.Cached.N, s.Output+r.Output.N
	}
	return s
}

func TestRouter(t *testing.T) {
	for _, run := range routed {
		t.Run(run, func(t *testing.T) {
			truths := readRouted(t, run)
			got := replay(t, run, readArrivals(t, run), requestlog.Options{Server: "s"})
			requests := byModel(got.requests)
			want, have := map[string]sums{}, map[string]sums{}
			for model, all := range truths {
				want[model] = told(all)
			}
			for model, all := range requests {
				have[model] = logged(all)
			}
			if diff := cmp.Diff(want, have); diff != "" {
				t.Errorf("by model, against the client's account (-want +got):\n%s", diff)
			}
			if got.counts.Malformed != 0 || len(got.last.InFlight) != 0 || len(got.last.Loading) != 0 {
				t.Errorf("%d malformed lines, left %+v", got.counts.Malformed, got.last)
			}
			for model, all := range truths {
				onTime(t, run, all, requests[model])
			}
		})
	}
}

// lag is how long a line took to arrive at most on the machine of the recordings,
// which was short of processors.
const lag = 0.1

// onTime holds the times of finished requests against what bounds them: the client
// had the end of its reply, and the recorder the release line, no earlier than the
// server was done. A busy router hands replies on late, up to 0.6 s here.
func onTime(t *testing.T, run string, all []truth, got []attribution.Request) {
	t.Helper()
	arrivals, most := readArrivals(t, run), 0.0
	for i, r := range match(t, all, got) {
		if all[i].Cancelled {
			continue
		}
		arrival, _ := arrivals.At(r.Position)
		off := seconds(r.End) - min(seconds(arrival), all[i].End)
		most = max(most, math.Abs(off))
		if math.Abs(off) > lag {
			t.Errorf("%s: ends %+.3f s off", r.ID, off)
		}
		decode := seconds(r.End) - seconds(r.FirstToken) - all[i].Timings.PredictedMS/1e3
		if math.Abs(decode) > 0.05 || r.Start.After(r.FirstToken) {
			t.Errorf("%s: decodes %+.3f s longer than the server says: %+v", r.ID, decode, r)
		}
	}
	t.Logf("largest offset of an end: %.1f ms", most*1e3)
}

func TestRouterLoads(t *testing.T) {
	for _, run := range routed {
		got := replay(t, run, readArrivals(t, run), requestlog.Options{Server: "s"})
		models := map[string]int{}
		for _, l := range got.loads {
			models[l.Model]++
			if took := l.End.Sub(l.Start); took <= 0 || took > 20*time.Second {
				t.Errorf("%s: the load of %s took %v", run, l.Model, took)
			}
		}
		if diff := cmp.Diff(map[string]int{"alpha": 1, "beta": 1, "gamma": 1}, models); diff != "" {
			t.Errorf("%s: loads (-want +got):\n%s", run, diff)
		}
	}
}

// TestRouterBacklog: one line of any process places the requests of all.
func TestRouterBacklog(t *testing.T) {
	for _, run := range []string{"router", "router-jsonl"} {
		t.Run(run, func(t *testing.T) {
			written := lastArrival(t, run)
			s := source(copyLog(t, capture(t, run), written), requestlog.FollowerOptions{})
			defer s.Close()
			u, err := s.Poll(written.Add(time.Hour))
			if err != nil {
				t.Fatal(err)
			}
			want := replay(t, run, readArrivals(t, run), requestlog.Options{Server: "s"}).requests
			if len(u.Requests) != len(want) || len(u.Checkpoint) == 0 || u.Horizon.IsZero() {
				t.Fatalf("%d requests of %d, a checkpoint of %d bytes, horizon %v", len(u.Requests), len(want), len(u.Checkpoint), u.Horizon)
			}
			live := map[string]attribution.Request{}
			for _, r := range want {
				live[r.ID] = r
			}
			for _, r := range u.Requests {
				off := r.End.Sub(live[r.ID].End)
				if off.Abs() > r.Uncertainty || r.Uncertainty > 250*time.Millisecond {
					t.Errorf("%s: placed %v off, said to be within %v", r.ID, off, r.Uncertainty)
				}
			}
		})
	}
}

// TestRouterProcessStart: the start of the router's process places its servers too.
func TestRouterProcessStart(t *testing.T) {
	start := time.UnixMicro(1795521414994252)
	want := replay(t, "router", readArrivals(t, "router"), requestlog.Options{Server: "s"}).requests
	got := replay(t, "router", requestlog.Arrivals{}, requestlog.Options{Server: "s", ProcessStart: start}).requests
	if len(got) != len(want) {
		t.Fatalf("%d requests, want %d", len(got), len(want))
	}
	for i, r := range got {
		if off := r.End.Sub(want[i].End); off.Abs() > r.Uncertainty || r.Uncertainty > 100*time.Millisecond {
			t.Errorf("%s: placed %v off, said to be within %v", r.ID, off, r.Uncertainty)
		}
	}
}

func TestRouterRestartAnywhere(t *testing.T) {
	for _, run := range routed {
		t.Run(run, func(t *testing.T) {
			data, arrivals := capture(t, run), readArrivals(t, run)
			opt := requestlog.Options{Server: "s"}
			want := replay(t, run, arrivals, opt).requests
			rapid.Check(t, func(t *rapid.T) {
				p, got, at := llamacpp.New(opt), []attribution.Request(nil), 0
				for sc := bufio.NewScanner(bytes.NewReader(data)); sc.Scan(); at += len(sc.Bytes()) + 1 {
					arrival, _ := arrivals.At(int64(at))
					p.Parse(requestlog.Line{Data: sc.Bytes(), Offset: int64(at), Arrival: arrival})
					if rapid.IntRange(0, 9).Draw(t, "restart") > 0 {
						continue
					}
					got = append(got, p.Take().Requests...)
					state, err := p.State()
					if err != nil {
						t.Fatal(err)
					}
					p = llamacpp.New(opt)
					if err := p.Restore(state); err != nil {
						t.Fatal(err)
					}
				}
				got = append(got, p.Take().Requests...)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Fatalf("requests (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// TestServerCrash: a server whose process was killed had worked until its router
// saw it end, in whatever shape their lines are.
func TestServerCrash(t *testing.T) {
	lines := []string{
		"srv          load: spawning server instance with name=m on port 42027", launch0,
		"srv           run: instance name=m exited with status 1",
	}
	at := []time.Duration{2 * time.Second, 5 * time.Second, 8 * time.Second}
	for _, stamped := range []bool{true, false} {
		p := llamacpp.New(requestlog.Options{Server: "s"})
		for i, text := range lines {
			stamp, port := at[i], ""
			if i == 1 {
				stamp, port = stamp-at[0], "[42027] "
			}
			if stamped {
				text = fmt.Sprintf("0.%02d.000.000 I %s", int(stamp.Seconds()), text)
			}
			p.Parse(requestlog.Line{Data: []byte(port + text), Offset: int64(i), Arrival: begun.Add(at[i])})
		}
		got := p.Take().Requests
		if len(got) != 1 {
			t.Fatalf("stamped %v: %d requests, want 1", stamped, len(got))
		}
		if r := got[0]; r.Outcome != attribution.OutcomeError || !r.Start.Equal(begun.Add(at[1])) || !r.End.Equal(begun.Add(at[2])) {
			t.Errorf("stamped %v: %s from %v to %v", stamped, r.Outcome, r.Start, r.End)
		}
	}
}

// TestProgress: a cancelled request tells its first token if it ran for long.
func TestProgress(t *testing.T) {
	got := replay(t, "slow-progress", readArrivals(t, "slow-progress"), requestlog.Options{Server: "s"})
	if len(got.requests) != 2 || len(got.last.InFlight) != 1 {
		t.Fatalf("requests %+v, in flight %+v", got.requests, got.last.InFlight)
	}
	r := got.requests[1]
	const first = 1795521610.615499 // by the client
	off := seconds(r.FirstToken) - first
	t.Logf("first token %+.1f ms off the client's", off*1e3)
	if r.Outcome != attribution.OutcomeCancelled || r.Output.Known || math.Abs(off) > 0.05 {
		t.Errorf("request %+v", r)
	}
}
