package main

import (
	"bytes"
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/cmd/sovmeter/config"
	"github.com/sovmeter/sovmeter/exporter/cost/tariff"
	"github.com/sovmeter/sovmeter/store"
)

const tieredTariff = `tariff: {currency: USD, time_zone: America/New_York, tiers: {household_kwh_per_month: 299,
  steps: [{up_to_kwh: 300, price_per_kwh: 0.20}, {price_per_kwh: 0.30}]}}
`

// slotsSource has a kWh in each of some slots, and remembers what it was asked.
type slotsSource struct {
	starts []time.Time
	asked  []time.Time
	err    error
}

func (s *slotsSource) Range(_ context.Context, since, until time.Time) (store.Range, error) {
	s.asked = append(s.asked, since, until)
	r := store.Range{Since: since, Until: until}
	for _, at := range s.starts {
		if !at.Before(since) && at.Before(until) {
			r.System = append(r.System, store.SystemSlot{Start: at, Energy: 3.6e6})
		}
	}
	return r, s.err
}

// A report of a day counts the use since the billing month began.
func TestTariffOver(t *testing.T) {
	cfg, err := config.Parse("f", []byte(tieredTariff), configFormats())
	if err != nil {
		t.Fatal(err)
	}
	tr, err := loadTariff(cfg)
	if err != nil {
		t.Fatal(err)
	}
	day := time.Date(2026, 6, 20, 4, 0, 0, 0, time.UTC)
	month := time.Date(2026, 6, 1, 4, 0, 0, 0, time.UTC)
	source := &slotsSource{starts: []time.Time{month, day}}
	r, err := source.Range(t.Context(), day, day.Add(24*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	over, err := tariffOver(t.Context(), source, tr, r)
	if err != nil {
		t.Fatal(err)
	}
	if p, ok := over.At(day); !ok || p.Decimal() != "0.3" {
		t.Errorf("after the first kWh of the month the price is %s, %v; want 0.3", p, ok)
	}
	if got := source.asked[2:]; len(got) != 2 || !got[0].Equal(month) || !got[1].Equal(day) {
		t.Errorf("asked for %v, want the month before the day", got)
	}
	source.err = errors.New("gone")
	if _, err := tariffOver(t.Context(), source, tr, r); err == nil || !strings.Contains(err.Error(), "billing month") {
		t.Errorf("got %v, want an error about the billing month", err)
	}
	if none, err := tariffOver(t.Context(), source, nil, r); none != nil || err != nil {
		t.Errorf("without a tariff: %v, %v", none, err)
	}
}

// Tiers are shown without the Mac's use when there is no store, which is said.
func TestTariffWithTiersIsShownWithoutAStore(t *testing.T) {
	dir := t.TempDir()
	text := tieredTariff + "store: {path: " + filepath.Join(dir, "none.db") + "}\nsocket: " + filepath.Join(dir, "s") + "\n"
	cfg, err := config.Parse("f", []byte(text), configFormats())
	if err != nil {
		t.Fatal(err)
	}
	tr, err := loadTariff(cfg)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	s := tariffShow{env: env{stdout: &out}, at: "now", width: 200}
	if err := s.run(t.Context(), cfg, tr, time.Date(2026, 6, 20, 4, 0, 0, 0, time.UTC)); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"base     0.20  tier 1, at 299.0 kWh of the household and 0.0 of the Mac\n",
		"its own use\nsince 2026-06-01 is not known (",
	} {
		if !strings.Contains(strings.ReplaceAll(out.String(), "use since", "use\nsince"), want) {
			t.Errorf("%q is not in\n%s", want, out.String())
		}
	}
}

func TestParseTariffTimes(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 3, 29, 0, 30, 0, 0, berlin)
	for in, want := range map[string]string{
		"now": "2026-03-28T23:30:00Z", "14:30": "2026-03-29T12:30:00Z", "2026-03-30 01:00": "2026-03-29T23:00:00Z",
		"2026-03-30T01:00": "2026-03-29T23:00:00Z", "2026-03-30T01:00:00-05:00": "2026-03-30T06:00:00Z", "25:00": "", "": "", "2026-03-30": "",
		"2026-03-29 01:59": "2026-03-29T00:59:00Z", "2026-03-29 02:00": "", "02:30": "", "2026-03-29T02:59:59": "", "2026-03-29 03:00": "2026-03-29T01:00:00Z",
		"2026-10-25 01:59": "2026-10-24T23:59:00Z", "2026-10-25 03:00": "2026-10-25T02:00:00Z", "2026-10-25T02:30:00+01:00": "2026-10-25T01:30:00Z",
	} {
		at, note, err := parseAt(in, now)
		if note != "" {
			t.Errorf("--at %q: %s", in, note)
		}
		if got := at.UTC().Format(time.RFC3339); want != "" && (err != nil || got != want) || want == "" && err == nil {
			t.Errorf("--at %q is %s, %v; want %q", in, got, err, want)
		}
	}
	for in, want := range map[string]string{
		"": "2026-03-29", "today": "2026-03-29", "tomorrow": "2026-03-30", "yesterday": "2026-03-28", "2024-02-29": "2024-02-29", "2026-02-29": "", "0001-01-01": "", "9999-01-01": "",
	} {
		day, err := parseDay(in, now)
		if want != "" && (err != nil || day.String() != want) || want == "" && err == nil {
			t.Errorf("--day %q is %s, %v; want %q", in, day, err, want)
		}
	}
}

// What clocks show twice is the first of both, and the other one is named.
func TestTariffAtAnHourThatComesTwice(t *testing.T) {
	for _, tt := range []struct{ zone, in, first, second string }{
		{"Europe/Berlin", "2026-10-25 02:30", "2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"},
		{"Australia/Lord_Howe", "2026-04-05 01:45", "2026-04-05T01:45:00+11:00", "2026-04-05T01:45:00+10:30"},
		{"America/Santiago", "2026-04-04 23:00", "2026-04-04T23:00:00-03:00", "2026-04-04T23:00:00-04:00"},
	} {
		zone, err := time.LoadLocation(tt.zone)
		if err != nil {
			t.Fatal(err)
		}
		at, note, err := parseAt(tt.in, time.Date(2026, 6, 1, 0, 0, 0, 0, zone))
		if got := localTime(at); err != nil || got != tt.first || !strings.Contains(note, "--at "+tt.second) {
			t.Errorf("--at %q is %s, %v, %q; want %s and to hear of %s", tt.in, got, err, note, tt.first, tt.second)
		}
	}
}

// TestTariffShowSays looks for single lines, with the zone in the tariff.
func TestTariffShowSays(t *testing.T) {
	const (
		tokyo = `{currency: JPY, time_zone: Asia/Tokyo, price_per_kwh: 36.40, adders: [{name: 燃料費調整額, per_kwh: -8.45}, {name: tax, per_kwh: 3.98}]}`
		dated = `{currency: EUR, time_zone: Europe/Berlin, versions: [{price_per_kwh: 0.30}, {from: 2026-06-03, price_per_kwh: 0.31}]}`
		apia  = `{currency: WST, time_zone: Pacific/Apia, price_per_kwh: 0.9}`
	)
	for _, tt := range []struct{ name, tariff, day, at, want string }{
		{"wide letters", tokyo, "", "12:00", "  base            36.40  price_per_kwh\n  + 燃料費調整額  -8.45\n  + tax            3.98\n  = price         31.93 JPY/kWh\n"},
		{"the version of the day", dated, "2026-06-02", "", "EUR per kWh\n0.30 EUR/kWh\n\n"},
		{"and of the next", dated, "2026-06-03", "", "EUR per kWh\n0.31 EUR/kWh, from 2026-06-03 on\n\n"},
		{"a day that was left out", apia, "2011-12-30", "", "Clocks in Pacific/Apia left this day out.\n"},
		{"an hour that comes twice", dated, "", "2026-10-25 02:30", "Clocks show 02:30 twice on that day."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cfg, err := config.Parse("f", []byte("tariff: "+tt.tariff+"\n"), configFormats())
			if err != nil {
				t.Fatal(err)
			}
			tr, err := loadTariff(cfg)
			if err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			s := tariffShow{env: env{stdout: &out}, day: tt.day, at: tt.at, width: 120}
			if err := s.run(t.Context(), cfg, tr, time.Date(2026, 6, 20, 4, 0, 0, 0, time.UTC)); err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(out.String(), tt.want) {
				t.Errorf("%q is not in\n%s", tt.want, out.String())
			}
		})
	}
}

func TestBars(t *testing.T) {
	both := barScale{low: -1, high: 3, cells: 9}
	for _, tt := range []struct {
		scale barScale
		value float64
		want  string
	}{
		{barScale{high: 4, cells: 4}, 2, "██  "},
		{barScale{high: 4, cells: 4}, 2.5, "██▌ "},
		{barScale{high: 4, cells: 4}, 4, "████"},
		{barScale{high: 4, cells: 4}, 0.001, "▏   "},
		{barScale{high: 4, cells: 4}, 0, "    "},
		{barScale{high: 4, cells: 4, ascii: true}, 2.5, "### "},
		{both, 3, "  │██████"},
		{both, -1, "██│      "},
		{both, -0.25, " ▐│      "},
		{both, 0, "  │      "},
		{barScale{low: -2, cells: 4}, -1, " ▐█│"},
		{barScale{low: -1, high: 1e9, cells: 4}, -1, "█│  "},
		{barScale{cells: 3}, 0, "   "},
		{barScale{high: 1, cells: 0}, 1, ""},
	} {
		if got := tt.scale.draw(tt.value); got != tt.want {
			t.Errorf("%v on %+v is %q, want %q", tt.value, tt.scale, got, tt.want)
		}
	}
}

// Colours only add to a drawing.
func TestTariffColors(t *testing.T) {
	cfg, err := config.Parse("f", []byte(`tariff: {currency: EUR, time_zone: UTC, price_per_kwh: 0.3, windows: [{name: night, from: "00:00", to: "06:00", price_per_kwh: 0.2}]}`), configFormats())
	if err != nil {
		t.Fatal(err)
	}
	tr, err := loadTariff(cfg)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 6, 20, 14, 0, 0, 0, time.UTC)
	d := newTariffDay(tr, tariff.DateOf(now), now)
	plain, colored := d.draw("x", "", canvas{width: 80}), d.draw("x", "", canvas{width: 80, color: true})
	if n := strings.Count(colored, "\x1b[32m"); n != 6 {
		t.Errorf("%d lines are green, want the 6 lowest", n)
	}
	if n := strings.Count(colored, "\x1b[1m"); n != 1 {
		t.Errorf("%d lines are bold, want the present one", n)
	}
	for _, code := range []string{"\x1b[32m", "\x1b[1m", "\x1b[0m"} {
		colored = strings.ReplaceAll(colored, code, "")
	}
	if colored != plain {
		t.Errorf("without its colours it is\n%s\nwant\n%s", colored, plain)
	}
}
