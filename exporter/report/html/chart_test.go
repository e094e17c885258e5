package html

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/exporter/cost/avoided"
	"github.com/sovmeter/sovmeter/exporter/cost/payback"
	"github.com/sovmeter/sovmeter/exporter/report"
)

func TestScalesAreRound(t *testing.T) {
	tests := []struct {
		low, high float64
		want      []string
	}{
		{0, 74.6, []string{"0", "20", "40", "60", "80"}},
		{0, 0.0469, []string{"0", "0.01", "0.02", "0.03", "0.04", "0.05"}},
		{0, 11.9, []string{"0", "2.5", "5.0", "7.5", "10.0", "12.5"}},
		{-3, 10, []string{"-5", "0", "5", "10"}},
		{0, 2_900_000, []string{"0", "1,000,000", "2,000,000", "3,000,000"}},
		{0, 0.00000006, []string{"0", "0.00000002", "0.00000004", "0.00000006"}},
		{-0.2, -0.1, []string{"-0.20", "-0.15", "-0.10", "-0.05", "0"}},
		{0, 0, []string{"0", "0.2", "0.4", "0.6", "0.8", "1.0"}},
		{0, math.Inf(1), []string{"0", "0.2", "0.4", "0.6", "0.8", "1.0"}},
	}
	for _, tc := range tests {
		t.Run(fmt.Sprint(tc.low, " to ", tc.high), func(t *testing.T) {
			s := newScale(tc.low, tc.high, 100, 5)
			var got []string
			for _, v := range s.values() {
				got = append(got, s.text(v))
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("ticks (-want +got):\n%s", diff)
			}
			if s.y(s.high) != 0 || s.y(s.low) != 100 {
				t.Errorf("the ends stand at %v and %v, want 0 and 100", s.y(s.high), s.y(s.low))
			}
		})
	}
}

func TestScalesHoldTheirValues(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		low := rapid.Float64Range(-1e9, 1e9).Draw(rt, "low")
		high := rapid.Float64Range(low, 1e9).Draw(rt, "high")
		s := newScale(low, high, 260, 5)
		if n := len(s.values()); n < 2 || n > 9 {
			rt.Errorf("%d ticks", n)
		}
		for _, v := range []float64{low, high, 0} {
			if y := s.y(v); !(y >= -1e-6 && y <= 260+1e-6) {
				rt.Errorf("%v stands at %v, outside of the chart", v, y)
			}
		}
	})
}

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func TestTimeAxesFollowTheCalendar(t *testing.T) {
	loc := zone(t, "Europe/Berlin")
	day := func(y int, m time.Month, d, h int) time.Time { return time.Date(y, m, d, h, 0, 0, 0, loc) }
	tests := []struct {
		name         string
		since, until time.Time
		want         string
	}{
		{"a day", day(2026, 3, 4, 0), day(2026, 3, 5, 0), "00:00 03:00 06:00 09:00 12:00 15:00 18:00 21:00 00:00"},
		{"a day of 23 hours", day(2026, 3, 29, 0), day(2026, 3, 30, 0), "00:00 03:00 06:00 09:00 12:00 15:00 18:00 21:00 00:00"},
		{"a day of 25 hours", day(2026, 10, 25, 0), day(2026, 10, 26, 0), "00:00 03:00 06:00 09:00 12:00 15:00 18:00 21:00 00:00"},
		{"a quarter of an hour", day(2026, 3, 4, 0), day(2026, 3, 4, 0).Add(15 * time.Minute), "00:00 00:05 00:10 00:15"},
		{"a week", day(2026, 3, 26, 0), day(2026, 4, 2, 0), "26 Mar|27 Mar|28 Mar|29 Mar|30 Mar|31 Mar|1 Apr|2 Apr"},
		{"a year", day(2026, 3, 1, 0), day(2027, 3, 1, 0), "Mar May Jul Sep Nov 2027 Mar"},
		{"ten years", day(2020, 1, 1, 0), day(2030, 1, 1, 0), "2020 2022 2024 2026 2028 2030"},
		{"nothing", day(2026, 3, 4, 0), day(2026, 3, 4, 0), ""},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			var got []string
			for _, tick := range (timeAxis{tc.since, tc.until}).ticks() {
				got = append(got, tick.Text)
			}
			separator := " "
			if strings.Contains(tc.want, "|") {
				separator = "|"
			}
			if text := strings.Join(got, separator); text != tc.want {
				t.Errorf("ticks = %q, want %q", text, tc.want)
			}
		})
	}
}

func TestTimeTicksAreWithinAndFew(t *testing.T) {
	names := []string{"UTC", "Europe/Berlin", "Australia/Lord_Howe", "America/Santiago", "Africa/Cairo", "Pacific/Apia"}
	rapid.Check(t, func(rt *rapid.T) {
		loc := zone(t, rapid.SampledFrom(names).Draw(rt, "zone"))
		since := time.Unix(rapid.Int64Range(1.2e9, 2.2e9).Draw(rt, "since"), 0).In(loc)
		a := timeAxis{since, since.Add(time.Duration(rapid.Int64Range(1, 400*365*86400).Draw(rt, "seconds")) * time.Second)}
		last := -1.0
		ticks := a.ticks()
		for _, tick := range ticks {
			at, err := strconv.ParseFloat(strings.TrimSuffix(tick.At, "%"), 64)
			if err != nil || at <= last || at < 0 || at > 100 {
				rt.Errorf("tick at %q after %v", tick.At, last)
			}
			last = at
		}
		if len(ticks) > 12 {
			rt.Errorf("%d ticks", len(ticks))
		}
	})
}

func TestStepsDropToZeroWhereNothingWasMeasured(t *testing.T) {
	points := []report.PowerPoint{{Measured: time.Second}, {}, {Measured: 2 * time.Second}, {Measured: 2 * time.Second}}
	tops := []energy.Joules{10, 0, 10, 10}
	got := steps(points, tops, newScale(0, 10, 260, 5))
	if want := "M0 2600V0H1V2600H2V1300H4V2600Z"; strings.ReplaceAll(got, "M0 2600H0", "M0 2600") != want {
		t.Errorf("path = %q, want %q", got, want)
	}
}

func TestNamesFold(t *testing.T) {
	tests := map[string][]string{
		"short": {"short"},
		"mlx-community/Llama-3.3-70B-Instruct-4bit @ mlx": {"mlx-community/Llama-3.3-70B-Instruct-", "4bit @ mlx"},
		strings.Repeat("x", 85):                           {strings.Repeat("x", 40), strings.Repeat("x", 40), "xxxxx"},
		strings.Repeat("ä", 300):                          {strings.Repeat("ä", 40), strings.Repeat("ä", 40), strings.Repeat("ä", 39) + "…"},
	}
	for name, want := range tests {
		if diff := cmp.Diff(want, foldName(name)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestLinesCrossAtTheBreakEven holds the drawing to the vector 2000/300/12: the
// lines meet at 2000/288 months.
func TestLinesCrossAtTheBreakEven(t *testing.T) {
	euros := func(v float64) cost.Money { return cost.Money{Nanos: int64(v * 1e9), Currency: "EUR"} }
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	r := report.Report{Now: start.AddDate(0, 0, 20), Period: report.Period{Since: start, Until: start.AddDate(0, 0, 20)},
		Hardware: &report.Hardware{Machine: payback.Machine{Price: euros(2000), ShareRatio: 1, Purchased: start}}}
	r.Curve.Comparators = []avoided.Comparator{avoided.Substitute}
	daily := 24 * time.Hour.Seconds() / payback.Month.Seconds()
	var days []payback.Day
	for i := range 20 {
		d := report.CurveDay{Start: start.AddDate(0, 0, i), End: start.AddDate(0, 0, i+1), CoverageRatio: 1,
			Cost: report.Amount{Money: euros(12 * daily), Known: true}, Avoided: []report.Saved{{Amount: report.Amount{Money: euros(300 * daily), Known: true}}}}
		r.Curve.Days = append(r.Curve.Days, d)
		days = append(days, payback.Day{Start: d.Start, Avoided: d.Avoided[0].Amount.Money, Cost: d.Cost.Money, CoverageRatio: 1})
	}
	even := r.Hardware.Machine.BreakEven(days)
	r.Comparisons = []report.Comparison{{Name: avoided.Substitute, BreakEven: &even}}
	plan := newForecast(r)
	if got, want := plan.breaks[0].months, 2000.0/288; math.Abs(got-want) > 1e-6 {
		t.Errorf("the lines meet after %v months, want %v", got, want)
	}
	c := newCurveChart(r, nil)
	if len(c.Marks) != 1 || c.Marks[0].Text != "7 months" {
		t.Fatalf("marks = %+v, want one after 7 months", c.Marks)
	}
	// A metered stretch at the mean lies on the line of the mean.
	v := newCanvas(newSeries(r.Curve, "EUR"), plan, r)
	for _, l := range c.Lines {
		end := "L" + v.point(r.Now, plan.at(l.Key, monthsSince(start, r.Now)))
		if !strings.HasSuffix(l.Metered, end) {
			t.Errorf("%s ends with %q, want %q", l.Key, l.Metered[len(l.Metered)-16:], end)
		}
	}
	at, err := strconv.ParseFloat(strings.TrimSuffix(c.Marks[0].X, "%"), 64)
	if want := 100 * 2000.0 / 288 / v.months(); err != nil || math.Abs(at-want) > 0.01 {
		t.Errorf("the mark stands at %s, want %.2f%%", c.Marks[0].X, want)
	}
}

func TestUnknownDaysBreakTheLine(t *testing.T) {
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	r := report.Report{Now: start.AddDate(0, 0, 4), Curve: report.Curve{Basis: cost.Marginal, Comparators: []avoided.Comparator{avoided.Substitute}}}
	for i := range 4 {
		d := report.CurveDay{Start: start.AddDate(0, 0, i), End: start.AddDate(0, 0, i+1)}
		d.Cost = report.Amount{Money: cost.Money{Nanos: 1e9, Currency: "EUR"}, Known: i != 1}
		d.Avoided = []report.Saved{{Amount: report.Amount{Money: cost.Money{Nanos: 5e9, Currency: "EUR"}, Known: i != 2}}}
		r.Curve.Days = append(r.Curve.Days, d)
	}
	r.Curve.Days[0].Scopes, r.Curve.Days[3].Scopes = []attribution.Scope{"wall"}, []attribution.Scope{"wall", "soc"}
	c := newCurveChart(r, nil)
	if !strings.HasPrefix(c.Note, "EUR, summed day by day: electricity (marginal, at scopes soc and wall plug, mixed), and") {
		t.Errorf("note: %s", c.Note)
	}
	want := map[string]string{costKey: "M0 3000L2500 2800M5000 2800L7500 2600L10000 2400", "substitute": "M0 3000L2500 2000L5000 1000M7500 1000L10000 0"}
	for _, l := range c.Lines {
		if l.Metered != want[l.Key] {
			t.Errorf("%s = %q, want %q", l.Key, l.Metered, want[l.Key])
		}
	}
	if len(c.Holes) != 1 || c.Holes[0].X != "25%" || c.Holes[0].Width != "25%" {
		t.Errorf("holes = %+v, want the second day", c.Holes)
	}
	if last := c.Table.Rows[3]; last[1] != "3.00+" || last[2] != "15.00+" {
		t.Errorf("the last row = %q, want at least 3 and 15", last)
	}
}

func TestMergedPointsKeepTheEnergy(t *testing.T) {
	points := make([]report.PowerPoint, 672)
	for i := range points {
		points[i] = report.PowerPoint{Length: 15 * time.Minute, Energy: 1, Measured: time.Minute, Parts: report.PowerParts{Baseline: 1}}
	}
	merged := mergeTo(points, maxTableRows)
	var sum, parts energy.Joules
	for _, p := range merged {
		sum, parts = sum+p.Energy, parts+p.Parts.Baseline
	}
	if sum != 672 || parts != 672 || len(merged) != 28 || merged[0].Length != 6*time.Hour {
		t.Errorf("%d points of %v with %v J, want 28 of 6 h with 672 J", len(merged), merged[0].Length, sum)
	}
}
