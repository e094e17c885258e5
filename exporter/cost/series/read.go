package series

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// longestLine is far more than any line of the format needs.
const longestLine = 4096

// IsSeries reports whether a file that begins so claims to be in the format of
// this package.
func IsSeries(begin []byte) bool {
	return strings.HasPrefix(strings.TrimPrefix(string(begin), bom), "# sovmeter series")
}

// bom is what some editors put before UTF-8 text.
const bom = "\ufeff"

// Read reads a file in the format of this package. Its errors name the line.
func Read(r io.Reader) (Series, Header, error) {
	f := fileReader{lines: bufio.NewScanner(r)}
	f.lines.Buffer(make([]byte, 0, longestLine), longestLine)
	err := f.header()
	for err == nil && f.next() {
		err = f.point()
	}
	if scan := f.lines.Err(); scan != nil && err == nil {
		f.number++
		err = scan
		if errors.Is(scan, bufio.ErrTooLong) {
			err = fmt.Errorf("longer than %d bytes: %w", longestLine, ErrFormat)
		}
	}
	if err != nil {
		return Series{}, Header{}, fmt.Errorf("line %d: %w", f.number, err)
	}
	s, err := New(f.points)
	if err != nil {
		return Series{}, Header{}, err
	}
	return s, f.head, nil
}

type fileReader struct {
	lines  *bufio.Scanner
	line   string
	number int // of line, from 1
	head   Header
	// claimed is the quantity that the file names, empty when it names none.
	claimed Quantity
	points  []Point
}

// next goes to the next line that is not empty.
func (f *fileReader) next() bool {
	for f.lines.Scan() && f.lines.Err() == nil { // a line that reading failed in is not whole
		f.number++
		f.line = strings.TrimSpace(f.lines.Text())
		if f.number == 1 {
			f.line = strings.TrimPrefix(f.line, bom)
		}
		if f.line != "" {
			return true
		}
	}
	return false
}

// header reads up to the column names.
func (f *fileReader) header() error {
	if !f.next() || f.line != magic {
		return fmt.Errorf("got %q, want %q: %w", shown(f.line), magic, ErrFormat)
	}
	for f.next() {
		text, comment := strings.CutPrefix(f.line, "#")
		if !comment {
			return f.columns()
		}
		key, value, ok := strings.Cut(text, ":")
		if !ok {
			return fmt.Errorf("got %q, want a key and a value such as # unit: EUR/kWh: %w", shown(f.line), ErrFormat)
		}
		if err := f.key(strings.TrimSpace(key), strings.TrimSpace(value)); err != nil {
			return err
		}
	}
	return fmt.Errorf("the file ends before the column names %s: %w", columns, ErrFormat)
}

func (f *fileReader) columns() error {
	if strings.ReplaceAll(f.line, " ", "") != columns {
		return fmt.Errorf("got %q, want the column names %s: %w", shown(f.line), columns, ErrFormat)
	}
	if f.head.Unit == "" {
		return fmt.Errorf("no unit is named above, want a line such as # unit: EUR/kWh: %w", ErrUnit)
	}
	if q := f.head.Quantity(); f.claimed != "" && f.claimed != q {
		return fmt.Errorf("quantity %q has no unit %q, which is one of %s: %w", shown(string(f.claimed)), f.head.Unit, q, ErrUnit)
	}
	return nil
}

func (f *fileReader) key(key, value string) (err error) {
	switch key {
	case "unit":
		f.head.Unit, err = ParseUnit(value)
		return err
	case "source":
		f.head.Source = OneLine(value)
		return nil
	case "vat":
		if v := VAT(value); v == VATIncluded || v == VATExcluded {
			f.head.VAT = v
			return nil
		}
		return fmt.Errorf("vat: got %q, want included or excluded: %w", shown(value), ErrFormat)
	case "quantity":
		f.claimed = Quantity(value)
		return nil
	}
	return fmt.Errorf("unknown key %q, want quantity, unit, vat or source: %w", shown(key), ErrFormat)
}

func (f *fileReader) point() error {
	if strings.HasPrefix(f.line, "#") {
		return nil
	}
	start, rest, _ := strings.Cut(f.line, ",")
	end, text, ok := strings.Cut(rest, ",")
	if !ok {
		return fmt.Errorf("got %q, want %s: %w", shown(f.line), columns, ErrFormat)
	}
	var p Point
	var err error
	if p.Start, err = parseStamp("start", start); err != nil {
		return err
	}
	if p.End, err = parseStamp("end", end); err != nil {
		return err
	}
	if p.Value, err = ParseValue(strings.TrimSpace(text)); err != nil {
		return fmt.Errorf("value: %w", err)
	}
	if err := p.check(); err != nil {
		return err
	}
	if len(f.points) == MaxPoints {
		return fmt.Errorf("%d points are allowed: %w", MaxPoints, ErrTooMany)
	}
	f.points = append(f.points, p)
	return nil
}

func parseStamp(what, text string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339, strings.TrimSpace(text))
	if err != nil {
		return time.Time{}, fmt.Errorf("%s: got %q, want a time such as 2026-03-01T00:15:00Z: %w", what, shown(text), ErrFormat)
	}
	return t.UTC(), nil
}
