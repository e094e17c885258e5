package report_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/exporter/report"
	"github.com/sovmeter/sovmeter/store"
)

// recording is a report of half a minute, with its end as the present.
func recording(t testing.TB) report.Report {
	t.Helper()
	since := time.Date(2026, 3, 4, 16, 57, 3, 0, time.UTC)
	until := since.Add(32 * time.Second)
	in := store.Range{First: since, Last: until,
		System: []store.SystemSlot{{Start: since.Truncate(store.SlotLength), Scope: attribution.ScopeSoC, Energy: 320,
			Inference: 320, Measured: 32 * time.Second}},
		Models: []store.ModelSlot{{Start: since.Truncate(store.SlotLength), Server: "s", Model: "m", Prefill: 20, Decode: 300, OK: 1,
			Input: 10, Output: 100, MeteredOutput: 100, MeteredEnergy: 320, MeteredOK: 1, MeteredOKEnergy: 320}},
	}
	r, err := report.Build(report.Inputs{Period: report.Period{Title: "replay", Since: since, Until: until}, Range: in, Now: until})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestShortPeriodsShowSeconds(t *testing.T) {
	out := strings.Join(strings.Fields(tableText(t, recording(t), report.Options{Width: 100})), " ")
	for _, want := range []string{"requests: replay, Wed 4 Mar 2026 16:57:03 to 16:57:35", "UTC; Wed 4 Mar 2026 16:57:03 to 16:57:35"} {
		if !strings.Contains(out, want) {
			t.Errorf("lacks %q:\n%s", want, out)
		}
	}
	if strings.Contains(out, "so far") {
		t.Errorf("a finished recording is not so far:\n%s", out)
	}
}

// A period that begins within a slot has the energy of that slot in its curve.
func TestPowerOfAPeriodThatBeginsWithinASlot(t *testing.T) {
	r := recording(t)
	if len(r.Power) != 1 || r.Power[0].Energy != 320 {
		t.Errorf("power = %+v, want one point of 320 J", r.Power)
	}
}

func TestTableOfShortNamesFits(t *testing.T) {
	r := golden(t)
	for i := range r.Models {
		r.Models[i].Model = string(rune('a' + i))
		r.Models[i].Server = ""
	}
	r.Models = r.Models[:1]
	for width := 60; width <= 120; width++ {
		for _, line := range strings.Split(tableText(t, r, report.Options{Width: width}), "\n") {
			if w := text.StringWidthWithoutEscSequences(line); w > width {
				t.Fatalf("at %d a line has %d columns: %s", width, w, line)
			}
		}
	}
}

func TestNoDataTellsTheGaps(t *testing.T) {
	p, _, now := oneHour(t)
	at := func(s int) time.Time { return p.Since.Add(time.Duration(s) * time.Second) }
	_, err := report.Build(report.Inputs{Period: p, Range: store.Range{First: at(0), Last: at(24), Gaps: []attribution.Gap{
		{Start: at(0), End: at(10), Reason: attribution.GapUnusable},
		{Start: at(10), End: at(15), Reason: attribution.GapSleep},
		{Start: at(15), End: at(24), Reason: attribution.GapUnusable},
	}}, Now: now})
	want := "nothing metered in today, Wed 4 Mar 2026; not measured: 19 s (samples held no usable energy), 5 s (the machine slept)"
	if !errors.Is(err, report.ErrNoData) || err.Error() != want {
		t.Errorf("only gaps: %v\nwant: %s", err, want)
	}
}

// 0.000001 EUR per kWh and 1000 J: far below a billionth of a euro.
func TestTinyCostsAreNotZero(t *testing.T) {
	p, in, now := oneHour(t)
	r, err := report.Build(report.Inputs{Period: p, Range: in, Tariff: flat(t, 0.000001, "EUR"), Now: now})
	if err != nil {
		t.Fatal(err)
	}
	out := tableText(t, r, report.Options{})
	fields := strings.Fields(out)
	for i, f := range fields {
		if f == "0" && i+1 < len(fields) && fields[i+1] == "EUR" {
			t.Errorf("a cost reads 0 EUR:\n%s", out)
		}
	}
	if !slices.Contains(fields, "<0.000000001") {
		t.Errorf("no cost reads as less than a billionth:\n%s", out)
	}
	free, err := report.Build(report.Inputs{Period: p, Range: in, Tariff: flat(t, 0, "EUR"), Now: now})
	if err != nil {
		t.Fatal(err)
	}
	if out := tableText(t, free, report.Options{}); strings.Contains(out, "<0.0000") {
		t.Errorf("free energy is not free:\n%s", out)
	}
}

func TestWithoutAPrice(t *testing.T) {
	out := strings.Join(strings.Fields(tableText(t, recording(t), report.Options{})), " ")
	if !strings.Contains(out, "Price no electricity price was given") || strings.Contains(out, "configuration") {
		t.Errorf("the price is said otherwise:\n%s", out)
	}
}

func TestRailsThatTheMacDoesNotReport(t *testing.T) {
	for name, tc := range map[string]struct {
		cpu, ane time.Duration // not reported, in either slot
		want     string
	}{
		"all":      {0, 0, "soc: CPU, GPU and Neural Engine as powermetrics models them; the wall"},
		"no ane":   {0, store.SlotLength, "soc: CPU and GPU as powermetrics models them (it reports no Neural Engine here); the wall"},
		"gpu only": {store.SlotLength, store.SlotLength, "soc: GPU as powermetrics models it (it reports no CPU and no Neural Engine here); the wall"},
		"half":     {0, store.SlotLength / 2, "soc: CPU, GPU and Neural Engine as powermetrics models them (Neural Engine reported for 50 % of the time); the wall"},
	} {
		t.Run(name, func(t *testing.T) {
			p, in, now := oneHour(t)
			for i := range in.System {
				in.System[i].CPUUnknown, in.System[i].ANEUnknown = tc.cpu, tc.ane
			}
			r, err := report.Build(report.Inputs{Period: p, Range: in, Now: now})
			if err != nil {
				t.Fatal(err)
			}
			out := strings.Join(strings.Fields(tableText(t, r, report.Options{Width: 120})), " ")
			if !strings.Contains(out, tc.want) {
				t.Errorf("lacks %q:\n%s", tc.want, out)
			}
			rails := parse(t, writeJSON(t, r)).(map[string]any)["rails"].([]any)
			got := fmt.Sprint(rails)
			want := fmt.Sprintf("[map[name:cpu reported_seconds:%v] map[name:gpu reported_seconds:1800] map[name:ane reported_seconds:%v]]",
				1800-2*tc.cpu.Seconds(), 1800-2*tc.ane.Seconds())
			if got != want {
				t.Errorf("rails %s, want %s", got, want)
			}
		})
	}
}
