package config

import (
	"slices"
	"time"

	"github.com/goccy/go-yaml/ast"

	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/exporter/cost/tariff"
)

// tariffReader reads the tariff. Its amounts are all in one currency, which is
// read before everything else, wherever it stands.
type tariffReader struct {
	*reader
	currency cost.Currency
}

// readTariff returns nil when the tariff has a problem, which is then reported.
func readTariff(r *reader, n ast.Node, key string) *tariff.Spec {
	before := len(r.problems)
	t := tariffReader{r, r.currencyIn(n)}
	spec := tariff.Spec{Currency: t.currency}
	single := tariff.Version{}
	fields := []field{
		{"currency", func(n ast.Node, k string) { t.readCurrency(n, k) }},
		{"time_zone", func(n ast.Node, k string) { spec.Zone = r.zone(n, k) }},
		{"versions", func(n ast.Node, k string) { spec.Versions = t.versions(n, k) }},
	}
	of := t.versionFields(&single)
	if !r.mapping(n, key, append(of, fields...)) {
		return nil
	}
	if !r.given(key + ".currency") {
		r.problem(n, key, "wants a currency, a code of ISO 4217 such as EUR")
	}
	if r.given(key + ".versions") {
		for _, f := range of {
			if at := key + "." + f.key; r.given(at) && f.key != "holidays" {
				r.problemAt(at, "stands beside versions, want it in one of them")
			}
		}
		spec.Holidays = single.Holidays
	} else {
		t.checkVersion(n, key, single)
		spec.Versions = []tariff.Version{single}
	}
	if len(r.problems) > before {
		return nil
	}
	if err := spec.Check(); err != nil { // nothing that the rules above leave over is known
		r.problem(n, key, "%v", err)
		return nil
	}
	return &spec
}

// currencyIn is the currency that a tariff names; empty when there is none, or
// none that is known.
func (r *reader) currencyIn(n ast.Node) cost.Currency {
	m, ok := n.(ast.MapNode)
	if !ok {
		return ""
	}
	for it := m.MapRange(); it.Next(); {
		name, isName := it.Key().(*ast.StringNode)
		value, isText := it.Value().(*ast.StringNode)
		if !isName || !isText || name.Value != "currency" {
			continue
		}
		if c, err := cost.ParseCurrency(value.Value); err == nil {
			return c
		}
	}
	return ""
}

func (t *tariffReader) readCurrency(n ast.Node, key string) {
	const want = "a currency code of ISO 4217, such as EUR"
	v, ok := t.text(n, key, want)
	if _, err := cost.ParseCurrency(v); ok && err != nil {
		t.problem(n, key, "got %q, want %s", v, want)
	}
}

// zone reads the name of a time zone; nil for what is none, which is reported.
func (r *reader) zone(n ast.Node, key string) *time.Location {
	const want = "a time zone name, such as Europe/Berlin"
	v, ok := r.text(n, key, want)
	if !ok {
		return nil
	}
	zone, err := time.LoadLocation(v)
	if err != nil || v == "" {
		r.problem(n, key, "got %q, want %s", v, want)
		return nil
	}
	return zone
}

func (t *tariffReader) versions(n ast.Node, key string) []tariff.Version {
	var list []tariff.Version
	var keys []string
	t.sequence(n, key, "a list of versions", func(n ast.Node, key string) {
		v := tariff.Version{}
		if !t.mapping(n, key, t.versionFields(&v)) {
			return
		}
		t.checkVersion(n, key, v)
		twin := slices.IndexFunc(list, func(o tariff.Version) bool { return o.From == v.From })
		switch {
		case twin < 0:
		case v.From.IsZero():
			t.problem(n, key, "wants the first day that it holds on, as from: 2026-01-01: only one version may be without, and %s is", keys[twin])
		default:
			t.problemAt(key+".from", "got %q, as %s has, want a day of its own", v.From, keys[twin])
		}
		list, keys = append(list, v), append(keys, key)
	})
	if len(list) == 0 && t.given(key) {
		t.problem(n, key, "is empty, want at least one version")
	}
	return list
}
