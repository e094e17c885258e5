package report_test

import (
	"math"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/exporter/cost/avoided"
	"github.com/sovmeter/sovmeter/exporter/cost/payback"
	"github.com/sovmeter/sovmeter/exporter/cost/prices"
	"github.com/sovmeter/sovmeter/exporter/report"
	"github.com/sovmeter/sovmeter/store"
)

// payingDays is a report with n whole days of history, on each of which a
// hundred requests avoid so much.
func payingDays(t testing.TB, n int, each perRequest) report.Inputs {
	t.Helper()
	p, r, now := oneHour(t)
	in := report.Inputs{Period: p, Range: r, Now: now, Tariff: flat(t, 0.36, "EUR"), Plan: each,
		Machine: &payback.Machine{Price: cost.Money{Nanos: 1000e9, Currency: "EUR"}, Purchased: p.Since.AddDate(-1, 0, 0), Life: 60 * payback.Month, ShareRatio: 0.5}}
	for day := range n {
		for i := range 96 {
			at := p.Since.AddDate(0, 0, day-n).Add(time.Duration(i) * store.SlotLength)
			s := store.SystemSlot{Start: at, Energy: 3600, Baseline: 3600, Measured: store.SlotLength}
			if i == 40 {
				s.Energy, s.Inference = 3600+36_000, 36_000
				in.History.Models = append(in.History.Models, store.ModelSlot{Start: at, Server: "s", Model: "m", Decode: 36_000, OK: 100})
			}
			in.History.System = append(in.History.System, s)
		}
	}
	return in
}

func TestBreakEven(t *testing.T) {
	in := payingDays(t, 30, 20_000_000) // 2 EUR a day
	r := build(t, in)
	b := r.Comparisons[0].BreakEven
	if b.Days != 30 || b.Simple.Outcome != payback.Reached || b.Simple.Months != 9 || b.Capital.String() != "500 EUR" {
		t.Errorf("got %+v", b)
	}
	// 36 kJ a day are 0.0036 EUR on the marginal basis.
	if got := b.CostMonthly.Units(); math.Abs(got-0.0036*365.25/12) > 1e-8 {
		t.Errorf("a month costs %v", got)
	}
	if r.Comparisons[1].DaysLeftOut != 30 || r.Comparisons[1].BreakEven.Simple.Outcome != payback.TooFewDays {
		t.Errorf("without a price: %+v, %d days left out", r.Comparisons[1].BreakEven, r.Comparisons[1].DaysLeftOut)
	}
	in.PayBasis = cost.Dedicated
	if got := build(t, in).Comparisons[0].BreakEven.CostMonthly.Units(); math.Abs(got-(96*0.00036+0.0036)*365.25/12) > 1e-8 {
		t.Errorf("a month costs %v on the dedicated basis", got)
	}
	in.Tariff = patchy{in.Tariff, in.Period.Since.AddDate(0, 0, -3)} // the price of one slot is missing
	if c := build(t, in).Comparisons[0]; c.BreakEven.Days != 29 || c.DaysLeftOut != 1 {
		t.Errorf("%d days used, %d left out; want 29 and 1", c.BreakEven.Days, c.DaysLeftOut)
	}
	in = payingDays(t, 13, 20_000_000)
	if b := build(t, in).Comparisons[0].BreakEven; b.Simple.Outcome != payback.TooFewDays || b.Days != 13 {
		t.Errorf("13 days: %+v", b)
	}
}

// subscribed is a plan that a flat fee caps.
type subscribed struct {
	perRequest
	perDay int64
}

func (s subscribed) Subscription(since, until time.Time) (cost.Money, bool) {
	return cost.Money{Nanos: s.perDay * int64(until.Sub(since)/time.Hour) / 24, Currency: "EUR"}, true
}

func (subscribed) Quotes(model string, at time.Time) []avoided.Quote {
	e := prices.Entry{Provider: "openrouter", Model: "a/b", From: at.AddDate(0, -1, 0), Source: "a table",
		Rates: prices.Rates{Input: prices.Rate{PerMtok: cost.PerMtok{Money: usd(1)}, Known: true}}}
	return []avoided.Quote{{Comparator: avoided.SameWeights, Model: model, Entry: e, Hosts: 2, Guessed: true}, {Comparator: avoided.Substitute}}
}

// Nobody would have paid by the token what a flat fee buys for less.
func TestBreakEvenIsCappedAtASubscription(t *testing.T) {
	in := payingDays(t, 30, 20_000_000)
	in.Plan = subscribed{20_000_000, 1e9} // 1 EUR a day
	if b := build(t, in).Comparisons[0].BreakEven; b.Simple.Months != 17 || math.Abs(b.AvoidedMonthly.Units()-365.25/12) > 1e-6 {
		t.Errorf("got %+v", b)
	}
	in.Plan = subscribed{20_000_000, 3e9}
	if b := build(t, in).Comparisons[0].BreakEven; b.Simple.Months != 9 {
		t.Errorf("a dear subscription: %+v", b)
	}
}

func TestLoadedBasis(t *testing.T) {
	in := tagged(t)
	if got := build(t, in); len(got.Bases) != 3 || got.Hardware != nil {
		t.Errorf("without hardware: %+v", got.Bases)
	}
	// 500 EUR over 5 years of which the period is an hour.
	in.Machine = &payback.Machine{Price: cost.Money{Nanos: 1000e9, Currency: "EUR"}, Purchased: in.Now.AddDate(-1, 0, 0), Life: 5 * 365 * 24 * time.Hour, ShareRatio: 0.5}
	r := build(t, in)
	charge := int64(math.Round(500e9 / (5 * 365 * 24)))
	if got := r.Hardware.Charge; !got.Known || got.Money.Nanos < charge-1 || got.Money.Nanos > charge+1 {
		t.Errorf("the charge is %v, want %d nanos", got, charge)
	}
	loaded := r.Bases[3]
	if loaded.Name != cost.Loaded || loaded.Energy != r.Total || loaded.Cost.Money.Nanos != r.Bases[2].Cost.Money.Nanos+r.Hardware.Charge.Money.Nanos {
		t.Errorf("loaded %+v, dedicated %+v", loaded, r.Bases[2])
	}
	in.Machine.Life = 0
	if r := build(t, in); r.Hardware.Charge.Known || r.Bases[3].Cost.Known {
		t.Errorf("without a life: %+v, %+v", r.Hardware.Charge, r.Bases[3])
	}
	in.Machine.Life, in.Machine.Price.Currency = time.Hour, "USD"
	if r := build(t, in); r.Bases[3].Cost.Known {
		t.Errorf("EUR and USD: %+v", r.Bases[3])
	}
}

// Only whole days that were measured are days of a break-even, also when the
// period itself has to do.
func TestBreakEvenIsOfWholeDays(t *testing.T) {
	in := payingDays(t, 30, 20_000_000)
	in.Range, in.History = in.History, store.Range{}
	in.Period.Since = in.Period.Since.AddDate(0, 0, -40) // ten days before the first
	in.Range.Models = append([]store.ModelSlot{{Start: in.Period.Since, Server: "s", Model: "m", OK: 1, Unmetered: 1}}, in.Range.Models...)
	today := in.Range.System[len(in.Range.System)-1]
	today.Start, today.Measured = today.Start.Add(store.SlotLength), time.Hour // all of it so far
	in.Range.System = append(in.Range.System, today)
	r := build(t, in)
	if c := r.Comparisons[0]; len(r.Curve.Days) != 41 || c.BreakEven.Days != 30 || c.DaysLeftOut != 0 {
		t.Errorf("of %d days %d are used and %d left out, want 41, 30 and 0", len(r.Curve.Days), c.BreakEven.Days, c.DaysLeftOut)
	}
}
