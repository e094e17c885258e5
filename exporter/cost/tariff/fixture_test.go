package tariff_test

import (
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/exporter/cost/series"
	"github.com/sovmeter/sovmeter/exporter/cost/tariff"
)

func eurNanos(nanos int64) cost.Money { return cost.Money{Nanos: nanos, Currency: "EUR"} }

func eur(t *testing.T, amount string) cost.Money {
	t.Helper()
	m, err := cost.ParseMoney(amount, "EUR")
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func ptr[T any](v T) *T { return &v }

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// utc reads a time such as "2026-03-29 01:00".
func utc(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse("2006-01-02 15:04", text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func newTariff(t *testing.T, s tariff.Spec, in tariff.Inputs) *tariff.Tariff {
	t.Helper()
	tr, err := tariff.New(s, in)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

// one is a tariff of a single version.
func one(t *testing.T, zoneName string, v tariff.Version) *tariff.Tariff {
	t.Helper()
	return newTariff(t, tariff.Spec{Currency: "EUR", Zone: zone(t, zoneName), Versions: []tariff.Version{v}}, tariff.Inputs{})
}

func clock(t *testing.T, text string) tariff.Clock {
	t.Helper()
	c, err := tariff.ParseClock(text)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// points is a series of one value a slot from a time on.
func points(t *testing.T, from time.Time, values ...series.Value) series.Series {
	t.Helper()
	var list []series.Point
	for i, v := range values {
		start := from.Add(time.Duration(i) * 15 * time.Minute)
		list = append(list, series.Point{Start: start, End: start.Add(15 * time.Minute), Value: v})
	}
	s, err := series.New(list)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// wantPrice compares the price of a slot; empty: unknown.
func wantPrice(t *testing.T, c cost.Tariff, at time.Time, want string) {
	t.Helper()
	p, ok := c.At(at)
	got := ""
	if ok {
		got = p.Decimal()
	}
	if got != want {
		t.Errorf("at %s: price %q, want %q", at.Format(time.DateTime), got, want)
	}
}
