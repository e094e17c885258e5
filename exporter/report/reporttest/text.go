package reporttest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// field is a run of text between gaps, with where it stands in its line.
type field struct {
	text       string
	start, end int // in runes
}

func fieldsOf(line string) []field {
	var out []field
	runes := []rune(line)
	for at := 0; at < len(runes); at++ {
		if runes[at] == ' ' {
			continue
		}
		end := at
		for end < len(runes) && !gapAt(runes, end) {
			end++
		}
		out = append(out, field{string(runes[at:end]), at, end})
		at = end
	}
	return out
}

// gapAt tells whether two spaces, or the last one of the line, begin at i.
func gapAt(line []rune, i int) bool {
	return line[i] == ' ' && (i+1 == len(line) || line[i+1] == ' ')
}

// readText reads the two tables of a report in plain text. It must be wide
// enough that no name wraps.
func readText(data string, truth sheet) (rows, energy table, err error) {
	lines := strings.Split(data, "\n")
	first := strings.ToUpper(truth.keys[0][:1]) + truth.keys[0][1:]
	at := slices.IndexFunc(lines, func(l string) bool { return regexp.MustCompile(`^` + first + `  .*Wh`).MatchString(l) })
	if at < 0 || !isRule(lines[at+1]) {
		return table{}, table{}, fmt.Errorf("there is no table of the rows")
	}
	top := at
	for top > 0 && lines[top-1] != "" {
		top--
	}
	body := lines[at+2 : min(len(lines), at+2+len(truth.rows))]
	if end := at + 2 + len(truth.rows); len(truth.rows) > 1 && end+1 < len(lines) && isRule(lines[end]) {
		body = append(slices.Clone(body), lines[end+1])
	}
	rows = columns(lines[top:at+1], body)
	return rows, energyOf(lines), nil
}

func isRule(line string) bool { return line != "" && strings.Trim(line, "-─") == "" }

// columns sets lines back into cells: a cell belongs to the column of the first
// row that it shares an edge with.
func columns(head, body []string) table {
	edges := fieldsOf(body[0])
	t := table{headings: make([]string, len(edges))}
	place := func(line string) []string {
		cells := make([]string, len(edges))
		for _, f := range fieldsOf(line) {
			i := slices.IndexFunc(edges, func(e field) bool { return e.end == f.end || e.start == f.start })
			if i >= 0 {
				cells[i] += f.text
			}
		}
		return cells
	}
	for _, line := range head {
		for i, c := range place(line) {
			t.headings[i] += " " + c
		}
	}
	for i := range t.headings {
		t.headings[i] = heading(t.headings[i])
	}
	for _, line := range body {
		t.rows = append(t.rows, place(line))
	}
	return t
}

// energyOf reads the lines of where the energy went: their names and their
// watt-hours.
func energyOf(lines []string) table {
	var t table
	for i, line := range lines {
		if !strings.HasPrefix(line, "Where the energy went") {
			continue
		}
		for _, l := range lines[i+1:] {
			if l == "" {
				break
			}
			if f := fieldsOf(l); !isRule(l) && len(f) > 2 {
				t.rows = append(t.rows, []string{f[0].text, f[1].text})
			}
		}
	}
	return t
}
