package report_test

import (
	"strings"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/exporter/report"
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
	r, err := report.Build(p, in, rising{low, in.System[1].Start, low, high}, now)
	if err != nil {
		t.Fatal(err)
	}
	out := strings.Join(strings.Fields(tableText(t, r, report.Options{Width: 120})), " ")
	for _, want := range []string{
		"soc: CPU, GPU and Neural Engine as powermetrics models them; the wall socket shows more",
		"30 min measured of 1 h (50 %)",
		"0.1 to 0.3 EUR per kWh",
		"up to 0.0278 Wh (10 % of the requests' energy) may be another request's",
		"26 % of the baseline", "30 % of the requests' energy is estimated", "20 % was split",
		"UTC; Wed 4 Mar 2026 00:00 to 01:00; widened to full quarters of an hour",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("lacks %q:\n%s", want, out)
		}
	}
}

func TestSecondsBehindAreNoGapInTheTable(t *testing.T) {
	p, in, _ := oneHour(t)
	in.First = p.Since
	in.System[0].Measured += 15 * time.Minute // from midnight on
	r, err := report.Build(p, in, nil, in.Last.Add(4*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Gaps) != 1 || r.Gaps[0].Length != 4*time.Second {
		t.Errorf("gaps = %+v, want 4 s", r.Gaps)
	}
	if out := tableText(t, r, report.Options{}); strings.Contains(out, "Not measured") {
		t.Errorf("mentions them:\n%s", out)
	}
	r.Gaps[0].Reason = attribution.GapSleep
	if out := tableText(t, r, report.Options{}); !strings.Contains(out, "4 s  the machine slept") {
		t.Errorf("hides a gap with a reason:\n%s", out)
	}
}
