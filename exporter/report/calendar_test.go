package report_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sovmeter/sovmeter/exporter/report"
	"github.com/sovmeter/sovmeter/store"
)

// buildBy makes a report on a period in which one slot was measured.
func buildBy(t *testing.T, by report.By, since, until, now, slot time.Time) report.Report {
	t.Helper()
	r, err := report.Build(report.Inputs{
		Period: report.Period{Since: since, Until: until}, Now: now, By: by, Tariff: flat(t, 0.36, "EUR"),
		Range: store.Range{Since: since, Until: until, First: slot, Last: slot.Add(store.SlotLength),
			System: []store.SystemSlot{{Start: slot.UTC(), Energy: 3600, Baseline: 1000, Inference: 2600, Measured: store.SlotLength}},
			Models: []store.ModelSlot{{Start: slot.UTC(), Server: "s", Model: "m", Decode: 2600, OK: 2}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// lengths are the names and the lengths of rows.
func lengths(groups []report.Group) (list []string) {
	for _, g := range groups {
		list = append(list, g.Name+" "+g.End.Sub(g.Start).String())
	}
	return list
}

func TestDaysFollowTheLocalCalendar(t *testing.T) {
	for _, tt := range []struct {
		zone         string
		since, until string
		want         []string
	}{
		{"Europe/Berlin", "2026-03-28T00:00", "2026-03-31T00:00", []string{"2026-03-28 24h0m0s", "2026-03-29 23h0m0s", "2026-03-30 24h0m0s"}},
		{"Europe/Berlin", "2026-10-24T18:00", "2026-10-26T06:00", []string{"2026-10-24 6h0m0s", "2026-10-25 25h0m0s", "2026-10-26 6h0m0s"}},
		{"Australia/Lord_Howe", "2026-04-04T00:00", "2026-04-06T00:00", []string{"2026-04-04 24h0m0s", "2026-04-05 24h30m0s"}},
		{"America/Santiago", "2026-09-05T00:00", "2026-09-08T00:00", []string{"2026-09-05 24h0m0s", "2026-09-06 23h0m0s", "2026-09-07 24h0m0s"}}, // has no midnight
	} {
		zone := location(t, tt.zone)
		since, until := clock(t, tt.since, zone), clock(t, tt.until, zone)
		r := buildBy(t, report.ByDay, since, until, until, since.Add(26*time.Hour))
		if diff := cmp.Diff(tt.want, lengths(r.Groups)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.zone, diff)
		}
	}
}

func clock(t *testing.T, text string, zone *time.Location) time.Time {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02T15:04", text, zone)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestHoursFollowTheLocalClock(t *testing.T) {
	for _, tt := range []struct {
		zone, since string
		hours       int
		want        []string
	}{
		{"Europe/Berlin", "2026-03-29T00:30", 3, []string{"2026-03-29 00:00 30m0s", "2026-03-29 01:00 1h0m0s", "2026-03-29 03:00 1h0m0s", "2026-03-29 04:00 30m0s"}},
		{"Europe/Berlin", "2026-10-25T01:00", 4, []string{"2026-10-25 01:00 1h0m0s", "2026-10-25 02:00 1h0m0s", "2026-10-25 02:00 1h0m0s", "2026-10-25 03:00 1h0m0s"}},
		{"Australia/Lord_Howe", "2026-04-05T01:00", 2, []string{"2026-04-05 01:00 1h0m0s", "2026-04-05 01:00 30m0s", "2026-04-05 02:00 30m0s"}},
		{"Australia/Lord_Howe", "2026-10-04T01:00", 2, []string{"2026-10-04 01:00 1h0m0s", "2026-10-04 02:00 30m0s", "2026-10-04 03:00 30m0s"}},
		{"Asia/Kathmandu", "2026-03-01T00:00", 2, []string{"2026-03-01 00:00 1h0m0s", "2026-03-01 01:00 1h0m0s"}}, // 5:45 from UTC
	} {
		since := clock(t, tt.since, location(t, tt.zone))
		until := since.Add(time.Duration(tt.hours) * time.Hour)
		r := buildBy(t, report.ByHour, since, until, until, since.Add(time.Hour))
		if diff := cmp.Diff(tt.want, lengths(r.Groups)); diff != "" {
			t.Errorf("%s %s (-want +got):\n%s", tt.zone, tt.since, diff)
		}
	}
}

// Of the day that is not over there is a row for each hour that has begun, and
// of an hour in which nothing was measured nothing is known.
func TestRowsOfHours(t *testing.T) {
	since := time.Date(2026, 3, 4, 0, 0, 0, 0, time.UTC)
	r := buildBy(t, report.ByHour, since, since.Add(24*time.Hour), since.Add(2*time.Hour+30*time.Minute), since.Add(time.Hour))
	if len(r.Groups) != 3 {
		t.Fatalf("%d rows: %v", len(r.Groups), lengths(r.Groups))
	}
	gap, full, now := r.Groups[0], r.Groups[1], r.Groups[2]
	if gap.Sum.EnergyKnown || gap.Sum.Marginal.Known || gap.Whole.Dedicated.Known || gap.Whole.Measured != 0 || gap.Whole.Elapsed != time.Hour {
		t.Errorf("an hour without a measurement: %+v %+v", gap.Sum, gap.Whole)
	}
	if full.Sum.Requests != 2 || full.Sum.Energy() != 2600 || full.Sum.Marginal.Money.Nanos != 260_000 || full.Sum.Model != "m" ||
		full.Whole.Energy != 3600 || full.Whole.Dedicated.Money.Nanos != 360_000 || full.Whole.Measured != 15*time.Minute {
		t.Errorf("an hour with a slot: %+v %+v", full.Sum, full.Whole)
	}
	if now.Whole.Elapsed != 30*time.Minute || now.End.Sub(now.Start) != time.Hour {
		t.Errorf("the hour that is not over: %v to %v, %+v", now.Start, now.End, now.Whole)
	}
}

func TestTooManyRows(t *testing.T) {
	since := time.Date(2026, 10, 1, 0, 0, 0, 0, location(t, "Europe/Berlin"))
	for _, tt := range []struct {
		by    report.By
		until time.Time
		want  string
	}{
		{report.ByHour, since.AddDate(0, 1, 0), ""}, // 745 hours
		{report.ByHour, since.AddDate(0, 1, 2), "cannot group by hour: Thu 1 Oct 2026 00:00 to Tue 3 Nov 2026 00:00 is longer than 31 days"},
		{report.ByDay, since.AddDate(10, 0, 0), ""},
		{report.ByDay, since.AddDate(11, 0, 0), "cannot group by day"},
		{"week", since.AddDate(0, 1, 0), `cannot group by "week": use one of model, server, day, hour, client, project`},
	} {
		_, err := report.Build(report.Inputs{Period: report.Period{Since: since, Until: tt.until}, Now: tt.until, By: tt.by,
			Range: store.Range{System: []store.SystemSlot{{Start: since.UTC(), Measured: store.SlotLength}}}})
		if tt.want == "" && err != nil || tt.want != "" && (!errors.Is(err, report.ErrBy) || !strings.HasPrefix(err.Error(), tt.want)) {
			t.Errorf("by %s until %s: %v, want %q", tt.by, tt.until, err, tt.want)
		}
	}
}

func TestParseBy(t *testing.T) {
	for _, by := range report.Bys() {
		if got, err := report.ParseBy(string(by)); err != nil || got != by {
			t.Errorf("%s reads as %q, %v", by, got, err)
		}
	}
	if _, err := report.ParseBy("Day"); !errors.Is(err, report.ErrBy) {
		t.Errorf("Day: %v", err)
	}
}

// Slots outside of the period have rows of their own.
func TestSlotsOutsideThePeriod(t *testing.T) {
	since := time.Date(2026, 3, 4, 0, 0, 0, 0, time.UTC)
	r := buildBy(t, report.ByDay, since, since.Add(24*time.Hour), since.Add(24*time.Hour), since.Add(-30*time.Hour))
	if len(r.Groups) != 3 || r.Groups[0].Name != "2026-03-02" || r.Groups[0].Sum.Requests != 2 || r.Groups[0].Whole.Elapsed != 0 {
		t.Errorf("got %v", lengths(r.Groups))
	}
}
