package config

import (
	"time"

	"github.com/goccy/go-yaml/ast"

	"github.com/sovmeter/sovmeter/exporter/cost/tariff"
)

// longestAge is far more than any market publishes ahead or late.
const longestAge = 365 * 24 * time.Hour

func (t *tariffReader) series(n ast.Node, key string) *tariff.Feed {
	f := tariff.Feed{MaxAge: 36 * time.Hour}
	ok := t.mapping(n, key, []field{
		{"file", t.absolute(&f.File)},
		{"max_age", t.duration(&f.MaxAge, time.Hour, longestAge)},
		{"fallback", func(n ast.Node, k string) { f.Fallback = t.price(n, k) }},
		{"factor", func(n ast.Node, k string) {
			f.Factor = t.ratio(n, k, 1, 1_000_000*tariff.One, "a number above 0 to multiply the values with, such as 1.03")
		}},
		{"adder", func(n ast.Node, k string) { t.into(&f.Adder, t.amount(n, k)) }},
	})
	t.wantFile(n, key, ok)
	return &f
}

func (t *tariffReader) wantFile(n ast.Node, key string, isMapping bool) {
	if isMapping && !t.given(key+".file") {
		t.problem(n, key, "wants a file: the absolute path of a series, which sovmeter tariff import writes")
	}
}

func (t *tariffReader) solar(n ast.Node, key string) *tariff.Solar {
	const share = "the share of the Mac's energy that the roof gives, from 0 to 1"
	s := &tariff.Solar{}
	var all tariff.Ratio
	ok := t.mapping(n, key, []field{
		{"feed_in_per_kwh", func(n ast.Node, k string) { t.into(&s.FeedIn, t.price(n, k)) }},
		{"share", func(n ast.Node, k string) { all = t.ratio(n, k, 0, tariff.One, share) }},
		{"windows", func(n ast.Node, k string) {
			t.sequence(n, k, "a list of windows", func(n ast.Node, k string) {
				w := tariff.SolarWindow{}
				fields := append([]field{
					{"share", func(n ast.Node, k string) { w.Share = t.ratio(n, k, 0, tariff.One, share) }},
				}, t.whenFields(&w.When)...)
				if t.mapping(n, k, fields) && !t.given(k+".share") {
					t.problem(n, k, "has no share")
				}
				t.checkWhen(k, w.When)
				s.Windows = append(s.Windows, w)
			})
		}},
		{"series", func(n ast.Node, k string) { s.Series = t.solarSeries(n, k) }},
	})
	if !ok {
		return nil
	}
	count := 0
	for _, name := range []string{".share", ".windows", ".series"} {
		if t.given(key + name) {
			count++
		}
	}
	if count != 1 {
		t.problem(n, key, "wants one of share, windows and series")
	}
	if !t.given(key + ".feed_in_per_kwh") {
		t.problem(n, key, "wants feed_in_per_kwh, what the grid pays for one kWh, which may be 0")
	}
	if t.given(key + ".share") {
		s.Windows = []tariff.SolarWindow{{Share: all}}
	}
	return s
}

func (t *tariffReader) solarSeries(n ast.Node, key string) *tariff.SolarFeed {
	f := tariff.SolarFeed{MaxAge: 36 * time.Hour}
	ok := t.mapping(n, key, []field{
		{"file", t.absolute(&f.File)},
		{"max_age", t.duration(&f.MaxAge, time.Hour, longestAge)},
		{"fallback", func(n ast.Node, k string) {
			share := t.ratio(n, k, 0, tariff.One, "a share from 0 to 1")
			f.Fallback = &share
		}},
	})
	t.wantFile(n, key, ok)
	return &f
}
