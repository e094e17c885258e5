package report_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sovmeter/sovmeter/exporter/report"
	"github.com/sovmeter/sovmeter/exporter/report/html"
	"github.com/sovmeter/sovmeter/exporter/report/reporttest"
)

// wide is room for any name on one line.
func wide() report.Options { return report.Options{Width: 320} }

func render(t testing.TB, r report.Report) reporttest.Renderings {
	t.Helper()
	out, err := reporttest.Render(r, wide())
	if err != nil {
		t.Fatal(err)
	}
	var page bytes.Buffer
	if err := html.Write(&page, r, html.Options{}); err != nil {
		t.Fatal(err)
	}
	out[report.HTML] = page.Bytes()
	return out
}

// Rows and totals of every format agree with each other, digit for digit.
func TestFormatsAgree(t *testing.T) {
	for name, r := range drawn(t) {
		t.Run(name, func(t *testing.T) {
			out := render(t, r)
			for _, fault := range append(out.Disagreements(), reporttest.Cells(report.Grids(r, wide()), out[report.JSON])...) {
				t.Error(fault)
			}
		})
	}
}

// So do those of reports that nobody would think of.
func TestFormatsAgreeOnAnything(t *testing.T) {
	zones := []*time.Location{time.UTC, location(t, "Europe/Berlin"), location(t, "Australia/Lord_Howe")}
	rapid.Check(t, func(rt *rapid.T) {
		r, err := report.Build(drawInputs(rt, zones))
		if err != nil {
			rt.Skip(err)
		}
		out := render(t, r)
		for _, fault := range append(out.Disagreements(), reporttest.Cells(report.Grids(r, wide()), out[report.JSON])...) {
			rt.Error(fault)
		}
	})
}

// A figure that is off by a digit is seen in whichever format it stands.
func TestDisagreementIsSeen(t *testing.T) {
	for name, tt := range map[string]struct {
		format    report.Format
		good, bad string
	}{
		"csv, tokens":         {report.CSV, ",520000,", ",520001,"},
		"csv, money":          {report.CSV, "0.047043358", "0.047043359"},
		"json, money":         {report.JSON, `"0.047043358"`, `"0.047043357"`},
		"json, energy":        {report.JSON, "904679.9999999998", "904679.9999999999"},
		"json, sink":          {report.JSON, "760680.0000000001", "760690.0000000001"},
		"jsonl, requests":     {report.JSONL, `"requests":1281`, `"requests":1282`},
		"jsonl, currency":     {report.JSONL, `"0.047043358","currency":"EUR"`, `"0.047043358","currency":"USD"`},
		"jsonl, a field":      {report.JSONL, `"late_requests":2,`, ``},
		"prom, outcome":       {report.Prometheus, `outcome="ok"} 1271`, `outcome="ok"} 1270`},
		"prom, cost":          {report.Prometheus, "0.010795824", "0.010795825"},
		"prom, twice":         {report.Prometheus, `phase="prefill"`, `phase="decode"`},
		"prom, a sink":        {report.Prometheus, `{sink="baseline"} 760680.0000000001`, `{sink="baseline"} 760680`},
		"table, energy":       {report.Table, "  57.7  ", "  57.8  "},
		"table, total":        {report.Table, "  1,781  ", "  1,782  "},
		"table, a sink":       {report.Table, " 211.3 ", " 211.4 "},
		"table, a comparison": {report.Table, "0.2808", "0.2809"},
		"markdown, tokens":    {report.Markdown, "| 17.1M+ |", "| 17.2M+ |"},
		"markdown, total":     {report.Markdown, "| **0.0579** |", "| **0.0578** |"},
		"markdown, unknown":   {report.Markdown, "| n/a | 0.0698 |", "| 0 | 0.0698 |"},
		"html, speed":         {report.HTML, ">48.1<", ">48.2<"},
		"html, total":         {report.HTML, ">18.4M&#43;<", ">18.5M&#43;<"},
		"html, a sink":        {report.HTML, ">211.3<", ">211.2<"},
		"oneline, energy":     {report.OneLine, "309 Wh", "310 Wh"},
		"oneline, money":      {report.OneLine, "0.0579", "0.0580"},
		"oneline, avoided":    {report.OneLine, "avoided 2.30", "avoided 2.31"},
		"table, a call":       {report.Table, "0.0000369 EUR  709", "0.0000368 EUR  709"},
		"table, a cost":       {report.Table, "0.1118 EUR", "0.1119 EUR"},
		"markdown, a cost":    {report.Markdown, "**0.1118 EUR**", "**0.1119 EUR**"},
		"html, elsewhere":     {report.HTML, "<b>2.30</b>", "<b>2.31</b>"},
		"table, a part":       {report.Table, "1.99+        2.30", "1.98+        2.30"},
		"oneline, calls":      {report.OneLine, "1,781", "1,780"},
	} {
		t.Run(name, func(t *testing.T) {
			out := render(t, economic(t))
			if !bytes.Contains(out[tt.format], []byte(tt.good)) {
				t.Fatalf("%s does not say %q:\n%s", tt.format, tt.good, out[tt.format])
			}
			out[tt.format] = bytes.Replace(out[tt.format], []byte(tt.good), []byte(tt.bad), 1)
			faults := out.Disagreements()
			if !slices.ContainsFunc(faults, func(f string) bool {
				return strings.Contains(f, string(tt.format)) || tt.format == report.JSON || tt.format == report.CSV
			}) {
				t.Errorf("nothing is said of it: %q", faults)
			}
		})
	}
}
