package tariff_test

import (
	"errors"
	"testing"

	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/exporter/cost/series"
	"github.com/sovmeter/sovmeter/exporter/cost/tariff"
)

// read is a text that is parsed and printed again; want is empty when it is refused.
type read struct{ in, want string }

func testReads[T interface{ String() string }](t *testing.T, parse func(string) (T, error), reads []read) {
	t.Helper()
	for _, tt := range reads {
		got, err := parse(tt.in)
		switch {
		case tt.want == "" && !errors.Is(err, tariff.ErrSyntax):
			t.Errorf("%q is read as %s, %v; want ErrSyntax", tt.in, got, err)
		case tt.want != "" && (err != nil || got.String() != tt.want):
			t.Errorf("%q is read as %q, %v; want %q", tt.in, got, err, tt.want)
		}
	}
}

func TestParse(t *testing.T) {
	testReads(t, tariff.ParseClock, []read{
		{"00:00", "00:00"}, {"6:30", "06:30"}, {"23:45", "23:45"}, {"24:00", "24:00"},
		{"24:15", ""}, {"06:10", ""}, {"6", ""}, {"06:3", ""}, {"-1:00", ""}, {"06:60", ""}, {"", ""}, {"06:30:00", ""},
	})
	testReads(t, tariff.ParseDays, []read{
		{"mon", "mon"}, {"mon-fri", "mon-fri"}, {"SAT-Sun", "sat, sun"}, {"sat-mon", "sat-mon"}, {"holidays", "holidays"},
		{"mon-sun", "mon-sun"}, {"wed-tue", "mon-sun"}, {"sun", "sun"}, {"mon-", ""}, {"-mon", ""}, {"mon-fri-sun", ""}, {"", ""}, {"holidays-mon", ""},
	})
	testReads(t, tariff.ParseMonths, []read{
		{"jan", "jan"}, {"nov-feb", "nov-feb"}, {"Jan-Dec", "jan-dec"}, {"dec-jan", "dec, jan"}, {"13", ""}, {"march", ""},
	})
	testReads(t, tariff.ParseRatio, []read{{"0.19", "0.19"}, {"1", "1"}, {"-0.5", "-0.5"}, {"0.1234567891", ""}, {"19%", ""}})
	testReads(t, tariff.ParseDate, []read{{"2026-02-28", "2026-02-28"}, {"2026-02-29", ""}, {"28.2.2026", ""}, {"2026-2-8", ""}})
	if got := (tariff.Days(0)).String() + ", " + (tariff.Months(0)).String() + ", " + tariff.Ratio(195_000_000).Percent(); got != "every day, every month, 19.5 %" {
		t.Errorf("got %q", got)
	}
	if got := tariff.Days(0x7f).String(); got != "mon-sun" {
		t.Errorf("the whole week prints %q", got)
	}
}

func FuzzParseDays(f *testing.F) {
	for _, s := range []string{"mon", "sat-mon", "holidays", "mon-fri-sun", "-", "MON - FRI"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := tariff.ParseDays(s)
		if err == nil && d == 0 {
			t.Errorf("%q is read as no day, which means every day", s)
		}
	})
}

func TestNewRefuses(t *testing.T) {
	price := ptr(eur(t, "0.3"))
	usd := cost.Money{Nanos: 1, Currency: "USD"}
	for _, tt := range []struct {
		name string
		spec tariff.Spec
		err  error
	}{
		{"no currency", tariff.Spec{Versions: []tariff.Version{{Price: price}}}, cost.ErrCurrency},
		{"no version", tariff.Spec{Currency: "EUR"}, tariff.ErrSpec},
		{"two of a day", tariff.Spec{Currency: "EUR", Versions: []tariff.Version{{Price: price}, {Price: price}}}, tariff.ErrSpec},
		{"no price", tariff.Spec{Currency: "EUR", Versions: []tariff.Version{{}}}, tariff.ErrSpec},
		{"two prices", tariff.Spec{Currency: "EUR", Versions: []tariff.Version{{Price: price, Series: &tariff.Feed{File: "spot"}}}}, tariff.ErrSpec},
		{"another currency", tariff.Spec{Currency: "EUR", Versions: []tariff.Version{{Price: price, Adders: []tariff.Adder{{Price: usd}}}}}, cost.ErrCurrency},
		{"absurd price", tariff.Spec{Currency: "EUR", Versions: []tariff.Version{{Price: ptr(eur(t, "1000001"))}}}, cost.ErrRange},
		{"absurd tax", tariff.Spec{Currency: "EUR", Versions: []tariff.Version{{Price: price, Tax: 19 * tariff.One}}}, tariff.ErrSpec},
		{"a factor for a tax", tariff.Spec{Currency: "EUR", Versions: []tariff.Version{{Price: price, Tax: 1_190_000_000}}}, tariff.ErrSpec},
		{"share of the sun", tariff.Spec{Currency: "EUR", Versions: []tariff.Version{{Price: price, Solar: &tariff.Solar{Windows: []tariff.SolarWindow{{Share: 2 * tariff.One}}}}}}, tariff.ErrSpec},
		{"off the grid of quarters", tariff.Spec{Currency: "EUR", Versions: []tariff.Version{{Windows: []tariff.Window{{When: tariff.When{From: 10, To: 60}}}}}}, tariff.ErrSpec},
		{"no time", tariff.Spec{Currency: "EUR", Versions: []tariff.Version{{Windows: []tariff.Window{{When: tariff.When{From: 60, To: 60}}}}}}, tariff.ErrSpec},
		{"tiers without a step", tariff.Spec{Currency: "EUR", Versions: []tariff.Version{{Tiers: &tariff.Tiers{}}}}, tariff.ErrSpec},
		{"tiers that end", tariff.Spec{Currency: "EUR", Versions: []tariff.Version{{Tiers: &tariff.Tiers{Steps: []tariff.Step{{UpTo: 1, Price: price}}}}}}, tariff.ErrSpec},
		{"tiers out of order", tariff.Spec{Currency: "EUR", Versions: []tariff.Version{{Tiers: &tariff.Tiers{Steps: []tariff.Step{{UpTo: 2, Price: price}, {UpTo: 1, Price: price}, {Price: price}}}}}}, tariff.ErrSpec},
		{"billing day", tariff.Spec{Currency: "EUR", Versions: []tariff.Version{{Tiers: &tariff.Tiers{BillingDay: 31, Steps: []tariff.Step{{Price: price}}}}}}, tariff.ErrSpec},
		{"no file", tariff.Spec{Currency: "EUR", Versions: []tariff.Version{{Series: &tariff.Feed{File: "none"}}}}, tariff.ErrSeries},
		{"carbon for a price", tariff.Spec{Currency: "EUR", Versions: []tariff.Version{{Series: &tariff.Feed{File: "carbon"}}}}, tariff.ErrSeries},
		{"a price for a share", tariff.Spec{Currency: "EUR", Versions: []tariff.Version{{Price: price, Solar: &tariff.Solar{Series: &tariff.SolarFeed{File: "spot"}}}}}, tariff.ErrSeries},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := tariff.New(tt.spec, tariff.Inputs{Files: map[string]tariff.File{
				"spot":   {Header: series.Header{Unit: "EUR/kWh"}},
				"carbon": {Header: series.Header{Unit: series.GramsPerKWh}},
			}})
			if !errors.Is(err, tt.err) {
				t.Errorf("got %v, want %v", err, tt.err)
			}
		})
	}
}
