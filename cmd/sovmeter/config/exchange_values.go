package config

import (
	"time"

	"github.com/goccy/go-yaml/ast"

	"github.com/sovmeter/sovmeter/exporter/cost"
)

// mostPaid is beyond every sum that is paid here, in any currency; it catches
// slips.
const mostPaid = 1_000_000_000

// paid reads an amount that is not less than nothing; false when it has a
// problem, which is then reported.
func (r *reader) paid(n ast.Node, key string, c cost.Currency, want string) (cost.Money, bool) {
	v, ok := r.number(n, key, want)
	if !ok {
		return cost.Money{}, false
	}
	if !(v >= 0 && v <= mostPaid) {
		r.problem(n, key, "got %s, want %s", describe(n), want)
		return cost.Money{}, false
	}
	m, err := cost.ParseMoney(decimal(v), c)
	if err != nil {
		r.problem(n, key, "got %s, want nine decimals at most", describe(n))
		return cost.Money{}, false
	}
	return m, true
}

// within reads a number from least to greatest; false when it has a problem.
func (r *reader) within(n ast.Node, key string, least, greatest float64, want string) (float64, bool) {
	v, ok := r.number(n, key, want)
	if !ok {
		return 0, false
	}
	if !(v >= least && v <= greatest) {
		r.problem(n, key, "got %s, want %s", describe(n), want)
		return 0, false
	}
	return v, true
}

// day reads a date as its first moment; zero when it has a problem.
func (m *moneyReader) day(n ast.Node, key string) time.Time {
	const want = "a date, such as 2026-01-15"
	v, ok := m.text(n, key, want)
	if !ok {
		return time.Time{}
	}
	t, err := time.ParseInLocation(time.DateOnly, v, m.zone)
	if err != nil || t.Year() < 1970 || t.Year() > 2199 {
		m.problem(n, key, "got %q, want %s", v, want)
		return time.Time{}
	}
	return t
}

// code reads a currency; empty when it has a problem.
func (r *reader) code(n ast.Node, key string) cost.Currency {
	const want = "a currency code of ISO 4217, such as EUR"
	v, ok := r.text(n, key, want)
	c, err := cost.ParseCurrency(v)
	if ok && err != nil {
		r.problem(n, key, "got %q, want %s", v, want)
	}
	return c
}
