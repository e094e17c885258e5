package report_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/exporter/report"
)

func TestParsePeriod(t *testing.T) {
	for _, tc := range []struct {
		name, zone, now string
		spec            report.Spec
		since, until    string
		title           string
		rounded         bool
	}{
		{"today is the default", "Europe/Berlin", "2026-03-04T15:07:00+01:00", report.Spec{}, "2026-03-04T00:00:00+01:00", "2026-03-05T00:00:00+01:00", "today, Wed 4 Mar 2026", false},
		{"yesterday", "Europe/Berlin", "2026-03-04T00:00:00+01:00", report.Spec{Day: "yesterday"}, "2026-03-03T00:00:00+01:00", "2026-03-04T00:00:00+01:00", "yesterday, Tue 3 Mar 2026", false},
		{"a day of 23 hours", "Europe/Berlin", "2026-03-29T12:00:00+02:00", report.Spec{Day: "today"}, "2026-03-29T00:00:00+01:00", "2026-03-30T00:00:00+02:00", "today, Sun 29 Mar 2026", false},
		{"a day of 25 hours", "America/New_York", "2026-11-02T08:00:00-05:00", report.Spec{Day: "yesterday"}, "2026-11-01T00:00:00-04:00", "2026-11-02T00:00:00-05:00", "yesterday, Sun 1 Nov 2026", false},
		{"a day of 24.5 hours", "Australia/Lord_Howe", "2026-04-05T12:00:00+10:30", report.Spec{Day: "today"}, "2026-04-05T00:00:00+11:00", "2026-04-06T00:00:00+10:30", "today, Sun 5 Apr 2026", false},
		{"a day without midnight", "Africa/Cairo", "2026-04-24T12:00:00+03:00", report.Spec{Day: "today"}, "2026-04-24T01:00:00+03:00", "2026-04-25T00:00:00+03:00", "today, Fri 24 Apr 2026", false},
		{"before a day without midnight", "Africa/Cairo", "2026-04-24T12:00:00+03:00", report.Spec{Day: "yesterday"}, "2026-04-23T00:00:00+02:00", "2026-04-24T01:00:00+03:00", "yesterday, Thu 23 Apr 2026", false},
		{"a day with two midnights", "America/Havana", "2026-11-01T12:00:00-05:00", report.Spec{Day: "today"}, "2026-11-01T00:00:00-04:00", "2026-11-02T00:00:00-05:00", "today, Sun 1 Nov 2026", false},
		{"a day with two midnights, in the east", "Asia/Amman", "2021-10-29T12:00:00+02:00", report.Spec{Day: "today"}, "2021-10-29T00:00:00+03:00", "2021-10-30T00:00:00+02:00", "today, Fri 29 Oct 2021", false},
		{"a day that was left out", "Pacific/Apia", "2011-12-31T12:00:00+14:00", report.Spec{Day: "yesterday"}, "2011-12-29T00:00:00-10:00", "2011-12-31T00:00:00+14:00", "yesterday, Thu 29 Dec 2011", false},
		{"an offset of 45 minutes", "Asia/Kathmandu", "2026-03-04T12:00:00+05:45", report.Spec{}, "2026-03-04T00:00:00+05:45", "2026-03-05T00:00:00+05:45", "today, Wed 4 Mar 2026", false},
		{"last hours", "UTC", "2026-03-04T15:07:30Z", report.Spec{Last: "2h"}, "2026-03-04T13:00:00Z", "2026-03-04T15:15:00Z", "last 2h, Wed 4 Mar 2026 13:00 to 15:15", true},
		{"last days keep the clock over a change", "Europe/Berlin", "2026-03-30T09:00:00+02:00", report.Spec{Last: "7d"}, "2026-03-23T09:00:00+01:00", "2026-03-30T09:00:00+02:00", "last 7d, Mon 23 Mar 2026 09:00 to Mon 30 Mar 2026 09:00", false},
		{"last days from midnight on", "Europe/Berlin", "2026-03-30T09:00:00+02:00", report.Spec{Last: "7d", WholeDays: true}, "2026-03-23T00:00:00+01:00", "2026-03-30T09:00:00+02:00", "last 7d, Mon 23 Mar 2026 00:00 to Mon 30 Mar 2026 09:00", false},
		{"last hours are hours", "UTC", "2026-03-04T15:00:00Z", report.Spec{Last: "2h", WholeDays: true}, "2026-03-04T13:00:00Z", "2026-03-04T15:00:00Z", "last 2h, Wed 4 Mar 2026 13:00 to 15:00", false},
		{"last before a date", "UTC", "2026-03-04T15:00:00Z", report.Spec{Last: "1d", Until: "2026-03-02"}, "2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z", "last 1d before 2026-03-02, Sun 1 Mar 2026", false},
		{"dates", "Europe/Berlin", "2026-03-04T15:00:00+01:00", report.Spec{Since: "2026-03-01", Until: "2026-03-03"}, "2026-03-01T00:00:00+01:00", "2026-03-03T00:00:00+01:00", "Sun 1 Mar 2026 00:00 to Tue 3 Mar 2026 00:00", false},
		{"a date without midnight", "Africa/Cairo", "2026-05-01T12:00:00+03:00", report.Spec{Since: "2026-04-24", Until: "2026-04-25"}, "2026-04-24T01:00:00+03:00", "2026-04-25T00:00:00+03:00", "Fri 24 Apr 2026", false},
		{"since a time until now", "UTC", "2026-03-04T15:00:00Z", report.Spec{Since: "2026-03-04 13:20"}, "2026-03-04T13:15:00Z", "2026-03-04T15:00:00Z", "Wed 4 Mar 2026 13:15 to 15:00", true},
		{"RFC 3339 in another zone", "UTC", "2026-03-04T15:00:00Z", report.Spec{Since: "2026-03-04T13:00:00+01:00", Until: "now"}, "2026-03-04T12:00:00Z", "2026-03-04T15:00:00Z", "Wed 4 Mar 2026 12:00 to 15:00", false},
		{"words", "UTC", "2026-03-04T15:00:00Z", report.Spec{Since: "yesterday", Until: "today"}, "2026-03-03T00:00:00Z", "2026-03-04T00:00:00Z", "Tue 3 Mar 2026", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			now, err := time.Parse(time.RFC3339, tc.now)
			if err != nil {
				t.Fatal(err)
			}
			p, err := report.ParsePeriod(tc.spec, now, location(t, tc.zone))
			if err != nil {
				t.Fatal(err)
			}
			if got := p.Since.Format(time.RFC3339); got != tc.since {
				t.Errorf("since = %s, want %s", got, tc.since)
			}
			if got := p.Until.Format(time.RFC3339); got != tc.until {
				t.Errorf("until = %s, want %s", got, tc.until)
			}
			if p.String() != tc.title || p.Rounded != tc.rounded {
				t.Errorf("%q, rounded %v; want %q, %v", p, p.Rounded, tc.title, tc.rounded)
			}
		})
	}
}

func TestParsePeriodErrors(t *testing.T) {
	now := time.Date(2026, 3, 4, 15, 0, 0, 0, time.UTC)
	for _, tc := range []struct {
		spec report.Spec
		want string
	}{
		{report.Spec{Day: "tomorrow"}, `period: "tomorrow" is not a day: use today or yesterday, or --since with a date`},
		{report.Spec{Day: "today", Last: "2h"}, "period: choose one of today, yesterday, --since and --last"},
		{report.Spec{Since: "today", Last: "2h"}, "period: choose one of today, yesterday, --since and --last"},
		{report.Spec{Until: "today"}, `period: --until "today" needs --since or --last beside it`},
		{report.Spec{Last: "2w"}, `period: --last "2w": use a number of hours or days, such as 24h or 7d`},
		{report.Spec{Last: "h"}, `period: --last "h": use a number of hours or days, such as 24h or 7d`},
		{report.Spec{Last: "0d"}, `period: --last "0d": use a number of hours or days, such as 24h or 7d`},
		{report.Spec{Last: "-3h"}, `period: --last "-3h": use a number of hours or days, such as 24h or 7d`},
		{report.Spec{Last: "99999999d"}, `period: --last "99999999d": more than a century`},
		{report.Spec{Since: "4.3.2026"}, `period: --since "4.3.2026" is not a time: use 2026-03-04, "2026-03-04 15:30", 2026-03-04T15:30:00Z, today or yesterday`},
		{report.Spec{Since: "today", Until: "noon"}, `period: --until "noon" is not a time: use 2026-03-04, "2026-03-04 15:30", 2026-03-04T15:30:00Z, today or yesterday`},
		{report.Spec{Since: "2026-03-05"}, "period: begins 2026-03-05T00:00:00Z, which is still to come"},
		{report.Spec{Since: "2026-03-02", Until: "2026-03-02"}, "period: begins 2026-03-02T00:00:00Z and ends 2026-03-02T00:00:00Z: the end must be later"},
	} {
		_, err := report.ParsePeriod(tc.spec, now, time.UTC)
		if !errors.Is(err, report.ErrPeriod) || err.Error() != tc.want {
			t.Errorf("%+v:\n got %v\nwant %s", tc.spec, err, tc.want)
		}
	}
}

func FuzzParsePeriod(f *testing.F) {
	for _, seed := range []string{"2026-03-04", "2026-03-04 15:30", "2026-03-04T15:30:00Z", "now", "7d", "24h", "0001-01-01", "9999-12-31", ""} {
		f.Add(seed, seed)
	}
	now := time.Date(2026, 3, 4, 15, 7, 0, 0, time.UTC)
	cairo := location(f, "Africa/Cairo")
	f.Fuzz(func(t *testing.T, a, b string) {
		for _, spec := range []report.Spec{{Day: a}, {Since: a}, {Since: a, Until: b}, {Last: a}, {Last: a, Until: b}} {
			p, err := report.ParsePeriod(spec, now, cairo)
			if err != nil {
				if !strings.HasPrefix(err.Error(), "period: ") {
					t.Errorf("%+v: %v", spec, err)
				}
				continue
			}
			if !p.Since.Before(p.Until) || p.Since.Unix()%900 != 0 || p.Until.Unix()%900 != 0 {
				t.Errorf("%+v gave %v to %v", spec, p.Since, p.Until)
			}
		}
	})
}
