package tariff_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sovmeter/sovmeter/exporter/cost/tariff"
)

// TestClockChanges holds windows against times that were worked out by hand
// from the zones' rules: Berlin and New York change by an hour at night, Lord
// Howe by half an hour, Santiago and Cairo at midnight, so that a day begins at
// 01:00 in spring and an evening has 23:00 twice in autumn.
func TestClockChanges(t *testing.T) {
	for _, tt := range []struct {
		name, zone, from, to, days string
		since, until               string // UTC, the period that is looked at
		want                       []string
	}{
		{"night in spring has 7 h", "Europe/Berlin", "22:00", "06:00", "",
			"2026-03-28 12:00", "2026-03-29 12:00", []string{"2026-03-28 21:00", "2026-03-29 04:00"}},
		{"night in autumn has 9 h", "Europe/Berlin", "22:00", "06:00", "",
			"2026-10-24 12:00", "2026-10-25 12:00", []string{"2026-10-24 20:00", "2026-10-25 05:00"}},
		{"the hour that is left out", "Europe/Berlin", "02:00", "03:00", "",
			"2026-03-28 12:00", "2026-03-30 12:00", []string{"2026-03-30 00:00", "2026-03-30 01:00"}},
		{"the hour that comes twice", "Europe/Berlin", "02:00", "03:00", "",
			"2026-10-24 12:00", "2026-10-25 12:00", []string{"2026-10-25 00:00", "2026-10-25 02:00"}},
		{"a half of it comes twice", "Europe/Berlin", "02:00", "02:30", "",
			"2026-10-24 12:00", "2026-10-25 12:00",
			[]string{"2026-10-25 00:00", "2026-10-25 00:30", "2026-10-25 01:00", "2026-10-25 01:30"}},
		{"ends in the hour that is left out", "Europe/Berlin", "01:00", "02:30", "",
			"2026-03-29 00:00", "2026-03-29 12:00", []string{"2026-03-29 00:00", "2026-03-29 01:00"}},
		{"whole day of 23 h", "Europe/Berlin", "00:00", "24:00", "sun",
			"2026-03-27 12:00", "2026-03-31 12:00", []string{"2026-03-28 23:00", "2026-03-29 22:00"}},
		{"whole day of 25 h", "Europe/Berlin", "00:00", "24:00", "sun",
			"2026-10-23 12:00", "2026-10-27 12:00", []string{"2026-10-24 22:00", "2026-10-25 23:00"}},

		{"before the change to summer", "America/New_York", "01:00", "03:00", "",
			"2026-03-08 00:00", "2026-03-08 23:00", []string{"2026-03-08 06:00", "2026-03-08 07:00"}},
		{"01:00 to 02:00 twice", "America/New_York", "01:00", "02:00", "",
			"2026-11-01 00:00", "2026-11-01 23:00", []string{"2026-11-01 05:00", "2026-11-01 07:00"}},
		{"the evening after it", "America/New_York", "16:00", "21:00", "sun",
			"2026-10-31 12:00", "2026-11-02 12:00", []string{"2026-11-01 21:00", "2026-11-02 02:00"}},

		{"a half-hour is left out", "Australia/Lord_Howe", "02:00", "03:00", "",
			"2026-10-03 12:00", "2026-10-03 23:00", []string{"2026-10-03 15:30", "2026-10-03 16:00"}},
		{"a half-hour comes twice", "Australia/Lord_Howe", "01:00", "02:00", "",
			"2026-04-04 12:00", "2026-04-04 23:00", []string{"2026-04-04 14:00", "2026-04-04 15:30"}},
		{"day of 23.5 h", "Australia/Lord_Howe", "00:00", "24:00", "sun",
			"2026-10-02 12:00", "2026-10-05 23:00", []string{"2026-10-03 13:30", "2026-10-04 13:00"}},
		{"day of 24.5 h", "Australia/Lord_Howe", "00:00", "24:00", "sun",
			"2026-04-03 12:00", "2026-04-06 23:00", []string{"2026-04-04 13:00", "2026-04-05 13:30"}},

		{"a day without 00:00", "America/Santiago", "00:00", "01:30", "sun",
			"2026-09-05 12:00", "2026-09-07 12:00", []string{"2026-09-06 04:00", "2026-09-06 04:30"}},
		{"over a midnight that comes twice", "America/Santiago", "23:00", "00:30", "sat",
			"2026-04-04 12:00", "2026-04-05 12:00", []string{"2026-04-05 02:00", "2026-04-05 04:30"}},
		{"a Saturday of 25 h", "America/Santiago", "00:00", "24:00", "sat",
			"2026-04-03 12:00", "2026-04-06 12:00", []string{"2026-04-04 03:00", "2026-04-05 04:00"}},

		{"midnight left out", "Africa/Cairo", "00:00", "02:00", "fri",
			"2026-04-23 12:00", "2026-04-24 12:00", []string{"2026-04-23 22:00", "2026-04-23 23:00"}},
		{"23:00 twice", "Africa/Cairo", "22:00", "02:00", "thu",
			"2026-10-29 12:00", "2026-10-30 12:00", []string{"2026-10-29 19:00", "2026-10-30 00:00"}},
		{"into the midnight left out", "Africa/Cairo", "23:00", "00:30", "thu",
			"2026-04-23 12:00", "2026-04-24 12:00", []string{"2026-04-23 21:00", "2026-04-23 22:00"}},
	} {
		t.Run(tt.zone+" "+tt.name, func(t *testing.T) {
			w := tariff.Window{Name: "w", When: tariff.When{From: clock(t, tt.from), To: clock(t, tt.to)}, Price: eur(t, "1")}
			if tt.days != "" {
				days, err := tariff.ParseDays(tt.days)
				if err != nil {
					t.Fatal(err)
				}
				w.Days = days
			}
			tr := one(t, tt.zone, tariff.Version{Price: ptr(eur(t, "2")), Windows: []tariff.Window{w}})
			var got []string
			for _, i := range tr.Intervals(utc(t, tt.since), utc(t, tt.until)) {
				if i.Source == tariff.FromWindow {
					got = append(got, i.Start.Format("2006-01-02 15:04"), i.End.Format("2006-01-02 15:04"))
				}
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}
