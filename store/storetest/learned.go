package storetest

import (
	"fmt"
	"time"

	"pgregory.net/rapid"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
)

// learned draws up to three models, of some of which too little was learned to
// be told.
func learned(t *rapid.T, now time.Time) []attribution.Learned {
	number := func(name string) float64 { return rapid.Float64Range(0, 100).Draw(t, name) }
	joules := func(name string) energy.Joules { return energy.Joules(number(name)) }
	var all []attribution.Learned
	for i := range rapid.IntRange(0, 3).Draw(t, "learned") {
		m := attribution.Learned{
			Server: "llama", Model: fmt.Sprint("model-", i), First: now.Add(-time.Hour), Last: now,
			Prefilled: number("prefilled"), Steps: number("steps"), Decoded: number("decoded"),
			Time: fit(t), Energy: fit(t),
			Coefficients: attribution.Coefficients{
				PrefillSeconds: number("prefill s"), StepSeconds: number("step s"), TokenSeconds: number("token s"),
				Baseline: energy.Watts(number("baseline")), Prefill: joules("prefill"), Step: joules("step"), Token: joules("token"),
				Spread: joules("spread"), Watts: energy.Watts(number("watts")),
			},
		}
		for i := range m.Coefficients.Covariance {
			m.Coefficients.Covariance[i] = number("covariance")
		}
		all = append(all, m)
	}
	return all
}

func fit(t *rapid.T) attribution.Fit {
	f := attribution.Fit{Rows: rapid.Float64Range(0, 100).Draw(t, "rows"), YY: rapid.Float64Range(0, 1e9).Draw(t, "yy")}
	for i := range f.FF {
		f.FF[i] = rapid.Float64Range(0, 1e9).Draw(t, "ff")
	}
	for i := range f.FY {
		f.FY[i] = rapid.Float64Range(0, 1e9).Draw(t, "fy")
	}
	return f
}
