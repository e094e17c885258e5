package main

import (
	"math"
	"slices"
	"strings"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/collector/sim"
)

// nearStart is how far the start of a request may lie from its truth's: the
// server's run is not part of a truth's key, and a log's clock may be wrong.
const nearStart = 5 * time.Second

// pair is a request as it was booked and as it really was.
type pair struct {
	charge attribution.Charge
	truth  sim.Truth
	wall   bool // it was metered at the wall
}

// really is what of its energy was measured.
func (p pair) really() energy.Joules {
	if p.wall {
		return p.truth.Wall - p.truth.WallUnmeasured
	}
	return p.truth.Energy() - p.truth.Unmeasured
}

// error is relative and signed.
func (p pair) error() float64 { return relative(p.charge.Energy(), p.really()) }

func relative(got, want energy.Joules) float64 { return float64((got - want) / want) }

// matched pairs charges with their truth. Requests that the log does not tell
// of have none.
func matched(charges []attribution.Charge, truth []sim.Truth) []pair {
	type key struct {
		server, model string
		task          int
	}
	by := map[key][]attribution.Charge{}
	for _, c := range charges {
		if task, ok := taskOf(c.Request.ID); ok {
			k := key{c.Request.Server, c.Request.Model, task}
			by[k] = append(by[k], c)
		}
	}
	var pairs []pair
	for _, t := range truth {
		k := key{t.Server, t.Model, t.Task}
		i := slices.IndexFunc(by[k], func(c attribution.Charge) bool { return c.Request.Start.Sub(t.Start).Abs() < nearStart })
		if i >= 0 {
			pairs = append(pairs, pair{charge: by[k][i], truth: t})
		}
	}
	return pairs
}

// spreadOf has quantiles of relative errors, signs left out.
type spreadOf struct {
	Median number `json:"median"`
	P95    number `json:"p95"`
}

func spreadOfErrors(pairs []pair) spreadOf {
	var errs []float64
	for _, p := range pairs {
		errs = append(errs, math.Abs(p.error()))
	}
	slices.Sort(errs)
	return spreadOf{number(quantile(errs, 0.5)), number(quantile(errs, 0.95))}
}

func quantile(sorted []float64, q float64) float64 {
	if len(sorted) == 0 {
		return math.NaN()
	}
	return sorted[int(q*float64(len(sorted)-1))]
}

// modelError is how far the sum of a model's requests is off, relative and
// signed.
type modelError struct {
	Model    string  `json:"model"`
	Requests int     `json:"requests"`
	Error    float64 `json:"error"`
}

func modelErrors(pairs []pair) []modelError {
	type sums struct {
		booked, really energy.Joules
		n              int
	}
	by := map[string]sums{}
	for _, p := range pairs {
		s := by[p.truth.Model]
		by[p.truth.Model] = sums{s.booked + p.charge.Energy(), s.really + p.really(), s.n + 1}
	}
	var all []modelError
	for model, s := range by {
		all = append(all, modelError{model, s.n, relative(s.booked, s.really)})
	}
	slices.SortFunc(all, func(x, y modelError) int { return strings.Compare(x.Model, y.Model) })
	return all
}
