package foreign

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
)

// table is a CSV file, row by row.
type table struct {
	lines *lineReader
	csv   *csv.Reader
	row   []string
	line  int // of row
}

// openTable reads a CSV file whose values are divided by comma.
func openTable(lines *lineReader, comma rune) *table {
	t := &table{lines: lines, csv: csv.NewReader(lines)}
	t.csv.Comma, t.csv.FieldsPerRecord, t.csv.ReuseRecord, t.csv.LazyQuotes = comma, -1, true, true
	return t
}

// next goes to the next row, if there is one. Its values are valid until the one
// after it.
func (t *table) next() (bool, error) {
	row, err := t.csv.Read()
	t.lines.at(t.csv.InputOffset())
	if errors.Is(err, io.EOF) {
		return false, nil
	}
	var wrong *csv.ParseError
	if errors.As(err, &wrong) {
		return false, &LineError{wrong.Line, fmt.Errorf("%w: %w", wrong.Err, ErrFormat)}
	}
	if err != nil {
		return false, err
	}
	t.row = row
	t.line, _ = t.csv.FieldPos(0)
	return true, nil
}

// value is the i-th value of the row, without the space around it; empty when the
// row is shorter, and for i below 0.
func (t *table) value(i int) string {
	if i < 0 || i >= len(t.row) {
		return ""
	}
	return strings.TrimSpace(strings.TrimPrefix(t.row[i], "\ufeff"))
}

func (t *table) at(err error) error { return &LineError{t.line, err} }

// column is where in the row, the head of a table, a name is that matches; -1 when
// there is none.
func (t *table) column(match func(lower string) bool) int {
	for i := range t.row {
		if match(strings.ToLower(t.value(i))) {
			return i
		}
	}
	return -1
}

// nothing reports whether a table says in so many words that it has no value.
func nothing(text string) bool {
	switch strings.ToLower(text) {
	case "", "-", "n/e", "n/a", "na", "nan", "null", "none":
		return true
	}
	return false
}

// commaOf tells what divides the values of a table by its first line.
func commaOf(head []byte) rune {
	line, _, _ := strings.Cut(string(head), "\n")
	best, comma := 0, ','
	for _, c := range []rune{',', ';', '\t'} {
		if n := strings.Count(line, string(c)); n > best {
			best, comma = n, c
		}
	}
	return comma
}
