package prices

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"time"

	"github.com/sovmeter/sovmeter/exporter/cost"
)

// Schema is the name of the file format that Read reads and Write writes. The
// package's documentation describes it.
const Schema = "sovmeter.prices/v1"

// maxFile bounds what Read takes into memory. A table of 10,000 entries has 3 MB.
const maxFile = 16 << 20

// fileTable is a price table as it is in a file. Its entries are decoded one at a
// time, so that a file of nothing but brackets ends at the first of them.
type fileTable struct {
	Schema  string            `json:"schema"`
	Entries []json.RawMessage `json:"entries"`
}

type fileEntry struct {
	Provider   string    `json:"provider"`
	Model      string    `json:"model"`
	Also       []string  `json:"also,omitempty"`
	Weights    string    `json:"weights,omitempty"`
	From       string    `json:"from,omitempty"`
	Until      string    `json:"until,omitempty"`
	Hours      string    `json:"hours_utc,omitempty"`
	Checked    string    `json:"checked,omitempty"`
	Published  string    `json:"published,omitempty"`
	Currency   string    `json:"currency,omitempty"` // USD when empty
	fileRates            // each a decimal in a string; absent: unknown
	Long       fileBands `json:"long,omitempty"`
	BatchRatio float64   `json:"batch_ratio,omitempty"`
	Source     string    `json:"source,omitempty"`
}

type fileRates struct {
	Input      string `json:"input,omitempty"`
	Cached     string `json:"cached,omitempty"`
	CacheWrite string `json:"cache_write,omitempty"`
	Output     string `json:"output,omitempty"`
}

type fileLong struct {
	Above int64 `json:"above_tokens"`
	fileRates
}

// fileBands are the prices for long prompts, of which there are few.
type fileBands []fileLong

const maxBands = 32

// UnmarshalJSON stops at the first band that is none, and at too many.
func (b *fileBands) UnmarshalJSON(data []byte) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if _, err := d.Token(); err != nil || data[0] != '[' {
		return fmt.Errorf("long is %.20q, want a list", data)
	}
	for d.More() {
		var l fileLong
		if err := d.Decode(&l); err != nil {
			return fmt.Errorf("long: %s", reason(err))
		}
		if *b = append(*b, l); len(*b) > maxBands {
			return fmt.Errorf("long has more than %d lengths of prompts", maxBands)
		}
	}
	return nil
}

// Read reads a table in the format sovmeter.prices/v1. It is ErrTable when the
// text is not one; the error names the entry and the field.
func Read(r io.Reader) (Table, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return Table{}, fmt.Errorf("read price table: %w", err)
	}
	if len(data) > maxFile {
		return Table{}, fmt.Errorf("price table has more than %d MB: %w", maxFile>>20, ErrTable)
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	var file fileTable
	if err := d.Decode(&file); err != nil {
		return Table{}, fmt.Errorf("line %d: %s: %w", line(data, d.InputOffset(), err), reason(err), ErrTable)
	}
	if file.Schema != Schema {
		return Table{}, fmt.Errorf("schema is %q, want %s (a publisher's own file goes through: sovmeter prices import): %w", file.Schema, Schema, ErrTable)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return Table{}, fmt.Errorf("line %d: more text after the table: %w", line(data, d.InputOffset(), nil), ErrTable)
	}
	var entries []Entry
	from := 0 // where the entry is looked for in the text
	for i, raw := range file.Entries {
		from += max(0, bytes.Index(data[from:], raw))
		d := json.NewDecoder(bytes.NewReader(raw))
		d.DisallowUnknownFields()
		var f fileEntry
		if err := d.Decode(&f); err != nil {
			return Table{}, fmt.Errorf("line %d: entry %d: %s: %w", line(data, int64(from), nil)+line(raw, d.InputOffset(), err)-1, i+1, reason(err), ErrTable)
		}
		e, err := f.entry()
		if err == nil {
			err = e.validate()
		}
		if err != nil {
			return Table{}, fmt.Errorf("entry %d, %s: %w", i+1, named(f.Provider, f.Model), err)
		}
		entries = append(entries, e)
		from += len(raw)
	}
	return NewTable(entries)
}

// line is the line of the text at which decoding ended.
func line(data []byte, offset int64, err error) int {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		offset = syntax.Offset
	case errors.As(err, &kind):
		offset = kind.Offset
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		offset = int64(len(data))
	}
	offset = max(0, min(offset, int64(len(data))))
	return 1 + bytes.Count(data[:offset], []byte("\n"))
}

// reason says what is wrong with JSON in words that fit the file.
func reason(err error) string {
	var kind *json.UnmarshalTypeError
	if errors.As(err, &kind) && kind.Field == "" {
		switch kind.Type {
		case reflect.TypeFor[fileEntry]():
			return fmt.Sprintf("a JSON %s is no entry", kind.Value)
		case reflect.TypeFor[fileLong]():
			return fmt.Sprintf("a JSON %s is no price", kind.Value)
		}
		return fmt.Sprintf("a JSON %s is no table of this format (a publisher's own file goes through: sovmeter prices import)", kind.Value)
	}
	if errors.As(err, &kind) {
		kind.Field = strings.ReplaceAll(kind.Field, "fileRates.", "")
		return fmt.Sprintf("%s is a %s, want a %s (prices are decimals in quotes)", kind.Field, kind.Value, kind.Type)
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return "the text ends before the table does"
	}
	return err.Error()
}

func (f fileEntry) entry() (Entry, error) {
	e := Entry{
		Provider: f.Provider, Model: f.Model, Also: f.Also, Weights: f.Weights,
		BatchRatio: f.BatchRatio, Source: f.Source,
	}
	currency := cost.Currency("USD")
	var errs []error
	if f.Currency != "" {
		c, err := cost.ParseCurrency(f.Currency)
		errs = append(errs, err)
		currency = c
	}
	for _, field := range []struct {
		name, text string
		to         *time.Time
	}{
		{"from", f.From, &e.From}, {"until", f.Until, &e.Until}, {"checked", f.Checked, &e.Checked}, {"published", f.Published, &e.Published},
	} {
		at, err := parseTime(field.text)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", field.name, err))
		}
		*field.to = at
	}
	var err error
	if e.Hours, err = parseHours(f.Hours); err != nil {
		errs = append(errs, fmt.Errorf("hours_utc: %w", err))
	}
	if e.Rates, err = f.rates(currency); err != nil {
		errs = append(errs, err)
	}
	for _, l := range f.Long {
		rates, err := l.rates(currency)
		if err != nil {
			errs = append(errs, fmt.Errorf("above %d tokens: %w", l.Above, err))
		}
		e.Long = append(e.Long, LongContext{Above: l.Above, Rates: rates})
	}
	return e, errors.Join(errs...)
}

func (f fileRates) rates(currency cost.Currency) (Rates, error) {
	var r Rates
	var errs []error
	for _, field := range []struct {
		name, text string
		to         *Rate
	}{
		{"input", f.Input, &r.Input}, {"cached", f.Cached, &r.Cached}, {"cache_write", f.CacheWrite, &r.CacheWrite}, {"output", f.Output, &r.Output},
	} {
		if field.text == "" {
			continue
		}
		m, err := cost.ParseMoney(field.text, currency)
		switch {
		case err != nil:
			errs = append(errs, fmt.Errorf("%s: got %q, want a price per million tokens such as 0.25: %w", field.name, field.text, ErrTable))
		case m.Nanos <= 0:
			errs = append(errs, fmt.Errorf("%s: got %q: 0 is no price; leave the field out when it is unknown: %w", field.name, field.text, ErrTable))
		default:
			*field.to = NewRate(m)
		}
	}
	return r, errors.Join(errs...)
}
