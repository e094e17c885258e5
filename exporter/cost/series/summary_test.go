package series_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sovmeter/sovmeter/exporter/cost/series"
)

func TestSummary(t *testing.T) {
	s, err := series.New([]series.Point{point(0, 4, 3), point(4, 5, -2), point(8, 9, 3), point(9, 10, 4)})
	if err != nil {
		t.Fatal(err)
	}
	got, ok := s.Summary()
	want := series.Summary{
		Lowest: point(4, 5, -2), Highest: point(9, 10, 4),
		Mean:  2, // (4×3 − 2 + 3 + 4) ÷ 7 = 17/7
		Known: 7 * 15 * time.Minute, Holes: 1, Unknown: 45 * time.Minute,
	}
	if diff := cmp.Diff(want, got); diff != "" || !ok {
		t.Errorf("%v (-want +got):\n%s", ok, diff)
	}
	if _, ok := (series.Series{}).Summary(); ok {
		t.Error("an empty series has a summary")
	}
}

func TestMeanIsRoundedHalfToEven(t *testing.T) {
	for _, tt := range []struct{ a, b, want series.Value }{{1, 2, 2}, {2, 3, 2}, {-1, -2, -2}, {-2, -3, -2}, {-1, 2, 0}, {1 << 62, 1<<62 + 2, 1<<62 + 1}} {
		s, err := series.New([]series.Point{point(0, 1, tt.a), point(1, 2, tt.b)})
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := s.Summary(); got.Mean != tt.want {
			t.Errorf("mean of %d and %d is %d, want %d", tt.a, tt.b, got.Mean, tt.want)
		}
	}
}

func TestCompare(t *testing.T) {
	older := []series.Point{point(0, 4, 1), point(4, 8, 2), point(12, 16, 3)}
	tests := []struct {
		name  string
		newer series.Point
		want  series.Change
	}{
		{"the same", point(0, 4, 1), series.Change{Same: 1}},
		{"a part of it", point(1, 2, 1), series.Change{Same: 1}},
		{"another value", point(0, 4, 5), series.Change{Changed: 1}},
		{"another value for a part", point(0, 8, 1), series.Change{Changed: 1}},
		{"in a hole", point(8, 12, 9), series.Change{New: 1}},
		{"into a hole", point(4, 9, 2), series.Change{New: 1}},
		{"out of a hole", point(11, 13, 3), series.Change{New: 1}},
		{"over a hole, with another value", point(7, 13, 2), series.Change{Changed: 1}},
		{"after all", point(16, 20, 3), series.Change{New: 1}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a, err := series.New(older)
			if err != nil {
				t.Fatal(err)
			}
			b, err := series.New([]series.Point{tt.newer})
			if err != nil {
				t.Fatal(err)
			}
			if got := series.Compare(a, b); got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
}
