package report_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/exporter/report"
	"github.com/sovmeter/sovmeter/store"
)

// tag is a part of a slot of the model m.
func tag(s store.ModelSlot, client, project string, decode energy.Joules, ok int64) store.TaggedSlot {
	return store.TaggedSlot{Client: client, Project: project, ModelSlot: store.ModelSlot{Start: s.Start, Server: s.Server, Model: s.Model,
		Decode: decode, OK: ok, Output: 10 * ok, Answered: store.Tokens{Output: 10 * ok}}}
}

// tagged has a model's slot with parts of two clients, one for two projects.
func tagged(t *testing.T) report.Inputs {
	t.Helper()
	p, in, now := oneHour(t)
	m := &in.Models[0]
	m.Prefill, m.Decode, m.OK, m.Output, m.Busy, m.Error = 0, 1000, 10, 100, 60, 50
	m.Answered.Output = 100
	in.Tagged = []store.TaggedSlot{tag(*m, "editor", "web", 400, 4), tag(*m, "editor", "", 100, 1), tag(*m, "shell", "web", 200, 2)}
	return report.Inputs{Period: p, Range: in, Now: now, Tariff: flat(t, 0.36, "EUR"), Plan: byToken{}}
}

func TestByClientAndProject(t *testing.T) {
	type row struct {
		Name     string
		Requests int64
		Joules   energy.Joules
		Nanos    int64
		Output   int64
		Saved    int64
	}
	for by, want := range map[report.By][]row{
		report.ByClient:  {{"editor", 5, 500, 50_000, 50, 94}, {"shell", 2, 200, 20_000, 20, 38}, {"", 3, 300, 30_000, 30, 57}},
		report.ByProject: {{"web", 6, 600, 60_000, 60, 113}, {"", 4, 400, 40_000, 40, 76}},
	} {
		in := tagged(t)
		in.By = by
		r, err := report.Build(in)
		if err != nil {
			t.Fatal(err)
		}
		var got []row
		for _, g := range r.Groups {
			got = append(got, row{g.Name, g.Sum.Requests, g.Sum.Energy(), g.Sum.Marginal.Money.Nanos, g.Sum.Output.N, g.Sum.Saved[0].Amount.Money.Nanos})
			if g.Sum.Busy.Known || g.Sum.Error != 0 || g.Sum.Active != 0 || g.Whole != nil {
				t.Errorf("%s has what only the model has: %+v", g.Name, g.Sum)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("by %s (-want +got):\n%s", by, diff)
		}
	}
}

// Parts that are all of a model leave nothing, though their floats do not sum to
// it and the price rounds the difference to a billionth.
func TestNothingIsLeftOfWhatIsAllTagged(t *testing.T) {
	in := tagged(t)
	in.By = report.ByClient
	m := &in.Range.Models[0]
	m.Decode, m.OK, m.Output, m.Answered.Output = 54_000, 2, 20, 20 // 1.5 billionths
	in.Tariff = flat(t, 0.0000001, "EUR")
	in.Range.Tagged = []store.TaggedSlot{tag(*m, "a", "", 27_000, 1), tag(*m, "b", "", 26_999.999999, 1)}
	r, err := report.Build(in)
	if err != nil {
		t.Fatal(err)
	}
	var nanos int64
	for _, g := range r.Groups {
		nanos += g.Sum.Marginal.Money.Nanos
	}
	if len(r.Groups) != 2 || nanos != r.Bases[0].Cost.Money.Nanos || nanos != 2 {
		t.Errorf("%d rows cost %d nanos, all %v", len(r.Groups), nanos, r.Bases[0].Cost)
	}
}

func TestTagsOfOtherSlotsAreNotMixedUp(t *testing.T) {
	in := tagged(t)
	in.By = report.ByClient
	early, late := in.Range.Tagged[0], in.Range.Tagged[2]
	early.Start, late.Model = early.Start.Add(-2*store.SlotLength), "unheard of"
	in.Range.Tagged = []store.TaggedSlot{in.Range.Tagged[1], late, early} // in no order
	r, err := report.Build(in)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Groups) != 2 || r.Groups[0].Name != "editor" || r.Groups[0].Sum.Requests != 1 || r.Groups[1].Sum.Requests != 9 {
		t.Errorf("got %+v", r.Groups)
	}
}

func TestByServer(t *testing.T) {
	in := tagged(t)
	in.By = report.ByServer
	other := in.Range.Models[0]
	other.Model, other.Prefill = "n", 1
	away := other
	away.Server = "elsewhere"
	in.Range.Models = append(in.Range.Models, other, away)
	r, err := report.Build(in)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Groups) != 2 || r.Groups[0].Name != "s" || r.Groups[0].Sum.Requests != 20 || r.Groups[0].Sum.Server != "s" || r.Groups[0].Sum.Model != "" {
		t.Errorf("got %+v", r.Groups)
	}
	if g := r.Groups[1]; g.Name != "elsewhere" || g.Sum.Model != "n" || g.Sum.Energy() != 1001 {
		t.Errorf("got %+v", g)
	}
}
