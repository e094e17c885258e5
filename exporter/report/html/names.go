package html

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/sovmeter/sovmeter/exporter/report"
)

// modelName is what a model is called, with its server where there are several.
func modelName(r report.Report, server, model string) string {
	name := report.Clean(model)
	if model == "" {
		name = "(model not logged)"
	}
	several := slices.ContainsFunc(r.Models, func(m report.Model) bool { return m.Server != r.Models[0].Server })
	if several && server != "" {
		name += " @ " + report.Clean(server)
	}
	return name
}

// foldName breaks a name into lines for a chart, where text does not wrap by
// itself. A very long one ends in an ellipsis there: the table has all of it.
func foldName(name string) []string {
	var lines []string
	for utf8.RuneCountInString(name) > nameLetters {
		if len(lines) == nameLines-1 {
			return append(lines, string([]rune(name)[:nameLetters-1])+"…")
		}
		cut := foldAt(name)
		lines, name = append(lines, strings.TrimSpace(name[:cut])), strings.TrimSpace(name[cut:])
	}
	return append(lines, name)
}

// foldAt is the byte to break a name at: after the last separator in the second
// half of the line, else where the line is full.
func foldAt(name string) int {
	good, used := 0, 0
	for i, r := range name {
		if used == nameLetters {
			if good > 0 {
				return good
			}
			return i
		}
		used++
		if used > nameLetters/2 && strings.ContainsRune("-_/:@ ", r) {
			good = i + utf8.RuneLen(r)
		}
	}
	return len(name)
}

// amountText writes an amount without its currency, which stands beside it.
func amountText(a report.Amount) string {
	return strings.TrimSuffix(report.FormatMoney(a), " "+string(a.Money.Currency))
}
