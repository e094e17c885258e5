package report

import (
	"slices"

	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/exporter/cost/avoided"
)

// rowBasis is the basis that people see the rows' costs on.
func (r Report) rowBasis() cost.Basis {
	switch {
	case r.timed() && (r.Basis == cost.Dedicated || r.Basis == cost.Loaded):
		return cost.Dedicated
	case r.Basis == cost.Active && !r.tagged():
		return cost.Active
	}
	return cost.Marginal
}

// costColumns are what a row's energy cost.
func (s sheet) costColumns() []columnOf[rowItem] {
	r := s.report
	currency, known := r.Tariff.Currency, r.Tariff.Known
	money := func(key, heading string, drop int, hidden bool, of func(rowItem) Cell) columnOf[rowItem] {
		return columnOf[rowItem]{Column{Key: key, Heading: heading, Unit: string(currency), Numeric: true, Currency: currency,
			Drop: drop, Hidden: hidden || !known}, of, true}
	}
	basis := r.rowBasis()
	columns := []columnOf[rowItem]{
		money("marginal_cost", "Marginal cost", 0, basis == cost.Active, func(i rowItem) Cell { return moneyCell(i.sum.Marginal) }),
		money("active_cost", "Active cost", 0, basis != cost.Active, func(i rowItem) Cell {
			if r.tagged() {
				return unknownCell()
			}
			return moneyCell(i.sum.Busy)
		}),
	}
	if r.timed() {
		columns = append(columns, money("dedicated_cost", "Machine cost", dropMachineCost, false, func(i rowItem) Cell {
			if i.group == nil || i.group.Whole == nil {
				return unknownCell()
			}
			return moneyCell(i.group.Whole.Dedicated)
		}))
	}
	million := money("marginal_cost_per_million_output_tokens", string(currency)+" per M output", dropPerMillion,
		basis == cost.Active, func(i rowItem) Cell { return moneyCell(i.sum.PerMillionOutput()) })
	million.Unit = ""
	return append(columns, million, columnOf[rowItem]{Column{Key: currencyKey, Hidden: true},
		func(rowItem) Cell { return hiddenCell(string(currency)) }, true})
}

// savedColumns are what the answered requests would have cost elsewhere.
func (s sheet) savedColumns() []columnOf[rowItem] {
	currency := s.report.comparisonCurrency()
	var columns []columnOf[rowItem]
	for i, name := range []avoided.Comparator{avoided.SameWeights, avoided.Substitute} {
		at := slices.IndexFunc(s.report.Comparisons, func(c Comparison) bool { return c.Name == name })
		of := func(i rowItem) Saved {
			if at < 0 || at >= len(i.saved) {
				return Saved{}
			}
			return i.saved[at]
		}
		key := string(name)
		columns = append(columns,
			columnOf[rowItem]{Column{Key: key + "_cost", Heading: comparatorName(name), Unit: string(currency), Numeric: true,
				Currency: currency, Drop: dropSameWeights - i, Hidden: at < 0}, func(i rowItem) Cell { return savedCell(of(i)) }, true},
			columnOf[rowItem]{Column{Key: key + "_at_least", Flag: true, Hidden: true}, func(i rowItem) Cell {
				if !of(i).Amount.Known {
					return Cell{}
				}
				return flagCell(of(i).AtLeast)
			}, true})
	}
	return append(columns, columnOf[rowItem]{Column{Key: comparisonCurrencyKey, Hidden: true},
		func(rowItem) Cell { return hiddenCell(string(currency)) }, true})
}

// The columns that say in which currency others are.
const (
	currencyKey           = "currency"
	comparisonCurrencyKey = "comparison_currency"
)

// comparatorName is what people read for a comparator.
func comparatorName(c avoided.Comparator) string {
	switch c {
	case avoided.SameWeights:
		return "Same weights"
	case avoided.Substitute:
		return "Substitute"
	}
	return string(c)
}

// comparisonCurrency is that of what the tokens would have cost elsewhere.
func (r Report) comparisonCurrency() cost.Currency {
	var amounts []Amount
	for _, c := range r.Comparisons {
		amounts = append(amounts, c.Total.Amount, c.Subscription)
	}
	return currencyOf(amounts...)
}
