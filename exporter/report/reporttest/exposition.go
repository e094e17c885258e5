package reporttest

import (
	"math/big"
	"regexp"
	"slices"
	"strings"
)

// series are the samples of a Prometheus exposition by their name and labels,
// the labels sorted: `x{a="1",b="2"}`.
type series map[string]string

// readExposition reads the lines that are no comments. Sets of labels that occur
// twice are faults.
func (f *faults) readExposition(data []byte) series {
	line := regexp.MustCompile(`^([a-z_]+)(?:\{(.*)\})? (\S+)$`)
	pair := regexp.MustCompile(`([a-z_]+)="((?:[^"\\]|\\.)*)"`)
	out := series{}
	for text := range strings.SplitSeq(strings.TrimSuffix(string(data), "\n"), "\n") {
		if strings.HasPrefix(text, "# ") {
			continue
		}
		m := line.FindStringSubmatch(text)
		if m == nil {
			f.add("prom: cannot read %q", text)
			continue
		}
		var labels []string
		for _, l := range pair.FindAllStringSubmatch(m[2], -1) {
			labels = append(labels, l[1]+"="+strings.NewReplacer(`\\`, `\`, `\"`, `"`, `\n`, "\n").Replace(l[2]))
		}
		key := seriesKey(m[1], labels...)
		if _, twice := out[key]; twice {
			f.add("prom: %s stands there twice", key)
		}
		out[key] = m[3]
	}
	return out
}

// seriesKey names a sample; labels are written name=value.
func seriesKey(name string, labels ...string) string {
	sorted := slices.Clone(labels)
	slices.Sort(sorted)
	return name + "{" + strings.Join(sorted, ",") + "}"
}

// exposed are the columns of a row that the exposition has: the metric and the
// labels besides those that name the row.
func exposed() map[string][]string {
	return map[string][]string{
		"ok_requests":              {"requests", "outcome=ok"},
		"cancelled_requests":       {"requests", "outcome=cancelled"},
		"failed_requests":          {"requests", "outcome=error"},
		"input_tokens":             {"tokens", "kind=input"},
		"cached_input_tokens":      {"tokens", "kind=cached_input"},
		"output_tokens":            {"tokens", "kind=output"},
		"unknown_token_requests":   {"unknown_token_requests"},
		"output_tokens_per_second": {"output_tokens_per_second"},
		"active_seconds":           {"active_seconds"},
		"prefill_joules":           {"inference_joules", "phase=prefill"},
		"decode_joules":            {"inference_joules", "phase=decode"},
		"error_joules":             {"inference_error_joules"},
		"joules_per_output_token":  {"output_token_joules"},
		"measured_joules":          {"machine_joules"},
		"marginal_cost":            {"cost", "basis=marginal", "currency"},
		"active_cost":              {"cost", "basis=active", "currency"},
		"dedicated_cost":           {"cost", "basis=dedicated", "currency"},
		"same_weights_cost":        {"avoided_cost", "comparator=same_weights", "comparison_currency"},
		"substitute_cost":          {"avoided_cost", "comparator=substitute", "comparison_currency"},
	}
}

// comparePrometheus holds the samples against the rows, and the sums against the
// JSON.
func (f *faults) comparePrometheus(truth sheet, doc object, data []byte) {
	got := f.readExposition(data)
	want := series{}
	for _, row := range truth.rows {
		for key, metric := range exposed() {
			if row[key] == "" {
				continue
			}
			labels := rowLabels(truth, row)
			for _, l := range metric[1:] {
				if strings.HasSuffix(l, "currency") {
					l = "currency=" + row[l]
				}
				labels = append(labels, l)
			}
			want[seriesKey("sovmeter_report_"+metric[0], labels...)] = row[key]
		}
	}
	wantSums(want, doc)
	for key, value := range want {
		if got[key] == "" {
			f.add("prom: %s is missing", key)
		} else if !same(got[key], value) {
			f.add("prom: %s is %s, want %s", key, got[key], value)
		}
	}
	rows := map[string]bool{"sovmeter_report_joules": true, "sovmeter_report_gap_joules": true, "sovmeter_report_scope_seconds": true,
		"sovmeter_report_scope_joules": true, "sovmeter_report_scope_error_joules": true, "sovmeter_report_calibration_slope": true,
		"sovmeter_report_calibration_drift_ratio": true}
	for _, metric := range exposed() {
		rows["sovmeter_report_"+metric[0]] = true
	}
	for key := range got {
		name, _, _ := strings.Cut(key, "{")
		if _, there := want[key]; rows[name] && !there {
			f.add("prom: %s is in no row", key)
		}
	}
}

// rowLabels are those that name a row.
func rowLabels(truth sheet, row map[string]string) []string {
	plainName := func(key string) string { return key + "=" + strings.TrimPrefix(row[key], "'") }
	switch by := truth.keys[0]; by {
	case "model":
		return []string{plainName("model"), plainName("server")}
	case "day", "hour":
		return []string{"start=" + row["start"]}
	default:
		return []string{plainName(by)}
	}
}

// wantSums are the figures of the whole period.
func wantSums(want series, doc object) {
	for _, b := range list(doc, "costs") {
		basis := "basis=" + text(b["basis"])
		if b["energy_joules"] != nil {
			want[seriesKey("sovmeter_report_basis_joules", basis)] = text(b["energy_joules"])
		}
		if amount, currency := plain(b["cost"]); amount != "" {
			want[seriesKey("sovmeter_report_basis_cost", basis, "currency="+currency)] = amount
		}
	}
	for _, g := range list(doc, "gaps") {
		want[seriesKey("sovmeter_report_gap_seconds", "reason="+text(g["reason"]))] = text(g["seconds"])
		want[seriesKey("sovmeter_report_gap_metered_seconds", "reason="+text(g["reason"]))] = text(g["metered_seconds"])
		if g["energy_joules"] != nil {
			want[seriesKey("sovmeter_report_gap_joules", "reason="+text(g["reason"]))] = text(g["energy_joules"])
		}
	}
	wantScopes(want, doc)
	if period, ok := doc["period"].(object); ok {
		for _, key := range []string{"elapsed_seconds", "measured_seconds", "coverage_ratio"} {
			want[seriesKey("sovmeter_report_"+key)] = text(period[key])
		}
	}
	if energy, ok := doc["energy"].(object); ok && energy["inference_joules"] != nil {
		want[seriesKey("sovmeter_report_joules", "sink=inference")] = text(energy["inference_joules"])
	}
	for _, s := range list(doc, "sinks") {
		if s["energy_joules"] != nil {
			want[seriesKey("sovmeter_report_joules", "sink="+text(s["name"]))] = text(s["energy_joules"])
		}
	}
}

// wantScopes are what the energies cover, and the line in force.
func wantScopes(want series, doc object) {
	for _, name := range []string{"scope_seconds", "scope_joules", "scope_error_joules"} {
		of, _ := doc[name].(object)
		for scope, v := range of {
			if v != nil {
				want[seriesKey("sovmeter_report_"+name, "scope="+scope)] = text(v)
			}
		}
	}
	line, ok := doc["calibration"].(object)
	if !ok {
		return
	}
	for _, key := range []string{"base_watts", "rmse_watts", "drift_ratio"} {
		if line[key] != nil {
			want[seriesKey("sovmeter_report_calibration_"+key)] = text(line[key])
		}
	}
	slopes, _ := line["slopes"].(object)
	for rail, v := range slopes {
		want[seriesKey("sovmeter_report_calibration_slope", "rail="+rail)] = text(v)
	}
}

func text(v any) string {
	s, _ := plain(v)
	return s
}

// sum adds up decimals; what is empty counts nothing.
func sum(values []string) *big.Rat {
	total := new(big.Rat)
	for _, v := range values {
		if n, ok := number(v); ok {
			total.Add(total, n)
		}
	}
	return total
}
