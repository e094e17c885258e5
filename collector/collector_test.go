package collector_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"github.com/sovmeter/sovmeter/collector"
	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
)

var t0 = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func at(seconds float64) time.Time { return t0.Add(time.Duration(seconds * float64(time.Second))) }

func window(from, to float64, j energy.Joules) attribution.Measurement {
	return attribution.Measurement{Window: &attribution.Window{
		Start: at(from), End: at(to), Energy: j, Scope: attribution.ScopeSoC, GPU: attribution.Rail{Energy: j, Known: true},
	}}
}

func gap(from, to float64) attribution.Measurement {
	return attribution.Measurement{Gap: &attribution.Gap{Start: at(from), End: at(to), Reason: attribution.GapSleep}}
}

// use is a span in which server "s" used the GPU for the given seconds.
func use(from, to, gpu float64) attribution.UsageSpan {
	return attribution.UsageSpan{Start: at(from), End: at(to), Usage: attribution.Usage{
		GPUKnown: true,
		Servers:  []attribution.ServerUse{{Server: "s", Use: attribution.Use{GPU: time.Duration(gpu * float64(time.Second))}}},
	}}
}

// scriptedLog returns its updates one a poll, the last one for ever.
type scriptedLog struct {
	updates []attribution.LogUpdate
	err     error
}

func (l *scriptedLog) Name() string { return "server.log" }

func (l *scriptedLog) Poll(time.Time) (attribution.LogUpdate, error) {
	if l.err != nil {
		return attribution.LogUpdate{}, l.err
	}
	u := l.updates[0]
	if len(l.updates) > 1 {
		l.updates = l.updates[1:]
	}
	return u, nil
}

var errNotMounted = errors.New("volume not mounted")

// memory is a sink that keeps what it is given, unless it is told to fail.
type memory struct {
	batches []attribution.Batch
	err     error
}

func (m *memory) Commit(_ context.Context, b attribution.Batch) error {
	if m.err == nil {
		m.batches = append(m.batches, b)
	}
	return m.err
}

func (m *memory) all() attribution.Batch {
	var sum attribution.Batch
	for _, b := range m.batches {
		sum.Windows = append(sum.Windows, b.Windows...)
		sum.Gaps = append(sum.Gaps, b.Gaps...)
		sum.Bookings = append(sum.Bookings, b.Bookings...)
		sum.Charges = append(sum.Charges, b.Charges...)
		sum.Remote = append(sum.Remote, b.Remote...)
		sum.State, sum.Checkpoints = b.State, b.Checkpoints
	}
	return sum
}

func config(log collector.LogSource) collector.Config {
	c := collector.Config{Logger: zerolog.Nop()}
	if log != nil {
		c.Logs = []collector.Log{{Source: log, Server: "s"}}
	}
	return c
}

func commit(t *testing.T, c *collector.Collector, now time.Time) {
	t.Helper()
	if err := c.Commit(t.Context(), now); err != nil {
		t.Fatal(err)
	}
}

func TestWindowsWaitForProcessStats(t *testing.T) {
	sink := &memory{}
	cfg := config(nil)
	cfg.ProcessStats = true
	c := collector.New(cfg, attribution.Resume{}, sink)
	for i := range 6 {
		c.Measure(window(float64(i), float64(i+1), 5))
	}
	c.Use(use(0, 2.5, 1))
	c.Poll(at(6))
	commit(t, c, at(6))
	if n := len(sink.all().Windows); n != 0 {
		t.Fatalf("%d windows opened before all windows of the first span could be there", n)
	}
	c.Use(use(2.5, 5, 0.5))
	c.Use(use(5, 6, 0))
	c.Poll(at(6))
	commit(t, c, at(6))
	ms := time.Millisecond
	want := []time.Duration{400 * ms, 400 * ms, 300 * ms, 200 * ms, 200 * ms}
	if d := cmp.Diff(want, gpuTimes(sink)); d != "" {
		t.Errorf("GPU time laid over windows of unknown busy time (-want +got):\n%s", d)
	}
}

func TestUseFallsWhereTheRailWasBusy(t *testing.T) {
	sink := &memory{}
	cfg := config(nil)
	cfg.ProcessStats = true
	c := collector.New(cfg, attribution.Resume{}, sink)
	for i, busy := range []float64{0, 0.9, 0, 0.3, 0, 0} {
		m := window(float64(i), float64(i+1), 5)
		m.Window.GPU.Busy, m.Window.GPU.BusyKnown = time.Duration(busy*float64(time.Second)), true
		c.Measure(m)
	}
	c.Use(use(0, 5, 0.8))
	c.Use(use(5, 6, 0))
	c.Poll(at(6))
	commit(t, c, at(6))
	ms := time.Millisecond
	if d := cmp.Diff([]time.Duration{0, 600 * ms, 0, 200 * ms, 0}, gpuTimes(sink)); d != "" {
		t.Errorf("GPU time (-want +got):\n%s", d)
	}
}

func gpuTimes(sink *memory) []time.Duration {
	var all []time.Duration
	for _, w := range sink.all().Windows {
		all = append(all, w.Usage.Servers[0].GPU.Round(time.Microsecond))
	}
	return all
}

func TestWindowsDoNotWaitForEver(t *testing.T) {
	sink := &memory{}
	cfg := config(nil)
	cfg.ProcessStats, cfg.MaxHeld = true, 10*time.Second
	c := collector.New(cfg, attribution.Resume{}, sink)
	c.Measure(window(0, 1, 5))
	c.Poll(at(10.5))
	if open, _ := c.Status().OpenEnergy, 0; open != 5 {
		t.Fatalf("held energy is %v J, want 5", open)
	}
	c.Poll(at(11))
	commit(t, c, at(11))
	if w := sink.all().Windows; len(w) != 1 || w[0].Usage != nil {
		t.Errorf("got %+v, want one window with unknown use", w)
	}
}

func TestTimeBeforeTheFirstSampleIsAGap(t *testing.T) {
	sink := &memory{}
	c := collector.New(config(nil), attribution.Resume{LastEnd: at(-60)}, sink)
	c.Measure(window(0, 1, 5))
	c.Measure(gap(1, 4))
	c.Measure(window(4, 5, 5))
	c.Measure(window(4.5, 6, 5)) // begins within the one before: cut, not counted twice
	c.Measure(window(2, 3, 5))   // the clock was set back: placed at half its length
	commit(t, c, at(6))
	want := []attribution.Gap{{Start: at(-60), End: at(0), Reason: attribution.GapStart}, {Start: at(1), End: at(4), Reason: attribution.GapSleep}}
	if d := cmp.Diff(want, sink.all().Gaps); d != "" {
		t.Errorf("gaps (-want +got):\n%s", d)
	}
	if w := sink.all().Windows; len(w) != 4 || !w[2].Start.Equal(at(5)) || !w[3].End.Equal(at(6.5)) || c.Status().Rejected != 0 {
		t.Errorf("got windows %+v, %d rejected", w, c.Status().Rejected)
	}
}

func TestWindowsStayOpenUnderARequestInFlight(t *testing.T) {
	flying := attribution.Request{ID: "a", Server: "s", Start: at(3)}
	done := flying
	done.End, done.Input, done.Output, done.Outcome = at(6), attribution.Known(1), attribution.Known(1), attribution.OutcomeOK
	log := &scriptedLog{updates: []attribution.LogUpdate{
		{Horizon: at(10), InFlight: []attribution.Request{flying}, Checkpoint: []byte("1")},
		{Horizon: at(11), Requests: []attribution.Request{done}, Checkpoint: []byte("2")},
	}}
	sink := &memory{}
	c := collector.New(config(log), attribution.Resume{}, sink)
	for i := range 10 {
		c.Measure(window(float64(i), float64(i+1), 5))
	}
	c.Poll(at(10))
	commit(t, c, at(10))
	if n := len(sink.all().Bookings); n != 1 { // up to the request's start less the quiet guard
		t.Fatalf("%d windows booked under a request in flight, want 1", n)
	}
	if n := len(sink.all().Windows); n != 10 {
		t.Fatalf("%d windows stored, want all 10: open ones are stored too", n)
	}
	if n := c.Poll(at(11)); n != 1 {
		t.Fatalf("poll completed %d requests, want 1", n)
	}
	commit(t, c, at(11))
	all := sink.all()
	if len(all.Charges) != 1 || string(all.Checkpoints[0].Data) != "2" {
		t.Errorf("got %d charges, checkpoint %q; want 1, 2", len(all.Charges), all.Checkpoints[0].Data)
	}
}

func TestOpenWindowsAreBounded(t *testing.T) {
	flying := attribution.Request{ID: "a", Server: "s", Start: at(0)}
	log := &scriptedLog{updates: []attribution.LogUpdate{{Horizon: at(0), InFlight: []attribution.Request{flying}}}}
	sink := &memory{}
	cfg := config(log)
	cfg.MaxOpen = 100 * time.Second
	c := collector.New(cfg, attribution.Resume{}, sink)
	for i := range 1000 {
		c.Measure(window(float64(i), float64(i+1), 5))
		c.Poll(at(float64(i + 1)))
	}
	if _, open := c.Status().OpenEnergy, c.Status().OpenTime; open > 103*time.Second {
		t.Errorf("%v are open, want at most the bound and the quiet guard", open)
	}
	commit(t, c, at(1000))
	last := sink.all().Bookings[len(sink.all().Bookings)-1]
	if len(last.Shares) != 1 || last.Shares[0].Request != "a" {
		t.Errorf("the window under the request in flight was booked to %+v", last.Shares)
	}
}

// A log that speaks at the end of a request says nothing while the server is
// busy, and its line may still be on its way when the server is idle again: as
// long as nobody claims what the server did.
func TestLogThatSpeaksAtTheEnd(t *testing.T) {
	t.Run("and does", func(t *testing.T) {
		speaksAtTheEnd(t, attribution.LogUpdate{Requests: []attribution.Request{{ID: "a", Server: "s", Start: at(0), End: at(5), Outcome: attribution.OutcomeOK}}}, at(11), 8, 1)
	})
	t.Run("and does not", func(t *testing.T) {
		speaksAtTheEnd(t, attribution.LogUpdate{}, at(11), 0, 0)
		speaksAtTheEnd(t, attribution.LogUpdate{}, at(31), 8, 0)
	})
}

// speaksAtTheEnd has the server busy for 5 s and idle for 5 s or more, and the
// log say last what it has to at the end.
func speaksAtTheEnd(t *testing.T, last attribution.LogUpdate, end time.Time, booked, charged int) {
	t.Helper()
	log := &scriptedLog{updates: []attribution.LogUpdate{{}, last}}
	sink := &memory{}
	cfg := config(log)
	cfg.ProcessStats, cfg.MaxLate = true, 20*time.Second
	c := collector.New(cfg, attribution.Resume{}, sink)
	for i := range 10 {
		c.Measure(window(float64(i), float64(i+1), 5))
	}
	c.Use(use(0, 5, 4)) // busy: a request may be under way
	c.Poll(at(5))
	commit(t, c, at(5))
	if n := len(sink.all().Bookings); n != 0 {
		t.Fatalf("%d windows booked while the server was busy", n)
	}
	c.Use(use(5, 10, 0))
	c.Use(use(10, 11, 0))
	if end.After(at(11)) {
		c.Measure(attribution.Measurement{Gap: &attribution.Gap{Start: at(10), End: end, Reason: attribution.GapSleep}})
	}
	c.Poll(end)
	commit(t, c, end)
	all := sink.all()
	if len(all.Bookings) < booked || len(all.Bookings) > booked+2 || len(all.Charges) != charged {
		t.Errorf("%d windows booked and %d requests charged at %v, want %d, or all 10, and %d", len(all.Bookings), len(all.Charges), end, booked, charged)
	}
}

func TestFailedCommitLosesNothing(t *testing.T) {
	sink := &memory{err: errors.New("disk full")}
	c := collector.New(config(nil), attribution.Resume{}, sink)
	c.Measure(window(0, 1, 5))
	c.Poll(at(10))
	if err := c.Commit(t.Context(), at(10)); err == nil {
		t.Fatal("commit to a failing sink returned no error")
	}
	c.Measure(window(1, 2, 5))
	sink.err = nil
	c.Finish()
	commit(t, c, at(20))
	if all := sink.all(); len(all.Windows) != 2 || len(all.Bookings) != 2 {
		t.Errorf("%d windows and %d bookings arrived, want 2 and 2", len(all.Windows), len(all.Bookings))
	}
}

func TestUnreadableLogIsNamedInTheStatus(t *testing.T) {
	log := &scriptedLog{err: errors.New("permission denied")}
	c := collector.New(config(log), attribution.Resume{}, &memory{})
	c.Poll(at(0))
	if d := cmp.Diff(map[string]string{"server.log": "permission denied"}, c.Status().LogErrors); d != "" {
		t.Errorf("log errors (-want +got):\n%s", d)
	}
	log.err, log.updates = nil, []attribution.LogUpdate{{Checkpoint: []byte("x")}}
	c.Poll(at(1))
	if n := len(c.Status().LogErrors); n != 0 {
		t.Errorf("%d log errors after the log came back", n)
	}
}

func TestRequestsWithoutTimesTouchNothing(t *testing.T) {
	log := &scriptedLog{updates: []attribution.LogUpdate{{
		Horizon:  at(10),
		InFlight: []attribution.Request{{ID: "b", Server: "s"}},
		Loading:  []attribution.ModelLoad{{Server: "s"}},
		Requests: []attribution.Request{{ID: "a", Server: "s", Outcome: attribution.OutcomeOK}},
	}}}
	sink := &memory{}
	c := collector.New(config(log), attribution.Resume{}, sink)
	c.Measure(window(0, 1, 5))
	c.Poll(at(10))
	c.Finish()
	commit(t, c, at(10))
	all := sink.all()
	if len(all.Charges) != 0 || all.Bookings[0].Inference != 0 || all.Bookings[0].ModelLoad != 0 || c.Status().Unplaced != 1 {
		t.Errorf("got %+v and %d unplaced, want nothing booked and one unplaced", all.Bookings, c.Status().Unplaced)
	}
}
