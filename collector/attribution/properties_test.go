package attribution_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
)

// timeline is a random machine: windows with gaps, requests and loads.
type timeline struct {
	windows  []attribution.Window
	requests []attribution.Request
	loads    []attribution.ModelLoad
	end      float64
}

func draw(t *rapid.T) timeline {
	var tl timeline
	seconds := rapid.Float64Range(0.1, 3)
	for n := rapid.IntRange(1, 25).Draw(t, "windows"); n > 0; n-- {
		from := tl.end
		tl.end += seconds.Draw(t, "length")
		if rapid.IntRange(0, 9).Draw(t, "gap") == 0 {
			continue
		}
		tl.windows = append(tl.windows, drawWindow(t, from, tl.end))
	}
	for i := range rapid.IntRange(0, 6).Draw(t, "requests") {
		tl.requests = append(tl.requests, drawRequest(t, i, tl.end))
	}
	for range rapid.IntRange(0, 2).Draw(t, "loads") {
		from := rapid.Float64Range(0, tl.end).Draw(t, "load")
		tl.loads = append(tl.loads, attribution.ModelLoad{Server: "s", Model: "m", Start: at(from), End: at(from + 2)})
	}
	return tl
}

func drawWindow(t *rapid.T, from, to float64) attribution.Window {
	joules := rapid.Float64Range(0, 100)
	w := window(from, to, 0, nil)
	w.GPU.Energy = energy.Joules(joules.Draw(t, "gpu"))
	w.CPU.Energy = energy.Joules(joules.Draw(t, "cpu"))
	w.ANE = attribution.Rail{Energy: energy.Joules(joules.Draw(t, "ane")), Known: rapid.Bool().Draw(t, "ane known")}
	w.Energy = w.GPU.Energy + w.CPU.Energy
	if w.ANE.Known {
		w.Energy += w.ANE.Energy
	}
	if rapid.Bool().Draw(t, "stats") {
		ms := rapid.IntRange(0, 1000)
		w.Usage = gpu(float64(ms.Draw(t, "server ms"))/1000, float64(ms.Draw(t, "others ms"))/1000)
		w.Usage.Servers = append(w.Usage.Servers, attribution.ServerUse{Server: "t", Use: attribution.Use{GPU: time.Millisecond, CPU: time.Second}})
		w.GPU.Busy, w.GPU.BusyKnown = at(to).Sub(at(from)), rapid.Bool().Draw(t, "busy known")
	}
	return w
}

func drawRequest(t *rapid.T, i int, end float64) attribution.Request {
	from := rapid.Float64Range(-2, end).Draw(t, "start")
	length := rapid.Float64Range(0, 20).Draw(t, "length")
	tokens := rapid.Int64Range(0, 500)
	first := from + length*rapid.Float64Range(0, 1).Draw(t, "first")
	if rapid.IntRange(0, 3).Draw(t, "no first") == 0 {
		first = -1
	}
	r := request(fmt.Sprintf("r%02d", i), from, first, from+length, tokens.Draw(t, "in"), tokens.Draw(t, "out"))
	if rapid.IntRange(0, 4).Draw(t, "unknown") == 0 {
		r.Output = attribution.Count{}
	}
	r.Server = rapid.SampledFrom([]string{"s", "t"}).Draw(t, "server")
	return r
}

// run feeds tl in the given order, with an Advance at each step of time.
func (tl timeline) run(t *rapid.T, steps []float64, rnd *rand.Rand) attribution.Result {
	ws, rs := slices.Clone(tl.windows), slices.Clone(tl.requests)
	rnd.Shuffle(len(ws), func(i, j int) { ws[i], ws[j] = ws[j], ws[i] })
	rnd.Shuffle(len(rs), func(i, j int) { rs[i], rs[j] = rs[j], rs[i] })
	e := attribution.New(attribution.Config{}, attribution.Resume{})
	for _, l := range tl.loads {
		e.AddLoad(l)
	}
	for _, r := range rs {
		e.AddRequest(r)
	}
	var all attribution.Result
	fed := make([]bool, len(ws))
	for _, step := range append(slices.Clone(steps), tl.end+100) {
		for i, w := range ws {
			if !fed[i] && w.Start.Before(at(step)) {
				fed[i] = true
				if err := e.AddWindow(w); err != nil {
					t.Fatal(err)
				}
			}
		}
		res := e.Advance(at(step), nil, nil)
		all.Bookings = append(all.Bookings, res.Bookings...)
		all.Charges = append(all.Charges, res.Charges...)
	}
	return all
}

func TestEveryJouleIsBookedOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tl := draw(t)
		res := tl.run(t, nil, rand.New(rand.NewPCG(1, 2)))
		if len(res.Bookings) != len(tl.windows) {
			t.Fatalf("%d bookings of %d windows", len(res.Bookings), len(tl.windows))
		}
		var shares, charged energy.Joules
		for _, b := range res.Bookings {
			sum := energy.Joules(0)
			for name, p := range parts(b) {
				if p < 0 {
					t.Fatalf("%s of window %v is negative: %v", name, b.Window.Start, p)
				}
				sum += p
			}
			if !near(sum, b.Window.Energy) {
				t.Fatalf("parts sum to %v, the window holds %v", sum, b.Window.Energy)
			}
			for _, s := range b.Shares {
				if s.Prefill < 0 || s.Decode < 0 || s.Error < 0 {
					t.Fatalf("negative share %+v", s)
				}
				shares += s.Prefill + s.Decode
			}
		}
		for _, c := range res.Charges {
			charged += c.Energy()
		}
		if len(res.Charges) != len(tl.requests) || !near(shares, charged) {
			t.Fatalf("%d charges of %v J, want %d of %v J", len(res.Charges), charged, len(tl.requests), shares)
		}
	})
}

func TestOrderAndStepsChangeNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tl := draw(t)
		steps := rapid.SliceOfN(rapid.Float64Range(0, tl.end+10), 0, 8).Draw(t, "steps")
		slices.Sort(steps)
		a := tl.run(t, nil, rand.New(rand.NewPCG(1, 2)))
		b := tl.run(t, steps, rand.New(rand.NewPCG(3, rapid.Uint64().Draw(t, "seed"))))
		slices.SortFunc(b.Charges, func(x, y attribution.Charge) int {
			if d := x.Request.End.Compare(y.Request.End); d != 0 {
				return d
			}
			return slices.Compare([]byte(x.Request.ID), []byte(y.Request.ID))
		})
		if d := cmp.Diff(a, b, cmp.Comparer(near)); d != "" {
			t.Fatalf("(-in one go +in steps):\n%s", d)
		}
	})
}

func TestResumeChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tl := draw(t)
		want := tl.run(t, nil, rand.New(rand.NewPCG(1, 2)))
		stop := rapid.Float64Range(0, tl.end).Draw(t, "stop")
		e := engineOf(t, tl)
		got := e.Advance(at(stop), nil, nil)
		state := e.State()
		var open []attribution.Window
		for _, w := range tl.windows {
			if w.End.After(state.Closed) {
				open = append(open, w)
			}
		}
		rest := attribution.New(attribution.Config{}, attribution.Resume{State: state, Windows: open}).Advance(at(tl.end+100), nil, nil)
		got.Bookings = append(got.Bookings, rest.Bookings...)
		got.Charges = append(got.Charges, rest.Charges...)
		if d := cmp.Diff(want.Bookings, got.Bookings, cmp.Comparer(near)); d != "" {
			t.Fatalf("(-without +with a restart):\n%s", d)
		}
		if len(got.Charges) != len(want.Charges) {
			t.Fatalf("%d charges, want %d", len(got.Charges), len(want.Charges))
		}
	})
}

func engineOf(t *rapid.T, tl timeline) *attribution.Engine {
	e := attribution.New(attribution.Config{}, attribution.Resume{})
	for _, w := range tl.windows {
		if err := e.AddWindow(w); err != nil {
			t.Fatal(err)
		}
	}
	for _, r := range tl.requests {
		e.AddRequest(r)
	}
	for _, l := range tl.loads {
		e.AddLoad(l)
	}
	return e
}

func TestNoWorkTakesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		idle := request("idle", 0, 0.5, 1, 0, 0)
		idle.Cached = attribution.Known(5000)
		res := engineOf(t, timeline{
			windows:  []attribution.Window{drawWindow(t, 0, 1)},
			requests: []attribution.Request{idle, request("busy", 0, 0.5, 1, 1, 1)},
		}).Advance(at(9), nil, nil)
		for _, c := range res.Charges {
			if c.Request.ID == "idle" && c.Energy() != 0 {
				t.Fatalf("a request that only read its cache was booked %v J", c.Energy())
			}
		}
	})
}

func TestCuttingAWindowOfSteadyWorkChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWindow(t, 10, 11)
		c := float64(rapid.IntRange(1, 7).Draw(t, "cut in eighths")) / 8 // exact in nanoseconds
		a, b := cut(w, c)
		tokens := rapid.Int64Range(0, 500)
		rs := []attribution.Request{
			request("A", 7, 9, 15, tokens.Draw(t, "a in"), tokens.Draw(t, "a out")),
			request("B", 7, 12, 15, tokens.Draw(t, "b in"), tokens.Draw(t, "b out")),
		}
		whole := engineOf(t, timeline{windows: []attribution.Window{w}, requests: rs}).Advance(at(20), nil, nil)
		halves := engineOf(t, timeline{windows: []attribution.Window{a, b}, requests: rs}).Advance(at(20), nil, nil)
		for i := range whole.Charges {
			if x, y := whole.Charges[i].Energy(), halves.Charges[i].Energy(); !near(x, y) {
				t.Fatalf("%s: %v J in one window, %v J in its halves", whole.Charges[i].Request.ID, x, y)
			}
		}
	})
}

// cut divides a window and all that was measured in it by time.
func cut(w attribution.Window, share float64) (a, b attribution.Window) {
	mid := w.Start.Add(time.Duration(share * float64(w.End.Sub(w.Start))))
	part := func(start, end time.Time) attribution.Window {
		f := float64(end.Sub(start)) / float64(w.End.Sub(w.Start))
		p := w
		p.Start, p.End = start, end
		p.Energy *= energy.Joules(f)
		for _, r := range []*attribution.Rail{&p.CPU, &p.GPU, &p.ANE} {
			r.Energy *= energy.Joules(f)
			r.Busy = time.Duration(float64(r.Busy) * f)
		}
		if w.Usage != nil {
			u := *w.Usage
			u.Servers = slices.Clone(u.Servers)
			for i := range u.Servers {
				u.Servers[i].GPU = time.Duration(float64(u.Servers[i].GPU) * f)
				u.Servers[i].CPU = time.Duration(float64(u.Servers[i].CPU) * f)
			}
			u.Others.GPU = time.Duration(float64(u.Others.GPU) * f)
			p.Usage = &u
		}
		return p
	}
	return part(w.Start, mid), part(mid, w.End)
}
