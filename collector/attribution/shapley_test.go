package attribution_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/bits"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
)

// truth is what the tokens of a model really take.
type truth struct {
	prefill, step, token             energy.Joules
	prefillTime, stepTime, tokenTime time.Duration
	context                          float64 // how much dearer a token gets with each token before it
	server, model                    string
}

// batch is one step of a server: the prompt tokens that it reads and the
// requests that decode a token.
type batch struct {
	*truth
	start, end time.Time
	readers    []int
	tokens     []int64 // of the readers
	decoders   []int
	contexts   []float64 // of the decoders
}

// cost is what the batch takes for the requests of a set alone: the fixed cost
// of the step is due when any of them decodes.
func (b batch) cost(set uint) energy.Joules {
	var j energy.Joules
	for i, r := range b.readers {
		if set&(1<<r) != 0 {
			j += b.prefill * energy.Joules(b.tokens[i])
		}
	}
	any := false
	for i, d := range b.decoders {
		if set&(1<<d) != 0 {
			any = true
			j += b.token * energy.Joules(1+b.context*b.contexts[i])
		}
	}
	if any {
		j += b.step
	}
	return j
}

// shapley is the Shapley value of n requests by its definition: what each adds
// to a set of others, in the mean of all orders in which the set may fill.
func shapley(n int, batches []batch) []float64 {
	cost := make([]float64, 1<<n)
	for set := range cost {
		for _, b := range batches {
			cost[set] += float64(b.cost(uint(set)))
		}
	}
	factorial := []float64{1, 1, 2, 6, 24, 120, 720}
	values := make([]float64, n)
	for i := range values {
		for set := range cost {
			if set&(1<<i) != 0 {
				continue
			}
			before := bits.OnesCount(uint(set))
			orders := factorial[before] * factorial[n-before-1] / factorial[n]
			values[i] += orders * (cost[set|1<<i] - cost[set])
		}
	}
	return values
}

// served is up to six requests and the batches that served them.
type served struct {
	*truth
	batches  []batch
	requests []attribution.Request

	queue          []int // prompts that are read or wait, in order
	unread, undone []int64
}

// plan says when requests come and what they want.
type plan struct {
	prompts, outputs []int64
	gaps             []int // batches between the coming of one and the next
	queued           bool  // prompts may wait for others; else the next comes when the last was read
	pause            time.Duration
}

func drawTruth(t *rapid.T) *truth {
	us := func(name string, low, high int) time.Duration {
		return time.Duration(rapid.IntRange(low, high).Draw(t, name)) * time.Microsecond
	}
	j := func(name string, low, high float64) energy.Joules {
		return energy.Joules(rapid.Float64Range(low, high).Draw(t, name))
	}
	return &truth{
		prefill: j("prefill J", 0.001, 0.1), step: j("step J", 0.01, 2), token: j("token J", 0.001, 1),
		prefillTime: us("prefill us", 10, 300), stepTime: us("step us", 1000, 20_000), tokenTime: us("token us", 50, 5000),
		server: "s", model: "m",
	}
}

func drawPlan(t *rapid.T) plan {
	p := plan{pause: time.Duration(rapid.IntRange(0, 50).Draw(t, "pause ms")) * time.Millisecond}
	most := rapid.SampledFrom([]int64{40, 1000}).Draw(t, "longest output")
	for range rapid.IntRange(1, 6).Draw(t, "requests") {
		p.prompts = append(p.prompts, rapid.Int64Range(1, 512).Draw(t, "prompt"))
		p.outputs = append(p.outputs, rapid.Int64Range(1, most).Draw(t, "output"))
		p.gaps = append(p.gaps, rapid.IntRange(0, 30).Draw(t, "gap"))
	}
	return p
}

// mostPrompt is how many prompt tokens a batch reads at most.
const mostPrompt = 512

// serve runs the plan: in each batch every request that decodes gets a token,
// and prompts are read beside them, in the order in which they came.
func serve(p plan, m *truth, start time.Time) served {
	s := served{truth: m, unread: slices.Clone(p.prompts), undone: make([]int64, len(p.prompts))}
	now := start
	next, wait := 0, 0
	for next < len(p.prompts) || s.busy() {
		for next < len(p.prompts) && (!s.busy() || wait >= p.gaps[next] && (p.queued || len(s.queue) == 0)) {
			s.requests = append(s.requests, attribution.Request{
				ID: fmt.Sprint(m.server, m.model, next), Server: m.server, Model: m.model, Start: now,
				Input: attribution.Known(p.prompts[next]), Cached: attribution.Known(0), Output: attribution.Known(p.outputs[next]), Outcome: attribution.OutcomeOK,
			})
			s.queue = append(s.queue, next)
			next, wait = next+1, 0
		}
		now = s.batch(p, now)
		wait++
		if !s.busy() {
			now = now.Add(p.pause)
		}
	}
	return s
}

func (s *served) busy() bool {
	return len(s.queue) > 0 || slices.ContainsFunc(s.undone, func(n int64) bool { return n > 0 })
}

// batch runs one batch and returns its end.
func (s *served) batch(p plan, now time.Time) time.Time {
	b := batch{truth: s.truth, start: now}
	length := time.Duration(0)
	for i, n := range s.undone {
		if n > 0 {
			b.decoders = append(b.decoders, i)
			b.contexts = append(b.contexts, float64(p.prompts[i]+p.outputs[i]-n))
		}
	}
	if n := len(b.decoders); n > 0 {
		length += s.stepTime + time.Duration(n)*s.tokenTime
	}
	room := int64(mostPrompt)
	for _, i := range s.queue {
		if n := min(room, s.unread[i]); n > 0 {
			b.readers, b.tokens = append(b.readers, i), append(b.tokens, n)
			s.unread[i] -= n
			room -= n
			length += time.Duration(n) * s.prefillTime
		}
	}
	b.end = now.Add(length)
	for _, i := range b.decoders {
		s.requests[i].End = b.end
		s.undone[i]--
	}
	s.queue = slices.DeleteFunc(s.queue, func(i int) bool {
		if s.unread[i] > 0 {
			return false
		}
		s.requests[i].FirstToken, s.requests[i].End = b.end, b.end
		s.undone[i] = p.outputs[i] - 1
		return true
	})
	s.batches = append(s.batches, b)
	return b.end
}

const shapleyBaseline = energy.Watts(2)

// windowsOf measures batches without any error: a window has the energy of
// the batches in it, each spread evenly over its time.
func windowsOf(batches []batch, start, end time.Time, length time.Duration) []attribution.Window {
	var all []attribution.Window
	for from := start; from.Before(end); from = from.Add(length) {
		to := from.Add(length)
		j := shapleyBaseline.For(length)
		for _, b := range batches {
			lo, hi := max(b.start.Sub(from), 0), min(b.end.Sub(from), to.Sub(from))
			if hi > lo {
				j += b.cost(math.MaxUint) * energy.Joules(float64(hi-lo)/float64(b.end.Sub(b.start)))
			}
		}
		all = append(all, attribution.Window{Start: from, End: to, Energy: j, Scope: attribution.ScopeSoC, GPU: attribution.Rail{Energy: j, Known: true}})
	}
	return all
}

// knowing is an engine that has learned the truth so surely that no row of
// work moves it.
func knowing(truths ...*truth) attribution.Resume {
	var from attribution.Resume
	const sure = 1e15
	for _, m := range truths {
		l := attribution.Learned{Server: m.server, Model: m.model, Coefficients: attribution.Coefficients{
			PrefillSeconds: m.prefillTime.Seconds(), StepSeconds: m.stepTime.Seconds(), TokenSeconds: m.tokenTime.Seconds(),
			Baseline: shapleyBaseline, Prefill: m.prefill, Step: m.step, Token: m.token, Watts: 20, Spread: 1e-9,
			Context: m.token * energy.Joules(1000*m.context),
		}}
		c := l.Coefficients
		l.Time = sureFit(sure, 0, c.PrefillSeconds, c.StepSeconds, c.TokenSeconds, 0)
		l.Energy = sureFit(sure, float64(c.Baseline), float64(c.Prefill), float64(c.Step), float64(c.Token), float64(c.Context))
		from.State.Learned = append(from.State.Learned, l)
	}
	from.State.Quiet = []attribution.QuietMinute{{
		Start: t0.Add(-time.Minute), Length: time.Minute, All: shapleyBaseline.For(time.Minute), GPU: shapleyBaseline.For(time.Minute),
	}}
	return from
}

// sureFit has rows of one term each that say x.
func sureFit(rows float64, x ...float64) attribution.Fit {
	f := attribution.Fit{Rows: 5 * rows}
	for i, k := range []int{0, 5, 9, 12, 14} { // the diagonal
		f.FF[k] = rows
		f.FY[i] = rows * x[i]
		f.YY += rows * x[i] * x[i]
	}
	return f
}

// booked is what an engine books to the requests, in their order, and to the
// prefill of each.
func booked(t fatal, from attribution.Resume, windows []attribution.Window, requests []attribution.Request) (values, prefills []float64) {
	t.Helper()
	e := attribution.New(attribution.Config{}, from)
	for _, r := range requests {
		e.AddRequest(r)
	}
	for _, w := range windows {
		if err := e.AddWindow(w); err != nil {
			t.Fatal(err)
		}
	}
	res := e.Advance(windows[len(windows)-1].End.Add(time.Minute), nil, nil)
	checkLaw(t, windows, res)
	by := map[string]attribution.Charge{}
	for _, c := range res.Charges {
		by[c.Request.ID] = c
	}
	for _, r := range requests {
		values = append(values, float64(by[r.ID].Energy()))
		prefills = append(prefills, float64(by[r.ID].Prefill))
	}
	return values, prefills
}

// TestSharingIsTheShapleyValue: when the tokens take what the engine has
// learned, each of up to six requests is booked its Shapley value to 1e-9,
// however they overlap and however the windows lie.
func TestSharingIsTheShapleyValue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawTruth(t)
		s := serve(drawPlan(t), m, t0)
		end := s.batches[len(s.batches)-1].end
		length := time.Duration(rapid.SampledFrom([]int{100, 10, 1000, 60_000}).Draw(t, "window ms")) * time.Millisecond
		want := shapley(len(s.requests), s.batches)
		got, prefills := booked(t, knowing(m), windowsOf(s.batches, t0, end, length), s.requests)
		for i := range want {
			if !equal(want[i], got[i]) {
				text, _ := json.Marshal(s.requests)
				t.Fatalf("request %d: booked %v J, its Shapley value is %v J (%.3g of it off)\n%s", i, got[i], want[i], got[i]/want[i]-1, text)
			}
			if prefill := float64(m.prefill) * float64(s.requests[i].Input.N); !equal(prefill, prefills[i]) {
				t.Fatalf("request %d: booked %v J to its prefill, which took %v J", i, prefills[i], prefill)
			}
		}
	})
}
