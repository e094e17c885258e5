package report

import (
	"fmt"
	"slices"
	"time"

	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/exporter/cost/avoided"
	"github.com/sovmeter/sovmeter/exporter/cost/payback"
)

// forecast is one answer to when the machine has paid for itself.
type forecast struct {
	comparator avoided.Comparator
	even       payback.BreakEven
	drift      bool // with prices that change and money that costs
	// atMost is true when more was avoided than is known: it takes no longer than
	// the forecast says, and what it says never happens may well.
	atMost bool
	payback.Forecast
}

// simple is the forecast at today's prices.
func (c Comparison) simple() forecast {
	return forecast{c.Name, *c.BreakEven, false, c.AvoidedAtLeast, c.BreakEven.Simple}
}

// drift is the forecast with prices that change.
func (c Comparison) drift() forecast {
	return forecast{c.Name, *c.BreakEven, true, c.AvoidedAtLeast, c.BreakEven.Drift}
}

// forecasts are all answers.
func (r Report) forecasts() []forecast {
	var out []forecast
	for _, c := range r.Comparisons {
		if c.BreakEven == nil {
			continue
		}
		out = append(out, c.simple())
		if r.drifts() {
			out = append(out, c.drift())
		}
	}
	return out
}

// drifts tells whether the second forecast assumes anything else than the first.
func (r Report) drifts() bool {
	return r.Hardware != nil && (r.Hardware.Machine.PriceDriftRatio != 0 || r.Hardware.Machine.CapitalCostRatio != 0)
}

// capitalKey is the amount that is known without any day; the mean of no days is
// not 0.
const capitalKey = "capital"

// breakEvenGrid has a row for each comparator and set of assumptions.
func (s sheet) breakEvenGrid() Grid {
	items := s.report.forecasts()
	var currency cost.Currency
	if len(items) > 0 {
		currency = items[0].even.Capital.Currency
	}
	money := func(key, heading string, of func(payback.BreakEven) cost.Money) columnOf[forecast] {
		return columnOf[forecast]{Column{Key: key, Heading: heading, Unit: string(currency), Numeric: true, Currency: currency, Drop: 1},
			func(f forecast) Cell {
				return moneyCell(Amount{Money: of(f.even), Known: key == capitalKey || f.even.Days > 0})
			}, false}
	}
	g := gridOf(GridBreakEven, paidHeading, []columnOf[forecast]{
		{Column{Key: "comparator", Heading: "Compared with"}, func(f forecast) Cell {
			return Cell{Text: comparatorName(f.comparator), Raw: string(f.comparator)}
		}, false},
		{Column{Key: "assumption", Heading: "Assuming"}, s.assumptionCell, false},
		{Column{Key: "outcome", Heading: "Paid for"}, s.outcomeCell, false},
		{Column{Key: "months", Heading: "Months", Numeric: true}, monthsCell, false},
		{Column{Key: "early_months", Heading: "Early (P10)", Numeric: true}, earlyCell, false},
		{Column{Key: "late_months", Heading: "Late (P90)", Numeric: true}, lateCell, false},
		{Column{Key: "days", Heading: "Metered days", Numeric: true}, func(f forecast) Cell { return countCell(int64(f.even.Days)) }, false},
		{Column{Key: "needed_days", Heading: "Days needed", Numeric: true, Hidden: true}, func(f forecast) Cell { return countCell(int64(f.even.Needed)) }, false},
		money(capitalKey, "To be earned", func(b payback.BreakEven) cost.Money { return b.Capital }),
		{Column{Key: "avoided_per_month", Heading: "Avoided a month", Unit: string(currency), Numeric: true, Currency: currency, Drop: 1},
			func(f forecast) Cell { return savedCell(f.avoidedMonthly()) }, false},
		{Column{Key: "avoided_at_least", Flag: true, Hidden: true}, func(f forecast) Cell { return flagCell(f.atMost) }, false},
		money("cost_per_month", "Electricity a month", func(b payback.BreakEven) cost.Money { return b.CostMonthly }),
		{Column{Key: currencyKey, Hidden: true}, func(forecast) Cell { return hiddenCell(string(currency)) }, false},
	}, items)
	g.Notes = s.atMostNotes()
	return g
}

// atMostNotes explain what is known in part.
func (s sheet) atMostNotes() []string {
	if !slices.ContainsFunc(s.report.forecasts(), func(f forecast) bool { return f.atMost && f.Outcome != payback.TooFewDays }) {
		return nil
	}
	return []string{"+ at least, and so at most as many months: a part of what was avoided has no price, or its tokens are not known."}
}

// avoidedMonthly is the mean month; that of no days is not 0.
func (f forecast) avoidedMonthly() Saved {
	return Saved{Amount: Amount{Money: f.even.AvoidedMonthly, Known: f.even.Days > 0}, AtLeast: f.atMost}
}

func (f forecast) answered() bool {
	return f.Outcome == payback.Reached || f.Outcome == payback.BeyondLife
}

func monthsCell(f forecast) Cell {
	if !f.answered() {
		return unknownCell()
	}
	return countCell(int64(f.Months))
}

func earlyCell(f forecast) Cell {
	if f.Outcome == payback.TooFewDays || !f.EarlyKnown {
		return unknownCell()
	}
	return countCell(int64(f.Early))
}

func lateCell(f forecast) Cell {
	if f.Outcome == payback.TooFewDays || !f.LateKnown {
		return unknownCell()
	}
	return countCell(int64(f.Late))
}

// assumptionCell says what a forecast holds to be so.
func (s sheet) assumptionCell(f forecast) Cell {
	if !f.drift {
		return Cell{Text: "today's prices", Raw: "simple"}
	}
	text := ""
	m := s.report.Hardware.Machine
	if d := m.PriceDriftRatio; d != 0 {
		text = fmt.Sprintf("cloud prices %s %% a year", signed(100*d))
	}
	if c := m.CapitalCostRatio; c != 0 {
		text = joined(text, fmt.Sprintf("money at %s %%", trimZeros(significant(100*c))))
	}
	return Cell{Text: text, Raw: "drift"}
}

// outcomeCell is the answer in words.
func (s sheet) outcomeCell(f forecast) Cell {
	return Cell{Text: s.outcomeText(f, ""), Raw: string(f.Outcome)}
}

// outcomeText is the answer, with how far forecasts lie apart after the months.
func (s sheet) outcomeText(f forecast, spread string) string {
	switch {
	case f.Outcome == payback.TooFewDays && s.report.Tariff.Currency == "":
		return "not known: no electricity price was given"
	case f.Outcome == payback.TooFewDays:
		return "not known yet: " + moreDays(max(1, f.even.Needed-f.even.Days)) + " to be metered"
	case f.answered():
		return f.monthsText() + spread + s.dateText(f) + f.beyondText()
	case f.Outcome == payback.Never:
		return f.neverText() + spread
	}
	return string(f.Outcome)
}

// beyondText says that a machine will not serve so long. Where it takes at most
// so long, nobody knows.
func (f forecast) beyondText() string {
	if f.Outcome != payback.BeyondLife || f.atMost {
		return ""
	}
	return ", beyond its life"
}

// neverText is that it never does, where that is known.
func (f forecast) neverText() string {
	if f.atMost {
		return "not known"
	}
	return "never"
}

// monthsText is how long it takes: "after 7 months".
func (f forecast) monthsText() string {
	after := "after "
	if f.atMost {
		after += "at most "
	}
	if f.Months == 1 {
		return after + "1 month"
	}
	return after + count(int64(f.Months)) + " months"
}

// dateText is when that is: ", in Aug 2026"; empty when no date of purchase is
// known.
func (s sheet) dateText(f forecast) string {
	h := s.report.Hardware
	if h == nil || h.Machine.Purchased.IsZero() {
		return ""
	}
	in := ", in "
	if f.atMost {
		in = ", by "
	}
	return in + monthsAfter(h.Machine.Purchased, f.Months).Format("Jan 2006")
}

// monthsAfter is the first day of the month so many months after t.
func monthsAfter(t time.Time, months int) time.Time {
	return time.Date(t.Year(), t.Month()+time.Month(months), 1, 0, 0, 0, 0, t.Location())
}

func days(n int) string {
	if n == 1 {
		return "1 day"
	}
	return count(int64(n)) + " days"
}

func moreDays(n int) string {
	if n == 1 {
		return "1 more day"
	}
	return count(int64(n)) + " more days"
}

// signed writes a number with its sign: "+5", "-30".
func signed(v float64) string {
	text := trimZeros(significant(v))
	if v > 0 {
		return "+" + text
	}
	return text
}

// joined is both, or the one that is there.
func joined(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + " and " + b
}
