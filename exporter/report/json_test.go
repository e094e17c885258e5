package report_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/exporter/report"
	"github.com/sovmeter/sovmeter/store"
)

func writeJSON(t testing.TB, r report.Report) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := report.WriteJSON(&out, r); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestJSONGolden(t *testing.T) {
	checkGolden(t, "report.json", writeJSON(t, golden(t)))
	checkGolden(t, "scopes.json", writeJSON(t, mixed(t, report.ByModel)))
}

func TestJSONFollowsItsSchema(t *testing.T) {
	schema := parseSchema(t)
	all := variants(t)
	for _, by := range report.Bys() {
		all["everything by "+string(by)] = everything(t, by)
	}
	for name, r := range all {
		t.Run(name, func(t *testing.T) {
			for _, problem := range schema.check(parse(t, writeJSON(t, r))) {
				t.Error(problem)
			}
		})
	}
}

func TestSchemaCheckSeesFaults(t *testing.T) {
	schema := parseSchema(t)
	good := string(writeJSON(t, golden(t)))
	for name, change := range map[string][2]string{
		"missing field":    {`"requests": 1281,`, ``},
		"unknown field":    {`"requests": 1281,`, `"requests": 1281, "calls": 1281,`},
		"wrong type":       {`"requests": 1281,`, `"requests": "1281",`},
		"fraction":         {`"requests": 1281,`, `"requests": 1281.5,`},
		"null not allowed": {`"requests": 1281,`, `"requests": null,`},
		"other schema":     {`report/v1`, `report/v2`},
		"not a decimal":    {`"amount": "0.1118`, `"amount": "EUR 0.1118`},
		"not in the set":   {`"basis": "active"`, `"basis": "busy"`},
		"no such grouping": {`"by": "model"`, `"by": "week"`},
		"missing in a row": {`"unknown_cached_requests": 9,`, ``},
		"below 0":          {`"local_calls": `, `"local_calls": -`},
		"above 1":          {`"coverage_ratio": 0.`, `"coverage_ratio": 1.`},
	} {
		t.Run(name, func(t *testing.T) {
			bad := strings.Replace(good, change[0], change[1], 1)
			if bad == good {
				t.Fatalf("%s does not occur", change[0])
			}
			if len(schema.check(parse(t, []byte(bad)))) == 0 {
				t.Error("accepted")
			}
		})
	}
}

func TestJSONSaysNullForUnknown(t *testing.T) {
	r := variants(t)["nothing known"]
	got := parse(t, writeJSON(t, r)).(map[string]any)
	model := got["models"].([]any)[0].(map[string]any)
	for _, field := range []string{"model", "input_tokens", "cached_input_tokens", "output_tokens",
		"output_tokens_per_second", "energy_joules", "joules_per_output_token", "marginal_cost"} {
		if v, there := model[field]; !there || v != nil {
			t.Errorf("models[0].%s = %v, want null", field, v)
		}
	}
	for _, field := range []string{"one_more_call", "tariff"} {
		if got[field] != nil {
			t.Errorf("%s = %v, want null", field, got[field])
		}
	}
	if v := got["energy"].(map[string]any)["measured_joules"]; v != nil {
		t.Errorf("energy.measured_joules = %v, want null", v)
	}
}

// variants are reports of every kind.
func variants(t testing.TB) map[string]report.Report {
	t.Helper()
	since := time.Date(2026, 3, 4, 0, 0, 0, 0, time.UTC)
	now := since.Add(10 * time.Hour)
	p := period(t, report.Spec{Day: "today"}, now, time.UTC)
	at := func(r store.Range, price float64) report.Report {
		var tariff cost.Tariff
		if price >= 0 {
			tariff = flat(t, price, "EUR")
		}
		out, err := report.Build(report.Inputs{Period: p, Range: r, Tariff: tariff, Now: now})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	idle := store.Range{Since: since, Until: p.Until, First: since, Last: since.Add(time.Hour),
		System: []store.SystemSlot{{Start: since, Energy: 90, Baseline: 90, Measured: store.SlotLength}}}
	unknown := store.Range{Since: since, Until: p.Until, Models: []store.ModelSlot{
		{Start: since, Server: "llama", OK: 3, Unmetered: 3, UnknownTokens: 3, UnknownInput: 3, UnknownCached: 3, UnknownOutput: 3}}}
	away := store.Range{Since: since, Until: p.Until, Remote: []store.RemoteSlot{{Start: since, Server: "gw", Failed: 1,
		UnknownInput: 1, UnknownCached: 1, UnknownCacheWrite: 1, UnknownOutput: 1, UnknownSpend: 1}}}
	open := idle
	open.Open, open.OpenSeconds = 12, 4
	seen := store.Range{Since: since, Until: p.Until, First: since, Last: since.Add(time.Hour),
		Gaps:   []attribution.Gap{{Start: since, End: since.Add(store.SlotLength), Reason: attribution.GapPowermetrics, Scope: attribution.ScopeSMC, Energy: 45, Error: 2}},
		System: []store.SystemSlot{{Start: since, Scope: attribution.ScopeSMC, Energy: 45, Gap: 45, GapTime: store.SlotLength, Error: 2}}}
	return map[string]report.Report{
		"golden day":    golden(t),
		"mixed scopes":  mixed(t, report.ByModel),
		"mixed hours":   mixed(t, report.ByHour),
		"only a meter":  at(seen, 0.3),
		"idle":          at(idle, 0.3),
		"free":          at(idle, 0),
		"not booked":    at(open, 0.3),
		"no tariff":     at(goldenDay(since), -1),
		"nothing known": at(unknown, -1),
		"all elsewhere": at(away, 0.3),
	}
}

// everything is a report with all that there may be.
func everything(t testing.TB, by report.By) report.Report {
	t.Helper()
	in := payingDays(t, 20, 20_000_000)
	in.By, in.Basis, in.Carbon, in.PayBasis = by, cost.Loaded, wind(3), cost.Active
	in.Machine.PriceDriftRatio, in.Machine.CapitalCostRatio = -0.3, 0.05
	in.Plan = subscribed{20_000_000, 3e9}
	m := &in.Range.Models[0]
	m.UnknownTokens, m.UnknownCached = 1, 1
	in.Range.Tagged = []store.TaggedSlot{tag(*m, "editor", "web", 400, 2), tag(*m, "", "api", 100, 1)}
	in.Range.Remote = []store.RemoteSlot{{Start: in.Period.Since, Server: "gw", OK: 1, Input: 5, Spend: 7}}
	return build(t, in)
}

func parse(t testing.TB, data []byte) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatal(err)
	}
	return v
}
