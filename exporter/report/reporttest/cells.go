package reporttest

import (
	"cmp"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"

	"github.com/sovmeter/sovmeter/exporter/report"
)

// Cells holds the cells that all formats are drawn from against the JSON of the
// same report, and their texts against their exact values. It says, a sentence
// each, what differs.
func Cells(grids []report.Grid, json []byte) []string {
	var f faults
	doc, err := readJSON(json)
	if err != nil {
		return []string{fmt.Sprintf("json: %v", err)}
	}
	for _, g := range grids {
		f.compareTexts(g)
		want, found := objects(g.Name, doc)
		if !found {
			continue
		}
		items := itemsOf(g)
		if len(items) != len(want) {
			f.add("%s: %d rows, %d in json", g.Name, len(items), len(want))
			continue
		}
		for i, row := range items {
			if g.Name == report.GridCosts && row["energy_joules"] == "" { // the JSON has no null there
				delete(row, "energy_joules")
			}
			if f.compareObject(fmt.Sprintf("%s, row %d", g.Name, i+1), row, want[i]) == 0 {
				f.add("%s: nothing of row %d is in json", g.Name, i+1)
			}
		}
	}
	return f
}

// itemsOf are the exact values of a grid's rows but for its total.
func itemsOf(g report.Grid) []map[string]string {
	var items []map[string]string
	for _, row := range g.Rows {
		if row.Kind != report.RowItem {
			continue
		}
		item := map[string]string{}
		for i, c := range g.Columns {
			item[c.Key] = written(row.Cells[i].Raw)
			if c.Numeric {
				item[c.Key] = row.Cells[i].Raw
			}
		}
		items = append(items, item)
	}
	return items
}

// objects are what the JSON has for the rows of a grid; false for those that
// Disagreements looks at, and those that have another shape there.
func objects(name report.GridName, doc object) ([]object, bool) {
	switch name {
	case report.GridCosts, report.GridComparisons, report.GridLearned:
		return list(doc, string(name)), true
	case report.GridElsewhere:
		return list(doc, "remote"), true
	case report.GridGaps:
		return list(doc, "gaps"), true
	case report.GridScopes:
		return scopes(doc), true
	case report.GridQuotes:
		var quotes []object
		for _, c := range list(doc, "comparisons") {
			for _, q := range list(c, "quotes") {
				q["comparator"] = c["comparator"]
				quotes = append(quotes, q)
			}
		}
		return quotes, true
	case report.GridBreakEven:
		return forecasts(doc), true
	}
	return nil, false
}

// scopes are what the energies cover, most time first.
func scopes(doc object) []object {
	seconds, _ := doc["scope_seconds"].(object)
	joules, _ := doc["scope_joules"].(object)
	errors, _ := doc["scope_error_joules"].(object)
	var out []object
	for _, scope := range slices.Sorted(maps.Keys(seconds)) {
		out = append(out, object{"scope": scope, "seconds": seconds[scope], "energy_joules": joules[scope], "error_joules": errors[scope]})
	}
	value := func(o object, key string) *big.Rat {
		n, _ := number(text(o[key]))
		return n
	}
	slices.SortStableFunc(out, func(a, b object) int {
		return cmp.Or(value(b, "seconds").Cmp(value(a, "seconds")), value(b, "energy_joules").Cmp(value(a, "energy_joules")))
	})
	return out
}

// forecasts are the two answers of each comparator.
func forecasts(doc object) []object {
	drifts := false
	if h, ok := doc["hardware"].(object); ok {
		drifts = text(h["price_drift_ratio"]) != "0" || text(h["capital_cost_ratio"]) != "0"
	}
	var out []object
	for _, c := range list(doc, "comparisons") {
		even, ok := c["break_even"].(object)
		if !ok {
			continue
		}
		for _, assumption := range []string{"simple", "drift"} {
			if assumption == "drift" && !drifts {
				continue
			}
			o := object{"comparator": c["comparator"], "assumption": assumption}
			for _, from := range []any{even, even[assumption]} {
				if fields, ok := from.(object); ok {
					for key, v := range fields {
						o[key] = v
					}
				}
			}
			out = append(out, o)
		}
	}
	return out
}

// compareTexts holds what people read in a grid against the exact values.
func (f *faults) compareTexts(g report.Grid) {
	for _, row := range g.Rows {
		for i, c := range g.Columns {
			cell := row.Cells[i]
			if !c.Numeric || cell == (report.Cell{}) || c.Key == "age_seconds" {
				continue
			}
			measured := c.Currency == "" && !strings.Contains(c.Key, "requests") && !strings.Contains(c.Key, "calls")
			if !shows(cell.Text, cell.Raw, scaleOf(c), measured) {
				f.add("%s: %s reads %s and is %s", g.Name, c.Key, cell.Text, cell.Raw)
			}
		}
	}
}

// scaleOf is what an exact value is multiplied by for people.
func scaleOf(c report.Column) *big.Rat {
	switch {
	case strings.HasSuffix(c.Key, "_ratio"):
		return big.NewRat(100, 1)
	case strings.HasSuffix(c.Unit, "Wh"):
		return big.NewRat(1, 3600)
	}
	return big.NewRat(1, 1)
}
