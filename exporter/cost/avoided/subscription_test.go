package avoided_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/exporter/cost/avoided"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func subscribed(t testing.TB, fee int64) *avoided.Plan {
	t.Helper()
	return plan(t, nil, func(o *avoided.Options) {
		o.Subscription = cost.Money{Nanos: fee, Currency: "USD"}
		o.Exchange = exchange(t, "EUR", map[cost.Currency][]cost.Rate{"USD": {
			{From: time.Date(2016, 1, 1, 0, 0, 0, 0, time.UTC), Worth: cost.Money{Nanos: 900_000_000, Currency: "EUR"}},
			{From: time.Date(2026, 4, 5, 0, 0, 0, 0, time.UTC), Worth: cost.Money{Nanos: 800_000_000, Currency: "EUR"}},
		}})
	})
}

func TestSubscription(t *testing.T) {
	berlin := zone(t, "Europe/Berlin")
	day := func(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, berlin) }
	p := subscribed(t, 20_000_000_000)
	for _, tt := range []struct {
		name         string
		since, until time.Time
		want         int64
		known        bool
	}{
		{"a month of 28 days", day(2026, 2, 1), day(2026, 3, 1), 18_000_000_000, true},
		{"a week of it", day(2026, 2, 8), day(2026, 2, 15), 4_500_000_000, true},
		{"a month with a change of clocks", day(2026, 3, 1), day(2026, 4, 1), 18_000_000_000, true},
		{"at the rate of its first day", day(2026, 4, 10), day(2026, 5, 1), 12_600_000_000, true},
		{"then at another", day(2026, 5, 1), day(2026, 7, 1), 32_000_000_000, true},
		{"a year", day(2025, 1, 1), day(2026, 1, 1), 216_000_000_000, true},
		{"no time", day(2026, 2, 8), day(2026, 2, 8), 0, true},
		{"before the first rate, at that", day(2015, 12, 31), day(2016, 2, 2), 580_645_161 + 18_000_000_000 + 620_689_655, true},
		{"a month that begins without a midnight", time.Date(2017, 9, 1, 0, 0, 0, 0, zone(t, "America/Asuncion")),
			time.Date(2017, 12, 1, 0, 0, 0, 0, zone(t, "America/Asuncion")), 54_000_000_000, true},
	} {
		got, ok := p.Subscription(tt.since, tt.until)
		if ok != tt.known || got.Nanos != tt.want || ok && got.Currency != "EUR" {
			t.Errorf("%s: got %v (%d), %v; want %d, %v", tt.name, got, got.Nanos, ok, tt.want, tt.known)
		}
	}
	rateless := plan(t, nil, func(o *avoided.Options) {
		o.Subscription, o.Exchange = cost.Money{Nanos: 1, Currency: "USD"}, exchange(t, "EUR", nil)
	})
	if _, ok := rateless.Subscription(day(2026, 2, 1), day(2026, 3, 1)); ok {
		t.Error("a fee without any rate is known")
	}
	if _, ok := subscribed(t, 0).Subscription(day(2026, 2, 1), day(2026, 3, 1)); ok {
		t.Error("there is a subscription without a fee")
	}
}

func TestSubscriptionsAddUp(t *testing.T) {
	p := subscribed(t, 19_990_000_001)
	berlin := zone(t, "Europe/Berlin")
	rapid.Check(t, func(t *rapid.T) {
		start := time.Date(2026, 1, 1, 0, 0, 0, 0, berlin)
		step := rapid.Int64Range(0, int64(60*24*time.Hour))
		a := start.Add(time.Duration(step.Draw(t, "a")))
		b := a.Add(time.Duration(step.Draw(t, "b")))
		c := b.Add(time.Duration(step.Draw(t, "c")))
		first, ok1 := p.Subscription(a, b)
		then, ok2 := p.Subscription(b, c)
		whole, ok3 := p.Subscription(a, c)
		if sum := first.Nanos + then.Nanos; !ok1 || !ok2 || !ok3 || sum != whole.Nanos {
			t.Fatalf("parts sum to %d, the whole is %d", sum, whole.Nanos)
		}
	})
}
