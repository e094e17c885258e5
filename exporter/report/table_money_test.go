package report_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/exporter/cost/payback"
	"github.com/sovmeter/sovmeter/exporter/report"
)

func knownEuros(nanos int64) report.Amount { return report.Amount{Money: eur(nanos), Known: true} }

// words is a table's text on one line.
func words(t testing.TB, r report.Report) string {
	t.Helper()
	return strings.Join(strings.Fields(tableText(t, r, report.Options{Width: 200})), " ")
}

func TestWhatIsSaidOfMoney(t *testing.T) {
	substitute := func(change func(*report.Comparison)) func(*report.Report) {
		return func(r *report.Report) { change(&r.Comparisons[1]) }
	}
	even := func(change func(*payback.BreakEven)) func(*report.Report) {
		return substitute(func(c *report.Comparison) { change(c.BreakEven) })
	}
	for _, tt := range []struct {
		name       string
		change     func(*report.Report)
		want, lack string
	}{
		{"as it is", func(*report.Report) {}, "Bought elsewhere 2.30 EUR with the substitute, gpt-5-mini at openai; 1.99+ EUR with the same weights Paid for itself Aug 2026 after 7 months (6 to 9), with", "by subscription"},
		{"a subscription that is cheaper", substitute(func(c *report.Comparison) {
			c.Subscription, c.Capped = knownEuros(658_000_000), knownEuros(658_000_000)
		}),
			"Bought elsewhere 0.6580 EUR with the substitute, gpt-5-mini at openai, by subscription; 1.99+", "2.30 EUR by the token;"},
		{"and the block", substitute(func(c *report.Comparison) {
			c.Subscription, c.Capped = knownEuros(658_000_000), knownEuros(658_000_000)
		}),
			"Substitute 2.30 EUR by the token, 0.6580 EUR by subscription; 0.6001 EUR more than the requests' electricity", ""},
		{"cheaper than electricity", substitute(func(c *report.Comparison) { c.Capped = knownEuros(7_919_686) }),
			"Substitute 2.30 EUR by the token; 0.0500 EUR less than the requests' electricity", ""},
		{"no price at all", substitute(func(c *report.Comparison) {
			c.Total, c.Capped = report.Saved{AtLeast: true, Unpriced: 1771}, report.Amount{}
		}), "Bought elsewhere 1.99+ EUR with the same weights Paid for itself by Jul 2031 after at most 66 months (44 to never), with the same weights at today's prices; not known with cloud prices", "Substitute 2.30"},
		{"and that block", substitute(func(c *report.Comparison) {
			c.Total, c.Capped = report.Saved{AtLeast: true, Unpriced: 1771}, report.Amount{}
		}), "Substitute not known; no price for 1,771 requests Compared", ""},
		{"too few days", even(func(b *payback.BreakEven) {
			*b = payback.BreakEven{Days: 13, Needed: 14, Capital: b.Capital, Simple: payback.Forecast{Outcome: payback.TooFewDays}}
		}),
			"Paid for itself n/a not known yet: 1 more day to be metered", "0 EUR avoided"},
		{"never", even(func(b *payback.BreakEven) {
			b.Simple = payback.Forecast{Outcome: payback.Never, Early: 80, EarlyKnown: true}
		}),
			"Paid for itself never with the substitute at today's prices", "after 7 months"},
		{"never, in the block", even(func(b *payback.BreakEven) {
			b.Simple = payback.Forecast{Outcome: payback.Never, Early: 80, EarlyKnown: true}
		}),
			"Substitute never (80 to never), at 300 EUR avoided", ""},
		{"days left out", substitute(func(c *report.Comparison) { c.DaysLeftOut = 2 }), "Substitute: without 2 days of which a cost or a price is not known.", ""},
		{"active", func(r *report.Report) { r.Basis = cost.Active }, "0.0535 1.71", "per M "},
		{"loaded of models", func(r *report.Report) { r.Basis = cost.Loaded }, "Marginal", "Machine"},
		{"hardware that is whole", func(r *report.Report) { r.Hardware.Machine.ShareRatio = 1 }, "Hardware 2,500 EUR, paid on 15 Jan 2026, to last", "of it for serving"},
		{"hardware that was to be bought anyway", func(r *report.Report) {
			r.Hardware.Machine.Incremental, r.Hardware.Machine.Known = eur(400_000_000_000), true
		},
			"Hardware 400 EUR more for serving models, paid on", ""},
		{"carbon with holes", func(r *report.Report) { r.Carbon.Unknown = wh(20) }, "Carbon intensity of the grid: UBA 2025; none is known for 20.0 Wh, which are left out", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := economic(t)
			tt.change(&r)
			out := words(t, r)
			if !strings.Contains(out, tt.want) || tt.lack != "" && strings.Contains(out, tt.lack) {
				t.Errorf("want %q and not %q:\n%s", tt.want, tt.lack, tableText(t, r, report.Options{Width: 200}))
			}
		})
	}
}

func TestManyPricesAreCounted(t *testing.T) {
	r := economic(t)
	c := &r.Comparisons[0]
	c.Quotes = nil
	for i := range 11 {
		c.Quotes = append(c.Quotes, quote(c.Name, fmt.Sprintf("m%d", i), "p", fmt.Sprintf("there%d", i), 1_000_000_000, 0, 2_000_000_000, 1))
	}
	if out := words(t, r); !strings.Contains(out, "there7 at p, for m7 and 3 more") || strings.Contains(out, "there8") {
		t.Errorf("eleven prices are told as:\n%s", out)
	}
}

func TestGridsAreFound(t *testing.T) {
	grids := report.Grids(economic(t), report.Options{})
	g, ok := report.Find(grids, report.GridEnergy)
	if !ok || g.Index("cost") < 0 || g.Index("no such") != -1 {
		t.Fatalf("energy grid %v with columns %+v", ok, g.Columns)
	}
	total := g.Rows[len(g.Rows)-1]
	if c := g.Cell(total, "energy_joules"); total.Kind != report.RowTotal || c.Text != "597.4" || g.Cell(total, "no such") != (report.Cell{}) {
		t.Errorf("the total is %+v", total)
	}
	if _, ok := report.Find(report.Grids(golden(t), report.Options{}), report.GridComparisons); ok {
		t.Error("there are comparisons without prices")
	}
	for _, g := range grids {
		seen := map[string]bool{}
		for _, c := range g.Columns {
			if seen[c.Key] || c.Key == "" || !c.Hidden && c.Heading == "" {
				t.Errorf("%s: column %+v has no name of its own", g.Name, c)
			}
			seen[c.Key] = true
		}
		if g.Columns[0].Hidden {
			t.Errorf("%s: its rows have no name", g.Name)
		}
	}
}
