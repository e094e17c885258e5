package cost_test

import (
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/store"
)

var midnight = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

func wh(v float64) energy.Joules { return energy.Joules(v * 3600) }

func flat(t *testing.T) cost.Flat {
	t.Helper()
	f, err := cost.NewFlat(0.1872, "EUR")
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// goldenDay is a day with 309.4 Wh of inference, 353.6 Wh active and 597.4 Wh
// in all, cut into n slots and two models.
func goldenDay(n int) ([]store.SystemSlot, []store.ModelSlot) {
	var system []store.SystemSlot
	var models []store.ModelSlot
	part := 1 / float64(n)
	for i := range n {
		start := midnight.Add(time.Duration(i) * store.SlotLength)
		system = append(system, store.SystemSlot{
			Start: start, Energy: wh(597.4 * part), Inference: wh(309.4 * part),
			Baseline: wh(200 * part), BaselineBusy: wh(44.2 * part),
		})
		models = append(models,
			store.ModelSlot{Start: start, Server: "main", Model: "big", Prefill: wh(100 * part), Decode: wh(109.4 * part), Busy: 3 * time.Minute},
			store.ModelSlot{Start: start, Server: "main", Model: "small", Prefill: wh(40 * part), Decode: wh(60 * part), Busy: time.Minute})
	}
	return system, models
}

func TestGoldenDay(t *testing.T) {
	for _, n := range []int{1, 96} {
		system, models := goldenDay(n)
		bill, err := cost.NewBill(system, models, flat(t))
		if err != nil {
			t.Fatal(err)
		}
		got := map[cost.Basis]string{}
		for _, b := range cost.Bases() {
			m, ok := bill.Of(b)
			if !ok {
				t.Fatalf("no total on basis %s", b)
			}
			got[b] = m.String()
		}
		want := map[cost.Basis]string{cost.Marginal: "0.0579 EUR", cost.Active: "0.0662 EUR", cost.Dedicated: "0.1118 EUR"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%d slots (-want +got):\n%s", n, diff)
		}
		if off := bill.Dedicated.Nanos - 111_833_280; off < -int64(n) || off > int64(n) {
			t.Errorf("%d slots: dedicated %d nanos, want 111833280 within one a slot", n, bill.Dedicated.Nanos)
		}
	}
}

func TestBillParts(t *testing.T) {
	system, models := goldenDay(96)
	bill, err := cost.NewBill(system, models, flat(t))
	if err != nil {
		t.Fatal(err)
	}
	var marginal, active int64
	for _, m := range bill.Models {
		if m.Prefill.Nanos+m.Decode.Nanos != m.Marginal.Nanos {
			t.Errorf("%s: %d + %d is not %d", m.Model, m.Prefill.Nanos, m.Decode.Nanos, m.Marginal.Nanos)
		}
		marginal += m.Marginal.Nanos
		active += m.Active.Nanos
	}
	if marginal != bill.Marginal.Nanos || active != bill.Active.Nanos {
		t.Errorf("models sum to %d and %d, want %d and %d", marginal, active, bill.Marginal.Nanos, bill.Active.Nanos)
	}
	big, small := bill.Models[0], bill.Models[1]
	// Three quarters of the busy time are the big model's: 33.15 of 44.2 Wh.
	if got := big.Active.Nanos - big.Marginal.Nanos; got < 6_205_680-96 || got > 6_205_680+96 {
		t.Errorf("the big model's share of the baseline is %d nanos, want 6205680", got)
	}
	if small.Model != "small" || small.Marginal.String() != "0.0187 EUR" {
		t.Errorf("the small model's bill is %v", small)
	}
}

func TestBillIgnoresOrder(t *testing.T) {
	system, models := goldenDay(8)
	want, err := cost.NewBill(system, models, flat(t))
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	r.Shuffle(len(system), func(i, j int) { system[i], system[j] = system[j], system[i] })
	r.Shuffle(len(models), func(i, j int) { models[i], models[j] = models[j], models[i] })
	got, err := cost.NewBill(system, models, flat(t))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-in order +shuffled):\n%s", diff)
	}
}

func TestBillWithoutModels(t *testing.T) {
	bill, err := cost.NewBill([]store.SystemSlot{{Start: midnight, Energy: wh(10), Baseline: wh(10), BaselineBusy: wh(4)}}, nil, flat(t))
	if err != nil {
		t.Fatal(err)
	}
	if bill.Unshared != bill.Active || bill.Active.Nanos != 748_800 || bill.Marginal.Nanos != 0 {
		t.Errorf("got active %v, unshared %v, marginal %v", bill.Active, bill.Unshared, bill.Marginal)
	}
	empty, err := cost.NewBill(nil, nil, flat(t))
	if err != nil || empty.Dedicated != (cost.Money{Currency: "EUR"}) {
		t.Errorf("an empty period costs %v, %v", empty.Dedicated, err)
	}
}

// nights is a tariff that knows its price until noon only.
type nights struct{ cost.Flat }

func (n nights) At(slot time.Time) (cost.Price, bool) {
	return n.PricePerKWh, slot.Hour() < 12
}

func TestBillReportsUnpricedEnergy(t *testing.T) {
	system, models := goldenDay(96)
	bill, err := cost.NewBill(system, models, nights{flat(t)})
	if err != nil {
		t.Fatal(err)
	}
	if got := bill.Unpriced.WattHours(); got < 298.69 || got > 298.71 {
		t.Errorf("unpriced %v Wh, want 298.7", got)
	}
	if got := bill.Dedicated.String(); got != "0.0559 EUR" {
		t.Errorf("half a day costs %s", got)
	}
}

func TestBillRefusesNegativeEnergy(t *testing.T) {
	_, err := cost.NewBill([]store.SystemSlot{{Start: midnight, Energy: -1}}, nil, flat(t))
	if !errors.Is(err, cost.ErrRange) {
		t.Errorf("got %v, want ErrRange", err)
	}
}
