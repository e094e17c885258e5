package reporttest

import (
	"fmt"
	"html"
	"math/big"
	"regexp"
	"slices"
	"strings"

	"github.com/sovmeter/sovmeter/exporter/report"
)

// table is one table for people, as read: all rows have a cell for each heading.
type table struct {
	headings []string // in lower case, without currencies and commas
	rows     [][]string
}

// figure is a column that people see of the rows: the column of CSV, what to
// multiply it by, and whether it has three digits and not all.
type figure struct {
	key      string
	scale    *big.Rat
	measured bool
}

// figures are all such columns by their headings.
func figures() map[string]figure {
	one, percent, wattHours := big.NewRat(1, 1), big.NewRat(100, 1), big.NewRat(1, 3600)
	return map[string]figure{
		"requests": {"requests", one, false}, "cancelled": {"cancelled_requests", one, false},
		"failed": {"failed_requests", one, false}, "late": {"late_requests", one, false},
		"fresh input tokens": {"input_tokens", one, false}, "cached input tokens": {"cached_input_tokens", one, false},
		"output tokens": {"output_tokens", one, false}, "speed tokens per s": {"output_tokens_per_second", one, true},
		"active time": {"active_seconds", one, false},
		"energy wh":   {"energy_joules", wattHours, true}, "error ± %": {"error_ratio", percent, false},
		"j per output token": {"joules_per_output_token", one, true},
		"machine wh":         {"measured_joules", wattHours, true}, "measured % of time": {"coverage_ratio", percent, false},
		"carbon g":      {"carbon_grams", one, true},
		"marginal cost": {"marginal_cost", one, false}, "active cost": {"active_cost", one, false}, "machine cost": {"dedicated_cost", one, false},
		"per m output": {"marginal_cost_per_million_output_tokens", one, false},
		"same weights": {"same_weights_cost", one, false}, "substitute": {"substitute_cost", one, false},
	}
}

// heading is how headings are compared.
func heading(s string) string {
	s = regexp.MustCompile(`\b[A-Z]{3}\b`).ReplaceAllString(s, "")
	return strings.ToLower(strings.Join(strings.Fields(strings.ReplaceAll(s, ",", "")), " "))
}

// compareTables holds the rows of all tables for people against those of CSV.
func (f *faults) compareTables(truth sheet, doc object, out Renderings) {
	for format, read := range map[report.Format]func(string, sheet) (table, table, error){
		report.Table: readText, report.Markdown: readMarkdown, report.HTML: readHTML,
	} {
		data, there := out[format]
		if !there || len(truth.rows) == 0 {
			continue
		}
		rows, energy, err := read(string(data), truth)
		if err != nil {
			f.add("%s: %v", format, err)
			continue
		}
		f.compareRows(string(format), rows, truth)
		f.compareEnergy(string(format), energy, doc)
	}
}

// compareRows holds a table against the rows, and its last row against their
// sums.
func (f *faults) compareRows(where string, t table, truth sheet) {
	want := len(truth.rows)
	if want > 1 {
		want++
	}
	if len(t.rows) != want {
		f.add("%s: %d rows, want %d", where, len(t.rows), want)
		return
	}
	for k, h := range t.headings {
		column, known := figures()[h]
		if k == 0 || h == "server" {
			continue
		}
		if !known {
			f.add("%s: nobody knows the heading %q", where, h)
			continue
		}
		var values []string
		for i, row := range truth.rows {
			values = append(values, row[column.key])
			if !shows(t.rows[i][k], row[column.key], column.scale, column.measured) {
				f.add("%s: %s of %q is %s, in csv %s", where, h, truth.name(i), t.rows[i][k], row[column.key])
			}
		}
		cell, unknown := t.rows[len(t.rows)-1][k], !complete(values)
		if unknown && (cell == "n/a" || cell == "?") {
			continue
		}
		tagged := slices.Contains([]string{"client", "project"}, truth.keys[0])
		if unknown && strings.HasSuffix(cell, "+") { // at least those that are known
			if tagged { // what a tag's part saved is a difference, which may be where nothing of it has a price
				continue
			}
			values = slices.DeleteFunc(values, func(v string) bool { return v == "" })
		}
		if want > len(truth.rows) && summable(column.key) && !shows(cell, sum(values).RatString(), column.scale, column.measured) {
			f.add("%s: the total of %s is %s, and the rows sum to %s", where, h, cell, sum(values).FloatString(9))
		}
	}
}

// summable tells whether the total of a column is the sum of its rows.
func summable(key string) bool {
	return slices.Contains([]string{"requests", "cancelled_requests", "failed_requests", "late_requests", "input_tokens", "cached_input_tokens",
		"output_tokens", "energy_joules", "measured_joules", "marginal_cost", "active_cost", "dedicated_cost", "same_weights_cost", "substitute_cost"}, key)
}

// compareEnergy holds the table of where the energy went against the JSON.
func (f *faults) compareEnergy(where string, t table, doc object) {
	if len(t.rows) == 0 {
		if e, ok := doc["energy"].(object); ok && e["measured_joules"] != nil && text(e["measured_joules"]) != "0" {
			f.add("%s: does not say where the energy went", where)
		}
		return
	}
	var want []string
	for _, m := range list(doc, "models") {
		if m["energy_joules"] != nil {
			want = append(want, text(m["energy_joules"]))
		}
	}
	for _, s := range list(doc, "sinks") {
		// Of gaps there is a line too when nobody knows what they took.
		name := text(s["name"])
		if name != "open" && name != "gap" || text(s["energy_joules"]) != "0" {
			want = append(want, text(s["energy_joules"]))
		}
	}
	want = append(want, text(doc["energy"].(object)["measured_joules"]))
	if len(t.rows) != len(want) {
		f.add("%s: %d lines say where the energy went, want %d", where, len(t.rows), len(want))
		return
	}
	for i, row := range t.rows {
		if !shows(row[1], want[i], big.NewRat(1, 3600), false) {
			f.add("%s: the energy of %q is %s Wh, in json %s J", where, row[0], row[1], want[i])
		}
	}
}

// readMarkdown reads the tables under "## Models", or whatever the rows are, and
// "## Where the energy went".
func readMarkdown(data string, truth sheet) (rows, energy table, err error) {
	sections := strings.Split(data, "\n## ")
	if len(sections) < 2 {
		return table{}, table{}, fmt.Errorf("there is no table")
	}
	for _, s := range sections {
		if strings.HasPrefix(s, "Where the energy went") {
			energy = pipes(s)
		}
	}
	rows = pipes(sections[1])
	if len(rows.headings) == 0 || rows.headings[0] != truth.keys[0] {
		return table{}, table{}, fmt.Errorf("the first table is not of the rows")
	}
	return rows, energy, nil
}

// pipes reads one table between pipes.
func pipes(section string) table {
	var t table
	between := regexp.MustCompile(`(?:[^|\\]|\\.)*`)
	for line := range strings.SplitSeq(section, "\n") {
		if !strings.HasPrefix(line, "| ") || strings.HasPrefix(line, "| :--") {
			continue
		}
		var cells []string
		for _, c := range between.FindAllString(strings.Trim(line, "|"), -1) {
			cells = append(cells, strings.Trim(unescaped(strings.TrimSpace(c)), "*"))
		}
		t.add(cells)
	}
	return t
}

func unescaped(s string) string {
	return regexp.MustCompile(`\\(.)`).ReplaceAllString(strings.ReplaceAll(s, "<!-- -->", ""), "$1")
}

// add takes the first line for the headings.
func (t *table) add(cells []string) {
	if t.headings == nil {
		for _, c := range cells {
			t.headings = append(t.headings, heading(c))
		}
		return
	}
	t.rows = append(t.rows, cells)
}

// readHTML reads the tables whose first heading is that of the rows, and that of
// the energy.
func readHTML(data string, truth sheet) (rows, energy table, err error) {
	for _, source := range regexp.MustCompile(`(?s)<table.*?</table>`).FindAllString(data, -1) {
		var t table
		for _, line := range regexp.MustCompile(`(?s)<tr.*?</tr>`).FindAllString(source, -1) {
			var cells []string
			for _, c := range regexp.MustCompile(`(?s)<t[hd][^>]*>(.*?)</t[hd]>`).FindAllStringSubmatch(line, -1) {
				cells = append(cells, words(c[1]))
			}
			t.add(cells)
		}
		switch {
		case len(t.headings) == 0:
		case t.headings[0] == truth.keys[0] && slices.Contains(t.headings, "requests"):
			rows = t
		case t.headings[0] == "where the energy went":
			energy = t
		}
	}
	if len(rows.rows) == 0 {
		return table{}, table{}, fmt.Errorf("there is no table of the rows")
	}
	return rows, energy, nil
}

// words is what a reader sees of some HTML, but for what stands small beside it.
func words(source string) string {
	source = regexp.MustCompile(`(?s)<small>.*?</small>|<svg.*?</svg>`).ReplaceAllString(source, "")
	source = regexp.MustCompile(`<[^>]*>`).ReplaceAllString(source, " ")
	return strings.Join(strings.Fields(html.UnescapeString(source)), " ")
}
