package series_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/sovmeter/sovmeter/exporter/cost/series"
)

// day is where the points of the tests lie.
var day = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

// quarter is a time some 15-minute slots into the day.
func quarter(n int) time.Time { return day.Add(time.Duration(n) * 15 * time.Minute) }

func point(from, to int, v series.Value) series.Point {
	return series.Point{Start: quarter(from), End: quarter(to), Value: v}
}

func points(s series.Series) []series.Point { return slices.Collect(s.Points()) }

func TestNew(t *testing.T) {
	tests := []struct {
		name string
		in   []series.Point
		want []series.Point
		err  error
	}{
		{name: "nothing"},
		{"sorted", []series.Point{point(4, 8, 2), point(0, 4, 1)}, []series.Point{point(0, 4, 1), point(4, 8, 2)}, nil},
		{"the same twice", []series.Point{point(0, 4, 1), point(0, 4, 1)}, []series.Point{point(0, 4, 1)}, nil},
		{"overlap that agrees", []series.Point{point(0, 4, 1), point(2, 6, 1)}, []series.Point{point(0, 6, 1)}, nil},
		{"neighbours stay two", []series.Point{point(0, 4, 1), point(4, 8, 1)}, []series.Point{point(0, 4, 1), point(4, 8, 1)}, nil},
		{"overlap that does not", []series.Point{point(0, 4, 1), point(3, 8, 2)}, nil, series.ErrConflict},
		{"inside of another", []series.Point{point(0, 8, 1), point(3, 4, 2)}, nil, series.ErrConflict},
		{"twice with two values", []series.Point{point(0, 4, 1), point(0, 4, 2)}, nil, series.ErrConflict},
		{"empty point", []series.Point{point(4, 4, 1)}, nil, series.ErrPoint},
		{"backwards", []series.Point{point(4, 3, 1)}, nil, series.ErrPoint},
		{"off the marks", []series.Point{{Start: day.Add(time.Minute), End: quarter(4)}}, nil, series.ErrPoint},
		{"milliseconds taken for seconds", []series.Point{{Start: time.Unix(1772323200000, 0), End: time.Unix(1772323200000+900, 0)}}, nil, series.ErrPoint},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, err := series.New(tt.in)
			if !errors.Is(err, tt.err) {
				t.Fatalf("error %v, want %v", err, tt.err)
			}
			if diff := cmp.Diff(tt.want, points(s)); diff != "" {
				t.Errorf("points (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTooManyPoints(t *testing.T) {
	if _, err := series.New(make([]series.Point, series.MaxPoints+1)); !errors.Is(err, series.ErrTooMany) {
		t.Errorf("error %v, want %v", err, series.ErrTooMany)
	}
}

func TestAt(t *testing.T) {
	s, err := series.New([]series.Point{point(0, 4, 1), point(8, 12, 2)})
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		slot int
		want series.Value
		ok   bool
	}{{-1, 0, false}, {0, 1, true}, {3, 1, true}, {4, 0, false}, {7, 0, false}, {8, 2, true}, {11, 2, true}, {12, 0, false}}
	for _, tt := range tests {
		if got, ok := s.At(quarter(tt.slot)); got != tt.want || ok != tt.ok {
			t.Errorf("At(slot %d) = %v, %v, want %v, %v", tt.slot, got, ok, tt.want, tt.ok)
		}
	}
	var holes []time.Time
	for from, to := range s.Holes() {
		holes = append(holes, from, to)
	}
	if diff := cmp.Diff([]time.Time{quarter(4), quarter(8)}, holes); diff != "" {
		t.Errorf("holes (-want +got):\n%s", diff)
	}
}

// drawSeries draws points in a few days, with and without holes.
func drawSeries(t *rapid.T, label string) series.Series {
	var list []series.Point
	at := rapid.IntRange(0, 20).Draw(t, label+" begins")
	for range rapid.IntRange(0, 30).Draw(t, label+" points") {
		at += rapid.SampledFrom([]int{0, 0, 0, 1, 5}).Draw(t, "hole")
		n := rapid.SampledFrom([]int{1, 2, 4}).Draw(t, "length")
		list = append(list, point(at, at+n, series.Value(rapid.Int64().Draw(t, "value"))))
		at += n
	}
	s, err := series.New(list)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Merge must say at any time what the newer says there, or else the older.
func TestMergeSaysWhatTheNewerSays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		older, newer := drawSeries(t, "older"), drawSeries(t, "newer")
		merged, err := series.Merge(older, newer)
		if err != nil {
			t.Fatal(err)
		}
		for n := range 400 {
			want, known := newer.At(quarter(n))
			if !known {
				want, known = older.At(quarter(n))
			}
			if got, ok := merged.At(quarter(n)); got != want || ok != known {
				t.Fatalf("slot %d: got %v, %v, want %v, %v", n, got, ok, want, known)
			}
		}
		again, err := series.New(points(merged))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(points(again), points(merged)); diff != "" {
			t.Fatalf("merged points are no series (-want +got):\n%s", diff)
		}
	})
}

func TestWhatIsWrittenReadsBackTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSeries(t, "series")
		h := series.Header{
			Unit:   rapid.SampledFrom([]series.Unit{"EUR/kWh", "JPY/kWh", series.GramsPerKWh, series.Ratio}).Draw(t, "unit"),
			VAT:    rapid.SampledFrom([]series.VAT{"", series.VATIncluded, series.VATExcluded}).Draw(t, "vat"),
			Source: rapid.SampledFrom([]string{"", "day-ahead, DE-LU", "a: b # c"}).Draw(t, "source"),
		}
		var file bytes.Buffer
		if err := series.Write(&file, s, h); err != nil {
			t.Fatal(err)
		}
		got, head, err := series.Read(&file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(points(s), points(got)) + cmp.Diff(h, head); diff != "" {
			t.Fatalf("(-written +read):\n%s", diff)
		}
	})
}

func TestWrite(t *testing.T) {
	s, err := series.New([]series.Point{point(0, 1, 87_100_000), point(1, 2, -3_140_000), point(3, 4, 12_000_000_001)})
	if err != nil {
		t.Fatal(err)
	}
	var file strings.Builder
	if err := series.Write(&file, s, series.Header{Unit: "EUR/kWh", VAT: series.VATExcluded, Source: "day-ahead\nDE-LU \x1b[31m"}); err != nil {
		t.Fatal(err)
	}
	want := `# sovmeter series v1
# quantity: price
# unit: EUR/kWh
# vat: excluded
# source: day-ahead DE-LU ?[31m
start,end,value
2026-03-01T00:00:00Z,2026-03-01T00:15:00Z,0.0871
2026-03-01T00:15:00Z,2026-03-01T00:30:00Z,-0.00314
2026-03-01T00:45:00Z,2026-03-01T01:00:00Z,12.000000001
`
	if diff := cmp.Diff(want, file.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if err := series.Write(&file, s, series.Header{Unit: "Wh"}); !errors.Is(err, series.ErrUnit) {
		t.Errorf("a unit that is none: error %v, want %v", err, series.ErrUnit)
	}
}

// Files that speak of different times give the same series in any order.
func TestOrderOfDisjointSeriesDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var all []series.Series
		for i, p := range points(drawSeries(t, "series")) {
			if i == 0 || rapid.Bool().Draw(t, "next file") {
				all = append(all, series.Series{})
			}
			one, err := series.New([]series.Point{p})
			if err != nil {
				t.Fatal(err)
			}
			if all[len(all)-1], err = series.Merge(all[len(all)-1], one); err != nil {
				t.Fatal(err)
			}
		}
		merge := func(in []series.Series) (out series.Series) {
			for _, s := range in {
				var err error
				if out, err = series.Merge(out, s); err != nil {
					t.Fatal(err)
				}
			}
			return out
		}
		shuffled := rapid.Permutation(all).Draw(t, "order")
		if diff := cmp.Diff(points(merge(all)), points(merge(shuffled))); diff != "" {
			t.Fatalf("(-in order +shuffled):\n%s", diff)
		}
	})
}
