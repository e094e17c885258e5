package report

import (
	"io"
	"strings"

	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/exporter/cost/avoided"
)

// writeOneLine writes the gist for a status bar: energy and cost on the basis of
// the headline, which is named unless it is marginal, calls, what was avoided,
// coverage, and at which scopes, unless all of it is of the SoC. What is not known
// is left out.
func writeOneLine(w io.Writer, r Report, o Options) error {
	parts := []string{"energy " + unknown}
	b := r.headBasis()
	if r.basisKnown(b.Name) {
		parts[0] = FormatEnergy(b.Energy)
	}
	if b.Cost.Known {
		spent := FormatMoney(b.Cost)
		if b.Name != cost.Marginal {
			spent += " " + string(b.Name)
		}
		parts = append(parts, spent)
	}
	parts = append(parts, calls(newSheet(r, o).all().Requests))
	if c, ok := r.mainComparison(); ok {
		parts = append(parts, "avoided "+savedWithCurrency(r.capped(c)))
	}
	covered := percent(r.Coverage()) + " covered"
	if s := newSheet(r, o); r.LeastTrusted().Whole() || len(r.ScopeUses) > 1 {
		covered += s.afterComma(" " + s.scopeShares())
	}
	separator := " · "
	if o.ASCII {
		separator = " | "
	}
	_, err := io.WriteString(w, strings.Join(append(parts, covered), separator)+"\n")
	return err
}

// headBasis is the energy and the cost on the basis that was asked for.
func (r Report) headBasis() Basis {
	for _, b := range r.Bases {
		if b.Name == r.Basis {
			return b
		}
	}
	if len(r.Bases) == 0 {
		return Basis{}
	}
	return r.Bases[0]
}

// mainComparison is the one that stands where there is room for one: what the
// owner would have called, else the same weights. It is false when neither is
// known.
func (r Report) mainComparison() (Comparison, bool) {
	var found Comparison
	for _, c := range r.Comparisons {
		if c.Capped.Known && (!found.Capped.Known || c.Name == avoided.Substitute) {
			found = c
		}
	}
	return found, found.Capped.Known
}

// capped is what a comparison comes to. It is at least so much only while no
// subscription would have been cheaper.
func (r Report) capped(c Comparison) Saved {
	return Saved{Amount: c.Capped, AtLeast: c.Total.AtLeast && c.Capped == c.Total.Amount}
}

func savedWithCurrency(s Saved) string {
	if !s.Amount.Known {
		return unknown
	}
	return savedCell(s).Text + " " + string(s.Amount.Money.Currency)
}
