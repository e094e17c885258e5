package config

import (
	"io/fs"
	"os"
	"strconv"
	"time"
	"unicode"

	"github.com/goccy/go-yaml/ast"

	"github.com/sovmeter/sovmeter/exporter/cost/carbon"
)

// Carbon is what is emitted for a kWh. Either GramsPerKWh or Series is set.
type Carbon struct {
	GramsPerKWh *float64      // the same at all times
	Series      string        // absolute path of a file
	MaxAge      time.Duration // a series' last figure holds for so long after its end
	Fallback    *float64      // grams per kWh where the series is silent; nil: unknown there
	Source      string        // where the figures are from, for people; may be empty
}

// readCarbon returns nil when a value has a problem, which is then reported.
func (m *moneyReader) readCarbon(n ast.Node, key string) *Carbon {
	before := len(m.problems)
	c := Carbon{MaxAge: 36 * time.Hour}
	ok := m.mapping(n, key, []field{
		{"grams_per_kwh", func(n ast.Node, k string) { c.GramsPerKWh = m.grams(n, k) }},
		{"series", m.absolute(&c.Series)},
		{"max_age", m.duration(&c.MaxAge, time.Hour, longestAge)},
		{"fallback", func(n ast.Node, k string) { c.Fallback = m.grams(n, k) }},
		{"source", func(n ast.Node, k string) { c.Source = m.source(n, k) }},
	})
	if !ok {
		return nil
	}
	fixed, series := m.given(key+".grams_per_kwh"), m.given(key+".series")
	switch {
	case fixed && series:
		m.problemAt(key+".grams_per_kwh", "stands beside series, want fallback for the times without a figure")
	case !fixed && !series:
		m.problem(n, key, "wants grams_per_kwh, or series, the absolute path of a file")
	case fixed:
		for _, name := range []string{".max_age", ".fallback"} {
			if m.given(key + name) {
				m.problemAt(key+name, "stands without series, for which alone it is")
			}
		}
		c.MaxAge = 0
	}
	if len(m.problems) > before {
		return nil
	}
	return &c
}

func (m *moneyReader) grams(n ast.Node, key string) *float64 {
	want := "grams of CO2 equivalent for one kWh from 0 to " + strconv.Itoa(carbon.MaxGramsPerKWh) + ", such as 363"
	v, ok := m.within(n, key, 0, carbon.MaxGramsPerKWh, want)
	if !ok {
		return nil
	}
	return &v
}

func (m *moneyReader) source(n ast.Node, key string) string {
	const want = "up to 80 letters, digits and signs, such as UBA 2025"
	v, ok := m.text(n, key, want)
	if !ok {
		return ""
	}
	runes := []rune(v)
	for _, r := range runes {
		ok = ok && unicode.IsPrint(r)
	}
	if !ok || len(runes) > 80 {
		m.problem(n, key, "got %s, want %s", describe(n), want)
		return ""
	}
	return v
}

// checkMoneyFiles looks at the files that cloud and carbon name.
func (c *Config) checkMoneyFiles(r *reader) {
	if c.Cloud != nil {
		r.checkKind("cloud.prices", c.Cloud.Prices, os.Stat, fs.FileMode.IsRegular, "the file of a price table")
	}
	if c.Carbon != nil {
		r.checkKind("carbon.series", c.Carbon.Series, os.Stat, fs.FileMode.IsRegular, "the file of a series")
	}
}
