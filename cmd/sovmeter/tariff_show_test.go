package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/sovmeter/sovmeter/cmd/sovmeter/config"
)

// shownTariffs are drawn into testdata/tariff; -update writes what is drawn.
func shownTariffs(t *testing.T) []struct{ name, tariff, day, at string } {
	t.Helper()
	spot := filepath.Join(t.TempDir(), "spot.csv")
	var b strings.Builder
	b.WriteString("# sovmeter series v1\n# unit: EUR/kWh\nstart,end,value\n")
	begin := time.Date(2026, 6, 6, 22, 0, 0, 0, time.UTC)
	for hour, cents := range []int{9, 8, 7, 7, 8, 9, 10, 9, 5, 1, -2, -5, -8, -8, -5, 0, 4, 9, 14, 17, 16, 13} {
		for quarter := range 4 {
			at := begin.Add(time.Duration(hour)*time.Hour + time.Duration(quarter)*15*time.Minute)
			step := 0
			if hour == 9 || hour == 15 {
				step = quarter
			}
			fmt.Fprintf(&b, "%s,%s,%.3f\n", at.Format(time.RFC3339), at.Add(15*time.Minute).Format(time.RFC3339), float64(cents*10-step*10)/1000)
		}
	}
	if err := os.WriteFile(spot, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	const use = `{currency: EUR, price_per_kwh: 0.29, adders: [{name: grid fee, per_kwh: 0.09}], tax: 0.19,
  windows: [{name: night, from: "22:00", to: "06:00", price_per_kwh: 0.21}, {name: evening peak, from: "17:30", to: "20:00", days: [mon-fri], price_per_kwh: 0.36}],
  solar: {feed_in_per_kwh: 0.08, windows: [{from: "10:00", to: "15:00", months: [apr-sep], share: 0.6}]}}`
	dynamic := `{currency: EUR, versions: [{from: 2026-06-01, series: {file: ` + spot + `, factor: 1.03, adder: 0.018}, tax: 0.19}]}`
	return []struct{ name, tariff, day, at string }{
		{"windows", use, "2026-06-02", ""},
		{"spring", use, "2026-03-29", ""},
		{"autumn", use, "2026-10-25", ""},
		{"negative", dynamic, "2026-06-07", ""},
		{"flat", "{currency: EUR, price_per_kwh: 0.30}", "2026-06-02", ""},
		{"before", dynamic, "2026-05-31", ""},
		{"at_noon", use, "", "2026-06-02 12:07"},
		{"at_night", use, "", "2026-06-02 23:59"},
		{"at_series", dynamic, "", "2026-06-07 12:00"},
		{"at_hole", dynamic, "", "2026-06-07 23:30"},
	}
}

func TestTariffIsDrawn(t *testing.T) {
	now := time.Date(2026, 6, 2, 12, 40, 0, 0, time.UTC)
	for _, tt := range shownTariffs(t) {
		cfg, err := config.Parse("f", []byte("time_zone: Europe/Berlin\ntariff: "+tt.tariff+"\n"), configFormats())
		if err != nil {
			t.Fatal(err)
		}
		tr, err := loadTariff(cfg)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			suffix string
			width  int
			ascii  bool
		}{{"60", 60, false}, {"80", 80, false}, {"120", 120, false}, {"ascii", 72, true}} {
			t.Run(tt.name+" "+c.suffix, func(t *testing.T) {
				var out bytes.Buffer
				s := tariffShow{env: env{stdout: &out}, day: tt.day, at: tt.at, width: c.width, ascii: c.ascii}
				if err := s.run(context.Background(), cfg, tr, now); err != nil {
					t.Fatal(err)
				}
				for line := range strings.Lines(out.String()) {
					if text.StringWidthWithoutEscSequences(strings.TrimSuffix(line, "\n")) > c.width {
						t.Errorf("a line is wider than %d: %q", c.width, line)
					}
				}
				if c.ascii && strings.ContainsFunc(out.String(), func(r rune) bool { return r > 0x7e }) {
					t.Error("not only ASCII was drawn")
				}
				if c.suffix == "120" && tt.at != "" {
					return // as at 80
				}
				golden(t, filepath.Join("testdata/tariff", tt.name+"_"+c.suffix+".txt"), out.String())
			})
		}
	}
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); d != "" {
		t.Errorf("%s: go test ./cmd/sovmeter -run %s -update writes it (-want +got):\n%s", file, t.Name(), d)
	}
}
