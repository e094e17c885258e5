package attribution_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
)

// world is some minutes of a machine: long enough that learning, placing and
// the baseline are all under way.
type world struct {
	knobs
	rnd      *rand.Rand
	windows  []attribution.Window
	requests []attribution.Request
	loads    []attribution.ModelLoad
	end      float64 // seconds
}

// knobs are what a world is made from. All else follows from the seed.
type knobs struct {
	Seed    uint64
	Seconds float64
	Window  float64 // longest window
	Every   float64 // mean time between requests of a model
	Servers int
	Models  int     // of each server
	Gaps    float64 // share of windows that were lost
	Stats   float64 // share of windows with process stats
	Unknown float64 // share of requests that lack something
	Loads   int
	Whole   float64 // share of windows that hold the whole machine's energy
	Long    float64 // how long one request takes that begins at a tenth of the time; 0: there is none
}

func drawKnobs(t *rapid.T) knobs {
	k := knobs{
		Seed:    rapid.Uint64().Draw(t, "seed"),
		Seconds: rapid.Float64Range(20, 240).Draw(t, "seconds"),
		Window:  rapid.SampledFrom([]float64{1, 0.5, 3, 12}).Draw(t, "window"),
		Every:   rapid.SampledFrom([]float64{4, 1.5, 12, 30}).Draw(t, "every"),
		Servers: rapid.IntRange(1, 2).Draw(t, "servers"),
		Models:  rapid.IntRange(1, 2).Draw(t, "models"),
		Gaps:    rapid.SampledFrom([]float64{0, 0.02, 0.3}).Draw(t, "gaps"),
		Stats:   rapid.SampledFrom([]float64{1, 0, 0.9}).Draw(t, "stats"),
		Unknown: rapid.SampledFrom([]float64{0, 0.3}).Draw(t, "unknown"),
		Loads:   rapid.IntRange(0, 3).Draw(t, "loads"),
		Whole:   rapid.SampledFrom([]float64{0, 1, 0.8}).Draw(t, "whole"),
	}
	t.Logf("world %+v", k)
	return k
}

func newWorld(k knobs) *world {
	w := &world{knobs: k, rnd: rand.New(rand.NewPCG(k.Seed, 1))}
	w.addRequests()
	for range k.Loads {
		from := w.rnd.Float64() * k.Seconds
		w.loads = append(w.loads, attribution.ModelLoad{Server: "s0", Model: "m0", Start: at(from), End: at(from + 3*w.rnd.Float64())})
	}
	w.addWindows()
	return w
}

func (w *world) addRequests() {
	for s := range w.Servers {
		for m := range w.Models {
			for from := w.rnd.ExpFloat64() * w.Every; from < w.Seconds-5; from += w.rnd.ExpFloat64() * w.Every {
				w.requests = append(w.requests, w.request(from, fmt.Sprint("s", s), fmt.Sprint("m", m)))
			}
		}
	}
	if w.Long > 0 {
		from := w.Seconds / 10
		long := request("", from, from+3, from+w.Long, 900, int64(20*w.Long))
		long.Server, long.Model = "s0", "m0"
		w.requests = append(w.requests, long)
	}
	slices.SortStableFunc(w.requests, func(a, b attribution.Request) int { return a.Start.Compare(b.Start) })
	for i := range w.requests {
		w.requests[i].ID = fmt.Sprintf("r%05d", i)
	}
}

// request is one that takes about as long as its tokens do.
func (w *world) request(from float64, server, model string) attribution.Request {
	in, out := 1+w.rnd.Int64N(1500), 1+w.rnd.Int64N(200)
	prefill := float64(in) * 0.002 * (0.8 + w.rnd.Float64())
	decode := float64(out) * 0.02 * (0.8 + w.rnd.Float64())
	r := request("", from, from+prefill, from+prefill+decode, in, out)
	r.Server, r.Model, r.Cached = server, model, attribution.Known(w.rnd.Int64N(2)*500)
	if w.rnd.Float64() >= w.Unknown {
		return r
	}
	switch w.rnd.IntN(6) {
	case 0:
		r.FirstToken = time.Time{}
	case 1:
		r.Output = attribution.Count{}
	case 2:
		r.Input, r.FirstToken = attribution.Count{}, time.Time{}
	case 3: // cancelled: a guess is needed
		r.Input, r.Output, r.Cached, r.FirstToken = attribution.Count{}, attribution.Count{}, attribution.Count{}, time.Time{}
		r.Context, r.Reused = attribution.Known(in+out), attribution.Fraction{Of: 0, Known: true}
		r.Outcome = attribution.OutcomeCancelled
	case 4: // over at once
		r.End, r.FirstToken = r.Start, r.Start
	case 5: // whole seconds
		r.Start, r.FirstToken, r.End = r.Start.Truncate(time.Second), r.FirstToken.Truncate(time.Second), r.End.Truncate(time.Second)
		r.Uncertainty = time.Second
	}
	return r
}

func (w *world) addWindows() {
	for from := 0.0; from < w.Seconds+5; {
		to := from + w.Window*(0.5+w.rnd.Float64()/2)
		if w.rnd.Float64() >= w.Gaps {
			w.windows = append(w.windows, w.window(from, to))
		}
		from, w.end = to, to
	}
}

// window draws what is in flight in it, with noise; now and then it shows
// nothing or less than the baseline.
func (w *world) window(from, to float64) attribution.Window {
	busy := 0.0
	for _, r := range w.requests {
		d := min(r.End.Sub(t0).Seconds(), to) - max(r.Start.Sub(t0).Seconds(), from)
		busy += max(d, 0)
	}
	gpu := min(busy, to-from)
	others := 0.2 * w.rnd.Float64() * (to - from)
	joules := 1.5*(to-from) + 20*gpu + 5*others
	joules *= 1 + 0.1*w.rnd.NormFloat64()
	if w.rnd.IntN(30) == 0 {
		joules *= float64(w.rnd.IntN(2)) / 10
	}
	cpu := max(joules, 0) * 0.2 * w.rnd.Float64()
	v := window(from, to, energy.Joules(max(joules, 0)), nil)
	v.CPU.Energy = energy.Joules(cpu)
	v.GPU.Energy = v.Energy - v.CPU.Energy
	if w.rnd.Float64() < w.Stats {
		v.Usage = w.usage(gpu, others, cpu)
		v.GPU.Busy, v.GPU.BusyKnown = seconds(gpu+1.2*others), w.rnd.IntN(3) > 0
		v.CPU.Busy, v.CPU.BusyKnown = seconds(gpu*0.3+others), w.rnd.IntN(3) > 0
	}
	if w.rnd.Float64() < w.Whole {
		w.raise(&v)
	}
	return v
}

// raise makes v the whole machine's: 8 W and 1.3 times the chip, as told by one
// source or another, of which one or the other shows less than the chip.
func (w *world) raise(v *attribution.Window) {
	all := attribution.Scopes()[1:]
	v.Scope = all[0]
	if w.rnd.IntN(4) == 0 {
		v.Scope = all[w.rnd.IntN(len(all))]
	}
	length := v.End.Sub(v.Start).Seconds()
	v.Energy = energy.Joules(max((8*length+1.3*float64(v.Energy))*(1+0.1*w.rnd.NormFloat64()), 0))
	if w.rnd.IntN(20) == 0 {
		v.Energy *= energy.Joules(w.rnd.IntN(2)) / 10
	}
	v.Error = v.Energy / 50
}

func (w *world) usage(gpu, others, cpuEnergy float64) *attribution.Usage {
	u := &attribution.Usage{GPUKnown: w.rnd.IntN(10) > 0, CPUEnergyKnown: w.rnd.IntN(2) > 0}
	left := gpu
	for s := range w.Servers {
		part := left * w.rnd.Float64()
		if s == w.Servers-1 {
			part = left
		}
		left -= part
		use := attribution.Use{GPU: seconds(part), CPU: seconds(part * 0.2), CPUEnergy: energy.Joules(cpuEnergy * 0.3)}
		u.Servers = append(u.Servers, attribution.ServerUse{Server: fmt.Sprint("s", s), Use: use})
	}
	u.Others = attribution.Use{GPU: seconds(others), CPU: seconds(others), CPUEnergy: energy.Joules(cpuEnergy * 0.2)}
	if !u.GPUKnown {
		u.Others.GPU = 0
		for i := range u.Servers {
			u.Servers[i].GPU = 0
		}
	}
	return u
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// atOnce is what the engine makes of it all when it knows everything at once.
func (w *world) atOnce(t fatal) attribution.Result {
	e := attribution.New(attribution.Config{}, attribution.Resume{})
	for _, l := range w.loads {
		e.AddLoad(l)
	}
	for _, r := range w.requests {
		e.AddRequest(r)
	}
	for _, v := range w.windows {
		if err := e.AddWindow(v); err != nil {
			t.Fatal(err)
		}
	}
	return e.Advance(at(w.end+100), nil, nil)
}

// fatal is what a test and a property have in common.
type fatal interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

// delays is how the facts of a world reach the engine.
type delays struct {
	step    float64 // between two calls of Advance
	window  float64 // longest delay of a window
	request float64 // longest delay of a request after its end
	restart float64 // chance of a restart after each call
	cap     float64 // windows older than this are booked although requests are in flight; 0: none is
	unseen  float64 // share of the requests of which nothing is known before they come
}

// daemon feeds the world as a daemon would: windows and requests come after
// their ends, by the delays and so out of order; requests are told of as soon
// as they are in flight; each horizon is true.
func (w *world) daemon(t fatal, d delays, rnd *rand.Rand) attribution.Result {
	type event struct {
		at   float64
		feed func(e *attribution.Engine)
	}
	var events []event
	windowAt := map[time.Time]float64{}
	for _, v := range w.windows {
		arrives := v.End.Sub(t0).Seconds() + d.window*rnd.Float64()
		windowAt[v.End] = arrives
		events = append(events, event{arrives, func(e *attribution.Engine) {
			if err := e.AddWindow(v); err != nil {
				t.Fatal(err)
			}
		}})
	}
	requestAt := make([]float64, len(w.requests))
	unseen := make([]bool, len(w.requests))
	for i, r := range w.requests {
		unseen[i] = rnd.Float64() < d.unseen
		requestAt[i] = max(r.End.Sub(t0).Seconds(), r.Start.Sub(t0).Seconds()) + d.request*rnd.Float64()
		events = append(events, event{requestAt[i], func(e *attribution.Engine) { e.AddRequest(r) }})
	}
	for _, l := range w.loads {
		events = append(events, event{l.Start.Sub(t0).Seconds(), func(e *attribution.Engine) { e.AddLoad(l) }})
	}
	slices.SortStableFunc(events, func(a, b event) int { return int(1e9 * max(min(a.at-b.at, 1), -1)) })
	e := attribution.New(attribution.Config{}, attribution.Resume{})
	var all attribution.Result
	take := func(r attribution.Result) {
		all.Bookings = append(all.Bookings, r.Bookings...)
		all.Charges = append(all.Charges, r.Charges...)
	}
	next := 0
	for now := 0.0; now < w.end+d.window+d.request; now += d.step * 2 * rnd.Float64() {
		for ; next < len(events) && events[next].at <= now; next++ {
			events[next].feed(e)
		}
		horizon := now
		var flying []attribution.Request
		for i, r := range w.requests {
			start := r.Start.Sub(t0).Seconds()
			if start > now || requestAt[i] <= now || unseen[i] {
				continue
			}
			horizon = min(horizon, start)
			flying = append(flying, w.inFlight(r, rnd))
		}
		if d.cap > 0 {
			horizon = max(horizon, now-d.cap)
		}
		for _, v := range w.windows {
			if windowAt[v.End] > now {
				horizon = min(horizon, v.Start.Sub(t0).Seconds())
			}
		}
		take(e.Advance(at(horizon), flying, nil))
		if rnd.Float64() < d.restart {
			e = w.restart(t, e, windowAt, now)
		}
	}
	for ; next < len(events); next++ {
		events[next].feed(e)
	}
	take(e.Advance(at(w.end+100), nil, nil))
	slices.SortFunc(all.Charges, func(x, y attribution.Charge) int {
		if c := x.Request.End.Compare(y.Request.End); c != 0 {
			return c
		}
		return strings.Compare(x.Request.ID, y.Request.ID)
	})
	return all
}

// inFlight is what a log tells of r while it runs.
func (w *world) inFlight(r attribution.Request, rnd *rand.Rand) attribution.Request {
	f := attribution.Request{ID: r.ID, Server: r.Server, Model: r.Model, Start: r.Start}
	if rnd.IntN(2) == 0 {
		f.Model = "" // not told yet
	}
	if rnd.IntN(2) == 0 {
		f.Input = r.Input
	}
	return f
}

// restart is a new engine made from the state of e as a store would give it
// back, and from the windows that it has not booked.
func (w *world) restart(t fatal, e *attribution.Engine, windowAt map[time.Time]float64, now float64) *attribution.Engine {
	text, err := json.Marshal(e.State())
	if err != nil {
		t.Fatalf("the state cannot be written: %v", err)
	}
	var from attribution.Resume
	if err := json.Unmarshal(text, &from.State); err != nil {
		t.Fatal(err)
	}
	for _, v := range w.windows {
		if v.End.After(from.State.Closed) && windowAt[v.End] <= now {
			from.Windows = append(from.Windows, v)
		}
	}
	return attribution.New(attribution.Config{}, from)
}
