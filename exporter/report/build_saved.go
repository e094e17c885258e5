package report

import (
	"slices"
	"time"

	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/exporter/cost/avoided"
)

// nothingSaved is what no request at all saves with each comparator.
func nothingSaved(p Plan, idle []avoided.Saving) []avoided.Saving {
	none := make([]avoided.Saving, len(p.Comparators()))
	copy(none, idle)
	return none
}

// sumSavings adds the savings of a slot to those of a row.
func (l *ledger) sumSavings(to, savings []avoided.Saving) {
	for i, s := range savings[:min(len(to), len(savings))] {
		l.sum(&to[i].Money, s.Money)
		to[i].Priced += s.Priced
		to[i].Partial += s.Partial
		to[i].Unpriced += s.Unpriced
	}
}

// savedOf is what a row saved with each comparator.
func savedOf(savings []avoided.Saving) []Saved {
	saved := make([]Saved, len(savings))
	for i, s := range savings {
		saved[i] = newSaved(s)
	}
	return saved
}

// newSaved tells nothing saved, where no request was answered, from an unknown
// amount, where requests were and none has a price.
func newSaved(s avoided.Saving) Saved {
	return Saved{Amount: Amount{Money: s.Money, Known: s.Priced > 0 || s.Unpriced == 0},
		AtLeast: s.Partial > 0 || s.Unpriced > 0, Unpriced: s.Unpriced}
}

// addComparisons sums the savings of the models.
func (out *Report) addComparisons(l *ledger) error {
	plan := l.in.Plan
	if plan == nil {
		return nil
	}
	totals := slices.Clone(l.none)
	for _, row := range l.models {
		l.sumSavings(totals, row.saved)
	}
	if l.err != nil {
		return l.err
	}
	end := earlier(l.in.Period.Until, l.in.Now)
	quotes := out.quotes(plan, cost.Slot(end.Add(-time.Nanosecond)))
	fee, subscribed := plan.Subscription(l.in.Period.Since, end)
	for i, name := range l.comparators {
		c := Comparison{Name: name, Total: newSaved(totals[i]), Subscription: Amount{Money: fee, Known: subscribed}}
		c.Capped = c.Total.Amount
		if subscribed {
			c.Capped = c.Capped.least(c.Subscription)
		}
		c.Quotes = slices.DeleteFunc(slices.Clone(quotes), func(q avoided.Quote) bool { return q.Comparator != name })
		out.Comparisons = append(out.Comparisons, c)
	}
	out.PriceTable = plan.TableName()
	return nil
}

// quotes are what the models that answered something were compared with, at the
// end of the period.
func (out *Report) quotes(plan Plan, at time.Time) []avoided.Quote {
	var quotes []avoided.Quote
	seen := map[string]bool{}
	for _, m := range out.Models {
		if m.Requests > m.Cancelled+m.Failed && !seen[m.Model] {
			quotes = append(quotes, plan.Quotes(m.Model, at)...)
			seen[m.Model] = true
		}
	}
	return quotes
}
