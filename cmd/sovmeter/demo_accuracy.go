package main

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

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
	// wall is what the machines took for themselves; metered says whether that
	// was measured.
	wall    energy.Joules
	metered bool
}

// accuracy is how far booked figures are from the truth.
type accuracy struct {
	measured, parts  energy.Joules // of the report: its total, and the sum of its rows
	printed          energy.Joules // by the simulated powermetrics
	requests, found  int           // requests there were, and those found in the log
	exact            int           // found with the very tokens
	requestError     spreadOf
	models           []modelError
	booked, expected energy.Joules // inference
	wall             energy.Joules // what the machine took; 0: not metered at the wall
}

func (d *dayResult) accuracy() accuracy {
	a := accuracy{requests: len(d.truth), printed: d.totals.Printed, measured: d.report.Total}
	for _, m := range d.report.Models {
		a.parts += m.Energy()
	}
	for _, s := range d.report.Sinks {
		a.parts += s.Energy
	}
	pairs := matched(d.charges, d.truth)
	if d.metered {
		a.wall, a.printed = d.wall, a.measured
		for i := range pairs {
			pairs[i].wall = true
		}
	}
	var certain []pair
	for _, p := range pairs {
		a.found++
		if sameTokens(p.charge.Request, p.truth) {
			a.exact++
		}
		a.booked += p.charge.Energy()
		a.expected += p.really()
		if p.really() > 0 {
			certain = append(certain, p)
		}
	}
	a.models = modelErrors(pairs)
	a.requestError = spreadOfErrors(certain)
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
	if a.wall > 0 {
		fmt.Fprintf(w, "  at the wall         %.2f Wh booked of %.2f Wh drawn (%+.2f %%)\n", a.measured.WattHours(), a.wall.WattHours(), 100*relative(a.measured, a.wall))
	}
	fmt.Fprintf(w, "  requests            %d of %d found, %d with the exact tokens\n", a.found, a.requests, a.exact)
	fmt.Fprintf(w, "  error of a request  median %.1f %%, 95 of 100 below %.1f %%\n", 100*float64(a.requestError.Median), 100*float64(a.requestError.P95))
	for i, m := range a.models {
		label := "error of a model"
		if i > 0 {
			label = ""
		}
		fmt.Fprintf(w, "  %-18s  %s %+.1f %% over %d requests\n", label, m.Model, 100*m.Error, m.Requests)
	}
	_, err := fmt.Fprintf(w, "  error of the day    inference %+.1f %%\n", 100*float64((a.booked-a.expected)/a.expected))
	return err
}
