package reporttest

import (
	"bytes"
	"fmt"

	"github.com/sovmeter/sovmeter/exporter/report"
)

// Renderings are one report in several formats.
type Renderings map[report.Format][]byte

// Render writes the report in every format that package report draws.
func Render(r report.Report, o report.Options) (Renderings, error) {
	out := Renderings{}
	for _, f := range report.Formats() {
		if f == report.HTML {
			continue
		}
		var b bytes.Buffer
		if err := report.Write(&b, r, f, o); err != nil {
			return nil, fmt.Errorf("write %s: %w", f, err)
		}
		out[f] = b.Bytes()
	}
	return out, nil
}

// faults collects what does not agree.
type faults []string

func (f *faults) add(format string, args ...any) { *f = append(*f, fmt.Sprintf(format, args...)) }

// Disagreements says, a sentence each, where the formats differ. It is empty
// when all agree.
func (out Renderings) Disagreements() []string {
	var f faults
	truth, err := readCSV(out[report.CSV])
	if err != nil {
		return []string{fmt.Sprintf("csv: %v", err)}
	}
	doc, err := readJSON(out[report.JSON])
	if err != nil {
		return []string{fmt.Sprintf("json: %v", err)}
	}
	f.compareJSON(truth, doc)
	f.compareJSONL(truth, out[report.JSONL])
	f.comparePrometheus(truth, doc, out[report.Prometheus])
	f.compareTables(truth, doc, out)
	f.compareHeads(doc, out)
	f.compareOneLine(truth, doc, out[report.OneLine])
	f.compareTotals(truth, doc)
	return f
}
