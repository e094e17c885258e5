package config

import (
	"fmt"

	"github.com/goccy/go-yaml/ast"

	"github.com/sovmeter/sovmeter/exporter/cost/tariff"
)

// tiers returns nil when there is no step in them, which is then reported.
func (t *tariffReader) tiers(n ast.Node, key string) *tariff.Tiers {
	tiers := &tariff.Tiers{}
	ok := t.mapping(n, key, []field{
		{"household_kwh_per_month", func(n ast.Node, k string) { tiers.Household = t.kwh(n, k, 0) }},
		{"billing_day", func(n ast.Node, k string) { tiers.BillingDay = t.billingDay(n, k) }},
		{"steps", func(n ast.Node, k string) {
			t.sequence(n, k, "a list of steps", func(n ast.Node, k string) {
				tiers.Steps = append(tiers.Steps, t.step(n, k))
			})
		}},
	})
	if !ok {
		return nil
	}
	if len(tiers.Steps) == 0 {
		t.problem(n, key, "has no steps, want at least one")
		return nil
	}
	t.checkSteps(key, tiers.Steps)
	return tiers
}

func (t *tariffReader) step(n ast.Node, key string) tariff.Step {
	s := tariff.Step{}
	ok := t.mapping(n, key, []field{
		{"up_to_kwh", func(n ast.Node, k string) { s.UpTo = t.kwh(n, k, 0.001) }},
		{"price_per_kwh", func(n ast.Node, k string) { s.Price = t.price(n, k) }},
		{"add_per_kwh", func(n ast.Node, k string) { t.into(&s.Add, t.amount(n, k)) }},
	})
	if ok && t.given(key+".price_per_kwh") == t.given(key+".add_per_kwh") {
		t.problem(n, key, "wants one of price_per_kwh and add_per_kwh")
	}
	return s
}

// checkSteps wants each step to end after the one before it, the last not to
// end, and prices in all or in none.
func (t *tariffReader) checkSteps(key string, steps []tariff.Step) {
	prices := 0
	for i, s := range steps {
		at := fmt.Sprintf("%s.steps[%d]", key, i)
		if t.given(at + ".price_per_kwh") {
			prices++
		}
		last := i == len(steps)-1
		switch {
		case last && t.given(at+".up_to_kwh"):
			t.problemAt(at+".up_to_kwh", "ends the last step, want none there: use has no limit")
		case !last && !t.given(at+".up_to_kwh"):
			t.problemAt(at, "wants up_to_kwh, as another step follows")
		case !last && i > 0 && s.UpTo > 0 && s.UpTo <= steps[i-1].UpTo:
			t.problemAt(at+".up_to_kwh", "is not above that of the step before, want the steps from the first kWh on")
		}
	}
	if prices != 0 && prices != len(steps) {
		t.problemAt(key+".steps", "has price_per_kwh in some steps and add_per_kwh in others, want the same in all")
	}
}
