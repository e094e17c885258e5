package report_test

import (
	"strings"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/exporter/cost/tariff"
	"github.com/sovmeter/sovmeter/exporter/report"
	"github.com/sovmeter/sovmeter/store"
)

// A standing charge is told for the time that has passed, and is in no cost.
func TestStandingChargeIsInNoCost(t *testing.T) {
	in := curveInputs(t)
	kWh := cost.Money{Nanos: 3_600_000_000, Currency: "EUR"}
	version := tariff.Version{Price: &kWh}
	costs := map[bool]cost.Money{}
	for _, charged := range []bool{false, true} {
		if charged {
			version.Standing = tariff.Standing{PerDay: cost.Money{Nanos: 480_000_000, Currency: "EUR"}, Share: tariff.One / 4}
		}
		priced, err := tariff.New(tariff.Spec{Currency: "EUR", Zone: in.Period.Since.Location(), Versions: []tariff.Version{version}}, tariff.Inputs{})
		if err != nil {
			t.Fatal(err)
		}
		in.Tariff = priced
		r := build(t, in)
		costs[charged] = r.Bases[2].Cost.Money
		if r.Tariff.Standing.Known != charged {
			t.Errorf("standing charge %v, known %v", charged, r.Tariff.Standing.Known)
		}
		if !charged {
			continue
		}
		// Three whole days, and nine hours of the fourth.
		if got := r.Tariff.Standing.Money.Nanos; got != 3*480_000_000+180_000_000 {
			t.Errorf("the standing charge is %d nanos", got)
		}
		want := "the standing charge of this time, 1.62 EUR, is in no cost, 0.4050 EUR of it the Mac's share"
		if text := oneLine(written(t, r, report.Table, report.Options{Width: 200})); !strings.Contains(text, want) {
			t.Errorf("the footer does not say %q:\n%s", want, text)
		}
	}
	if costs[false] != costs[true] || costs[true].Nanos == 0 {
		t.Errorf("the energy costs %v without a standing charge and %v with one", costs[false], costs[true])
	}
}

// What ran before clients were kept is not taken for nobody's.
func TestClientsThatWereNotKeptYet(t *testing.T) {
	in := curveInputs(t)
	in.By = report.ByClient
	in.Range.Tagged = []store.TaggedSlot{{Client: "editor", ModelSlot: in.Range.Models[4]}}
	in.Range.TaggedSince = in.Period.Since.Add(26 * time.Hour).UTC()
	text := oneLine(written(t, build(t, in), report.Table, report.Options{Width: 200}))
	for _, want := range []string{"(no client, or not known)", "Clients are kept since 29 Mar 2026 03:00: what ran before is in the row without a name"} {
		if !strings.Contains(text, want) {
			t.Errorf("the table lacks %q:\n%s", want, text)
		}
	}
	in.Range.TaggedSince = in.Period.Since
	if text := oneLine(written(t, build(t, in), report.Table, report.Options{Width: 200})); strings.Contains(text, "kept since") || !strings.Contains(text, "(no client)") {
		t.Errorf("clients that were always kept:\n%s", text)
	}
}

// oneLine undoes wrapping.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
