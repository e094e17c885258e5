package report

import (
	"strings"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
)

// groupJSON is one row of "groups".
type groupJSON struct {
	Name  *string `json:"name"`
	Start *string `json:"start"`
	End   *string `json:"end"`
	figuresJSON
	Whole *wholeJSON `json:"machine"`
}

// wholeJSON is the machine in a day or an hour.
type wholeJSON struct {
	Elapsed   float64        `json:"elapsed_seconds"`
	Measured  float64        `json:"measured_seconds"`
	Coverage  float64        `json:"coverage_ratio"`
	Energy    *energy.Joules `json:"measured_joules"`
	Scopes    []string       `json:"scopes"`
	Dedicated *moneyJSON     `json:"dedicated_cost"`
	Grams     *float64       `json:"carbon_grams"`
	Unknown   energy.Joules  `json:"carbon_unknown_joules"`
}

func newGroupJSON(r Report, g Group) groupJSON {
	out := groupJSON{Name: nameOrNull(g.Name), Start: stampOrNull(g.Start), End: stampOrNull(g.End), figuresJSON: newFiguresJSON(r, g.Sum)}
	if r.tagged() { // known of a model as a whole only
		out.Active, out.Error, out.ActiveCost = nil, nil, nil
	}
	if w := g.Whole; w != nil {
		out.Whole = &wholeJSON{Elapsed: w.Elapsed.Seconds(), Measured: w.Measured.Seconds(), Coverage: w.coverage(), Scopes: strings.Fields(scopesCell(w.Scopes).Raw),
			Dedicated: newMoneyJSON(w.Dedicated), Grams: known(w.Carbon.Grams, w.Carbon.Known), Unknown: w.Carbon.Unknown}
		if w.Measured > 0 || w.Energy > 0 {
			out.Whole.Energy = &w.Energy
		}
	}
	return out
}

// known is nil for a figure that is not known.
func known(v float64, is bool) *float64 {
	if !is {
		return nil
	}
	return &v
}

// stampOrNull is nil for the zero time.
func stampOrNull(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	text := stamp(t)
	return &text
}

// dateOrNull is a date without a time zone, as price tables have them.
func dateOrNull(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	text := t.Format(time.DateOnly)
	return &text
}
