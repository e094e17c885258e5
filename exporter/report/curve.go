package report

import (
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/exporter/cost/avoided"
	"github.com/sovmeter/sovmeter/exporter/cost/payback"
	"github.com/sovmeter/sovmeter/store"
)

// Curve is what electricity cost and what the answered requests would have cost
// elsewhere, day by day. Its sums up to a day are the two lines whose distance
// the hardware has to earn.
type Curve struct {
	Basis cost.Basis // of Cost
	// Comparators are those of CurveDay.Avoided, in order.
	Comparators []avoided.Comparator
	Days        []CurveDay // in order, without a hole; empty without a plan to compare with
}

// CurveDay is one local day of a Curve.
type CurveDay struct {
	Start, End    time.Time           // End is the next midnight, or where the history ends within the day
	CoverageRatio float64             // part of the day, 0 to 1, that was measured or that the machine slept through
	Scopes        []attribution.Scope // what the energy that Cost is of covers; empty when nothing was measured
	Cost          Amount              // unknown when nothing is known of the day or a price is missing
	Avoided       []Saved             // in the order of Curve.Comparators
}

// Scopes are those of all days.
func (c Curve) Scopes() []attribution.Scope {
	var all []attribution.Scope
	for _, d := range c.Days {
		all = append(all, d.Scopes...)
	}
	return all
}

// metered tells whether the day may be one of a break-even: a whole one, of which
// enough is known.
func (d CurveDay) metered() bool {
	return d.End.Equal(startOfNextDay(d.Start)) && d.CoverageRatio >= payback.MinCoverageRatio
}

// PowerParts is the energy of a PowerPoint by where it went. The parts sum to
// the point's energy but for the last digits of a float.
type PowerParts struct {
	Inference, ModelLoad, ServerOther, OtherProcesses, Baseline, Unexplained, Gap energy.Joules
}

// Plus is both together.
func (p PowerParts) Plus(o PowerParts) PowerParts {
	return PowerParts{Inference: p.Inference + o.Inference, ModelLoad: p.ModelLoad + o.ModelLoad,
		ServerOther: p.ServerOther + o.ServerOther, OtherProcesses: p.OtherProcesses + o.OtherProcesses,
		Baseline: p.Baseline + o.Baseline, Unexplained: p.Unexplained + o.Unexplained, Gap: p.Gap + o.Gap}
}

// powerParts is where the energy of a slot went.
func powerParts(s store.SystemSlot) PowerParts {
	return PowerParts{Inference: s.Inference, ModelLoad: s.ModelLoad, ServerOther: s.ServerOther,
		OtherProcesses: s.OtherProcesses, Baseline: s.Baseline, Unexplained: s.Unexplained, Gap: s.Gap}
}
