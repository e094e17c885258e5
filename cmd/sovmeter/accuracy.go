package main

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/collector/sim"
	"github.com/sovmeter/sovmeter/exporter/report"
)

// dayResult is what was booked of a simulated day, and what really happened.
type dayResult struct {
	report  report.Report
	charges []attribution.Charge
	truth   []sim.Truth
	totals  sim.Totals
}

// accuracy is how far booked figures are from the truth.
type accuracy struct {
	measured, parts  energy.Joules // of the report: its total, and the sum of its rows
	printed          energy.Joules // by the simulated powermetrics
	requests, found  int           // requests there were, and those found in the log
	exact            int           // found with the very tokens
	median, p95      float64       // relative error of a request's energy
	models           []modelError
	booked, expected energy.Joules // inference
}

type modelError struct {
	model    string
	requests int
	error    float64 // relative, signed
}

// nearStart is how far the start of a request may lie from its truth's: the
// server's run is not part of a truth's key.
const nearStart = 5 * time.Second

func (d *dayResult) accuracy() accuracy {
	a := accuracy{requests: len(d.truth), printed: d.totals.Printed, measured: d.report.Total}
	for _, m := range d.report.Models {
		a.parts += m.Energy()
	}
	for _, s := range d.report.Sinks {
		a.parts += s.Energy
	}
	type key struct {
		model string
		task  int
	}
	charges := map[key][]attribution.Charge{}
	for _, c := range d.charges {
		if task, ok := taskOf(c.Request.ID); ok {
			k := key{c.Request.Model, task}
			charges[k] = append(charges[k], c)
		}
	}
	var errors []float64
	sums := map[string][2]energy.Joules{}
	count := map[string]int{}
	for _, t := range d.truth {
		i := slices.IndexFunc(charges[key{t.Model, t.Task}], func(c attribution.Charge) bool {
			return c.Request.Start.Sub(t.Start).Abs() < nearStart
		})
		if i < 0 {
			continue
		}
		c := charges[key{t.Model, t.Task}][i]
		a.found++
		if sameTokens(c.Request, t) {
			a.exact++
		}
		really := t.Energy() - t.Unmeasured
		s := sums[t.Model]
		sums[t.Model] = [2]energy.Joules{s[0] + c.Energy(), s[1] + really}
		count[t.Model]++
		if really > 0 {
			errors = append(errors, math.Abs(float64(c.Energy()-really)/float64(really)))
		}
	}
	for model, s := range sums {
		a.booked += s[0]
		a.expected += s[1]
		a.models = append(a.models, modelError{model, count[model], float64((s[0] - s[1]) / s[1])})
	}
	slices.SortFunc(a.models, func(x, y modelError) int { return strings.Compare(x.model, y.model) })
	slices.Sort(errors)
	a.median, a.p95 = quantile(errors, 0.5), quantile(errors, 0.95)
	return a
}

// taskOf is the task number that ends a request's id.
func taskOf(id string) (int, bool) {
	n, err := strconv.Atoi(id[strings.LastIndexByte(id, '/')+1:])
	return n, err == nil
}

// sameTokens compares what the log tells; of a cancelled request it tells the
// context alone.
func sameTokens(r attribution.Request, t sim.Truth) bool {
	if r.Outcome != t.Outcome {
		return false
	}
	if t.Outcome != attribution.OutcomeOK {
		return true
	}
	return r.Input == attribution.Known(t.Input) && r.Output == attribution.Known(t.Output)
}

func quantile(sorted []float64, q float64) float64 {
	if len(sorted) == 0 {
		return math.NaN()
	}
	return sorted[int(q*float64(len(sorted)-1))]
}

// tiny writes a relative difference. The last bits of a float differ between
// processors, so they are not shown.
func tiny(d float64) string {
	if d < 1e-12 {
		return "<1e-12"
	}
	return fmt.Sprintf("%.0e", d)
}

// write prints the comparison for people.
func (a accuracy) write(w io.Writer) error {
	apart := max(math.Abs(float64(a.parts-a.measured)), math.Abs(float64(a.measured-a.printed))) / float64(a.printed)
	fmt.Fprintf(w, "\nHeld against the simulator, which knows what each request really took:\n")
	fmt.Fprintf(w, "  every joule once    rows sum to %.3f J of %.3f J measured (%s apart)\n", float64(a.parts), float64(a.printed), tiny(apart))
	fmt.Fprintf(w, "  requests            %d of %d found, %d with the exact tokens\n", a.found, a.requests, a.exact)
	fmt.Fprintf(w, "  error of a request  median %.1f %%, 95 of 100 below %.1f %%\n", 100*a.median, 100*a.p95)
	for i, m := range a.models {
		label := "error of a model"
		if i > 0 {
			label = ""
		}
		fmt.Fprintf(w, "  %-18s  %s %+.1f %% over %d requests\n", label, m.model, 100*m.error, m.requests)
	}
	_, err := fmt.Fprintf(w, "  error of the day    inference %+.1f %%\n", 100*float64((a.booked-a.expected)/a.expected))
	return err
}
