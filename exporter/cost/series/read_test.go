package series_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/sovmeter/sovmeter/exporter/cost/series"
)

func TestReadErrors(t *testing.T) {
	const head = "# sovmeter series v1\n# unit: EUR/kWh\nstart,end,value\n"
	tests := []struct {
		name, file string
		want       error
		text       string
	}{
		{"empty", "", series.ErrFormat, "line 0: got \"\""},
		{"other file", "time,price\n", series.ErrFormat, `line 1: got "time,price", want "# sovmeter series v1"`},
		{"other version", "# sovmeter series v2\n", series.ErrFormat, "line 1"},
		{"no unit", "# sovmeter series v1\nstart,end,value\n", series.ErrUnit, "line 2: no unit is named above"},
		{"misspelt key", "# sovmeter series v1\n# unti: EUR/kWh\n", series.ErrFormat, `line 2: unknown key "unti"`},
		{"no key", "# sovmeter series v1\n# prices of 2026\n", series.ErrFormat, "line 2"},
		{"no such currency", "# sovmeter series v1\n# unit: XXX/kWh\n", nil, `unit "XXX/kWh"`},
		{"per MWh", "# sovmeter series v1\n# unit: EUR/MWh\n", series.ErrUnit, "line 2"},
		{"quantity that does not fit", "# sovmeter series v1\n# quantity: carbon\n# unit: EUR/kWh\nstart,end,value\n", series.ErrUnit, `line 4: quantity "carbon"`},
		{"no such VAT", "# sovmeter series v1\n# vat: 19\n", series.ErrFormat, "want included or excluded"},
		{"no column names", "# sovmeter series v1\n# unit: EUR/kWh\n", series.ErrFormat, "ends before the column names"},
		{"wrong columns", "# sovmeter series v1\n# unit: EUR/kWh\nstart,value\n", series.ErrFormat, "line 3"},
		{"too few values", head + "2026-03-01T00:00:00Z,1\n", series.ErrFormat, "line 4"},
		{"no zone", head + "2026-03-01T00:00:00,2026-03-01T00:15:00Z,1\n", series.ErrFormat, "line 4: start"},
		{"no time", head + "2026-03-01T00:00:00Z,later,1\n", series.ErrFormat, "line 4: end: got \"later\""},
		{"decimal comma", head + "2026-03-01T00:00:00Z,2026-03-01T00:15:00Z,0,5\n", series.ErrValue, "line 4: value: got \"0,5\""},
		{"exponent", head + "2026-03-01T00:00:00Z,2026-03-01T00:15:00Z,1e3\n", series.ErrValue, "line 4"},
		{"too fine", head + "2026-03-01T00:00:00Z,2026-03-01T00:15:00Z,0.0000000001\n", series.ErrValue, "nine decimals"},
		{"too large", head + "2026-03-01T00:00:00Z,2026-03-01T00:15:00Z,9223372036.854775808\n", series.ErrValue, "too large"},
		{"off the marks", head + "2026-03-01T00:01:00Z,2026-03-01T00:15:00Z,1\n", series.ErrPoint, "line 4"},
		{"backwards", head + "2026-03-01T00:15:00Z,2026-03-01T00:00:00Z,1\n", series.ErrPoint, "line 4"},
		{"contradiction", head + "2026-03-01T00:00:00Z,2026-03-01T00:15:00Z,1\n2026-03-01T00:00:00Z,2026-03-01T00:15:00Z,2\n", series.ErrConflict, "2026-03-01T00:00:00Z it is 1 and 2"},
		{"long line", head + strings.Repeat("x", 5000), series.ErrFormat, "line 4: longer than 4096 bytes"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, h, err := series.Read(strings.NewReader(tt.file))
			if err == nil || tt.want != nil && !errors.Is(err, tt.want) || !strings.Contains(err.Error(), tt.text) {
				t.Fatalf("error %v\nwant %v with %q in it", err, tt.want, tt.text)
			}
			if s.Len() != 0 || h != (series.Header{}) {
				t.Errorf("a series beside an error")
			}
		})
	}
}

func TestReadWhatPeopleWrite(t *testing.T) {
	file := "\ufeff# sovmeter series v1\r\n#unit: g/kWh\r\n# quantity: carbon\r\n\r\nstart, end, value\r\n" +
		"2026-03-01T02:00:00+01:00, 2026-03-01T03:00:00+01:00, 363.50\r\n# a remark\r\n2026-03-01T00:00:00Z,2026-03-01T01:00:00Z,0\r\n"
	s, h, err := series.Read(strings.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	if h != (series.Header{Unit: series.GramsPerKWh}) || h.Quantity() != series.Carbon {
		t.Errorf("header %+v", h)
	}
	if v, ok := s.At(quarter(4)); !ok || v.String() != "363.5" || s.Len() != 2 {
		t.Errorf("at 01:00Z %v, %v, want 363.5; %d points, want 2", v, ok, s.Len())
	}
}

// A file that cannot be read to its end is none that ended early.
func TestReadSaysThatReadingFailed(t *testing.T) {
	broken := errors.New("unplugged")
	const begin = "# sovmeter series v1\n# unit: EUR/kWh\nstart,end,value\n2026-03-01T00:00:00Z,2026-03-01T00:15:00Z,1\n2026-03-01T00:15"
	_, _, err := series.Read(io.MultiReader(strings.NewReader(begin), iotest.ErrReader(broken)))
	if !errors.Is(err, broken) {
		t.Errorf("error %v, want %v", err, broken)
	}
}

func FuzzRead(f *testing.F) {
	f.Add("# sovmeter series v1\n# unit: EUR/kWh\n# vat: included\n# source: x\nstart,end,value\n2026-03-01T00:00:00Z,2026-03-01T00:15:00Z,-0.5\n")
	f.Add("# sovmeter series v1\n# quantity: ratio\n# unit: ratio\nstart,end,value\n2026-03-01T00:00:00+05:45,2026-03-01T00:15:00+05:45,1\n")
	f.Fuzz(func(t *testing.T, file string) {
		s, h, err := series.Read(strings.NewReader(file))
		if err != nil {
			return
		}
		var first, second strings.Builder
		if err := series.Write(&first, s, h); err != nil {
			t.Fatal(err)
		}
		again, head, err := series.Read(strings.NewReader(first.String()))
		if err != nil {
			t.Fatal(err)
		}
		if err := series.Write(&second, again, head); err != nil || first.String() != second.String() {
			t.Errorf("written anew it is %q, %v, before %q", second.String(), err, first.String())
		}
	})
}
