package tariff_test

import (
	"fmt"
	"math/big"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/exporter/cost/tariff"
	"github.com/sovmeter/sovmeter/store"
)

const kwh = energy.JoulesPerKilowattHour

// steps are 0.20 up to 300 kWh, 0.30 up to 302 and 0.45 above, for a household
// that uses 298.
func steps(t *testing.T) *tariff.Tiers {
	return &tariff.Tiers{Household: 298 * kwh, Steps: []tariff.Step{
		{UpTo: 300 * kwh, Price: ptr(eur(t, "0.20"))}, {UpTo: 302 * kwh, Price: ptr(eur(t, "0.30"))}, {Price: ptr(eur(t, "0.45"))},
	}}
}

func used(at time.Time, amount energy.Joules) store.SystemSlot {
	return store.SystemSlot{Start: at, Energy: amount * kwh}
}

func TestTiers(t *testing.T) {
	tr := one(t, "Europe/Berlin", tariff.Version{Tiers: steps(t)})
	first := utc(t, "2026-05-31 22:00") // June begins in Berlin
	slot := func(n int) time.Time { return first.Add(time.Duration(n) * store.SlotLength) }
	over := tr.Over([]store.SystemSlot{
		used(slot(4), 1), used(slot(2), 1), used(slot(0), 1.5), used(slot(-1), 7), used(slot(3), 4),
	})
	wantPrice(t, tr, slot(4), "0.2")            // without any use
	wantPrice(t, over, slot(-1), "0.335714286") // 2 kWh at 0.20, 2 at 0.30, 3 at 0.45: 2.35 for 7
	wantPrice(t, over, slot(0), "0.2")          // 298 to 299.5
	wantPrice(t, over, slot(1), "0.2")          // nothing was metered: the next joule's price
	wantPrice(t, over, slot(2), "0.25")         // half a kWh each
	wantPrice(t, over, slot(3), "0.39375")
	wantPrice(t, over, slot(4), "0.45")
	wantPrice(t, over, slot(400), "0.45")
	wantPrice(t, over, utc(t, "2026-06-30 22:00"), "0.2") // a new month
	full := tr.Over([]store.SystemSlot{used(slot(0), 2)})
	wantPrice(t, full, slot(1), "0.3") // at just 300: the next joule is in the next tier
	for n, want := range map[int]string{-1: "1-3 0.335714286 0.335714286", 2: "1-2 0.25 0.25", 3: "2-3 0.39375 0.39375", 4: "3-3 0.45 0.45", 1: "1-1 0.2 0.2"} {
		e := over.Explain(slot(n))
		if got := fmt.Sprintf("%d-%d %s %s", e.Tier, e.LastTier, e.Base.Decimal(), e.Price.Decimal()); got != want || e.Source != tariff.FromTier {
			t.Errorf("slot %d is explained as %s from %s, want %s", n, got, e.Source, want)
		}
	}
}

// A month may begin on another day, and the sun's part is not from the grid.
func TestTiersOfABillingMonth(t *testing.T) {
	tiers := steps(t)
	tiers.BillingDay = 15
	tr := one(t, "America/New_York", tariff.Version{Tiers: tiers, Solar: &tariff.Solar{
		FeedIn: eur(t, "0.1"), Windows: []tariff.SolarWindow{{When: tariff.When{From: 12 * 60, To: 13 * 60}, Share: 500_000_000}},
	}})
	noon := utc(t, "2026-06-15 16:00") // in New York
	over := tr.Over([]store.SystemSlot{used(noon, 3), used(noon.Add(time.Hour), 1)})
	wantPrice(t, over, noon, "0.15")                      // 1.5 kWh of the grid at 0.20, as much of the sun at 0.1
	wantPrice(t, over, noon.Add(time.Hour), "0.25")       // 299.5 to 300.5
	wantPrice(t, over, noon.Add(2*time.Hour), "0.3")      // at 300.5
	wantPrice(t, over, utc(t, "2026-07-15 04:00"), "0.2") // the 15th in New York
	wantPrice(t, over, utc(t, "2026-07-15 03:45"), "0.3")
	for since, want := range map[string]string{
		"2026-06-20 00:00": "2026-06-15 04:00", "2026-06-15 04:00": "2026-06-15 04:00",
		"2026-06-15 03:00": "2026-05-15 04:00", "2026-01-03 00:00": "2025-12-15 05:00",
	} {
		if got := tr.Needs(utc(t, since)); !got.Equal(utc(t, want)) {
			t.Errorf("from %s on it needs %s, want %s", since, got.UTC(), want)
		}
	}
}

// Tiers that add come on top of whatever the base is.
func TestTiersThatAdd(t *testing.T) {
	tr := one(t, "UTC", tariff.Version{
		Price: ptr(eur(t, "0.30")), Tax: 100_000_000,
		Windows: []tariff.Window{{When: tariff.When{From: 0, To: 60}, Price: eur(t, "0.20")}},
		Tiers:   &tariff.Tiers{Steps: []tariff.Step{{UpTo: kwh, Add: eur(t, "-0.10")}, {}}},
	})
	begin := utc(t, "2026-06-01 00:00")
	over := tr.Over([]store.SystemSlot{used(begin, 0.5), used(begin.Add(time.Hour), 1)})
	wantPrice(t, over, begin, "0.11")
	wantPrice(t, over, begin.Add(time.Hour), "0.275")
	wantPrice(t, over, begin.Add(2*time.Hour), "0.33")
}

// The version of the day may change within a billing month: the use goes on.
func TestTiersOverVersions(t *testing.T) {
	day := func(d int) tariff.Date { return tariff.Date{Year: 2026, Month: 6, Day: d} }
	tr := newTariff(t, tariff.Spec{Currency: "EUR", Versions: []tariff.Version{
		{Price: ptr(eur(t, "0.1"))},
		{From: day(10), Tiers: steps(t)},
		{From: day(20), Price: ptr(eur(t, "0.5"))},
		{From: day(25), Tiers: &tariff.Tiers{BillingDay: 22, Steps: steps(t).Steps}},
	}}, tariff.Inputs{})
	over := tr.Over([]store.SystemSlot{used(utc(t, "2026-06-05 00:00"), 1.5), used(utc(t, "2026-06-10 00:00"), 1)})
	wantPrice(t, over, utc(t, "2026-06-05 00:00"), "0.1")
	wantPrice(t, over, utc(t, "2026-06-10 00:00"), "0.25")
	wantPrice(t, over, utc(t, "2026-06-19 23:45"), "0.3")
	wantPrice(t, over, utc(t, "2026-06-20 00:00"), "0.5")
	for since, want := range map[string]string{
		"2026-06-08 00:00": "2026-06-01 00:00", "2026-06-20 00:00": "2026-06-20 00:00", "2026-06-24 00:00": "2026-06-22 00:00", "2026-05-08 00:00": "2026-05-08 00:00",
	} {
		if got := tr.Needs(utc(t, since)); !got.Equal(utc(t, want)) {
			t.Errorf("from %s on it needs %s, want %s", since, got, want)
		}
	}
}

func TestWithoutTiersOverIsIdentity(t *testing.T) {
	tr := one(t, "UTC", tariff.Version{Price: ptr(eur(t, "0.1"))})
	at := utc(t, "2026-06-05 00:00")
	if tr.Over([]store.SystemSlot{used(at, 1)}) != tr || !tr.Needs(at).Equal(at) {
		t.Error("a tariff without tiers wants to know the use")
	}
}

// The energy of a month comes to what its place in the tiers says, however it
// is cut into slots and in whichever order they come.
func TestTiersSumToTheWhole(t *testing.T) {
	tr := one(t, "Europe/Berlin", tariff.Version{Tiers: steps(t)})
	begin := utc(t, "2026-06-01 00:00")
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOfN(rapid.Float64Range(0, 0.5), 1, 60).Draw(t, "kwh")
		var system []store.SystemSlot
		total := new(big.Rat)
		for i, p := range parts {
			s := used(begin.Add(time.Duration(i)*store.SlotLength), energy.Joules(p))
			system = append(system, s)
			total.Add(total, new(big.Rat).SetFloat64(float64(s.Energy)))
		}
		over := tr.Over(rapid.Permutation(system).Draw(t, "order"))
		got := new(big.Rat)
		for _, s := range system {
			p, ok := over.At(s.Start)
			if !ok {
				t.Fatalf("no price at %s", s.Start)
			}
			got.Add(got, new(big.Rat).Mul(p.Rat(), new(big.Rat).SetFloat64(float64(s.Energy))))
		}
		want := new(big.Rat)
		left := total
		for _, tier := range []struct{ room, price *big.Rat }{
			{big.NewRat(2*kwh, 1), big.NewRat(20, 100)}, {big.NewRat(2*kwh, 1), big.NewRat(30, 100)}, {big.NewRat(1e12, 1), big.NewRat(45, 100)},
		} {
			part := slices.MinFunc([]*big.Rat{left, tier.room}, (*big.Rat).Cmp)
			want.Add(want, new(big.Rat).Mul(part, tier.price))
			left = new(big.Rat).Sub(left, part)
		}
		a, _ := got.Float64()
		b, _ := want.Float64()
		if diff := a - b; diff > 1e-9*b || diff < -1e-9*b {
			t.Errorf("slots come to %v, the tiers to %v", a/kwh, b/kwh)
		}
	})
}
