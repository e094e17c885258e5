package report

import (
	"strconv"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/exporter/cost"
)

// unknownCell is a figure that nobody knows.
func unknownCell() Cell { return Cell{Text: unknown} }

// wordCell is a name, or prose.
func (s sheet) wordCell(name string) Cell { return Cell{Text: s.clean(name), Raw: name} }

// hiddenCell is a word that only programs read.
func hiddenCell(raw string) Cell { return Cell{Text: raw, Raw: raw} }

func countCell(n int64) Cell { return Cell{Text: count(n), Raw: strconv.FormatInt(n, 10)} }

// numberCell is a figure with three significant digits for people.
func numberCell(v float64, known bool) Cell {
	if !known {
		return unknownCell()
	}
	return Cell{Text: significant(v), Raw: exact(v)}
}

// percentCell is a ratio that people read in percent.
func percentCell(ratio float64, known bool) Cell {
	if !known {
		return unknownCell()
	}
	return Cell{Text: percentage(ratio), Raw: exact(ratio)}
}

// energyCell is an energy in joules that people read in watt-hours.
func energyCell(j energy.Joules, known bool) Cell {
	if !known {
		return unknownCell()
	}
	return Cell{Text: significant(j.WattHours()), Raw: exact(float64(j))}
}

func lengthCell(d time.Duration) Cell { return Cell{Text: length(d), Raw: exact(d.Seconds())} }

func tokensCell(n Tokens) Cell {
	if !n.Known {
		return Cell{Text: "?"}
	}
	return Cell{Text: FormatTokens(n), Raw: strconv.FormatInt(n.N, 10)}
}

func moneyCell(a Amount) Cell {
	if !a.Known {
		return unknownCell()
	}
	return Cell{Text: money(a), Raw: decimal(a.Money)}
}

// savedCell is an amount that may be a part of the truth.
func savedCell(s Saved) Cell {
	c := moneyCell(s.Amount)
	if s.Amount.Known && s.AtLeast {
		c.Text += "+"
	}
	return c
}

// flagCell is yes or nothing for people, true or false for programs.
func flagCell(yes bool) Cell {
	if yes {
		return Cell{Text: "yes", Raw: "true"}
	}
	return Cell{Raw: "false"}
}

// momentCell is a time for programs.
func momentCell(t time.Time) Cell {
	if t.IsZero() {
		return Cell{}
	}
	return hiddenCell(stamp(t))
}

// exact is the shortest plain decimal that reads as v.
func exact(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// currencyOf is the currency of the first amount that is known.
func currencyOf(amounts ...Amount) cost.Currency {
	for _, a := range amounts {
		if a.Known && a.Money.Currency != "" {
			return a.Money.Currency
		}
	}
	return ""
}
