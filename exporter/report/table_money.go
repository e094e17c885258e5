package report

import (
	"slices"
	"strings"

	"github.com/sovmeter/sovmeter/exporter/cost/avoided"
)

const (
	boughtHeading = "Bought elsewhere instead"
	paidHeading   = "Paid for itself"
)

// maxQuotes is how many prices of one comparator the table names.
const maxQuotes = 8

// bought tells what the answered tokens would have cost elsewhere, and what they
// were compared with.
func (t table) bought() []string {
	if len(t.report.Comparisons) == 0 {
		return nil
	}
	lines := []string{t.bold(boughtHeading)}
	lines = append(lines, layOut(t.comparisonLines(), t.prose(), t.plain)...)
	quotes := t.quoteLines()
	if len(quotes) == 0 {
		return lines
	}
	lines = append(lines, t.faintNotes([]string{"Compared with, in " + string(t.report.quoteCurrency()) + " per million tokens of fresh input, cached input and output:"})...)
	return append(lines, layOut(quotes, t.prose(), t.plain)...)
}

// comparisonLines say what each comparator comes to.
func (s sheet) comparisonLines() []Line {
	var lines []Line
	for _, c := range s.report.Comparisons {
		lines = append(lines, Line{Label: "  " + comparatorName(c.Name), Text: s.comparisonText(c)})
	}
	return lines
}

// comparisonText says what a comparator comes to.
func (s sheet) comparisonText(c Comparison) string {
	var parts []string
	switch {
	case !c.Total.Amount.Known:
		parts = append(parts, "not known")
	case c.Subscription.Known:
		parts = append(parts, savedWithCurrency(c.Total)+" by the token, "+FormatMoney(c.Subscription)+" by subscription")
	default:
		parts = append(parts, savedWithCurrency(c.Total)+" by the token")
	}
	if left := s.report.left(c); left.Known && left.Money.Nanos < 0 {
		left.Money.Nanos = -left.Money.Nanos
		parts = append(parts, FormatMoney(left)+" less than the requests' electricity")
	} else if left.Known {
		capped := s.report.capped(c)
		parts = append(parts, savedWithCurrency(Saved{Amount: left, AtLeast: capped.AtLeast})+" more than the requests' electricity")
	}
	if c.Total.Unpriced > 0 {
		parts = append(parts, "no price for "+requests(c.Total.Unpriced))
	}
	return strings.Join(parts, "; ")
}

// compared is one price and the models here that it was taken for.
type compared struct {
	avoided.Quote
	models  []string // whose comparison was configured, or needed no guess
	guessed []string
}

// comparedWith joins the quotes of a comparator that name the same price.
func (s sheet) comparedWith(c Comparison) []compared {
	var found []compared
	for _, q := range c.Quotes {
		at := slices.IndexFunc(found, func(f compared) bool {
			return f.Entry.Provider == q.Entry.Provider && f.Entry.Model == q.Entry.Model && f.Entry.From.Equal(q.Entry.From)
		})
		if at < 0 {
			at, found = len(found), append(found, compared{Quote: q})
		}
		name := s.name("", q.Model, false)
		if q.Guessed {
			found[at].guessed = append(found[at].guessed, name)
		} else {
			found[at].models = append(found[at].models, name)
		}
	}
	return found
}

// quoteLines name the prices of each comparator.
func (s sheet) quoteLines() []Line {
	var lines []Line
	for _, c := range s.report.Comparisons {
		label := "  " + comparatorName(c.Name)
		found := s.comparedWith(c)
		for _, q := range found[:min(len(found), maxQuotes)] {
			lines, label = append(lines, Line{Label: label, Text: s.quoteText(q)}), ""
		}
		if more := len(found) - maxQuotes; more > 0 {
			lines = append(lines, Line{Text: "and " + count(int64(more)) + " more"})
		}
	}
	return lines
}

// quoteText says what models were compared with: "0.25, 0.025, 2: gpt-5-mini at
// openai, for all".
func (s sheet) quoteText(q compared) string {
	e := q.Entry
	cached := "as fresh" // a provider without a price for cached tokens asks the other
	if e.Rates.Cached.Known {
		cached = rateCell(e.Rates.Cached).Text
	}
	text := rateCell(e.Rates.Input).Text + ", " + cached + ", " + rateCell(e.Rates.Output).Text +
		": " + s.clean(e.Model) + " at " + s.clean(e.Provider)
	if q.Hosts > 1 {
		text += ", the cheapest of " + count(int64(q.Hosts)) + " hosts"
	}
	if q.Stale {
		text += ", a price that nobody has checked "
		if e.Checked.IsZero() {
			text += "lately"
		} else {
			text += "since " + e.Checked.Format("2 Jan 2006")
		}
	}
	var whose []string
	if n := len(q.models) + len(q.guessed); n > 1 && n == len(s.report.Models) && len(q.guessed) == 0 {
		whose = append(whose, "all models")
	} else if len(q.models) > 0 {
		whose = append(whose, and(q.models))
	}
	if len(q.guessed) > 0 {
		whose = append(whose, and(q.guessed)+" (guessed by name)")
	}
	return text + ", for " + and(whose)
}

// comparisonNotes tell what is left out of the comparisons.
func (s sheet) comparisonNotes() []string {
	var notes []string
	for _, c := range s.report.Comparisons {
		if c.Total.Unpriced > 0 {
			notes = append(notes, comparatorName(c.Name)+": no price is known for "+requests(c.Total.Unpriced)+".")
		} else if c.Total.AtLeast {
			notes = append(notes, comparatorName(c.Name)+": + at least, as not every token count is known.")
		}
	}
	return notes
}
