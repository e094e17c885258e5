package report_test

import (
	"strings"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/exporter/report"
	"github.com/sovmeter/sovmeter/store"
)

// rising costs 0.1 before a time and 0.3 from then on.
type rising struct {
	cost.Tariff
	from         time.Time
	before, then cost.Tariff
}

func (r rising) At(slot time.Time) (cost.Price, bool) {
	if slot.Before(r.from) {
		return r.before.At(slot)
	}
	return r.then.At(slot)
}

func TestFooterTellsWhatTheFiguresRestOn(t *testing.T) {
	_, in, now := oneHour(t)
	p := period(t, report.Spec{Since: "2026-03-04 00:05"}, now, time.UTC)
	low, high := flat(t, 0.1, "EUR"), flat(t, 0.3, "EUR")
	in.System[0].BaselineAssumed = 450
	in.Models[0].Error, in.Models[0].Shared, in.Models[0].Estimated = 100, 200, 300
	r, err := report.Build(report.Inputs{Period: p, Range: in, Tariff: rising{low, in.System[1].Start, low, high}, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	out := strings.Join(strings.Fields(tableText(t, r, report.Options{Width: 120})), " ")
	for _, want := range []string{
		"soc: CPU, GPU and Neural Engine as powermetrics models them; the wall socket shows more",
		"30 min measured of 1 h (50 %)",
		"0.1 to 0.3 EUR per kWh",
		"as far as baseline, other programs and unexplained energy are told from it, the requests' energy at scope soc is off by less than 0.0278 Wh (10 %). " +
			"Sharing among simultaneous requests is not in that: it moves energy only between them. Nor are log times that are off, energy counters that lag, and requests that no line tells of; nor are powermetrics' own error and what was not measured (30 min) ",
		"26 % of the baseline", "30 % of the requests' energy is estimated", "20 % of the requests' energy was split among simultaneous ones",
		"too little is learned of the tokens of m, so the time they take",
		"UTC; Wed 4 Mar 2026 00:00 to 01:00; widened to full quarters of an hour",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("lacks %q:\n%s", want, out)
		}
	}
}

func TestErrorTellsWhatItHolds(t *testing.T) {
	build := func(change func(*store.Range)) string {
		p, in, now := oneHour(t)
		change(&in)
		r, err := report.Build(report.Inputs{Period: p, Range: in, Now: now})
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(strings.Fields(tableText(t, r, report.Options{Width: 60})), " ")
	}
	second := func(in *store.Range) {
		in.Models[0].Error = 100
		in.Models = append(in.Models, store.ModelSlot{Start: in.Models[0].Start, Server: "s", Model: "n", Prefill: 400, Error: 8, Shared: 1, OK: 3, Unmetered: 1, Partial: 1})
	}
	for _, tt := range []struct {
		name   string
		change func(*store.Range)
		want   string
	}{
		{"no error known", func(*store.Range) {}, "nothing puts the requests' energy together in doubt."},
		{"no requests", func(in *store.Range) { in.Models = nil }, "no energy was booked to requests"},
		{"models", second, "off by less than 0.0300 Wh (7.7 %), and a model's by less than its ± %. Sharing"},
		{"no room for models", func(in *store.Range) {
			second(in)
			in.Models[0].Output, in.Models[1].Model = 1e18, strings.Repeat("n", 30)
		},
			"and the models', from the top, by less than 10 % and 2.0 %. Sharing"},
		{"two models", second, "only between them, of one model or of two."},
		{"not measured", second, "what was not measured (30 min; 1 request; 1 request in part)"},
		{"not learned", second, "too little is learned of the tokens of n, so"},
		{"all measured", func(in *store.Range) { in.System[0].Measured += 30 * time.Minute }, "nor is powermetrics' own error Assumed nothing but the scope"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if out := build(tt.change); !strings.Contains(out, tt.want) {
				t.Errorf("lacks %q:\n%s", tt.want, out)
			}
		})
	}
}

func TestSecondsBehindAreNoGapInTheTable(t *testing.T) {
	p, in, _ := oneHour(t)
	in.First = p.Since
	in.System[0].Measured += 15 * time.Minute // from midnight on
	r, err := report.Build(report.Inputs{Period: p, Range: in, Now: in.Last.Add(4 * time.Second)})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Gaps) != 1 || r.Gaps[0].Length != 4*time.Second {
		t.Errorf("gaps = %+v, want 4 s", r.Gaps)
	}
	if out := tableText(t, r, report.Options{}); strings.Contains(out, "Not measured") || strings.Contains(out, "was not measured") {
		t.Errorf("mentions them:\n%s", out)
	}
	r.Gaps[0].Reason = attribution.GapSleep
	if out := tableText(t, r, report.Options{}); !strings.Contains(out, "4 s  the machine slept") {
		t.Errorf("hides a gap with a reason:\n%s", out)
	}
}
