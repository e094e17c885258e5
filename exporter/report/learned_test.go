package report_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/exporter/report"
	"github.com/sovmeter/sovmeter/store"
)

// learnedReport is of model m on server s, with what is learned of the models
// given.
func learnedReport(t *testing.T, learned ...store.Learned) report.Report {
	t.Helper()
	p, in, now := oneHour(t)
	in.Models[0].Shared = 10
	in.Learned = learned
	r, err := report.Build(report.Inputs{Period: p, Range: in, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// tokens are those of a model with tiny prompts, learned at the given time.
func tokens(server, model string, last time.Time) store.Learned {
	return store.Learned{Server: server, Model: model, Scope: attribution.ScopeSMC, Decode: store.TokenEnergy{Energy: 0.5, Error: 0.0001, Known: true},
		Step: 0.25, Batch: 4, Rows: 30, First: last.Add(-time.Hour), Last: last}
}

func TestLearnedOfTheModelsInTheReportAlone(t *testing.T) {
	_, in, now := oneHour(t)
	none := store.Learned{Server: "s", Model: "m", Rows: 30, Last: now}
	for _, others := range [][]store.Learned{nil, {tokens("t", "m", now)}, {tokens("s", "n", now)}, {none}} {
		out := tableText(t, learnedReport(t, others...), report.Options{})
		if strings.Contains(out, "What a token") {
			t.Errorf("with %+v: a table of what is not learned of m at s:\n%s", others, out)
		}
		if !strings.Contains(out, "too little is learned of") {
			t.Errorf("with %+v: does not say that tokens are weighed by their time:\n%s", others, out)
		}
	}
	r := learnedReport(t, tokens("s", "n", now), tokens("s", "m", in.Since))
	out := tableText(t, r, report.Options{})
	if !strings.Contains(out, "\nm                      n/a    n/a   0.500   <0.1    4.0  1 h\n") {
		t.Errorf("no row of m:\n%s", out)
	}
	if strings.Contains(out, "too little") {
		t.Errorf("says that nothing is learned:\n%s", out)
	}
}

func TestLearnedJSON(t *testing.T) {
	_, in, _ := oneHour(t)
	got := parse(t, writeJSON(t, learnedReport(t, tokens("s", "m", in.Since)))).(map[string]any)["learned"]
	want := []any{map[string]any{
		"server": "s", "model": "m", "scope": "smc", "prompt_token_joules": nil, "prompt_token_error_joules": nil,
		"output_token_joules": 0.5, "output_token_error_joules": 0.0001, "decode_step_joules": 0.25, "mean_batch_size": 4.0,
		"rows": 30.0, "first_row_at": "2026-03-03T23:00:00Z", "last_row_at": "2026-03-04T00:00:00Z", "age_seconds": 3600.0,
	}}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// Learning goes on after the period, and a recording's clock may stand still.
func TestAge(t *testing.T) {
	_, in, now := oneHour(t)
	for _, tt := range []struct {
		last time.Time
		want string
	}{
		{now.Add(time.Minute), "0 s"}, {now.Add(-59 * time.Second), "59 s"}, {now.Add(-time.Minute), "1 min"}, {in.Since, "1 h"},
		{now.Add(-47 * time.Hour), "47 h"}, {now.Add(-2399 * time.Hour), "99 d"}, {now.AddDate(-3, 0, 0), "1,096 d"},
	} {
		out := tableText(t, learnedReport(t, tokens("s", "m", tt.last)), report.Options{})
		if !strings.Contains(out, "  4.0  ") || !strings.Contains(out, " "+tt.want+"\nAbove") {
			t.Errorf("learned at %s: no age of %s:\n%s", tt.last, tt.want, out)
		}
	}
}
