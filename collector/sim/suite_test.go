package sim_test

import (
	"bytes"
	"io"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/requestlog/jsonl"
	"github.com/sovmeter/sovmeter/collector/sim"
)

// ran is a scenario of the suite and what came of it.
type ran struct {
	sim.Named
	mac   *sim.Mac
	truth []sim.Truth
	power pressures
	logs  map[string]*bytes.Buffer
}

// pressures counts documents and those that tell of heat.
type pressures struct{ documents, hot int }

func (p *pressures) Write(b []byte) (int, error) {
	p.documents++
	if !bytes.Contains(b, []byte("<key>thermal_pressure</key><string>Nominal<")) {
		p.hot++
	}
	return len(b), nil
}

func suite(t *testing.T) map[string]*ran {
	t.Helper()
	all := map[string]*ran{}
	for _, n := range sim.Suite() {
		if all[n.Name] != nil {
			t.Fatalf("two scenarios are called %s", n.Name)
		}
		r := &ran{Named: n, logs: map[string]*bytes.Buffer{}}
		logs := map[string]io.Writer{}
		for _, v := range n.Scenario.Servers {
			r.logs[v.Name] = &bytes.Buffer{}
			logs[v.Name] = r.logs[v.Name]
		}
		var err error
		if r.mac, err = sim.New(n.Scenario, sim.Streams{Power: &r.power, Logs: logs}); err != nil {
			t.Fatalf("%s: %v", n.Name, err)
		}
		if err := r.mac.Run(); err != nil {
			t.Fatalf("%s: %v", n.Name, err)
		}
		r.truth = r.mac.TakeTruth()
		all[n.Name] = r
	}
	return all
}

func TestSuite(t *testing.T) {
	all := suite(t)
	if len(all) < 14 {
		t.Errorf("%d scenarios, want 14 or more", len(all))
	}
	claims := map[sim.Claim]int{}
	for name, r := range all {
		claims[r.Claim]++
		if !regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`).MatchString(name) || r.About == "" || strings.Contains(r.About, "\n") {
			t.Errorf("%s: %q: want a name of lower-case words and one line about it", name, r.About)
		}
		if h := r.Scenario.Length.Hours(); h < 1 || h > 6 || len(r.truth) < 200 {
			t.Errorf("%s: %d requests in %v hours, want 200 or more in 1 to 6", name, len(r.truth), h)
		}
		if first := slices.MinFunc(r.truth, func(a, b sim.Truth) int { return a.Start.Compare(b.Start) }); first.Start.Sub(r.Scenario.Start) < 2*time.Minute {
			t.Errorf("%s: the first request begins at %v, want two quiet minutes", name, first.Start)
		}
		checkSuiteEnergy(t, r)
	}
	if claims[sim.ClaimAlone] != 1 || claims[sim.ClaimOverlapping] != 1 || claims[sim.ClaimModels] != 1 || claims[sim.ClaimOthers] != 1 {
		t.Errorf("claims %v, want each once", claims)
	}
	t.Run("shows what it says", func(t *testing.T) { checkSuiteShows(t, all) })
}

// checkSuiteEnergy holds truth, totals and documents against each other.
func checkSuiteEnergy(t *testing.T, r *ran) {
	t.Helper()
	got := r.mac.Totals()
	prefill, decode, unmeasured := cost(r.truth)
	near(t, r.Name+": parts against rails", got.All.Sum(), got.Rails.Sum())
	near(t, r.Name+": prefill", prefill, got.All.Prefill)
	near(t, r.Name+": decode", decode, got.All.Decode)
	near(t, r.Name+": measured inference", prefill+decode-unmeasured, got.Measured.Inference())
	read := got.MeasuredRails.Sum() - got.Unread.Sum()
	if off := math.Abs(float64((got.Printed - read) / read)); off > 1e-3 {
		t.Errorf("%s: documents are %v off what was read: more than the noise", r.Name, off)
	}
}

// inFlight is the most requests of a scenario that were in flight at once, and
// how much of the time from the first to the last had any.
func (r *ran) inFlight() (most int, busy float64) {
	type change struct {
		at time.Time
		by int
	}
	var all []change
	for _, q := range r.truth {
		all = append(all, change{q.Start, 1}, change{q.End, -1})
	}
	slices.SortFunc(all, func(a, b change) int {
		if c := a.at.Compare(b.at); c != 0 {
			return c
		}
		return a.by - b.by
	})
	n, with := 0, time.Duration(0)
	for i, c := range all {
		if n > 0 {
			with += c.at.Sub(all[i-1].at)
		}
		n += c.by
		most = max(most, n)
	}
	return most, with.Seconds() / all[len(all)-1].at.Sub(all[0].at).Seconds()
}

// checkSuiteShows wants each scenario to be hard in the way it says.
func checkSuiteShows(t *testing.T, all map[string]*ran) {
	for name, want := range map[string]int{"alone": 1, "alone-100ms": 1, "alone-5s": 1, "lagging-counters": 1, "overlap-8": 8, "saturated-32": 32} {
		if most, _ := all[name].inFlight(); most != want {
			t.Errorf("%s: %d requests at once, want %d", name, most, want)
		}
	}
	long := 0
	for _, q := range all["alone"].truth {
		if q.End.Sub(q.Start) >= 5*time.Second {
			long++
		}
	}
	if n := len(all["alone"].truth); long*10 < n*9 {
		t.Errorf("alone: %d of %d requests take 5 s, want nine in ten", long, n)
	}
	if _, busy := all["saturated-32"].inFlight(); busy < 0.9999 {
		t.Errorf("saturated-32: busy for %v of the time, want all", busy)
	}
	if u := all["lagging-counters"].mac.Totals().Unread; u == (sim.Rails{}) {
		t.Error("lagging-counters: nothing is unread at the end")
	}
	if n := outcomes(all["cancelled"].truth); n[attribution.OutcomeCancelled]*5 < len(all["cancelled"].truth)*2 {
		t.Errorf("cancelled: %v, want half cancelled", n)
	}
	var cached, fresh int64
	for _, q := range all["agents"].truth {
		cached, fresh = cached+q.Cached, fresh+q.Input
	}
	if cached < 5*fresh {
		t.Errorf("agents: %d tokens cached and %d fresh", cached, fresh)
	}
	if r := all["throttled"]; r.power.hot*4 < r.power.documents || r.power.hot*20 > r.power.documents*19 {
		t.Errorf("throttled: %d of %d documents tell of heat, want a good part", r.power.hot, r.power.documents)
	}
	if got := all["bad-sensor"].mac.Totals(); got.Measured.Sum() > 0.99*got.All.Sum() {
		t.Error("bad-sensor: nearly all is measured")
	}
	if got := all["game"].mac.Totals().All; got.OtherProcesses < got.Inference() {
		t.Error("game: the game draws little")
	}
	checkSuiteModels(t, all["two-models"])
	checkSuiteLogs(t, all)
}

// checkSuiteModels wants two models at work at the same time for long.
func checkSuiteModels(t *testing.T, r *ran) {
	var both time.Duration
	for _, a := range of("dense", r.truth) {
		for _, b := range of("sparse", r.truth) {
			start, end := a.Start, a.End
			if b.Start.After(start) {
				start = b.Start
			}
			if b.End.Before(end) {
				end = b.End
			}
			both += max(end.Sub(start), 0)
		}
	}
	if both < 20*time.Minute {
		t.Errorf("two-models: requests of both overlap for %v, want 20 minutes or more", both)
	}
}

// checkSuiteLogs wants the logs of json lines to be read, and to lack what they
// should.
func checkSuiteLogs(t *testing.T, all map[string]*ran) {
	for name, lack := range map[string]float64{"clock-ahead": 0, "whole-seconds": 0, "late-lines": 0.03} {
		r, n, ordered := all[name], 0, true
		last := time.Time{}
		for line := range strings.Lines(r.logs["llama"].String()) {
			rec, err := jsonl.Decode([]byte(line))
			if err != nil {
				t.Fatalf("%s: %s: %v", name, line, err)
			}
			ordered = ordered && !rec.Request.End.Before(last)
			last = rec.Request.End
			n++
		}
		if got := 1 - float64(n)/float64(len(r.truth)); math.Abs(got-lack) > 0.025 || (lack > 0 && got == 0) {
			t.Errorf("%s: %d of %d requests in the log", name, n, len(r.truth))
		}
		if ordered != (lack == 0) {
			t.Errorf("%s: lines in order: %v", name, ordered)
		}
	}
}

// BenchmarkSuite runs each scenario of the suite.
func BenchmarkSuite(b *testing.B) {
	for _, n := range sim.Suite() {
		b.Run(n.Name, func(b *testing.B) {
			for b.Loop() {
				m, err := sim.New(n.Scenario, sim.Streams{})
				if err != nil {
					b.Fatal(err)
				}
				if err := m.Run(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
