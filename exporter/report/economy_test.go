package report_test

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/exporter/cost/avoided"
	"github.com/sovmeter/sovmeter/exporter/cost/carbon"
	"github.com/sovmeter/sovmeter/exporter/report"
	"github.com/sovmeter/sovmeter/store"
)

// What the packages offer is what a report takes.
var (
	_ report.Plan      = (*avoided.Plan)(nil)
	_ report.Intensity = carbon.Intensity{}
)

func build(t testing.TB, in report.Inputs) report.Report {
	t.Helper()
	r, err := report.Build(in)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func usd(nanos int64) cost.Money { return cost.Money{Nanos: nanos, Currency: "USD"} }

func TestComparisons(t *testing.T) {
	in := tagged(t)
	other := in.Range.Models[0]
	other.Model, other.OK, other.Answered.UnknownOutput = "b", 5, 1
	in.Range.Models = append(in.Range.Models, other)
	in.Plan = byToken{fee: 1} // a billionth a second
	r := build(t, in)
	same, substitute := r.Comparisons[0], r.Comparisons[1]
	// 500 tokens of each model, weighed, at 0.377 and 1.73.
	if want := usd(189 + 189); same.Total.Amount.Money != want || !same.Total.AtLeast || same.Capped != same.Total.Amount {
		t.Errorf("same weights %+v, want %v", same, want)
	}
	if want := (report.Saved{Amount: report.Amount{Money: usd(865), Known: true}, AtLeast: true, Unpriced: 5}); substitute.Total != want {
		t.Errorf("substitute %+v, want %+v", substitute.Total, want)
	}
	if fee := usd(3600); same.Subscription.Money != fee { // the period is a day, of which an hour has passed
		t.Errorf("the subscription is %v, want %v", same.Subscription, fee)
	}
	if len(same.Quotes) != 2 || same.Quotes[0].Hosts != 1 || same.Quotes[1].Model != "b" || substitute.Quotes[0].Hosts != 3 || r.PriceTable != "a table" {
		t.Errorf("quotes %+v and %+v of %q", same.Quotes, substitute.Quotes, r.PriceTable)
	}
	if b := r.Models[1].Saved[1]; b.Amount.Known || b.Unpriced != 5 {
		t.Errorf("a model without a price saved %+v", b)
	}
}

func TestSubscriptionCaps(t *testing.T) {
	in := tagged(t)
	in.Range.Models[0].Answered.Input = 1_000_000
	in.Plan = byToken{fee: 1}
	c := build(t, in).Comparisons[0]
	if c.Total.Amount.Money.Nanos < 100_000 || c.Capped.Money != usd(3600) {
		t.Errorf("got %v, capped at %v, want 3600 nanos", c.Total, c.Capped)
	}
}

func TestNothingAnsweredSavesNothing(t *testing.T) {
	in := tagged(t)
	in.Range.Models[0].OK, in.Range.Models[0].Cancelled, in.Range.Models[0].Answered = 0, 4, store.Tokens{}
	want := report.Saved{Amount: report.Amount{Money: usd(0), Known: true}}
	if got := build(t, in).Models[0].Saved[1]; got != want {
		t.Errorf("got %+v", got)
	}
}

// fixed is an intensity that is known before a time.
type fixed struct {
	perKWh carbon.GramsPerKWh
	until  time.Time
}

func (f fixed) At(slot time.Time) (carbon.GramsPerKWh, bool) { return f.perKWh, slot.Before(f.until) }
func (f fixed) Source() string                               { return "UBA 2025" }

func TestCarbon(t *testing.T) {
	p, r, now := oneHour(t)
	in := report.Inputs{Period: p, Range: r, Now: now, Carbon: fixed{360, now}}
	in.Range.Open = 300
	// 360 g/kWh are 0.0001 g/J: 900 J, 1800 J of which 1000 are requests', and 300 J.
	want := report.Carbon{Grams: 0.3, Requests: 0.1, PerCall: 0.025, Known: true, Source: "UBA 2025"}
	got := build(t, in).Carbon
	if diff := cmp.Diff(want, roundCarbon(got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	in.Carbon = fixed{360, r.System[1].Start}
	want = report.Carbon{Grams: 0.09, Known: true, Unknown: 2100, Source: "UBA 2025"}
	if diff := cmp.Diff(want, roundCarbon(build(t, in).Carbon)); diff != "" {
		t.Errorf("known for the first slot (-want +got):\n%s", diff)
	}
	in.Carbon = fixed{}
	want = report.Carbon{Unknown: 3000, Source: "UBA 2025"}
	if diff := cmp.Diff(want, build(t, in).Carbon); diff != "" {
		t.Errorf("never known (-want +got):\n%s", diff)
	}
	in.Carbon = nil
	in.By = report.ByDay
	if r := build(t, in); r.Carbon != (report.Carbon{}) || r.Groups[0].Whole.Carbon != (report.Carbon{}) {
		t.Errorf("without a source: %+v", r.Carbon)
	}
}

func roundCarbon(c report.Carbon) report.Carbon {
	for _, v := range []*float64{&c.Grams, &c.Requests, &c.PerCall} {
		*v = math.Round(*v*1e9) / 1e9
	}
	return c
}

func TestSplit(t *testing.T) {
	in := tagged(t)
	if r := build(t, in); r.Split != nil {
		t.Errorf("without a gateway: %+v", r.Split)
	}
	day := in.Period.Since
	in.Range.Remote = []store.RemoteSlot{
		{Start: day, Server: "gw", Model: "x", OK: 3, Failed: 1, Input: 100, Cached: 30, Output: 20, Spend: 1000},
		{Start: day.Add(time.Hour), Server: "gw", Model: "y", OK: 1, Input: 5, UnknownCached: 1, Output: 2, Spend: 501},
	}
	half := cost.Money{Nanos: 500_000_000, Currency: "EUR"}
	x, err := cost.NewExchange("EUR", map[cost.Currency][]cost.Rate{"USD": {{From: day, Worth: half}}})
	if err != nil {
		t.Fatal(err)
	}
	in.Exchange = x
	r := build(t, in)
	want := report.Split{LocalTokens: 100, RemoteTokens: 157, LocalCalls: 10, RemoteCalls: 4, LocalSpend: r.Bases[0].Cost,
		RemoteSpend: report.Amount{Money: cost.Money{Nanos: 750, Currency: "EUR"}, Known: true}} // 500 and 250.5
	if diff := cmp.Diff(want, *r.Split); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	in.Range.Remote[0].UnknownSpend, in.Range.Remote[1].UnknownOutput = 1, 1
	in.Range.Models[0].Answered.UnknownCached = 1
	if s := build(t, in).Split; !s.RemoteSpendAtLeast || !s.RemoteAtLeast || !s.LocalAtLeast {
		t.Errorf("with unknown figures: %+v", s)
	}
	in.Exchange = cost.Exchange{}
	if s := build(t, in).Split; s.RemoteSpend.Known || !s.LocalSpend.Known {
		t.Errorf("without a rate: %+v", s)
	}
	in.Tariff = nil
	if s := build(t, in).Split; s.RemoteSpend.Money != usd(1501) {
		t.Errorf("without a tariff: %+v", s)
	}
}

// Only the sum lacks something of which a count is unknown.
func TestUnknownTokensOfOneKind(t *testing.T) {
	in := tagged(t)
	m := &in.Range.Models[0]
	m.Input, m.Cached, m.Output = 70, 0, 9
	m.UnknownTokens, m.UnknownInput, m.UnknownCached = 10, 4, 10
	got := build(t, in).Models[0]
	if got.Input != (report.Tokens{N: 70, Known: true, AtLeast: true}) || got.Cached.Known || got.Output != (report.Tokens{N: 9, Known: true}) {
		t.Errorf("input %+v, cached %+v, output %+v", got.Input, got.Cached, got.Output)
	}
	m.Input = 0 // six requests had no fresh input
	if got := build(t, in).Models[0].Input; got != (report.Tokens{Known: true, AtLeast: true}) {
		t.Errorf("input %+v", got)
	}
}

// The prices that occurred, in whatever order they came.
func TestLowestAndHighestPrice(t *testing.T) {
	in := tagged(t)
	low, high := flat(t, 0.1, "EUR"), flat(t, 0.3, "EUR")
	for _, pair := range [][2]cost.Tariff{{low, high}, {high, low}} {
		in.Tariff = changing{pair[0], pair[1], in.Range.System[1].Start}
		if got := build(t, in).Tariff; got.Lowest.Units() != 0.1 || got.Highest.Units() != 0.3 {
			t.Errorf("from %v to %v", got.Lowest, got.Highest)
		}
	}
}

// changing is another tariff from a time on.
type changing struct {
	cost.Tariff
	then cost.Tariff
	from time.Time
}

func (c changing) At(slot time.Time) (cost.Price, bool) {
	if slot.Before(c.from) {
		return c.Tariff.At(slot)
	}
	return c.then.At(slot)
}

// What is not booked yet has the price of the newest measurement, in its own line.
func TestOpenEnergyWithoutAPrice(t *testing.T) {
	in := tagged(t)
	in.Range.Open = 300
	r := build(t, in)
	if open := sinkOf(r, report.SinkOpen); open.Name != report.SinkOpen || open.Cost.Money.Nanos != 30_000 {
		t.Errorf("open energy: %+v", open)
	}
	in.Tariff = patchy{in.Tariff, cost.Slot(in.Range.Last)}
	in.Range.System[0].Start = in.Range.System[0].Start.Add(-store.SlotLength)
	r = build(t, in)
	if open := sinkOf(r, report.SinkOpen); open.Cost.Known || r.Bases[2].Cost.Known || r.Tariff.Unpriced != 300 || !r.Bases[0].Cost.Known {
		t.Errorf("open energy without a price: %+v, %+v, %+v", open, r.Bases, r.Tariff)
	}
}

// euroFee is a plan whose fee is in another currency than its savings.
type euroFee struct{ byToken }

func (euroFee) Subscription(time.Time, time.Time) (cost.Money, bool) {
	return cost.Money{Nanos: 1, Currency: "EUR"}, true
}

func TestTwoCurrenciesAreNotCompared(t *testing.T) {
	in := tagged(t)
	in.Plan = euroFee{}
	if c := build(t, in).Comparisons[0]; c.Capped.Known || !c.Total.Amount.Known {
		t.Errorf("USD capped at EUR: %+v", c)
	}
}

// A model on two servers is compared once, and one that answered nothing never.
func TestQuotesAreOfModelsThatAnswered(t *testing.T) {
	in := tagged(t)
	twin, idle := in.Range.Models[0], in.Range.Models[0]
	twin.Server, idle.Model, idle.OK, idle.Failed = "other", "idle", 0, 3
	in.Range.Models = append(in.Range.Models, twin, idle)
	if q := build(t, in).Comparisons[0].Quotes; len(q) != 1 || q[0].Model != "m" {
		t.Errorf("quotes: %+v", q)
	}
}

func TestSpendThatNoGatewayReckons(t *testing.T) {
	in := tagged(t)
	in.Tariff = nil
	in.Range.Remote = []store.RemoteSlot{{Start: in.Period.Since, Server: "gw", OK: 2, UnknownSpend: 2}}
	if s := build(t, in).Split; s.RemoteSpend.Known || s.RemoteSpendAtLeast {
		t.Errorf("got %+v", s)
	}
}

// The grams of one more call are of all calls of its mean, or unknown.
func TestCarbonOfACallNeedsAllOfThem(t *testing.T) {
	p, r, now := oneHour(t)
	second := r.Models[0]
	second.Start = r.System[0].Start
	r.Models = append([]store.ModelSlot{second}, r.Models...)
	r.System[0].Energy, r.System[0].Inference = 1900, 1000
	c := build(t, report.Inputs{Period: p, Range: r, Now: now, Carbon: fixed{360, r.System[1].Start}}).Carbon
	if !c.Known || c.Requests == 0 || c.PerCall != 0 {
		t.Errorf("got %+v", c)
	}
}

// Where nobody looked nothing is known, and not nothing.
func TestGapsInTheJSON(t *testing.T) {
	in := tagged(t)
	in.By = report.ByHour
	in.Now = in.Now.Add(time.Hour)
	rows := parse(t, writeJSON(t, build(t, in))).(map[string]any)["groups"].([]any)
	gap, machine := rows[1].(map[string]any), rows[1].(map[string]any)["machine"].(map[string]any)
	for name, v := range map[string]any{"energy": gap["energy_joules"], "cost": gap["marginal_cost"], "active cost": gap["active_cost"], "error": gap["error_joules"],
		"saved": gap["saved"].([]any)[0].(map[string]any)["cost"], "measured": machine["measured_joules"], "dedicated": machine["dedicated_cost"], "grams": machine["carbon_grams"]} {
		if v != nil {
			t.Errorf("%s of an hour without a measurement is %v, want null", name, v)
		}
	}
	if gap["name"] != "2026-03-04 01:00" || gap["requests"] != 0.0 || machine["measured_seconds"] != 0.0 || machine["elapsed_seconds"] != 3600.0 {
		t.Errorf("got %v", gap)
	}
}

func TestTagsInTheJSON(t *testing.T) {
	in := tagged(t)
	in.By = report.ByClient
	rows := parse(t, writeJSON(t, build(t, in))).(map[string]any)["groups"].([]any)
	first, rest := rows[0].(map[string]any), rows[2].(map[string]any)
	for _, name := range []string{"error_joules", "active_seconds", "active_cost", "machine", "start", "end"} {
		if v, there := first[name]; !there || v != nil {
			t.Errorf("%s of a client is %v, want null", name, v)
		}
	}
	if first["name"] != "editor" || rest["name"] != nil || rest["requests"] != 3.0 {
		t.Errorf("got %v and %v", first, rest)
	}
}
