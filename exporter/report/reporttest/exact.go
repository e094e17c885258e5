package reporttest

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math/big"
	"strings"

	"github.com/sovmeter/sovmeter/exporter/report"
)

// sheet is the rows of a report, as CSV has them.
type sheet struct {
	keys []string
	rows []map[string]string
}

// name is what a row is called: its first field.
func (s sheet) name(i int) string { return s.rows[i][s.keys[0]] }

// readCSV reads a heading and rows, and minds the line ends of RFC 4180.
func readCSV(data []byte) (sheet, error) {
	if n := bytes.Count(data, []byte("\n")); n == 0 || n != bytes.Count(data, []byte("\r\n")) {
		return sheet{}, fmt.Errorf("lines do not end in CR LF")
	}
	lines, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
	if err != nil {
		return sheet{}, err
	}
	s := sheet{keys: lines[0]}
	for _, line := range lines[1:] {
		row := map[string]string{}
		for i, key := range s.keys {
			row[key] = line[i]
		}
		s.rows = append(s.rows, row)
	}
	return s, nil
}

// object is a JSON object whose numbers are as they were written.
type object = map[string]any

func readJSON(data []byte) (object, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	var doc object
	err := dec.Decode(&doc)
	return doc, err
}

// list is an array of objects; nil when there is none of the name.
func list(doc object, name string) []object {
	values, ok := doc[name].([]any)
	if !ok {
		return nil
	}
	objects := make([]object, 0, len(values))
	for _, v := range values {
		if o, ok := v.(object); ok {
			objects = append(objects, o)
		}
	}
	return objects
}

// number reads a plain or an exponential decimal exactly.
func number(text string) (*big.Rat, bool) { return new(big.Rat).SetString(text) }

// same tells whether two decimals are the same number; empty is the same as
// empty only.
func same(a, b string) bool {
	x, okX := number(a)
	y, okY := number(b)
	return okX == okY && (okX && x.Cmp(y) == 0 || !okX && a == b)
}

// plain is a JSON value as CSV has it, and the currency of an amount.
func plain(v any) (text, currency string) {
	switch v := v.(type) {
	case nil:
		return "", ""
	case json.Number:
		return v.String(), ""
	case string:
		return v, ""
	case object:
		amount, _ := plain(v["amount"])
		currency, _ := plain(v["currency"])
		return amount, currency
	}
	return fmt.Sprint(v), ""
}

// compareObject holds the fields of a JSON object against those of a row that
// have the same name.
func (f *faults) compareObject(where string, row map[string]string, o object) int {
	compared := 0
	for key, want := range row {
		value, there := o[key]
		if !there {
			continue
		}
		compared++
		got, currency := plain(value)
		if !same(want, got) && want != written(got) {
			f.add("%s: %s is %q, %q in csv", where, key, got, want)
		}
		if currency != "" && currency != row["currency"] && currency != row["comparison_currency"] {
			f.add("%s: %s is in %s, in %s in csv", where, key, currency, row["currency"])
		}
	}
	return compared
}

// written is a name as CSV has it: without control characters, and with a '
// before what a spreadsheet would take for a formula.
func written(name string) string {
	name = report.Clean(name)
	if name != "" && strings.ContainsRune("=+-@", rune(name[0])) {
		return "'" + name
	}
	return name
}

// compareJSON holds the rows against those of the JSON, which are its models or
// its groups.
func (f *faults) compareJSON(truth sheet, doc object) {
	rows := list(doc, "models")
	if truth.keys[0] != "model" {
		rows = list(doc, "groups")
	}
	if len(rows) != len(truth.rows) {
		f.add("json: %d rows, %d in csv", len(rows), len(truth.rows))
		return
	}
	for i, o := range rows {
		if n := f.compareObject(fmt.Sprintf("json, row %d", i+1), truth.rows[i], flat(o, truth.keys[0])); n < minCommon {
			f.add("json: row %d has but %d fields of csv", i+1, n)
		}
	}
}

// flat is a row of the JSON with what it holds in lists and objects under the
// names of the columns: the name, the comparators and the machine.
func flat(o object, name string) object {
	out := object{}
	for key, v := range o {
		out[key] = v
	}
	if v, there := o["name"]; there {
		out[name] = v
	}
	for _, s := range list(o, "saved") {
		out[text(s["comparator"])+"_cost"] = s["cost"]
		if s["cost"] != nil {
			out[text(s["comparator"])+"_at_least"] = s["at_least"]
		}
	}
	if whole, ok := o["machine"].(object); ok {
		for key, v := range whole {
			out[key] = v
		}
		out["scopes"] = joined(whole["scopes"])
	}
	return out
}

// joined are words of the JSON as a cell has them.
func joined(v any) string {
	words, _ := v.([]any)
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = text(w)
	}
	return strings.Join(out, " ")
}

// minCommon is how many fields of a row JSON and CSV have at least in common:
// requests, tokens, energies, costs.
const minCommon = 15

// compareJSONL holds each line against a row; every field must be there.
func (f *faults) compareJSONL(truth sheet, data []byte) {
	lines := strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
	if len(truth.rows) == 0 && len(data) == 0 {
		return
	}
	if len(lines) != len(truth.rows) {
		f.add("jsonl: %d lines, %d rows in csv", len(lines), len(truth.rows))
		return
	}
	for i, line := range lines {
		o, err := readJSON([]byte(line))
		if err != nil {
			f.add("jsonl: line %d: %v", i+1, err)
			continue
		}
		const said = 2 // the currencies, which stand with each amount
		if n := f.compareObject(fmt.Sprintf("jsonl, line %d", i+1), truth.rows[i], o); n != len(truth.keys)-said {
			f.add("jsonl: line %d has %d of the %d fields of csv", i+1, n, len(truth.keys)-said)
		}
	}
}
