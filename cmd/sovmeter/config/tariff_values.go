package config

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/goccy/go-yaml/ast"

	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/exporter/cost/tariff"
)

// mostPerKWh only catches slips of the keyboard, in any currency.
const mostPerKWh = 1_000_000

// price reads what a kWh costs, which is not less than nothing.
func (t *tariffReader) price(n ast.Node, key string) *cost.Money {
	return t.money(n, key, "a price for one kWh, 0 or more, such as 0.30", 0)
}

// amount reads what is put on top of a price, or taken off it.
func (t *tariffReader) amount(n ast.Node, key string) *cost.Money {
	return t.money(n, key, "an amount for one kWh, such as 0.09 or -0.02", -mostPerKWh)
}

// charge reads what a day or a month costs.
func (t *tariffReader) charge(n ast.Node, key string) *cost.Money {
	return t.money(n, key, "an amount, 0 or more, such as 0.45", 0)
}

// money reads an amount; nil when it has a problem, which is then reported.
func (t *tariffReader) money(n ast.Node, key, want string, lowest float64) *cost.Money {
	v, ok := t.number(n, key, want)
	switch {
	case !ok:
		return nil
	case math.IsNaN(v), v < lowest:
		t.problem(n, key, "got %s, want %s", describe(n), want)
		return nil
	case v > mostPerKWh:
		t.problem(n, key, "got %s, want %s, and %d at most", describe(n), want, mostPerKWh)
		return nil
	}
	m, err := cost.ParseMoney(decimal(v), t.currency)
	if err != nil {
		t.problem(n, key, "got %s, want nine decimals at most", describe(n))
		return nil
	}
	return &m
}

// decimal is the shortest decimal that reads as v: the one that somebody wrote.
func decimal(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// ratio reads a share or a factor; 0 when it has a problem.
func (t *tariffReader) ratio(n ast.Node, key string, lowest, highest tariff.Ratio, want string) tariff.Ratio {
	v, ok := t.number(n, key, want)
	if !ok {
		return 0
	}
	ratio, err := tariff.ParseRatio(decimal(v))
	if err != nil || ratio < lowest || ratio > highest {
		t.problem(n, key, "got %s, want %s", describe(n), want)
		return 0
	}
	return ratio
}

// kwh reads an amount of energy.
func (t *tariffReader) kwh(n ast.Node, key string, lowest float64) energy.Joules {
	const highest = 1e6
	want := fmt.Sprintf("kilowatt-hours from %v to %v", lowest, int(highest))
	v, ok := t.number(n, key, want)
	if ok && !(v >= lowest && v <= highest) {
		t.problem(n, key, "got %s, want %s", describe(n), want)
		return 0
	}
	return energy.Joules(v * energy.JoulesPerKilowattHour)
}

func (t *tariffReader) billingDay(n ast.Node, key string) int {
	const want = "a day of the month from 1 to 28"
	v, ok := t.number(n, key, want)
	if ok && (v != math.Trunc(v) || v < 1 || v > 28) {
		t.problem(n, key, "got %s, want %s", describe(n), want)
		return 0
	}
	return int(v)
}

// title reads a name for people, which stands in tables.
func (t *tariffReader) title(n ast.Node, key string) string {
	const want = "a name of up to 40 letters, digits, spaces and signs"
	v, ok := t.text(n, key, want)
	odd := func(r rune) bool { return !unicode.IsPrint(r) }
	if ok && (strings.TrimSpace(v) == "" || len([]rune(v)) > 40 || strings.ContainsFunc(v, odd)) {
		t.problem(n, key, "got %s, want %s", describe(n), want)
		return ""
	}
	return strings.TrimSpace(v)
}

func (t *tariffReader) date(n ast.Node, key string) tariff.Date {
	const want = "a date, such as 2026-01-01"
	v, ok := t.text(n, key, want)
	if !ok {
		return tariff.Date{}
	}
	d, err := tariff.ParseDate(v)
	if err != nil || d.Year < 1970 || d.Year > 2199 {
		t.problem(n, key, "got %q, want %s", v, want)
		return tariff.Date{}
	}
	return d
}

func (t *tariffReader) dates(n ast.Node, key string) []tariff.Date {
	var list []tariff.Date
	t.sequence(n, key, "a list of dates", func(n ast.Node, key string) {
		d := t.date(n, key)
		if !d.IsZero() && slices.Contains(list, d) {
			t.problem(n, key, "got %q a second time, want each date once", d)
		}
		list = append(list, d)
	})
	return list
}
