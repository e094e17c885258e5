package html

import (
	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/exporter/report"
)

// sums is one line of a curve: what had been summed up by the end of each day.
type sums struct {
	key, name string
	days      []sum
}

// sum is where a line stands at the end of a day. Over a day whose amount is
// not known the line is broken.
type sum struct {
	money cost.Money // of the known days so far
	day   cost.Money // of this day
	known bool
	least bool // a part of some amount so far is not known
}

const costKey = "cost"

// newSeries sums the curve: electricity first, then each comparator.
func newSeries(curve report.Curve, currency cost.Currency) []sums {
	series := []sums{sumUp(costKey, "Electricity", curve, currency, func(d report.CurveDay) report.Saved {
		return report.Saved{Amount: d.Cost}
	})}
	for i, c := range curve.Comparators {
		s := sumUp(string(c), comparatorName(c), curve, currency, func(d report.CurveDay) report.Saved {
			if i < len(d.Avoided) {
				return d.Avoided[i]
			}
			return report.Saved{}
		})
		if s.anyKnown() {
			series = append(series, s)
		}
	}
	return series
}

func sumUp(key, name string, curve report.Curve, currency cost.Currency, of func(report.CurveDay) report.Saved) sums {
	s := sums{key: key, name: name}
	at := sum{money: cost.Money{Currency: currency}}
	for _, d := range curve.Days {
		amount := of(d)
		at.known, at.day = amount.Amount.Known, amount.Amount.Money
		at.least = at.least || amount.AtLeast || !amount.Amount.Known
		if at.known {
			total, err := at.money.Add(at.day)
			if at.known = err == nil; at.known {
				at.money = total
			}
		}
		s.days = append(s.days, at)
	}
	return s
}

func (s sums) anyKnown() bool {
	for _, d := range s.days {
		if d.known && d.day.Nanos != 0 {
			return true
		}
	}
	return false
}

// text is a sum in figures; "+" is at least so much.
func (s sum) text() string {
	text := amountText(report.Amount{Money: s.money, Known: true})
	if s.least {
		text += "+"
	}
	return text
}

// curveTable has the sums at the end of days, as few days as a chart's table has
// rows, and always the last.
func curveTable(curve report.Curve, series []sums) dataTable {
	t := dataTable{Caption: "Sums by the end of the day", Heads: []string{"By the end of"}}
	for _, s := range series {
		t.Heads = append(t.Heads, s.name)
	}
	n := len(curve.Days)
	each := (n + maxTableRows - 1) / maxTableRows
	if each > 1 {
		each = (each + 6) / 7 * 7 // whole weeks
	}
	for i := range n {
		if (n-1-i)%each != 0 {
			continue
		}
		row := []string{curve.Days[i].Start.Format("Mon 2 Jan 2006")}
		for _, s := range series {
			row = append(row, s.days[i].text())
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}
