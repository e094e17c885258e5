package report_test

import (
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/exporter/cost/avoided"
	"github.com/sovmeter/sovmeter/exporter/report"
	"github.com/sovmeter/sovmeter/store"
)

// perRequest is a plan on which every answered request avoids so many
// billionths of a euro on the first comparator, and nothing is known on the
// second.
type perRequest int64

func (perRequest) Comparators() []avoided.Comparator {
	return []avoided.Comparator{avoided.SameWeights, avoided.Substitute}
}

func (p perRequest) Compare(s store.ModelSlot) []avoided.Saving {
	return []avoided.Saving{
		{Money: cost.Money{Nanos: int64(p) * s.OK, Currency: "EUR"}, Priced: s.OK, Partial: s.UnknownTokens},
		{Unpriced: s.OK},
	}
}

func (perRequest) Quotes(string, time.Time) []avoided.Quote             { return nil }
func (perRequest) Subscription(time.Time, time.Time) (cost.Money, bool) { return cost.Money{}, false }
func (perRequest) TableName() string                                    { return "a test" }

// curveInputs has a day of one hour, a day without anything and a day of one
// slot, from the Monday before the clocks change in Berlin.
func curveInputs(t *testing.T) report.Inputs {
	t.Helper()
	berlin := location(t, "Europe/Berlin")
	since := time.Date(2026, 3, 28, 0, 0, 0, 0, berlin)
	var r store.Range
	add := func(at time.Time, ok int64) {
		r.System = append(r.System, store.SystemSlot{Start: at.UTC(), Scope: "soc", Energy: 3600, Inference: 1800, Baseline: 1800, Measured: store.SlotLength})
		r.Models = append(r.Models, store.ModelSlot{Start: at.UTC(), Server: "s", Model: "m", Decode: 1800, OK: ok})
	}
	for i := range 4 {
		add(since.Add(time.Duration(i)*store.SlotLength), 1)
	}
	add(time.Date(2026, 3, 30, 23, 45, 0, 0, berlin), 7) // the 29th has nothing and 23 hours
	now := time.Date(2026, 3, 31, 9, 0, 0, 0, berlin)
	p := report.Period{Since: since, Until: time.Date(2026, 4, 1, 0, 0, 0, 0, berlin)}
	return report.Inputs{Period: p, Range: r, Now: now, Tariff: flat(t, 3.6, "EUR"), Plan: perRequest(10)}
}

func TestCurveIsByLocalDay(t *testing.T) {
	in := curveInputs(t)
	in.History = in.Range
	r, err := report.Build(in)
	if err != nil {
		t.Fatal(err)
	}
	days := r.Curve.Days
	if len(days) != 3 || r.Curve.Basis != cost.Marginal {
		t.Fatalf("curve = %+v, want 3 days on the marginal basis", r.Curve)
	}
	wantCosts := []report.Amount{
		{Money: cost.Money{Nanos: 7_200_000, Currency: "EUR"}, Known: true}, {},
		{Money: cost.Money{Nanos: 1_800_000, Currency: "EUR"}, Known: true}}
	for i, want := range wantCosts {
		if days[i].Cost != want {
			t.Errorf("cost of day %d = %+v, want %+v", i, days[i].Cost, want)
		}
	}
	if got := days[1].End.Sub(days[1].Start); got != 23*time.Hour {
		t.Errorf("the second day has %v, want 23 h", got)
	}
	if got := days[0].CoverageRatio; got != 1.0/24 {
		t.Errorf("coverage of the first day = %v, want 1/24", got)
	}
	if got := days[2].Avoided[0]; got.Amount.Money.Nanos != 70 || !got.Amount.Known || got.AtLeast {
		t.Errorf("avoided on the third day = %+v, want 70 billionths", got)
	}
	if got := days[1].Avoided[0]; got.Amount.Known {
		t.Errorf("avoided on a day without anything = %+v, want unknown", got)
	}
	if got := days[2].Avoided[1]; got.Amount.Known || !got.AtLeast || got.Unpriced != 7 {
		t.Errorf("without a price = %+v, want unknown", got)
	}
}

// A Mac that sleeps at night is known all day, and one that slept a whole day
// cost and avoided nothing.
func TestSleepIsNoHoleInTheCurve(t *testing.T) {
	in := curveInputs(t)
	in.Range.Gaps = []attribution.Gap{
		{Start: in.Period.Since.Add(time.Hour), End: time.Date(2026, 3, 30, 12, 0, 0, 0, in.Period.Since.Location()), Reason: attribution.GapSleep},
		{Start: time.Date(2026, 3, 30, 12, 0, 0, 0, in.Period.Since.Location()), End: in.Period.Until, Reason: attribution.GapPowermetrics},
	}
	in.History = in.Range
	r, err := report.Build(in)
	if err != nil {
		t.Fatal(err)
	}
	days := r.Curve.Days
	for i, want := range []float64{1, 1, 12.25 / 24} {
		if got := days[i].CoverageRatio; got != want {
			t.Errorf("coverage of day %d = %v, want %v", i, got, want)
		}
	}
	none := cost.Money{Currency: "EUR"}
	if got := days[1]; got.Cost != (report.Amount{Money: none, Known: true}) || got.Avoided[0].Amount.Money.Nanos != 0 || !got.Avoided[0].Amount.Known {
		t.Errorf("a day asleep = %+v, want no cost and nothing avoided", got)
	}
}

func TestCurveWithoutHistoryIsOfThePeriod(t *testing.T) {
	in := curveInputs(t)
	in.PayBasis = cost.Dedicated
	in.Now = time.Date(2026, 3, 30, 23, 50, 0, 0, in.Period.Since.Location())
	r, err := report.Build(in)
	if err != nil {
		t.Fatal(err)
	}
	days := r.Curve.Days
	if len(days) != 3 || !days[2].End.Equal(in.Now) || days[2].Cost.Money.Nanos != 3_600_000 {
		t.Errorf("days = %+v, want three on the dedicated basis, the last so far", days)
	}
	in.Plan = nil
	if r, err = report.Build(in); err != nil || len(r.Curve.Days) != 0 {
		t.Errorf("without a plan: %+v, %v", r.Curve, err)
	}
}

func TestPowerPartsSumToEnergy(t *testing.T) {
	r := golden(t)
	for i, p := range r.Power {
		sum := p.Parts.Inference + p.Parts.ModelLoad + p.Parts.ServerOther + p.Parts.OtherProcesses + p.Parts.Baseline + p.Parts.Unexplained
		if diff := sum - p.Energy; max(diff, -diff) > p.Energy*1e-12 {
			t.Errorf("point %d: parts sum to %v of %v", i, sum, p.Energy)
		}
	}
}

func TestLongPowerCurvesAreOfWholeDays(t *testing.T) {
	since := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, tc := range []struct {
		days int
		want time.Duration
	}{{1, store.SlotLength}, {7, store.SlotLength}, {8, 30 * time.Minute}, {31, 2 * time.Hour}, {365, 24 * time.Hour}, {3650, 6 * 24 * time.Hour}} {
		p := report.Period{Since: since, Until: since.AddDate(0, 0, tc.days)}
		slot := store.SystemSlot{Start: since, Energy: energy.Joules(1), Measured: store.SlotLength}
		r, err := report.Build(report.Inputs{Period: p, Range: store.Range{System: []store.SystemSlot{slot}}, Now: p.Until})
		if err != nil {
			t.Fatal(err)
		}
		if got := r.Power[0].Length; got != tc.want {
			t.Errorf("%d days: a point is %v, want %v", tc.days, got, tc.want)
		}
	}
}
