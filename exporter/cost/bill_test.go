package cost_test

import (
	"errors"
	"math"
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

// bookedDay is the golden day, and gaps of 12 Wh, with every joule in a model or
// a sink.
func bookedDay(n int) ([]store.SystemSlot, []store.ModelSlot) {
	system, models := goldenDay(n)
	part := 1 / float64(n)
	for i := range system {
		s := &system[i]
		s.Energy, s.Gap = s.Energy+wh(12*part), wh(12*part)
		s.ModelLoad, s.ServerOther, s.OtherProcesses, s.Unexplained = wh(3.9*part), wh(1.2*part), wh(66.2*part), wh(5.4*part)
		s.Baseline = wh((597.4 - 309.4 - 76.7) * part)
	}
	return system, models
}

func TestDedicatedIsTheSumOfItsParts(t *testing.T) {
	for name, more := range map[string]energy.Joules{"consistent": 0, "dust": 1e-9, "not in a part": 3600, "not measured": -3600} {
		t.Run(name, func(t *testing.T) {
			system, models := bookedDay(96)
			system[7].Energy += more
			bill, err := cost.NewBill(system, models, flat(t))
			if err != nil {
				t.Fatal(err)
			}
			s := bill.Sinks
			sum := bill.Marginal.Nanos + bill.Remainder.Nanos
			for _, m := range []cost.Money{s.ModelLoad, s.ServerOther, s.Baseline, s.OtherProcesses, s.Unexplained, s.Gap} {
				sum += m.Nanos
			}
			if sum != bill.Dedicated.Nanos {
				t.Errorf("the parts cost %d nanos, all of it %d", sum, bill.Dedicated.Nanos)
			}
			// 3600 J are 1 Wh: 0.0001872.
			if want := map[bool]int64{true: 0, false: int64(more) * 52}[max(more, -more) < 1]; bill.Remainder.Nanos != want {
				t.Errorf("the remainder costs %d nanos, want %d", bill.Remainder.Nanos, want)
			}
			if got := s.OtherProcesses.String(); got != "0.0124 EUR" { // 66.2 Wh
				t.Errorf("other processes cost %s", got)
			}
			if got := s.Gap.String(); got != "0.00225 EUR" || bill.Active.String() != "0.0662 EUR" { // 12 Wh, on no other basis
				t.Errorf("gaps cost %s, active %s", got, bill.Active)
			}
		})
	}
}

// TestSlotsAddUp: the bills of slots are the bill of the period.
func TestSlotsAddUp(t *testing.T) {
	system, models := bookedDay(96)
	whole, err := cost.NewBill(system, models, flat(t))
	if err != nil {
		t.Fatal(err)
	}
	var dedicated, active, big int64
	price, _ := flat(t).At(midnight)
	for rows := range cost.BySlot(system, models) {
		b, err := rows.Bill(price)
		if err != nil || len(b.Models) != 2 || !rows.Start.Equal(rows.System[0].Start) {
			t.Fatalf("slot %v: %+v, %v", rows.Start, b, err)
		}
		dedicated += b.Dedicated.Nanos
		active += b.Active.Nanos
		big += b.Models[0].Active.Nanos
	}
	if dedicated != whole.Dedicated.Nanos || active != whole.Active.Nanos || big != whole.Models[0].Active.Nanos {
		t.Errorf("slots cost %d, %d and %d, all of them %v", dedicated, active, big, whole)
	}
}

// TestBySlotKeepsEveryRow: rows that are alone still have a slot, in order.
func TestBySlotKeepsEveryRow(t *testing.T) {
	at := func(i int) time.Time { return midnight.Add(time.Duration(i) * store.SlotLength) }
	system := []store.SystemSlot{{Start: at(2)}, {Start: at(1), Scope: "soc"}, {Start: at(1), Scope: "wall"}}
	models := []store.ModelSlot{{Start: at(3), Model: "a"}, {Start: at(0), Model: "b"}, {Start: at(1), Model: "c"}}
	var got [][3]int
	for rows := range cost.BySlot(system, models) {
		got = append(got, [3]int{int(rows.Start.Sub(midnight) / store.SlotLength), len(rows.System), len(rows.Models)})
	}
	if diff := cmp.Diff([][3]int{{0, 0, 1}, {1, 2, 1}, {2, 1, 0}, {3, 0, 1}}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
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
	for _, s := range []store.SystemSlot{
		{Start: midnight, Energy: -1}, {Start: midnight, Energy: energy.Joules(math.Inf(1))}, {Start: midnight, Energy: energy.Joules(math.NaN())},
		{Start: midnight, Energy: 1, Baseline: -1}, {Start: midnight, Energy: 1, Gap: -1}, {Start: midnight, Energy: 1, Unexplained: energy.Joules(math.NaN())},
	} {
		if b, err := cost.NewBill([]store.SystemSlot{s}, nil, flat(t)); !errors.Is(err, cost.ErrRange) {
			t.Errorf("%+v: got %+v, %v, want ErrRange", s, b, err)
		}
	}
}
