package config

import (
	"math"

	"github.com/goccy/go-yaml/ast"

	"github.com/sovmeter/sovmeter/exporter/cost"
)

// readTariff returns nil when the tariff has a problem, which is then reported.
func readTariff(r *reader, n ast.Node, key string) *cost.Flat {
	before := len(r.problems)
	price, currency := 0.0, ""
	ok := r.mapping(n, key, []field{
		{"price_per_kwh", func(n ast.Node, k string) { price = r.price(n, k) }},
		{"currency", func(n ast.Node, k string) { currency = r.currency(n, k) }},
	})
	if ok && (!r.given(key+".price_per_kwh") || !r.given(key+".currency")) {
		r.problem(n, key, "wants both price_per_kwh and currency")
	}
	if len(r.problems) > before {
		return nil
	}
	flat, err := cost.NewFlat(price, currency)
	if err != nil {
		at := key + ".price_per_kwh"
		r.problemAt(at, "got %s: %v", describe(r.places[at].node), err)
		return nil
	}
	return &flat
}

func (r *reader) price(n ast.Node, key string) float64 {
	const want = "a price for one kWh, 0 or more, such as 0.30"
	v, ok := r.number(n, key, want)
	if ok && (v < 0 || math.IsNaN(v) || math.IsInf(v, 0)) {
		r.problem(n, key, "got %s, want %s", describe(n), want)
	}
	return v
}

func (r *reader) currency(n ast.Node, key string) string {
	const want = "a currency code of ISO 4217, such as EUR"
	v, ok := r.text(n, key, want)
	if _, err := cost.ParseCurrency(v); ok && err != nil {
		r.problem(n, key, "got %q, want %s", v, want)
	}
	return v
}
