package report

import (
	"io"
	"strconv"
	"strings"
	"time"
)

// promPrefix begins all names of metrics of a report. They are gauges: a report
// of another period has other values, up or down.
const promPrefix = "sovmeter_report_"

// writePrometheus writes the figures in the text exposition format, for a
// textfile collector or a push gateway. Unknown figures are absent.
func writePrometheus(w io.Writer, r Report) error {
	grids := Grids(r, Options{})
	var out strings.Builder
	for _, f := range append(r.promPeriod(), promFamilies(r)...) {
		f.write(&out, grids)
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// family is one metric: its samples and the columns that it has more from.
type family struct {
	name, help string // without the prefix
	samples    []sample
	columns    []promColumn
}

// sample is one value.
type sample struct {
	labels []label
	value  string // empty: unknown
}

type label struct{ name, value string }

// promColumn is a column of a grid, each of whose rows is a sample.
type promColumn struct {
	grid   GridName
	key    string
	labels []promLabel
	times  int64  // a whole number to multiply by, for units; 0: none
	only   string // the rows whose first column has this value; empty: all
}

// promLabel is a label with a value of its own, or that of a column.
type promLabel struct{ name, value, column string }

// write writes the metric, or nothing when it has no sample.
func (f family) write(out *strings.Builder, grids []Grid) {
	samples := f.samples
	for _, c := range f.columns {
		samples = append(samples, c.samples(grids)...)
	}
	name, head := promPrefix+f.name, true
	for _, s := range samples {
		if s.value == "" {
			continue
		}
		if head {
			out.WriteString("# HELP " + name + " " + promHelp(f.help) + "\n# TYPE " + name + " gauge\n")
			head = false
		}
		out.WriteString(name + promLabels(s.labels) + " " + s.value + "\n")
	}
}

// samples are the values of the column.
func (c promColumn) samples(grids []Grid) []sample {
	g, ok := Find(grids, c.grid)
	at := g.Index(c.key)
	if !ok || at < 0 {
		return nil
	}
	columns := make([]int, len(c.labels))
	for i, l := range c.labels {
		columns[i] = g.Index(l.column)
	}
	var out []sample
	for _, row := range g.Rows {
		if row.Kind != RowItem || c.only != "" && row.Cells[0].Raw != c.only {
			continue
		}
		s := sample{value: scaled(row.Cells[at].Raw, c.times), labels: make([]label, len(c.labels))}
		for i, l := range c.labels {
			s.labels[i] = label{l.name, l.value}
			if columns[i] >= 0 {
				s.labels[i].value = row.Cells[columns[i]].Raw
			}
		}
		out = append(out, s)
	}
	return out
}

// scaled is a whole number in another unit.
func scaled(raw string, times int64) string {
	if times == 0 || raw == "" {
		return raw
	}
	n, err := strconv.ParseInt(raw, 10, 64)
	if err != nil {
		return ""
	}
	return strconv.FormatInt(n*times, 10)
}

// promLabels writes labels in braces; without any it writes nothing.
func promLabels(labels []label) string {
	if len(labels) == 0 {
		return ""
	}
	parts := make([]string, len(labels))
	for i, l := range labels {
		parts[i] = l.name + `="` + promValue(l.value) + `"`
	}
	return "{" + strings.Join(parts, ",") + "}"
}

// promValue is a name within quotes: valid UTF-8 without control characters, so
// that two of the format's three escapes are enough.
func promValue(s string) string {
	if s = Clean(s); !strings.ContainsAny(s, `\"`) {
		return s
	}
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s)
}

func promHelp(s string) string {
	return strings.NewReplacer(`\`, `\\`, "\n", `\n`).Replace(s)
}

// promPeriod says which time the report is about.
func (r Report) promPeriod() []family {
	one := func(name, help, value string) family {
		return family{name: name, help: help, samples: []sample{{value: value}}}
	}
	at := func(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }
	return []family{
		one("generated_timestamp_seconds", "Unix time at which the report was made.", at(r.Now)),
		one("start_timestamp_seconds", "Unix time at which the period of the report begins.", at(r.Period.Since)),
		one("end_timestamp_seconds", "Unix time at which the period of the report ends.", at(r.Period.Until)),
		one("elapsed_seconds", "How much of the period has passed.", exact(r.Elapsed.Seconds())),
		one("measured_seconds", "How much of that was measured.", exact(r.Measured.Seconds())),
		one("coverage_ratio", "The measured part of the period so far.", exact(r.Coverage())),
	}
}
