package calibration

import (
	"strings"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
)

// Identity is what a line belongs to: it says nothing about another machine,
// another major version of macOS, or another meter.
type Identity struct {
	Model string // of the machine, such as Mac16,11
	OS    string // the version of macOS, such as 26.1
	Meter string // the name of the meter
	Scope attribution.Scope
}

// same reports whether what was learned of i goes on for o: all but the minor
// version of the system is the same.
func (i Identity) same(o Identity) bool {
	return i.Model == o.Model && i.Meter == o.Meter && i.Scope == o.Scope && major(i.OS) == major(o.OS)
}

// major is the first number of a version: 26 of 26.1. It is all of a version
// that has no dot.
func major(version string) string {
	first, _, _ := strings.Cut(strings.TrimSpace(version), ".")
	return first
}

// Options are the limits of a fit, and what its result says of itself. Any that
// is 0 has its default.
type Options struct {
	Identity Identity
	Kind     attribution.CalibrationKind // empty means CalibrationLadder
	Lag      time.Duration               // how late the meter is; meaningless unless LagKnown
	LagKnown bool

	MinBlocks int          // default 5
	MinRange  energy.Watts // between the least and the most of the chip; default 4 W
	MaxBase   energy.Watts // with the chip at rest; default 300 W
	MaxWatts  energy.Watts // of the whole machine; blocks above are garbage; default 1500 W
	MinR2     float64      // default 0.9
	// MaxRMSE is the most scatter; default 1.5 W and 6 % of the mean power.
	MaxRMSE energy.Watts
}

// The slopes that are plausible. Below 1 the meter would show less than the
// chip draws, but powermetrics is a model and no meter, so there is some room. At
// the other end an M4 Max was seen to draw 80 W at 30 W of its rails, and a Mac
// Studio is told to draw 179 W more for 65 W more: 2.8 for each.
const (
	MinSlope = 0.9
	MaxSlope = 4
)

// filled is o with its defaults.
func (o Options) filled() Options {
	if o.Kind == "" {
		o.Kind = attribution.CalibrationLadder
	}
	fill(&o.MinBlocks, 5)
	fill(&o.MinRange, 4)
	fill(&o.MaxBase, 300)
	fill(&o.MaxWatts, 1500)
	fill(&o.MinR2, 0.9)
	return o
}

func fill[T int | float64 | energy.Watts](v *T, def T) {
	if *v <= 0 {
		*v = def
	}
}
