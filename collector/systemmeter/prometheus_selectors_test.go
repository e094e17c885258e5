package systemmeter

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSelectors(t *testing.T) {
	for query, want := range map[string][]string{
		`power`:                                             {`power`},
		`power{plug="mac"}`:                                 {`power{plug="mac"}`},
		` power { plug = "a}b" } `:                          {`power{ plug = "a}b" }`},
		`{__name__="power",plug='a\'}b'}`:                   {`{__name__="power",plug='a\'}b'}`},
		`sum(power)`:                                        {`power`},
		`sum by (plug) (power{a="b"})`:                      {`power{a="b"}`},
		`sum without(plug)(power)`:                          {`power`},
		`sum(power) by (plug)`:                              {`power`},
		`max(power * 1000)`:                                 {`power`},
		`power * on(plug) group_left(x) up`:                 {`power`, `up`},
		`power and ignoring(a) up or other unless last`:     {`power`, `up`, `other`, `last`},
		`rate(energy_joules_total{a="b"}[5m])`:              {`energy_joules_total{a="b"}`},
		`rate(energy[5m] offset 1h)`:                        {`energy offset 1h`},
		`max_over_time(power[1h:1m])`:                       {`power`},
		`power offset 5m + power offset -1m`:                {`power offset 5m`, `power offset -1m`},
		`power @ 1609746000`:                                nil,
		`power @ end()`:                                     nil,
		`label_replace(power, "a", "$1", "b", "(.*)")`:      {`power`},
		`scalar(power)`:                                     {`power`},
		`vector(5)`:                                         nil,
		`1e3 * 0x1f + .5 + 5m`:                              nil,
		`NaN or Inf`:                                        nil,
		`power > bool 5`:                                    {`power`},
		"power # the plug, not up\n + other":                {`power`, `other`},
		"`not power` + \"nor up\"":                          nil,
		`power + power`:                                     {`power`},
		`job:power:sum{a=~"b|c"}`:                           {`job:power:sum{a=~"b|c"}`},
		`by_phase`:                                          {`by_phase`},
		`a + b + c + d + e`:                                 {`a`, `b`, `c`, `d`},
		`topk(1, power)`:                                    {`power`},
		`quantile without (x) (0.5, power) `:                {`power`},
		`count_values("v", power)`:                          {`power`},
		`clamp_min(power, 0) - on (a) group_right up{b=""}`: {`power`, `up{b=""}`},
	} {
		if diff := cmp.Diff(want, selectors(query)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", query, diff)
		}
	}
}

func FuzzSelectors(f *testing.F) {
	for _, seed := range []string{`sum by (a) (power{b="c"}[5m] offset 1h)`, `{a="`, "`", `x offset`, `#`, `by(`, `a\`, `é{`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, query string) {
		found := selectors(query)
		if len(found) > maxSelectors {
			t.Errorf("%d selectors of %q", len(found), query)
		}
		for _, s := range found {
			name, _, _ := strings.Cut(s, " offset ")
			if s == "" || !strings.Contains(query, strings.TrimSpace(strings.SplitN(name, "{", 2)[0])) {
				t.Errorf("%q is not of %q", s, query)
			}
		}
	})
}
