package tariff_test

import (
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/exporter/cost/series"
	"github.com/sovmeter/sovmeter/exporter/cost/tariff"
	"github.com/sovmeter/sovmeter/store"
)

var _ cost.Tariff = (*tariff.Tariff)(nil)

// 100 W for a day are 2.4 kWh, also when each slot is rounded by itself.
func TestHundredWattsForADay(t *testing.T) {
	tr := one(t, "Europe/Berlin", tariff.Version{Price: ptr(eur(t, "0.1872"))})
	begin := utc(t, "2026-03-01 00:00")
	var system []store.SystemSlot
	for i := range 96 {
		at := begin.Add(time.Duration(i) * store.SlotLength)
		system = append(system, store.SystemSlot{Start: at, Energy: energy.Watts(100).For(store.SlotLength)})
	}
	bill, err := cost.NewBill(system, nil, tr)
	if err != nil {
		t.Fatal(err)
	}
	if got := bill.Dedicated; got.Nanos != 449_280_000 || got.Decimal(2) != "0.45" {
		t.Errorf("got %s (%d nanos), want 0.44928 exactly, which is 0.45", got.Decimal(2), got.Nanos)
	}
}

func TestPrices(t *testing.T) {
	night := tariff.Window{Name: "night", When: tariff.When{From: 22 * 60, To: 6 * 60, Days: on(t, "mon-fri")}, Price: eur(t, "0.21")}
	whole := tariff.Window{Name: "sunday", When: tariff.When{Days: on(t, "sun")}, Price: eur(t, "0.10")}
	holiday := tariff.Window{Name: "holiday", When: tariff.When{Days: tariff.Holidays}, Price: eur(t, "0.05")}
	christmas := tariff.Date{Year: 2026, Month: time.December, Day: 25} // a Friday
	winter, err := tariff.ParseMonths("nov-feb")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name    string
		version tariff.Version
		at      string // local
		want    string // empty: unknown
	}{
		{"flat", tariff.Version{Price: ptr(eur(t, "0.29"))}, "2026-06-01 12:00", "0.29"},
		{"outside of the window", tariff.Version{Price: ptr(eur(t, "0.29")), Windows: []tariff.Window{night}}, "2026-06-01 21:45", "0.29"},
		{"in it", tariff.Version{Price: ptr(eur(t, "0.29")), Windows: []tariff.Window{night}}, "2026-06-01 22:00", "0.21"},
		{"Friday's night ends on Saturday", tariff.Version{Windows: []tariff.Window{night}}, "2026-06-06 05:45", "0.21"},
		{"at 06:00", tariff.Version{Windows: []tariff.Window{night}}, "2026-06-06 06:00", ""},
		{"Sunday's does not begin", tariff.Version{Windows: []tariff.Window{night}}, "2026-06-08 05:45", ""},
		{"first match wins", tariff.Version{Windows: []tariff.Window{whole, holiday}}, "2026-06-07 12:00", "0.1"},
		{"holiday", tariff.Version{Windows: []tariff.Window{holiday, night}, Holidays: []tariff.Date{christmas}}, "2026-12-25 23:00", "0.05"},
		{"holiday on a Friday", tariff.Version{Windows: []tariff.Window{night}, Holidays: []tariff.Date{christmas}}, "2026-12-25 23:00", "0.21"},
		{"holiday as a Sunday", tariff.Version{Price: ptr(eur(t, "0.29")), Windows: []tariff.Window{night, whole}, Holidays: []tariff.Date{christmas}, HolidaysAreSundays: true}, "2026-12-25 23:00", "0.1"},
		{"and not as a Friday", tariff.Version{Price: ptr(eur(t, "0.29")), Windows: []tariff.Window{night}, Holidays: []tariff.Date{christmas}, HolidaysAreSundays: true}, "2026-12-26 03:00", "0.29"},
		{"in the months", tariff.Version{Windows: []tariff.Window{{When: tariff.When{Months: winter}, Price: eur(t, "0.4")}}}, "2026-02-28 23:45", "0.4"},
		{"after them", tariff.Version{Windows: []tariff.Window{{When: tariff.When{Months: winter}, Price: eur(t, "0.4")}}}, "2026-03-01 00:00", ""},
		{"night of the last of them", tariff.Version{Windows: []tariff.Window{{When: tariff.When{From: 22 * 60, To: 6 * 60, Months: winter}, Price: eur(t, "0.4")}}}, "2026-03-01 05:45", "0.4"},
		{"adders and tax", tariff.Version{Price: ptr(eur(t, "0.29")), Adders: []tariff.Adder{{Name: "grid", Price: eur(t, "0.09")}}, Tax: 190_000_000}, "2026-06-01 12:00", "0.4522"},
		{"an adder at times", tariff.Version{Price: ptr(eur(t, "0.29")), Adders: []tariff.Adder{{Price: eur(t, "-0.09"), Windows: []tariff.When{{From: 12 * 60, To: 13 * 60}}}}}, "2026-06-01 12:45", "0.2"},
		{"and not at others", tariff.Version{Price: ptr(eur(t, "0.29")), Adders: []tariff.Adder{{Price: eur(t, "-0.09"), Windows: []tariff.When{{From: 12 * 60, To: 13 * 60}}}}}, "2026-06-01 13:00", "0.29"},
		{"sun", tariff.Version{Price: ptr(eur(t, "0.38")), Tax: 190_000_000, Solar: &tariff.Solar{FeedIn: eur(t, "0.08"), Windows: []tariff.SolarWindow{{Share: 600_000_000}}}}, "2026-06-01 12:00", "0.22888"},
		{"before the first version", tariff.Version{From: tariff.Date{Year: 2026, Month: 6, Day: 2}, Price: ptr(eur(t, "0.29"))}, "2026-06-01 23:45", ""},
		{"on its first day", tariff.Version{From: tariff.Date{Year: 2026, Month: 6, Day: 2}, Price: ptr(eur(t, "0.29"))}, "2026-06-02 00:00", "0.29"},
		{"free is a price", tariff.Version{Price: ptr(eur(t, "0"))}, "2026-06-01 12:00", "0"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			at, err := time.ParseInLocation("2006-01-02 15:04", tt.at, zone(t, "Europe/Berlin"))
			if err != nil {
				t.Fatal(err)
			}
			wantPrice(t, one(t, "Europe/Berlin", tt.version), at.UTC(), tt.want)
		})
	}
}

// A price is rounded once, half to even, to 1e-12.
func TestRounding(t *testing.T) {
	for tax, want := range map[tariff.Ratio]int64{500_000: 1000, 1_500_000: 1002, 500_001: 1001, 1_499_999: 1001, 0: 1000} {
		tr := one(t, "UTC", tariff.Version{Price: ptr(eurNanos(1)), Tax: tax})
		if p, ok := tr.At(utc(t, "2026-01-01 00:00")); !ok || p.Picos != want {
			t.Errorf("1e-9 with a tax of %s is %d, %v; want %d", tax, p.Picos, ok, want)
		}
	}
	down := one(t, "UTC", tariff.Version{Price: ptr(eurNanos(0)), Adders: []tariff.Adder{{Price: eurNanos(-1)}}, Tax: 1_500_000})
	if p, _ := down.At(utc(t, "2026-01-01 00:00")); p.Picos != -1002 {
		t.Errorf("-1001.5 is rounded to %d, want -1002", p.Picos)
	}
}

func on(t *testing.T, text string) tariff.Days {
	t.Helper()
	d, err := tariff.ParseDays(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// A version holds from the midnight on that its own zone has.
func TestVersions(t *testing.T) {
	tr := newTariff(t, tariff.Spec{Currency: "EUR", Zone: zone(t, "Europe/Berlin"), Versions: []tariff.Version{
		{From: tariff.Date{Year: 2026, Month: 7, Day: 1}, Price: ptr(eur(t, "0.31"))},
		{Price: ptr(eur(t, "0.29"))},
	}}, tariff.Inputs{})
	wantPrice(t, tr, utc(t, "2026-06-30 21:45"), "0.29")
	wantPrice(t, tr, utc(t, "2026-06-30 22:00"), "0.31")
	wantPrice(t, tr, utc(t, "1999-12-31 23:45"), "0.29")
	old := one(t, "Europe/Berlin", tariff.Version{Windows: []tariff.Window{{When: tariff.When{From: 0, To: 60}, Price: eur(t, "0.1")}}})
	wantPrice(t, old, utc(t, "1960-01-04 23:45"), "0.1")
	wantPrice(t, old, utc(t, "1960-01-05 00:00"), "")
	if tr.Currency() != "EUR" {
		t.Errorf("the currency is %s", tr.Currency())
	}
}

func TestSeries(t *testing.T) {
	begin := utc(t, "2026-06-01 00:00")
	files := map[string]tariff.File{
		"spot": {Header: series.Header{Unit: "EUR/kWh"}, Points: points(t, begin, 100_000_000, -50_000_000)},
		"usd":  {Header: series.Header{Unit: "USD/kWh"}, Points: points(t, begin, 100_000_000)},
		"sun":  {Header: series.Header{Unit: series.Ratio}, Points: points(t, begin, 500_000_000, 1_500_000_000)},
	}
	x, err := cost.NewExchange("EUR", map[cost.Currency][]cost.Rate{"USD": {{From: begin, Worth: eur(t, "0.9")}}})
	if err != nil {
		t.Fatal(err)
	}
	build := func(v tariff.Version) *tariff.Tariff {
		return newTariff(t, tariff.Spec{Currency: "EUR", Versions: []tariff.Version{v}}, tariff.Inputs{Files: files, Exchange: x})
	}
	second, third := begin.Add(15*time.Minute), begin.Add(30*time.Minute)

	spot := build(tariff.Version{Series: &tariff.Feed{File: "spot", Factor: 1_100_000_000, Adder: eur(t, "0.02")}, Tax: 200_000_000})
	wantPrice(t, spot, begin, "0.156")
	wantPrice(t, spot, second, "-0.042")
	wantPrice(t, spot, third, "")
	wantPrice(t, spot, begin.Add(-15*time.Minute), "")

	fallback := build(tariff.Version{Series: &tariff.Feed{File: "spot", Fallback: ptr(eur(t, "0.3"))}, Tax: 200_000_000})
	wantPrice(t, fallback, third, "0.36")

	window := build(tariff.Version{Series: &tariff.Feed{File: "spot"}, Windows: []tariff.Window{{When: tariff.When{From: 15, To: 30}, Price: eur(t, "0.5")}}})
	wantPrice(t, window, begin, "0.1")
	wantPrice(t, window, second, "0.5")

	wantPrice(t, build(tariff.Version{Series: &tariff.Feed{File: "usd"}}), begin, "0.09")

	sun := build(tariff.Version{Price: ptr(eur(t, "0.3")), Solar: &tariff.Solar{FeedIn: eur(t, "0.1"), Series: &tariff.SolarFeed{File: "sun"}}})
	wantPrice(t, sun, begin, "0.2")
	wantPrice(t, sun, second, "") // a share of 1.5 is none
	wantPrice(t, sun, third, "")
	some := build(tariff.Version{Price: ptr(eur(t, "0.3")), Solar: &tariff.Solar{FeedIn: eur(t, "0.1"), Series: &tariff.SolarFeed{File: "sun", Fallback: ptr(tariff.Ratio(0))}}})
	wantPrice(t, some, third, "0.3")
}
