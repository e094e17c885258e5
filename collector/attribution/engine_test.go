package attribution_test

import (
	"errors"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
)

var t0 = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func at(seconds float64) time.Time { return t0.Add(time.Duration(seconds * float64(time.Second))) }

// window is a window of GPU energy alone.
func window(from, to float64, joules energy.Joules, u *attribution.Usage) attribution.Window {
	return attribution.Window{
		Start: at(from), End: at(to), Energy: joules, Scope: attribution.ScopeSoC,
		CPU: attribution.Rail{Known: true}, GPU: attribution.Rail{Energy: joules, Known: true}, Usage: u,
	}
}

// gpu is a use of the GPU by server "s" and by the others, in seconds.
func gpu(server, others float64) *attribution.Usage {
	d := func(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
	return &attribution.Usage{
		GPUKnown: true,
		Servers:  []attribution.ServerUse{{Server: "s", Use: attribution.Use{GPU: d(server)}}},
		Others:   attribution.Use{GPU: d(others)},
	}
}

func request(id string, start, first, end float64, in, out int64) attribution.Request {
	r := attribution.Request{
		ID: id, Server: "s", Model: "m", Start: at(start), End: at(end), Outcome: attribution.OutcomeOK,
		Input: attribution.Known(in), Cached: attribution.Known(0), Output: attribution.Known(out),
	}
	if first >= 0 {
		r.FirstToken = at(first)
	}
	return r
}

func engine(t *testing.T, windows []attribution.Window, requests ...attribution.Request) *attribution.Engine {
	t.Helper()
	e := attribution.New(attribution.Config{}, attribution.Resume{})
	for _, w := range windows {
		if err := e.AddWindow(w); err != nil {
			t.Fatal(err)
		}
	}
	for _, r := range requests {
		e.AddRequest(r)
	}
	return e
}

func near(a, b energy.Joules) bool {
	return math.Abs(float64(a-b)) <= 1e-9*math.Max(1, math.Abs(float64(b)))
}

// quiet is n seconds of windows at w watts, ending at second "to".
func quiet(to float64, n int, w energy.Joules) []attribution.Window {
	var ws []attribution.Window
	for i := range n {
		from := to - float64(n-i)
		ws = append(ws, window(from, from+1, w, gpu(0, 0)))
	}
	return ws
}

func TestWorkedExample(t *testing.T) {
	ws := append(quiet(0, 60, 2), window(10, 11, 22, gpu(0.9, 0.1)))
	res := engine(t, ws, request("A", 10, 10, 11, 0, 31), request("B", 10, 11, 11, 100, 0)).Advance(at(20), nil, nil)

	b := res.Bookings[len(res.Bookings)-1]
	got := map[string]energy.Joules{"baseline": b.Baseline, "others": b.OtherProcesses}
	for _, s := range b.Shares {
		got[s.Request] = s.Prefill + s.Decode
	}
	want := map[string]energy.Joules{"baseline": 2, "others": 2, "A": 13.5, "B": 4.5}
	if d := cmp.Diff(want, got, cmp.Comparer(near)); d != "" {
		t.Errorf("booking (-want +got):\n%s", d)
	}
	if b.BaselineAssumed {
		t.Error("the baseline was observed, but is called assumed")
	}
}

func TestParts(t *testing.T) {
	base := energy.Joules(attribution.DefaultAssumedBaseline)
	load := attribution.ModelLoad{Server: "s", Model: "m", Start: at(0), End: at(1)}
	busyGPU := window(0, 1, 10+base, gpu(0.5, 0.1))
	busyGPU.GPU.Busy, busyGPU.GPU.BusyKnown = time.Second, true
	noGPUTimes := window(0, 1, 10+base, &attribution.Usage{Servers: []attribution.ServerUse{{Server: "s"}}})
	ane := window(0, 1, 10+base, gpu(1, 0))
	ane.GPU.Energy, ane.ANE = 5+base/2, attribution.Rail{Energy: 5 + base/2, Known: true}

	tests := []struct {
		name     string
		window   attribution.Window
		requests []attribution.Request
		loads    []attribution.ModelLoad
		want     attribution.Booking // its parts
		tier     attribution.Tier
	}{
		{name: "no request, no load: server other", window: window(0, 1, 10+base, gpu(1, 0)), want: attribution.Booking{ServerOther: 10}},
		{name: "a load takes the server's part", window: window(0, 1, 10+base, gpu(1, 0)), loads: []attribution.ModelLoad{load}, want: attribution.Booking{ModelLoad: 10}},
		{
			name: "a load and a request share by time", window: window(0, 1, 10+base, gpu(1, 0)),
			loads:    []attribution.ModelLoad{{Server: "s", Start: at(-3), End: at(0.25)}},
			requests: []attribution.Request{request("A", 0.25, 0.5, 1, 10, 10)},
			want:     attribution.Booking{ModelLoad: 2.5, Inference: 7.5},
		},
		{name: "one request takes the whole of a window that it only touches", window: window(0, 1, 10+base, gpu(1, 0)), requests: []attribution.Request{request("A", 0.9, 0.95, 3, 10, 10)}, want: attribution.Booking{Inference: 10}},
		{name: "GPU busy for longer than its processes: unexplained", window: busyGPU, requests: []attribution.Request{request("A", 0, 0, 1, 0, 1)}, want: attribution.Booking{Inference: 5, OtherProcesses: 1, Unexplained: 4}},
		{name: "no GPU times: the busy server's, assumed", window: noGPUTimes, requests: []attribution.Request{request("A", 0, 0, 1, 0, 1)}, want: attribution.Booking{Inference: 10}},
		{name: "no GPU times and no request: unexplained", window: noGPUTimes, want: attribution.Booking{Unexplained: 10}},
		{name: "nothing tells whose the ANE was", window: ane, requests: []attribution.Request{request("A", 0, 0, 1, 0, 1)}, want: attribution.Booking{Inference: 5, Unexplained: 5}},
		{name: "no process stats, a request", window: window(0, 1, 10+base, nil), requests: []attribution.Request{request("A", 0, 0, 1, 0, 1)}, want: attribution.Booking{Inference: 10}},
		{name: "no process stats, nothing in flight", window: window(0, 1, 10+base, nil), want: attribution.Booking{Unexplained: 10}},
		{name: "less than the baseline", window: window(0, 1, base/2, gpu(1, 0)), want: attribution.Booking{Baseline: base / 2}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := engine(t, []attribution.Window{tt.window}, tt.requests...)
			for _, l := range tt.loads {
				e.AddLoad(l)
			}
			res := e.Advance(at(30), nil, nil)
			if tt.want.Baseline == 0 {
				tt.want.Baseline = base
			}
			if d := cmp.Diff(parts(tt.want), parts(res.Bookings[0]), cmp.Comparer(near)); d != "" {
				t.Errorf("parts (-want +got):\n%s", d)
			}
		})
	}
}

func parts(b attribution.Booking) map[string]energy.Joules {
	return map[string]energy.Joules{
		"baseline": b.Baseline, "inference": b.Inference, "model load": b.ModelLoad,
		"server other": b.ServerOther, "others": b.OtherProcesses, "unexplained": b.Unexplained,
	}
}

func TestUnknownTokensWorkAsHardAsTheirCompany(t *testing.T) {
	unknown := request("B", 0.5, 0.5, 1, 0, 0)
	unknown.Input, unknown.Output = attribution.Count{}, attribution.Count{}
	ws := append(quiet(-5, 60, 1), window(0, 1, 13, gpu(1, 0)))
	res := engine(t, ws, request("A", 0, 0, 1, 0, 40), unknown).Advance(at(9), nil, nil)
	got := map[string]energy.Joules{}
	for _, c := range res.Charges {
		got[c.Request.ID] = c.Energy()
		if c.Tier != attribution.TierEstimated {
			t.Errorf("%s: tier %q, want estimated: the division rests on an assumption", c.Request.ID, c.Tier)
		}
	}
	want := map[string]energy.Joules{"A": 9, "B": 3} // half of the time they took the same steps
	if d := cmp.Diff(want, got, cmp.Comparer(near)); d != "" {
		t.Errorf("energy (-want +got):\n%s", d)
	}
}

// estimated is r with tokens that the server did not tell.
func estimated(r attribution.Request) attribution.Request {
	r.TokensEstimated = true
	return r
}

func TestTiers(t *testing.T) {
	lead := quiet(-10, 60, 1)
	alone := append(slices.Clone(lead), window(0, 1, 11, gpu(1, 0)), window(1, 2, 11, gpu(1, 0)))
	tests := []struct {
		name     string
		windows  []attribution.Window
		requests []attribution.Request
		want     attribution.Tier
		covered  float64
	}{
		{"alone", alone, []attribution.Request{request("A", 0, 1, 2, 5, 5)}, attribution.TierMeasured, 1},
		{"in company", alone, []attribution.Request{request("A", 0, 1, 2, 5, 5), request("B", 0, 1, 2, 5, 5)}, attribution.TierShared, 1},
		{"estimated tokens alone", alone, []attribution.Request{estimated(request("A", 0, 1, 2, 5, 5))}, attribution.TierMeasured, 1},
		{"beside estimated tokens", alone, []attribution.Request{request("A", 0, 1, 2, 5, 5), estimated(request("B", 0, 1, 2, 5, 5))}, attribution.TierEstimated, 1},
		{"no process stats", append(slices.Clone(lead), window(0, 2, 11, nil)), []attribution.Request{request("A", 0, 1, 2, 5, 5)}, attribution.TierEstimated, 1},
		{"assumed baseline", []attribution.Window{window(0, 2, 11, gpu(1, 0))}, []attribution.Request{request("A", 0, 1, 2, 5, 5)}, attribution.TierEstimated, 1},
		{"half in a gap", alone[:len(alone)-1], []attribution.Request{request("A", 0, 1, 2, 5, 5)}, attribution.TierEstimated, 0.5},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := engine(t, tt.windows, tt.requests...).Advance(at(30), nil, nil).Charges[0]
			if c.Tier != tt.want || !c.EnergyKnown || c.Covered != tt.covered {
				t.Errorf("got tier %q, energy known %v, covered %v; want %q, true, %v", c.Tier, c.EnergyKnown, c.Covered, tt.want, tt.covered)
			}
		})
	}
}

func TestRequestInAGapHasNoEnergy(t *testing.T) {
	res := engine(t, []attribution.Window{window(100, 101, 5, nil)}, request("A", 0, 1, 2, 5, 5)).Advance(at(200), nil, nil)
	if c := res.Charges[0]; c.EnergyKnown || c.Late || c.Covered != 0 {
		t.Errorf("got %+v, want an unknown energy", c)
	}
}

func TestLateRequestTakesNoEnergy(t *testing.T) {
	e := engine(t, quiet(10, 10, 3))
	e.Advance(at(10), nil, nil)
	e.AddRequest(request("A", 1, 2, 3, 5, 5))
	res := e.Advance(at(11), nil, nil)
	if len(res.Charges) != 1 || !res.Charges[0].Late || res.Charges[0].EnergyKnown {
		t.Fatalf("got %+v, want one late charge without energy", res.Charges)
	}
	if again := e.Advance(at(20), nil, nil); len(again.Charges) != 0 {
		t.Errorf("charged again: %+v", again.Charges)
	}
}

func TestWindowsAreTakenOnce(t *testing.T) {
	e := engine(t, []attribution.Window{window(0, 1, 1, nil)})
	for _, tt := range []struct {
		name string
		w    attribution.Window
		want error
	}{
		{"same again", window(0, 1, 1, nil), attribution.ErrOverlap},
		{"overlaps the end", window(0.5, 2, 1, nil), attribution.ErrOverlap},
		{"overlaps the start", window(-1, 0.5, 1, nil), attribution.ErrOverlap},
		{"empty", window(5, 5, 1, nil), attribution.ErrEmptyWindow},
	} {
		if err := e.AddWindow(tt.w); !errors.Is(err, tt.want) {
			t.Errorf("%s: got %v, want %v", tt.name, err, tt.want)
		}
	}
	e.Advance(at(60), nil, nil)
	if err := e.AddWindow(window(3, 4, 1, nil)); !errors.Is(err, attribution.ErrClosed) {
		t.Errorf("settled time: got %v, want %v", err, attribution.ErrClosed)
	}
}

func TestRequestInFlightAtTheCap(t *testing.T) {
	flying := request("A", 0, -1, 0, 0, 0)
	flying.End, flying.Input, flying.Output = time.Time{}, attribution.Count{}, attribution.Count{}
	ws := append(quiet(-10, 60, 1), window(0, 1, 11, gpu(1, 0)), window(1, 2, 11, gpu(1, 0)))
	e := engine(t, ws)
	forced := e.Advance(at(3), []attribution.Request{flying}, nil) // books up to second 1
	if got := forced.Bookings[len(forced.Bookings)-1].Inference; !near(got, 10) {
		t.Fatalf("window closed under a request in flight booked %v J to it, want 10", got)
	}
	if len(forced.Charges) != 0 {
		t.Fatalf("charged while in flight: %+v", forced.Charges)
	}
	e.AddRequest(request("A", 0, 0.5, 2, 3, 4))
	done := e.Advance(at(30), nil, nil)
	if len(done.Charges) != 1 || !near(done.Charges[0].Energy(), 20) || done.Charges[0].Request.Output.N != 4 {
		t.Errorf("got %+v, want one charge of 20 J with the final counts", done.Charges)
	}
}

func TestRequestThatTheLogLostIsCharged(t *testing.T) {
	flying := request("A", 0, -1, 0, 0, 0)
	flying.End = time.Time{}
	e := engine(t, append(quiet(-10, 60, 1), window(0, 1, 11, gpu(1, 0))))
	e.Advance(at(3), []attribution.Request{flying}, nil)
	res := e.Advance(at(4), nil, nil)
	if len(res.Charges) != 1 || res.Charges[0].Request.Outcome != attribution.OutcomeError || !near(res.Charges[0].Energy(), 10) {
		t.Errorf("got %+v, want one failed request of 10 J", res.Charges)
	}
}

func TestUnwatchedServerHasUnknownEnergy(t *testing.T) {
	r := request("A", 0, 0, 1, 1, 1)
	r.Server = "added later"
	res := engine(t, []attribution.Window{window(0, 1, 10, gpu(0, 1))}, r).Advance(at(9), nil, nil)
	if c := res.Charges[0]; c.EnergyKnown {
		t.Errorf("a request of a server that nobody looked at was charged a known %v J", c.Energy())
	}
}

// TestWhatOthersAlwaysUseIsInTheBaselineAlone has programs that use a tenth of
// the GPU all the time: while a request runs they take no part of its energy.
func TestWhatOthersAlwaysUseIsInTheBaselineAlone(t *testing.T) {
	var ws []attribution.Window
	for _, w := range quiet(-5, 60, 1) {
		w.Usage = gpu(0, 0.1)
		w.GPU.Busy, w.GPU.BusyKnown = 100*time.Millisecond, true
		ws = append(ws, w)
	}
	busy := window(0, 1, 11, gpu(0.7, 0.3)) // 0.2 s of the others' time is beyond what they always use
	busy.GPU.Busy, busy.GPU.BusyKnown = time.Second, true
	res := engine(t, append(ws, busy), request("A", 0, 0, 1, 0, 10)).Advance(at(9), nil, nil)
	b := res.Bookings[len(res.Bookings)-1]
	want := map[string]energy.Joules{"baseline": 1, "inference": 10 * 0.7 / 0.9, "others": 10 * 0.2 / 0.9, "model load": 0, "server other": 0, "unexplained": 0}
	if d := cmp.Diff(want, parts(b), cmp.Comparer(near)); d != "" {
		t.Errorf("parts (-want +got):\n%s", d)
	}
}

func TestWindowsJustBeforeTheHorizonStayOpen(t *testing.T) {
	e := engine(t, quiet(10, 10, 1))
	res := e.Advance(at(10), nil, nil)
	// A request that starts at the horizon makes the last seconds before it
	// unquiet, so they cannot be booked yet.
	if last := res.Bookings[len(res.Bookings)-1].Window.End; !last.Equal(at(8)) {
		t.Errorf("booked until %v, want until two seconds before the horizon", last)
	}
	if j, d := e.Open(); j != 2 || d != 2*time.Second {
		t.Errorf("%v J in %v are open, want 2 J in 2 s", j, d)
	}
}

func TestGapWidensTheErrorBand(t *testing.T) {
	ws := append(quiet(-10, 60, 1), window(0, 1, 11, gpu(1, 0)))
	c := engine(t, ws, request("A", 0, 1, 2, 5, 5)).Advance(at(30), nil, nil).Charges[0]
	// The other half may have taken as much; the rest of the error is the sensor's.
	if !near(c.Energy(), 10) || c.Error < 10 || c.Error > 10.1 || c.Driver != attribution.DriverGap {
		t.Errorf("%v ± %v J by %s for a request of which half lies in a gap, want 10 ± 10 by gap", c.Energy(), c.Error, c.Driver)
	}
}

func TestYoungQuietMinutesWeighMore(t *testing.T) {
	ws := append(quiet(-5*3600, 1200, 10), quiet(0, 120, 2)...) // 20 minutes of 10 W five hours ago, two of 2 W now
	ws = append(ws, window(30, 31, 50, gpu(1, 0)))
	res := engine(t, ws).Advance(at(60), nil, nil)
	if b := res.Bookings[len(res.Bookings)-1].Baseline; !near(b, 2) {
		t.Errorf("baseline %v J, want that of the last minutes, 2 J", b)
	}
}

// TestTimeAfterAChargedRequestIsNotQuiet books second by second, so that the
// request is charged and forgotten before the windows after it are booked.
func TestTimeAfterAChargedRequestIsNotQuiet(t *testing.T) {
	e := engine(t, nil, request("A", 0, 0.5, 1, 1, 1))
	var last attribution.Booking
	for i := range 40 {
		joules := energy.Joules(1)
		if i < 3 { // the request, and the two seconds in which the machine settles
			joules = 40
		}
		if err := e.AddWindow(window(float64(i), float64(i+1), joules, gpu(0, 0))); err != nil {
			t.Fatal(err)
		}
		if res := e.Advance(at(float64(i+1)), nil, nil); len(res.Bookings) > 0 {
			last = res.Bookings[0]
		}
	}
	if !near(last.Baseline, 1) || last.BaselineAssumed {
		t.Errorf("baseline %v J, want 1 J: the seconds after a request are not quiet", last.Baseline)
	}
}
