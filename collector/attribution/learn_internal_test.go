package attribution

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
)

// costs is what the tokens of a synthetic model take, in joules.
type costs struct{ base, prefill, step, token float64 }

// measure returns windows of a second with the energy of the batches, each
// spread evenly over its time. noise is the relative error of a window.
func (b *batches) measure(c costs, until float64, noise float64, rnd *rand.Rand) []Window {
	joules := make([]float64, int(until))
	for _, o := range b.all {
		j := c.prefill * o.prompt
		if o.decoding > 0 {
			j += c.step + c.token*float64(o.decoding)
		}
		for i := int(o.start); i <= int(o.end) && i < len(joules); i++ {
			joules[i] += j * max(min(o.end, float64(i+1))-max(o.start, float64(i)), 0) / (o.end - o.start)
		}
	}
	var all []Window
	for i, j := range joules {
		e := energy.Joules((j + c.base) * (1 + noise*rnd.NormFloat64()))
		all = append(all, Window{
			Start: after(float64(i)), End: after(float64(i + 1)), Energy: e, Scope: ScopeSoC,
			CPU: Rail{Known: true}, GPU: Rail{Energy: e, Known: true},
		})
	}
	return all
}

// learnFrom gives an engine everything at once and returns what it learned.
func learnFrom(t *testing.T, windows []Window, requests []Request) map[modelKey]Learned {
	t.Helper()
	e := New(Config{}, Resume{})
	for _, w := range windows {
		if err := e.AddWindow(w); err != nil {
			t.Fatal(err)
		}
	}
	for _, r := range requests {
		e.AddRequest(r)
	}
	e.Advance(windows[len(windows)-1].End.Add(time.Hour), nil, nil)
	all := map[modelKey]Learned{}
	for _, l := range e.State().Learned {
		all[modelKey{l.Server, l.Model}] = l
	}
	return all
}

// TestEnergiesAreLearned learns what tokens take from 200 requests to 5 %.
func TestEnergiesAreLearned(t *testing.T) {
	for _, tt := range []struct {
		name     string
		slots    int
		time     timing
		costs    costs
		noise    float64
		outliers int // one window in so many has 200 J too much
	}{
		{"one at a time", 1, timing{0.002, 0.02, 0.001}, costs{1, 0.03, 0.4, 0.05}, 0, 0},
		{"four slots", 4, timing{0.002, 0.02, 0.002}, costs{1, 0.03, 0.4, 0.05}, 0, 0},
		{"eight slots, a noisy sensor", 8, timing{0.001, 0.015, 0.003}, costs{3, 0.02, 0.3, 0.05}, 0.01, 0},
		{"prefill draws more than decode", 4, timing{0.002, 0.02, 0.002}, costs{1, 0.08, 0.3, 0.03}, 0.01, 0},
		{"outliers", 4, timing{0.002, 0.02, 0.002}, costs{1, 0.03, 0.4, 0.05}, 0.01, 200},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rnd := rand.New(rand.NewPCG(4, 4))
			b := batches{timing: tt.time}
			end := b.serve(rnd, 200, tt.slots, 30)
			ws := b.measure(tt.costs, end+10, tt.noise, rnd)
			for i := range ws {
				if tt.outliers > 0 && rnd.IntN(tt.outliers) == 0 {
					ws[i].Energy += 200
					ws[i].GPU.Energy += 200
				}
			}
			c := learnFrom(t, ws, b.requests)[modelKey{"s", "m"}].Coefficients
			mean := b.meanBatch()
			within(t, "prefill", float64(c.Prefill), tt.costs.prefill, 0.05)
			within(t, "a token in company", float64(c.Step)/mean+float64(c.Token), tt.costs.step/mean+tt.costs.token, 0.05)
		})
	}
}

// meanBatch is in how large a batch a token was decoded, harmonically: a step's
// cost is shared by those in it.
func (b *batches) meanBatch() float64 {
	var tokens, steps float64
	for _, o := range b.all {
		if o.decoding > 0 {
			tokens += float64(o.decoding)
			steps++
		}
	}
	return tokens / steps
}

func within(t *testing.T, name string, got, want, share float64) {
	t.Helper()
	if !(math.Abs(got/want-1) <= share) {
		t.Errorf("%s: %v, want %v (%.2f %% off)", name, got, want, 100*(got/want-1))
	}
}

// TestModelsAreLearnedApart switches between two models.
func TestModelsAreLearnedApart(t *testing.T) {
	rnd := rand.New(rand.NewPCG(6, 6))
	small, large := costs{1, 0.02, 0.2, 0.03}, costs{1, 0.1, 1.2, 0.1}
	a := batches{timing: timing{0.001, 0.01, 0.001}}
	end := a.serve(rnd, 200, 4, 30)
	b := batches{timing: timing{0.006, 0.06, 0.006}}
	last := b.serve(rnd, 200, 4, end+60)
	for i := range b.requests {
		b.requests[i].Model, b.requests[i].ID = "large", "large"+b.requests[i].ID
	}
	ws := a.measure(small, math.Ceil(end)+30, 0, rnd)
	ws = append(ws, b.measure(large, last+10, 0, rnd)[len(ws):]...)
	all := learnFrom(t, ws, append(a.requests, b.requests...))
	for _, m := range []struct {
		model string
		costs
		mean float64
	}{{"m", small, a.meanBatch()}, {"large", large, b.meanBatch()}} {
		c := all[modelKey{"s", m.model}].Coefficients
		within(t, m.model+" prefill", float64(c.Prefill), m.prefill, 0.05)
		within(t, m.model+" token", float64(c.Step)/m.mean+float64(c.Token), m.step/m.mean+m.token, 0.05)
	}
}

// TestModelIsLearnedAnew has a model that takes twice the energy from some hour
// on: what was before is forgotten.
func TestModelIsLearnedAnew(t *testing.T) {
	rnd := rand.New(rand.NewPCG(8, 8))
	b := batches{timing: timing{0.002, 0.02, 0.002}}
	mid := b.serve(rnd, 800, 2, 30)
	before := len(b.all)
	end := b.serve(rnd, 3000, 2, mid+60)
	first := b
	first.all = b.all[:before]
	ws := first.measure(costs{1, 0.03, 0.4, 0.05}, math.Ceil(mid)+30, 0, rnd)
	ws = append(ws, b.measure(costs{1, 0.06, 0.8, 0.1}, end+10, 0, rnd)[len(ws):]...)
	c := learnFrom(t, ws, b.requests)[modelKey{"s", "m"}].Coefficients
	mean := b.meanBatch()
	within(t, "prefill", float64(c.Prefill), 0.06, 0.1)
	within(t, "token", float64(c.Step)/mean+float64(c.Token), 0.8/mean+0.1, 0.1)
}

// TestModelsAreBounded names a new model in every request.
func TestModelsAreBounded(t *testing.T) {
	for _, known := range []bool{true, false} {
		e := New(Config{}, Resume{})
		for i := range 300 {
			at := 20 * float64(i)
			r := Request{
				ID: fmt.Sprint(i), Server: "s", Model: fmt.Sprint("m", i), Start: after(at), FirstToken: after(at + 1), End: after(at + 5),
				Input: Count{500, known}, Output: Count{100, known},
			}
			e.AddRequest(r)
			for s := range 20 {
				if err := e.AddWindow(Window{Start: after(at + float64(s)), End: after(at + float64(s+1)), Energy: 20}); err != nil {
					t.Fatal(err)
				}
			}
			e.Advance(after(at+20), nil, nil)
			if n := len(e.learner.models); n > maxLearned+3 {
				t.Fatalf("tokens known %v: %d models are held after %d", known, n, i+1)
			}
		}
		last := e.State().Learned
		if known && (len(last) != maxLearned || e.learner.models[modelKey{"s", "m298"}] == nil) {
			t.Errorf("%d models are remembered, want the last %d", len(last), maxLearned)
		}
	}
}
