package report_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/sovmeter/sovmeter/exporter/report"
)

func written(t testing.TB, r report.Report, f report.Format, o report.Options) string {
	t.Helper()
	var out bytes.Buffer
	if err := report.Write(&out, r, f, o); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestFormatsGolden(t *testing.T) {
	for name, tt := range map[string]struct {
		format report.Format
		by     report.By
	}{
		"models.csv":   {report.CSV, report.ByModel},
		"days.csv":     {report.CSV, report.ByDay},
		"clients.csv":  {report.CSV, report.ByClient},
		"models.jsonl": {report.JSONL, report.ByModel},
		"report.md":    {report.Markdown, report.ByModel},
		"report.prom":  {report.Prometheus, report.ByModel},
		"days.prom":    {report.Prometheus, report.ByDay},
		"oneline.txt":  {report.OneLine, report.ByModel},
		"scopes.txt":   {report.OneLine, report.ByModel},
		"scopes.md":    {report.Markdown, report.ByModel},
		"scopes.prom":  {report.Prometheus, report.ByModel},
		"scopes.csv":   {report.CSV, report.ByHour},
		"scopes.jsonl": {report.JSONL, report.ByDay},
	} {
		t.Run(name, func(t *testing.T) {
			r := economic(t)
			if tt.by != report.ByModel {
				r = byGroup(t, tt.by)
			}
			if strings.HasPrefix(name, "scopes") {
				r = mixed(t, tt.by)
			}
			checkGolden(t, name, []byte(written(t, r, tt.format, report.Options{})))
		})
	}
}

func TestParseFormat(t *testing.T) {
	for _, f := range report.Formats() {
		if got, err := report.ParseFormat(string(f)); err != nil || got != f {
			t.Errorf("%s reads as %q, %v", f, got, err)
		}
	}
	want := `format "xml": want table, json, jsonl, csv, markdown, html, prom or oneline: unknown format`
	if _, err := report.ParseFormat("xml"); !errors.Is(err, report.ErrFormat) || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if err := report.Write(&bytes.Buffer{}, golden(t), report.HTML, report.Options{}); !errors.Is(err, report.ErrFormat) {
		t.Errorf("HTML: got %v, want ErrFormat", err)
	}
}

// What is written for Prometheus is what it takes without a warning.
func TestPrometheusIsValid(t *testing.T) {
	for name, r := range drawn(t) {
		t.Run(name, func(t *testing.T) {
			text := written(t, r, report.Prometheus, report.Options{})
			problems, err := promlint.New(strings.NewReader(text)).Lint()
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range problems {
				t.Errorf("%s: %s", p.Metric, p.Text)
			}
			parser := expfmt.NewTextParser(model.LegacyValidation)
			families, err := parser.TextToMetricFamilies(strings.NewReader(text))
			if err != nil {
				t.Fatal(err)
			}
			for name, family := range families {
				if !strings.HasPrefix(name, "sovmeter_report_") || family.GetHelp() == "" {
					t.Errorf("%s has another name or no help", name)
				}
			}
		})
	}
}

// evil is a name that would be a formula, a table, a link, a tag, a second line
// and the end of a string.
const evil = "=cmd|' /C calc'!A0\n|a|`b`<script>*_x_[l](http://e)\",#\\\x1b[2J"

func TestNamesAreOnlyNames(t *testing.T) {
	r := economic(t)
	r.Models[0].Model, r.Models[0].Server, r.Remote[0].Model = evil, "@"+evil, "-"+evil
	const clean = "=cmd|' /C calc'!A0?|a|`b`<script>*_x_[l](http://e)\",#\\?[2J"

	lines, err := csv.NewReader(strings.NewReader(written(t, r, report.CSV, report.Options{}))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if got := lines[1][:2]; got[0] != "'"+clean || got[1] != "'@"+clean {
		t.Errorf("csv has %q", got)
	}
	var row map[string]any
	line, _, _ := strings.Cut(written(t, r, report.JSONL, report.Options{}), "\n")
	if err := json.Unmarshal([]byte(line), &row); err != nil || row["model"] != evil {
		t.Errorf("jsonl has %q, %v", row["model"], err)
	}
	markdown := written(t, r, report.Markdown, report.Options{})
	if want := "| =cmd\\|' /C calc'\\!A0?\\|a\\|\\`b\\`\\<script\\>\\*\\_x\\_\\[l\\](http\\://e)\",\\#\\\\?\\[2J |"; !strings.Contains(markdown, want) {
		t.Errorf("markdown lacks %s:\n%s", want, markdown)
	}
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(written(t, r, report.Prometheus, report.Options{})))
	if err != nil {
		t.Fatal(err)
	}
	got := ""
	for _, l := range families["sovmeter_report_active_seconds"].GetMetric()[0].GetLabel() {
		if l.GetName() == "model" {
			got = l.GetValue()
		}
	}
	if got != clean {
		t.Errorf("prom has %q, want %q", got, clean)
	}
	for _, f := range []report.Format{report.Table, report.OneLine, report.Markdown, report.Prometheus} {
		if text := written(t, r, f, report.Options{}); strings.Contains(text, "\x1b") {
			t.Errorf("%s has a control character", f)
		}
	}
}

func TestOneLine(t *testing.T) {
	for name, tt := range map[string]struct {
		report  report.Report
		options report.Options
		want    string
	}{
		"all known": {economic(t), report.Options{}, "309 Wh · 0.0579 EUR · 1,781 calls · avoided 2.30 EUR · 86 % covered"},
		"ascii":     {golden(t), report.Options{ASCII: true}, "309 Wh | 0.0579 EUR | 1,781 calls | 86 % covered"},
		"nothing":   {variants(t)["nothing known"], report.Options{}, "energy n/a · 3 calls · 0 % covered"},
	} {
		if got := written(t, tt.report, report.OneLine, tt.options); got != tt.want+"\n" {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}
