package config_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/sovmeter/sovmeter/cmd/sovmeter/config"
	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/exporter/cost/series"
	"github.com/sovmeter/sovmeter/exporter/cost/tariff"
)

func eur(nanos int64) cost.Money { return cost.Money{Nanos: nanos, Currency: "EUR"} }

func ptr[T any](v T) *T { return &v }

// TestTariffIsReadWhole holds a file with every key against the Spec that it
// should become, written by hand.
func TestTariffIsReadWhole(t *testing.T) {
	data, err := os.ReadFile("testdata/tariff_whole.yaml")
	if err != nil {
		t.Fatal(err)
	}
	c, err := config.Parse("f", data, formats)
	if err != nil {
		t.Fatal(err)
	}
	night := tariff.When{From: 22 * 60, To: 6 * 60}
	for d := time.Monday; d <= time.Friday; d++ {
		night.Days |= tariff.On(d)
	}
	for _, m := range []time.Month{time.November, time.December, time.January, time.February} {
		night.Months |= tariff.In(m)
	}
	day := tariff.When{From: 9 * 60, To: 17 * 60}
	for m := time.April; m <= time.September; m++ {
		day.Months |= tariff.In(m)
	}
	const kwh = energy.JoulesPerKilowattHour
	want := &tariff.Spec{
		Currency: "EUR",
		Holidays: []tariff.Date{{Year: 2026, Month: 12, Day: 25}},
		Versions: []tariff.Version{{
			From:  tariff.Date{Year: 2026, Month: 1, Day: 1},
			Price: ptr(eur(290_000_000)),
			Windows: []tariff.Window{
				{Name: "night", When: night, Price: eur(210_000_000)},
				{Name: "holiday", When: tariff.When{Days: tariff.Holidays}, Price: eur(200_000_000)},
			},
			Holidays:           []tariff.Date{{Year: 2026, Month: 12, Day: 26}},
			HolidaysAreSundays: true,
			Tiers: &tariff.Tiers{
				Household: 250 * kwh, BillingDay: 15,
				Steps: []tariff.Step{{UpTo: 300 * kwh, Add: eur(-20_000_000)}, {Add: eur(0)}},
			},
			Adders: []tariff.Adder{
				{Name: "grid", Price: eur(90_000_000)},
				{Name: "relief", Price: eur(-10_000_000), Windows: []tariff.When{{Months: tariff.In(time.July) | tariff.In(time.August)}}},
			},
			Tax:      190_000_000,
			Standing: tariff.Standing{PerDay: eur(450_000_000)},
			Solar:    &tariff.Solar{FeedIn: eur(78_600_000), Windows: []tariff.SolarWindow{{When: day, Share: 800_000_000}}},
		}, {
			From: tariff.Date{Year: 2027, Month: 1, Day: 1},
			Series: &tariff.Feed{
				File: "/abs/path.csv", MaxAge: 36 * time.Hour, Fallback: ptr(eur(300_000_000)),
				Factor: 1_030_000_000, Adder: eur(18_000_000),
			},
			Standing: tariff.Standing{PerMonth: eur(12_900_000_000), Share: 250_000_000},
			Solar: &tariff.Solar{FeedIn: eur(78_600_000), Series: &tariff.SolarFeed{
				File: "/abs/sun.csv", MaxAge: 36 * time.Hour, Fallback: ptr(tariff.Ratio(0)),
			}},
		}},
	}
	if d := cmp.Diff(want, c.Tariff, cmpopts.IgnoreFields(tariff.Spec{}, "Zone")); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if c.Tariff.Zone.String() != "Europe/Berlin" {
		t.Errorf("the zone is %s", c.Tariff.Zone)
	}
}

func TestShortTariff(t *testing.T) {
	c, err := config.Parse("f", []byte("tariff: {price_per_kwh: 0.1872, currency: EUR}\ntime_zone: Asia/Kathmandu\n"), formats)
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Tariff.String(); got != "0.1872 EUR/kWh" || c.Tariff.Zone.String() != "Asia/Kathmandu" {
		t.Errorf("got %q in %s, want the machine's own zone", got, c.Tariff.Zone)
	}
}

// TestExampleTariffs takes the comment signs of the example's tariff away, but
// for what excludes the rest.
func TestExampleTariffs(t *testing.T) {
	_, block, _ := strings.Cut(config.Example(), "\ntariff:\n")
	block, _, _ = strings.Cut(block, "\n\n")
	text := "tariff:\n"
	for line := range strings.Lines(block + "\n") {
		if strings.HasPrefix(line, "  # series:") || strings.HasPrefix(line, "  # versions:") {
			bare := strings.Replace(line, "# ", "", 1)
			if _, err := config.Parse("f", []byte("tariff:\n  currency: EUR\n"+bare), formats); err != nil {
				t.Errorf("alone, %q: %v", strings.TrimSpace(line), err)
			}
			continue
		}
		text += strings.Replace(line, "  # ", "  ", 1)
	}
	c, err := config.Parse("f", []byte(text), formats)
	if err != nil {
		t.Fatal(err)
	}
	if v := c.Tariff.Versions[0]; len(v.Windows) != 2 || v.Solar == nil || v.Tax == 0 || len(v.Adders) != 1 {
		t.Errorf("read %+v", v)
	}
}

// acceptedTariff makes the tariff of a config that was accepted; its files are
// taken to hold what they are named for.
func acceptedTariff(s tariff.Spec) error {
	files := map[string]tariff.File{}
	for _, v := range s.Versions {
		if v.Series != nil {
			files[v.Series.File] = tariff.File{Header: series.Header{Unit: series.PricePerKWh(s.Currency)}}
		}
	}
	for _, v := range s.Versions {
		if v.Solar == nil || v.Solar.Series == nil {
			continue
		}
		if _, twice := files[v.Solar.Series.File]; twice {
			return nil // one file for two things: only its content tells
		}
		files[v.Solar.Series.File] = tariff.File{Header: series.Header{Unit: series.Ratio}}
	}
	_, err := tariff.New(s, tariff.Inputs{Files: files})
	return err
}
