package report

import (
	"time"

	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/exporter/cost/avoided"
	"github.com/sovmeter/sovmeter/exporter/cost/payback"
)

// promFamilies are the metrics of the grids.
func promFamilies(r Report) []family {
	families := append(promRows(r), promSums(r)...)
	return append(families, promElsewhere()...)
}

// rowLabels name a row of the report.
func (r Report) rowLabels() []promLabel {
	switch {
	case r.timed(): // an hour that a clock change repeats has one name and two starts
		return []promLabel{{name: "start", column: "start"}}
	case r.by() == ByModel:
		return []promLabel{{name: "model", column: "model"}, {name: "server", column: "server"}}
	}
	return []promLabel{{name: string(r.by()), column: string(r.by())}}
}

// fixedLabel is a label with the same value in all samples of a column.
func fixedLabel(name, value string) promLabel { return promLabel{name: name, value: value} }

// promRows are of the rows of the report.
func promRows(r Report) []family {
	of := func(key string, more ...promLabel) promColumn {
		return promColumn{grid: GridRows, key: key, labels: append(r.rowLabels(), more...)}
	}
	currency := promLabel{name: "currency", column: currencyKey}
	foreign := promLabel{name: "currency", column: comparisonCurrencyKey}
	costs := []promColumn{of("marginal_cost", fixedLabel("basis", string(cost.Marginal)), currency),
		of("active_cost", fixedLabel("basis", string(cost.Active)), currency),
		of("dedicated_cost", fixedLabel("basis", string(cost.Dedicated)), currency)}
	var saved []promColumn
	for _, c := range []avoided.Comparator{avoided.SameWeights, avoided.Substitute} {
		saved = append(saved, of(string(c)+"_cost", fixedLabel("comparator", string(c)), foreign))
	}
	outcome := func(key, name string) promColumn { return of(key, fixedLabel("outcome", name)) }
	kind := func(key, name string) promColumn { return of(key, fixedLabel("kind", name)) }
	phase := func(key, name string) promColumn { return of(key, fixedLabel("phase", name)) }
	return []family{
		{name: "requests", help: "Requests that ended in the period, by outcome.", columns: []promColumn{
			outcome("ok_requests", "ok"), outcome("cancelled_requests", "cancelled"), outcome("failed_requests", "error")}},
		{name: "tokens", help: "Tokens of these requests; those whose count is unknown add nothing.", columns: []promColumn{
			kind("input_tokens", "input"), kind("cached_input_tokens", "cached_input"), kind("output_tokens", "output")}},
		{name: "unknown_token_requests", help: "Requests of which a token count is unknown.", columns: []promColumn{of("unknown_token_requests")}},
		{name: "output_tokens_per_second", help: "Decode speed of one request on average.", columns: []promColumn{of("output_tokens_per_second")}},
		{name: "active_seconds", help: "Time with a request in flight.", columns: []promColumn{of("active_seconds")}},
		{name: "inference_joules", help: "Energy booked to requests, by phase.", columns: []promColumn{
			phase("prefill_joules", "prefill"), phase("decode_joules", "decode")}},
		{name: "inference_error_joules", help: "How far the energy booked to requests may be off in 95 of 100 cases.", columns: []promColumn{of("error_joules")}},
		{name: "output_token_joules", help: "Energy of a request, prefill included, by each output token.", columns: []promColumn{of("joules_per_output_token")}},
		{name: "machine_joules", help: "All energy that was measured in the time.", columns: []promColumn{of("measured_joules")}},
		{name: "cost", help: "Cost of electricity. The bases contain each other: never sum over them.", columns: costs},
		{name: "avoided_cost", help: "What the answered requests would have cost elsewhere. The comparators answer different questions: never sum over them.", columns: saved},
	}
}

// promSums are of the whole period.
func promSums(r Report) []family {
	sinks := []sample{}
	sinkCosts := []sample{}
	for _, b := range r.Bases {
		if b.Name == cost.Marginal && r.divided() {
			sinks = append(sinks, sample{[]label{{"sink", requestsSink}}, exact(float64(b.Energy))})
			sinkCosts = append(sinkCosts, sample{[]label{{"sink", requestsSink}, {"currency", string(r.Tariff.Currency)}}, moneyCell(b.Cost).Raw})
		}
	}
	for _, s := range r.Sinks {
		if !s.Unknown && r.anything() {
			sinks = append(sinks, sample{[]label{{"sink", string(s.Name)}}, exact(float64(s.Energy))})
			sinkCosts = append(sinkCosts, sample{[]label{{"sink", string(s.Name)}, {"currency", string(r.Tariff.Currency)}}, moneyCell(s.Cost).Raw})
		}
	}
	basis := promLabel{name: "basis", column: "basis"}
	currency := promLabel{name: "currency", column: currencyKey}
	comparator := promLabel{name: "comparator", column: "comparator"}
	assumption := promLabel{name: "assumption", column: "assumption"}
	foreign := promLabel{name: "currency", column: comparisonCurrencyKey}
	even := func(key string, more ...promLabel) promColumn {
		return promColumn{grid: GridBreakEven, key: key, labels: append([]promLabel{comparator, assumption}, more...), times: int64(payback.Month / time.Second)}
	}
	gaps := func(key string) []promColumn {
		return []promColumn{{grid: GridGaps, key: key, labels: []promLabel{{name: "reason", column: "reason"}}}}
	}
	carbon := func(of string) []promColumn { return []promColumn{{grid: GridCarbon, key: "grams", only: of}} }
	families := []family{
		{name: "joules", help: "Measured energy by where it went. The sinks sum to all that was measured.", samples: sinks},
		{name: "sink_cost", help: "What the energy of each sink cost. The sinks sum to the cost on the basis dedicated.", samples: sinkCosts},
		{name: "basis_joules", help: "Energy of the period that a basis counts. The bases contain each other: never sum over them.",
			columns: []promColumn{{grid: GridCosts, key: "energy_joules", labels: []promLabel{basis}}}},
		{name: "basis_cost", help: "Cost of the period on each basis.", columns: []promColumn{{grid: GridCosts, key: "cost", labels: []promLabel{basis, currency}}}},
		{name: "comparison_cost", help: "What the answered requests of the period would have cost elsewhere, by the token.",
			columns: []promColumn{{grid: GridComparisons, key: "total_cost", labels: []promLabel{comparator, foreign}}}},
		{name: "comparison_capped_cost", help: "The same, or what a subscription would have cost if that is less.",
			columns: []promColumn{{grid: GridComparisons, key: "capped_cost", labels: []promLabel{comparator, foreign}}}},
		{name: "comparison_unpriced_requests", help: "Answered requests that no price is known for.",
			columns: []promColumn{{grid: GridComparisons, key: "unpriced_requests", labels: []promLabel{comparator}}}},
		{name: "break_even_seconds", help: "When the machine has paid for itself, in months of 365.25/12 days since its purchase. Absent when it never does, or too few days were metered.",
			columns: []promColumn{even("months")}},
		{name: "carbon_grams", help: "CO2 equivalent of all measured energy.", columns: carbon("measured")},
		{name: "inference_carbon_grams", help: "CO2 equivalent of the energy booked to requests.", columns: carbon("requests")},
		{name: "gap_seconds", help: "Time without a measurement that tells who used the machine.", columns: gaps("seconds")},
		{name: "gap_metered_seconds", help: "The part of that time in which a meter of the whole machine went on.", columns: gaps("metered_seconds")},
		{name: "gap_joules", help: "What the meter saw in that part. The energy of the rest is unknown, not zero.", columns: gaps("energy_joules")},
	}
	return append(append(families, promScopes()...), r.promCalibration()...)
}

// promElsewhere is of the calls that a gateway passed on.
func promElsewhere() []family {
	of := func(key string, more ...promLabel) promColumn {
		return promColumn{grid: GridElsewhere, key: key, labels: append([]promLabel{{name: "model", column: "model"},
			{name: "provider", column: "provider"}, {name: "server", column: "server"}}, more...)}
	}
	kind := func(key, name string) promColumn { return of(key, fixedLabel("kind", name)) }
	currency := promLabel{name: "currency", column: currencyKey}
	return []family{
		{name: "remote_calls", help: "Calls that a gateway passed on to a server elsewhere.", columns: []promColumn{of("calls")}},
		{name: "remote_tokens", help: "Tokens of these calls.", columns: []promColumn{kind("input_tokens", "input"),
			kind("cached_input_tokens", "cached_input"), kind("cache_write_input_tokens", "cache_write_input"), kind("output_tokens", "output")}},
		{name: "remote_cost", help: "What these calls cost as the gateway reckons.", columns: []promColumn{of("spend", currency)}},
		{name: "split_tokens", help: "Tokens of finished calls by where they were answered.",
			columns: []promColumn{{grid: GridSplit, key: "tokens", labels: []promLabel{{name: "where", column: "where"}}}}},
	}
}
