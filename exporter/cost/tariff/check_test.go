package tariff_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sovmeter/sovmeter/exporter/cost/series"
	"github.com/sovmeter/sovmeter/exporter/cost/tariff"
)

func when(t *testing.T, from, to string, days ...string) tariff.When {
	t.Helper()
	w := tariff.When{From: clock(t, from), To: clock(t, to)}
	for _, d := range days {
		w.Days |= on(t, d)
	}
	return w
}

// TestCheck is asked on Tuesday 24 November 2026 at noon in Berlin.
func TestCheck(t *testing.T) {
	price := ptr(eur(t, "0.3"))
	window := func(name string, w tariff.When) tariff.Window {
		return tariff.Window{Name: name, When: w, Price: eur(t, "0.2")}
	}
	date := func(text string) tariff.Date {
		d, err := tariff.ParseDate(text)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	now := utc(t, "2026-11-24 11:00")
	hourly := func(from, to string, vat series.VAT, holes ...string) tariff.File {
		var list []series.Point
		for at := utc(t, from); at.Before(utc(t, to)); at = at.Add(time.Hour) {
			missing := false
			for _, h := range holes {
				missing = missing || at.Equal(utc(t, h))
			}
			if !missing {
				list = append(list, series.Point{Start: at, End: at.Add(time.Hour), Value: 100_000_000})
			}
		}
		s, err := series.New(list)
		if err != nil {
			t.Fatal(err)
		}
		return tariff.File{Header: series.Header{Unit: "EUR/kWh", VAT: vat}, Points: s}
	}
	files := map[string]tariff.File{
		"good":  hourly("2026-11-01 00:00", "2026-11-25 23:00", series.VATUnknown),
		"ended": hourly("2026-11-01 00:00", "2026-11-24 00:00", series.VATUnknown),
		"stale": hourly("2026-11-01 00:00", "2026-11-20 00:00", series.VATIncluded),
		"holes": hourly("2026-11-01 00:00", "2026-11-25 23:00", series.VATExcluded, "2026-11-03 02:00", "2026-11-03 03:00", "2026-11-09 12:00"),
		"taxed": hourly("2026-11-01 00:00", "2026-11-25 23:00", series.VATIncluded),
		"empty": {Header: series.Header{Unit: "EUR/kWh"}},
		"usd":   {Header: series.Header{Unit: "USD/kWh"}, Points: hourly("2026-11-24 00:00", "2026-11-25 00:00", "").Points},
		"sun":   {Header: series.Header{Unit: series.Ratio}, Points: hourly("2026-11-01 00:00", "2026-11-23 00:00", "").Points},
	}
	feed := func(name string) *tariff.Feed { return &tariff.Feed{File: name, MaxAge: 36 * time.Hour} }
	withFallback := feed("ended")
	withFallback.Fallback = price
	for _, tt := range []struct {
		name     string
		versions []tariff.Version
		want     []string // those of faults begin with !
	}{
		{"flat", []tariff.Version{{Price: price}}, nil},
		{
			"a hole on working days", []tariff.Version{{Windows: []tariff.Window{
				window("working day", when(t, "13:00", "12:00", "mon-fri")), window("weekend", when(t, "00:00", "24:00", "sat-sun")),
			}}}, []string{
				"! no price at 12:00-13:00 on tue-fri (210 days, the first 2026-11-24); 00:00-13:00 on mon (52 days, the first 2026-11-30)",
				"window weekend gives way to working day, which stands before it, at 00:00-12:00 on sat (52 days, the first 2026-11-28)",
				"on 2027-03-28 clocks leave out 02:00-03:00: window weekend is 1 h shorter",
				"on 2027-10-31 clocks show 02:00-03:00 twice: window weekend is 1 h longer",
			},
		},
		{
			"a window that is hidden", []tariff.Version{{Price: price, Windows: []tariff.Window{
				window("all", when(t, "00:00", "24:00", "mon-sun")), window("night", when(t, "22:00", "06:00")),
			}}}, []string{
				"! window night (22:00-06:00) is hidden by all at all times",
				"on 2027-03-28 clocks leave out 02:00-03:00: window all is 1 h shorter, window night is 1 h shorter",
				"on 2027-10-31 clocks show 02:00-03:00 twice: window all is 1 h longer, window night is 1 h longer",
			},
		},
		{
			"a hole in a version that ended", []tariff.Version{
				{Windows: []tariff.Window{window("day", when(t, "06:00", "22:00"))}}, {From: date("2025-12-01"), Price: price},
			}, []string{
				"! first version: no price at 00:00-06:00 and 22:00-24:00 every day in nov (7 days, the first 2025-11-24)",
			},
		},
		{
			"a hole in the hour that clocks change", []tariff.Version{{Windows: []tariff.Window{window("most", when(t, "02:30", "02:00"))}}}, []string{
				"! no price at 02:00-02:30 every day (365 days, the first 2026-11-24)",
				"on 2027-03-28 clocks leave out 02:00-03:00: window most is 30 min shorter",
				"on 2027-10-31 clocks show 02:00-03:00 twice: window most is 30 min longer",
			},
		},
		{
			"a night that crosses a clock change", []tariff.Version{{Price: price, Windows: []tariff.Window{window("saturday night", when(t, "22:00", "06:00", "sat"))}}}, []string{
				"on 2027-03-28 clocks leave out 02:00-03:00: window saturday night is 1 h shorter",
				"on 2027-10-31 clocks show 02:00-03:00 twice: window saturday night is 1 h longer",
			},
		},
		{
			"tax that is taken out first, and a file that is not needed yet", []tariff.Version{
				{Series: &tariff.Feed{File: "taxed", Factor: 840_336_134}, Tax: 190_000_000}, {From: date("2027-01-01"), Series: feed("empty")},
			}, []string{
				"first version: series taxed begins on 2026-11-01 01:00: no price is known before",
				"first version: series taxed ends on 2026-11-26 00:00, in 36 h: no price is known after",
			},
		},
		{
			"hidden in part, and no holidays", []tariff.Version{{Price: price, Windows: []tariff.Window{
				window("weekend", when(t, "00:00", "24:00", "sat-sun")), window("night", when(t, "22:00", "06:00")), window("feast", when(t, "00:00", "24:00", "holidays")),
			}}}, []string{
				"! holidays matter and none is listed",
				"window night gives way to weekend, which stands before it, at 00:00-06:00 and 22:00-24:00 on sat, sun (104 days, the first 2026-11-28)",
				"on 2027-03-28 clocks leave out 02:00-03:00: window weekend is 1 h shorter, window night is 1 h shorter",
				"on 2027-10-31 clocks show 02:00-03:00 twice: window weekend is 1 h longer, window night is 1 h longer",
			},
		},
		{
			"holidays of this year only", []tariff.Version{{Price: price, HolidaysAreSundays: true, Holidays: []tariff.Date{date("2026-12-25")}}}, []string{
				"holidays matter and none is listed after 2026-12-25",
			},
		},
		{"a window without a time", []tariff.Version{
			{Price: price},
			{From: date("2027-03-01"), Price: price, Windows: []tariff.Window{{Name: "autumn", When: tariff.When{Months: tariff.In(time.October)}}}},
			{From: date("2027-04-01"), Price: price},
		}, []string{
			"version from 2027-03-01: window autumn (all day oct) never holds from 2027-03-01 to 2027-03-31",
		},
		},
		{"a season that a version sees no more, or not yet at once", []tariff.Version{
			{From: date("2025-01-01"), Price: price, Windows: []tariff.Window{{Name: "summer", When: tariff.When{Months: tariff.In(time.July)}}}},
			{From: date("2026-12-01"), Price: price},
			{From: date("2027-10-01"), Price: price, Windows: []tariff.Window{{Name: "summer", When: tariff.When{Months: tariff.In(time.July)}}}},
		}, []string{"no price before 2025-01-01, the first day of the first version"},
		},
		{"a hole in the past of a version that ends soon", []tariff.Version{
			{From: date("2026-11-01"), Windows: []tariff.Window{window("but for sundays", when(t, "00:00", "24:00", "mon-sat"))}},
			{From: date("2026-11-26"), Price: price},
		}, []string{
			"! version from 2026-11-01: no price at all day on sun in nov (4 days, the first 2026-11-01)",
			"no price before 2026-11-01, the first day of the first version",
		},
		},
		{"a series", []tariff.Version{{Series: feed("good")}}, []string{
			"series good begins on 2026-11-01 01:00: no price is known before",
			"series good ends on 2026-11-26 00:00, in 36 h: no price is known after",
		},
		},
		{"that ended", []tariff.Version{{Series: feed("ended")}}, []string{
			"! series ended ended on 2026-11-24 01:00, 11 h ago: no price is known since",
			"series ended begins on 2026-11-01 01:00: no price is known before",
		},
		},
		{"with a fallback", []tariff.Version{{Series: withFallback}}, []string{
			"series ended begins on 2026-11-01 01:00: the fallback holds before",
			"series ended ended on 2026-11-24 01:00, 11 h ago: the fallback holds since",
		},
		},
		{"that is stale and taxed twice", []tariff.Version{{Series: feed("stale"), Tax: 190_000_000}}, []string{
			"! series stale has tax in it, and 19 % is put on top",
			"! series stale is stale: it ended on 2026-11-20 01:00, 4 days ago, and may be 36 h old; no price is known since",
			"series stale begins on 2026-11-01 01:00: no price is known before",
		},
		},
		{"with holes", []tariff.Version{{Series: feed("holes")}}, []string{
			"! series holes has no value at 03:00-05:00 on 2026-11-03; 13:00-14:00 on 2026-11-09: no price is known there",
			"series holes has no tax in it, and tax is 0",
			"series holes begins on 2026-11-01 01:00: no price is known before",
			"series holes ends on 2026-11-26 00:00, in 36 h: no price is known after",
		},
		},
		{"without anything", []tariff.Version{{Series: feed("empty")}}, []string{
			"! series empty is empty: no price is known",
		},
		},
		{"in another currency", []tariff.Version{{Series: feed("usd")}}, []string{
			"! no exchange rate for the series' currency at 01:00-24:00 on 2026-11-24; 00:00-01:00 on 2026-11-25",
			"series usd begins on 2026-11-24 01:00: no price is known before",
			"series usd ends on 2026-11-25 01:00, in 13 h: no price is known after",
		},
		},
		{"that begins late", []tariff.Version{{From: date("2026-10-01"), Series: feed("good")}}, []string{
			"! series good begins on 2026-11-01 01:00, after 2026-10-01: no price is known before",
			"no price before 2026-10-01, the first day of the first version",
			"series good ends on 2026-11-26 00:00, in 36 h: no price is known after",
		},
		},
		{"of the sun", []tariff.Version{{Price: price, Solar: &tariff.Solar{Series: &tariff.SolarFeed{File: "sun", MaxAge: 36 * time.Hour}}}}, []string{
			"! series sun ended on 2026-11-23 01:00, 35 h ago: no price is known since",
			"series sun begins on 2026-11-01 01:00: no price is known before",
		},
		},
		{"nothing holds yet", []tariff.Version{{From: date("2027-10-01"), Price: price}}, []string{
			"! no version holds before 2027-10-01, today included",
		},
		},
		{"out of order", []tariff.Version{{From: date("2026-10-01"), Price: price}, {Price: price}, {From: date("2025-01-01"), Series: feed("ended")}}, []string{
			"the version from 2026-10-01 stands before the one since ever; each holds from its day on all the same",
			"version from 2025-01-01: series ended begins on 2026-11-01 01:00: no price is known before",
		},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tr := newTariff(t, tariff.Spec{Currency: "EUR", Zone: zone(t, "Europe/Berlin"), Versions: tt.versions}, tariff.Inputs{Files: files})
			var got []string
			for _, f := range tr.Check(now) {
				mark := ""
				if f.Fault {
					mark = "! "
				}
				got = append(got, mark+f.Text)
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}
