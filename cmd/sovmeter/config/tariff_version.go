package config

import (
	"github.com/goccy/go-yaml/ast"

	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/exporter/cost/tariff"
)

// versionFields read one version of a tariff into v.
func (t *tariffReader) versionFields(v *tariff.Version) []field {
	return []field{
		{"price_per_kwh", func(n ast.Node, k string) { v.Price = t.price(n, k) }},
		{"from", func(n ast.Node, k string) { v.From = t.date(n, k) }},
		{"windows", func(n ast.Node, k string) { v.Windows = t.windows(n, k) }},
		{"holidays", func(n ast.Node, k string) { v.Holidays = t.dates(n, k) }},
		{"holidays_are_sundays", func(n ast.Node, k string) { v.HolidaysAreSundays, _ = t.boolean(n, k) }},
		{"tiers", func(n ast.Node, k string) { v.Tiers = t.tiers(n, k) }},
		{"series", func(n ast.Node, k string) { v.Series = t.series(n, k) }},
		{"adders", func(n ast.Node, k string) { v.Adders = t.adders(n, k) }},
		{"tax", func(n ast.Node, k string) {
			v.Tax = t.ratio(n, k, 0, tariff.One, "a tax as a share of the price, such as 0.19 for 19 %")
		}},
		{"standing_charge", func(n ast.Node, k string) { v.Standing = t.standing(n, k) }},
		{"solar", func(n ast.Node, k string) { v.Solar = t.solar(n, k) }},
	}
}

// checkVersion refuses two prices for one thing, and none at all.
func (t *tariffReader) checkVersion(n ast.Node, key string, v tariff.Version) {
	price, series := t.given(key+".price_per_kwh"), t.given(key+".series")
	tiers := v.Tiers != nil && v.Tiers.Steps[0].Price != nil
	switch {
	case price && series:
		t.problemAt(key+".price_per_kwh", "stands beside series, want series.fallback for the times without a value")
	case price && tiers:
		t.problemAt(key+".price_per_kwh", "stands beside tiers with prices, want one of the two")
	case series && tiers:
		t.problemAt(key+".tiers", "has prices and stands beside series, want add_per_kwh in its steps")
	case !price && !series && !t.given(key+".tiers") && !t.given(key+".windows"):
		t.problem(n, key, "has no price, want price_per_kwh, windows, series or tiers")
	case !price && !series && !tiers && v.Tiers != nil && !t.given(key+".windows"):
		t.problem(n, key, "has no price that its tiers add to, want price_per_kwh, windows or series")
	}
}

func (t *tariffReader) windows(n ast.Node, key string) []tariff.Window {
	var list []tariff.Window
	t.sequence(n, key, "a list of windows", func(n ast.Node, key string) {
		w := tariff.Window{}
		fields := append([]field{
			{"name", func(n ast.Node, k string) { w.Name = t.title(n, k) }},
			{"price_per_kwh", func(n ast.Node, k string) { t.into(&w.Price, t.price(n, k)) }},
		}, t.whenFields(&w.When)...)
		if !t.mapping(n, key, fields) {
			return
		}
		if !t.given(key + ".price_per_kwh") {
			t.problem(n, key, "has no price_per_kwh")
		}
		t.checkWhen(key, w.When)
		if w.Name == "" {
			w.Name = w.String()
		}
		list = append(list, w)
	})
	return list
}

func (t *tariffReader) adders(n ast.Node, key string) []tariff.Adder {
	var list []tariff.Adder
	t.sequence(n, key, "a list of adders", func(n ast.Node, key string) {
		a := tariff.Adder{}
		ok := t.mapping(n, key, []field{
			{"name", func(n ast.Node, k string) { a.Name = t.title(n, k) }},
			{"per_kwh", func(n ast.Node, k string) { t.into(&a.Price, t.amount(n, k)) }},
			{"windows", func(n ast.Node, k string) { a.Windows = t.whens(n, k) }},
		})
		if !ok {
			return
		}
		if !t.given(key+".name") || !t.given(key+".per_kwh") {
			t.problem(n, key, "wants both name and per_kwh")
		}
		list = append(list, a)
	})
	return list
}

func (t *tariffReader) standing(n ast.Node, key string) tariff.Standing {
	s := tariff.Standing{}
	ok := t.mapping(n, key, []field{
		{"per_day", func(n ast.Node, k string) { t.into(&s.PerDay, t.charge(n, k)) }},
		{"per_month", func(n ast.Node, k string) { t.into(&s.PerMonth, t.charge(n, k)) }},
		{"share", func(n ast.Node, k string) {
			s.Share = t.ratio(n, k, 0, tariff.One, "the Mac's share, from 0 to 1")
		}},
	})
	if ok && !t.given(key+".per_day") && !t.given(key+".per_month") {
		t.problem(n, key, "wants per_day or per_month")
	}
	return s
}

// into copies an amount that could be read.
func (t *tariffReader) into(to, amount *cost.Money) {
	if amount != nil {
		*to = *amount
	}
}
