package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/sovmeter/sovmeter/cmd/sovmeter/config"
	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/exporter/cost/avoided"
	"github.com/sovmeter/sovmeter/exporter/cost/payback"
	"github.com/sovmeter/sovmeter/exporter/cost/prices"
)

const tariffInEuros = "tariff: {price_per_kwh: 0.3, currency: EUR}\n"

func parsed(t testing.TB, text string) config.Config {
	t.Helper()
	c, err := config.Parse("f", []byte(text), formats)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func parsedFile(t testing.TB, name string) config.Config {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return parsed(t, string(data))
}

func TestMoneyKeysLeftOut(t *testing.T) {
	if c := parsed(t, tariffInEuros); c.Cloud != nil || c.Hardware != nil || c.Exchange != nil || c.Carbon != nil {
		t.Errorf("got %+v", c)
	}
}

func TestCloud(t *testing.T) {
	share := 0.5
	want := &config.Cloud{
		Prices: "/usr/local/etc/sovmeter/prices.json",
		Plan: avoided.Options{
			Cache: avoided.None, Batch: true, StaleAfter: 30 * 24 * time.Hour,
			Subscription: cost.Money{Nanos: 20_000_000_000, Currency: "GBP"},
			Default:      avoided.Rule{Substitute: &avoided.Target{Provider: "openai", Model: "gpt-5-mini"}},
			Rules: []avoided.Rule{
				{
					Model: "qwen3-30b*", SameWeights: &avoided.Target{Provider: "openrouter", Model: "qwen/qwen3-30b-a3b"},
					ShareRatio: &share, TokenizerRatio: 1.1,
				},
				{Model: "*embed*", SameWeights: &avoided.Target{}, Substitute: &avoided.Target{}},
			},
		},
	}
	alike := cmpopts.IgnoreFields(avoided.Options{}, "Table", "Exchange") // left to the caller
	if diff := cmp.Diff(want, parsedFile(t, "cloud.yaml").Cloud, alike); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	want = &config.Cloud{Plan: avoided.Options{Cache: avoided.Mirror, StaleAfter: config.DefaultStaleAfter}}
	if diff := cmp.Diff(want, parsed(t, "cloud: {batch: false}\n").Cloud, alike); diff != "" {
		t.Errorf("defaults (-want +got):\n%s", diff)
	}
}

func TestHardware(t *testing.T) {
	eur := func(units int64) cost.Money { return cost.Money{Nanos: units * 1_000_000_000, Currency: "EUR"} }
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	bought := time.Date(2026, 1, 15, 0, 0, 0, 0, berlin)
	for _, tt := range []struct {
		name, text string
		want       config.Hardware
	}{
		{
			"all of it", "{price: 2399, currency: EUR, purchased: 2026-01-15, life: 4y, residual: 600, cost_of_capital: 0.03, llm_share: 0.5, cloud_price_drift: -0.3, basis: marginal}",
			config.Hardware{Basis: cost.Marginal, Machine: payback.Machine{
				Price: eur(2399), Purchased: bought, Life: 48 * payback.Month, Residual: eur(600),
				CapitalCostRatio: 0.03, ShareRatio: 0.5, PriceDriftRatio: -0.3,
			}},
		},
		{
			"least", "{price: 2399, purchased: 2026-01-15}",
			config.Hardware{Basis: cost.Dedicated, Machine: payback.Machine{Price: eur(2399), Purchased: bought, Life: 60 * payback.Month, ShareRatio: 1}},
		},
		{
			"a share", "{price: 2399, purchased: 2026-01-15, llm_share: 0.25, life: 1000d}",
			config.Hardware{Basis: cost.Active, Machine: payback.Machine{Price: eur(2399), Purchased: bought, Life: 24000 * time.Hour, ShareRatio: 0.25}},
		},
		{
			"more memory", "{price: 2399, incremental_price: 460, purchased: 2026-01-15, life: 2.5y}",
			config.Hardware{Basis: cost.Active, Machine: payback.Machine{
				Price: eur(2399), Incremental: eur(460), Known: true, Purchased: bought, Life: 30 * payback.Month, ShareRatio: 1,
			}},
		},
		{
			"in dollars, at the rate of the day", "{price: 2000, residual: 100, currency: USD, purchased: 2026-01-15}\nexchange: {USD: [{rate: 0.8}, {from: 2026-01-15, rate: 0.9}, {from: 2026-01-16, rate: 0.7}]}",
			config.Hardware{Basis: cost.Dedicated, Machine: payback.Machine{
				Price: eur(1800), Residual: eur(90), Purchased: bought, Life: 60 * payback.Month, ShareRatio: 1,
			}},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := parsed(t, "hardware: "+tt.text+"\ntime_zone: Europe/Berlin\n"+tariffInEuros).Hardware
			if diff := cmp.Diff(&tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	got := parsed(t, "hardware: {price: 2399, currency: USD, purchased: 2026-01-15}\n").Hardware
	if got.Machine.Price.Currency != "USD" {
		t.Errorf("without a tariff the price is %v", got.Machine.Price)
	}
}

func TestExchange(t *testing.T) {
	x := parsedFile(t, "exchange.yaml").Exchange
	for _, tt := range []struct {
		foreign cost.Currency
		at      time.Time
		want    int64
	}{
		{"USD", time.Time{}, 860_000_000},
		{"GBP", time.Date(2025, 7, 1, 0, 0, 0, 0, time.Local), 1_200_000_000},
		{"GBP", time.Date(2026, 1, 1, 0, 0, 0, 0, time.Local), 1_150_000_000},
		{"GBP", time.Date(2027, 1, 1, 0, 0, 0, 0, time.Local), 1_160_000_000},
	} {
		m, ok := x.Convert(cost.Money{Nanos: 1_000_000_000, Currency: tt.foreign}, tt.at)
		if !ok || m != (cost.Money{Nanos: tt.want, Currency: "EUR"}) {
			t.Errorf("%s at %s: got %v, %v", tt.foreign, tt.at, m, ok)
		}
	}
}

func TestCarbon(t *testing.T) {
	grams := func(v float64) *float64 { return &v }
	for file, want := range map[string]*config.Carbon{
		"carbon.yaml":       {Series: "/usr/local/etc/sovmeter/carbon.csv", MaxAge: 3 * time.Hour, Fallback: grams(363), Source: "Electricity Maps, DE"},
		"carbon_fixed.yaml": {GramsPerKWh: grams(0), Source: "UBA 2025"},
	} {
		if diff := cmp.Diff(want, parsedFile(t, file).Carbon); diff != "" {
			t.Errorf("%s (-want +got):\n%s", file, diff)
		}
	}
}

// TestMoneyFilesAreFiles is about what the paths lead to.
func TestMoneyFilesAreFiles(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "sovmeter.yaml")
	text := "cloud: {prices: " + dir + "}\ncarbon: {series: " + dir + "}\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := config.Load(path, formats)
	if err == nil || !strings.Contains(err.Error(), "cloud.prices: got") || !strings.Contains(err.Error(), "carbon.series: got") ||
		!strings.Contains(err.Error(), "which is a folder, want the file of a price table") {
		t.Errorf("got %v", err)
	}
}

// TestExamplesOfMoneyAreValid takes the comment signs off the examples.
func TestExamplesOfMoneyAreValid(t *testing.T) {
	all := config.Example()
	begin, end := strings.Index(all, "# cloud:"), strings.Index(all, "power:")
	if begin < 0 || end < begin {
		t.Fatal("the example has no cloud before power")
	}
	var text strings.Builder
	for line := range strings.Lines(all[begin:end]) {
		if !strings.HasPrefix(line, "# W") { // that is a sentence
			text.WriteString(strings.TrimPrefix(line, "# "))
		}
	}
	c := parsed(t, all[:begin]+text.String()+all[end:])
	if c.Cloud == nil || c.Hardware == nil || c.Exchange == nil || c.Carbon == nil || len(c.Cloud.Plan.Rules) != 2 {
		t.Fatalf("got %+v", c)
	}
	if c.Hardware.Basis != cost.Dedicated || c.Hardware.Machine.Life != config.DefaultLife ||
		c.Cloud.Plan.Cache != avoided.Mirror || c.Cloud.Plan.StaleAfter != config.DefaultStaleAfter {
		t.Errorf("the example's defaults differ from the code's: %+v, %+v", c.Hardware, c.Cloud)
	}
	table, err := prices.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	o := c.Cloud.Plan
	o.Table, o.Exchange = table, *c.Exchange
	plan, err := avoided.New(o)
	if err != nil {
		t.Fatal(err)
	}
	if missing := plan.Unmatched(c.Hardware.Machine.Purchased); len(missing) > 0 {
		t.Errorf("the built-in table has no price for %v", missing)
	}
}

// FuzzMoney holds what is accepted against those who get it.
func FuzzMoney(f *testing.F) {
	for _, pattern := range []string{"cloud", "hardware", "exchange", "carbon"} {
		files, err := filepath.Glob("testdata/" + pattern + "*.yaml")
		if err != nil || len(files) == 0 {
			f.Fatal("no testdata", err)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := config.Parse("f", data, formats)
		if err != nil {
			return
		}
		own := cost.Currency("USD")
		if c.Tariff != nil {
			own = c.Tariff.Currency
		}
		if c.Cloud != nil {
			o := c.Cloud.Plan
			o.Exchange, err = cost.NewExchange(own, nil)
			if c.Exchange != nil {
				o.Exchange = *c.Exchange
			}
			if err == nil {
				_, err = avoided.New(o)
			}
			if err != nil {
				t.Errorf("accepted a plan that is none: %v", err)
			}
		}
		if h := c.Hardware; h != nil {
			if h.Machine.Capital().Currency == "" || h.Machine.Capital().Nanos < 0 || h.Machine.Life <= 0 || h.Machine.Purchased.IsZero() {
				t.Errorf("accepted a machine that is none: %+v", h.Machine)
			}
			if c.Tariff != nil && h.Machine.Capital().Currency != own {
				t.Errorf("the machine is in %s and the tariff in %s", h.Machine.Capital().Currency, own)
			}
		}
		if k := c.Carbon; k != nil && (k.GramsPerKWh == nil) == (k.Series == "") {
			t.Errorf("accepted an intensity that is none: %+v", k)
		}
	})
}
