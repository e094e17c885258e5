package report_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/exporter/cost/avoided"
	"github.com/sovmeter/sovmeter/exporter/cost/carbon"
	"github.com/sovmeter/sovmeter/exporter/cost/prices"
	"github.com/sovmeter/sovmeter/exporter/report"
	"github.com/sovmeter/sovmeter/store"
)

// holey is a tariff that has another price in each slot, and in some none.
type holey struct {
	lowest int64 // in 1e-12 EUR
	every  int64 // one slot in so many has no price; 0: each has one
}

func (holey) Currency() cost.Currency { return "EUR" }

func (h holey) At(slot time.Time) (cost.Price, bool) {
	n := slot.Unix() / int64(store.SlotLength/time.Second)
	if h.every > 0 && n%h.every == 0 {
		return cost.Price{}, false
	}
	return cost.Price{Picos: h.lowest + n*7919%300_000_000_001, Currency: "EUR"}, true
}

// wind is an intensity that changes from slot to slot.
type wind int64

func (w wind) At(slot time.Time) (carbon.GramsPerKWh, bool) {
	n := slot.Unix() / int64(store.SlotLength/time.Second)
	return carbon.GramsPerKWh(n % 700), w == 0 || n%int64(w) != 0
}

func (wind) Source() string { return "the wind" }

// byToken is a plan whose amounts have to be rounded. It has no price for the
// model "b" on the second comparator.
type byToken struct{ fee int64 }

func (byToken) Comparators() []avoided.Comparator {
	return []avoided.Comparator{avoided.SameWeights, avoided.Substitute}
}

func (byToken) Compare(s store.ModelSlot) []avoided.Saving {
	saving := func(perToken float64) avoided.Saving {
		tokens := float64(s.Answered.Input+s.Answered.Cached/10+5*s.Answered.Output) + 0.5*float64(longTokens(s))
		if s.OK <= 0 { // as any plan: who answered nothing saved nothing
			tokens = 0
		}
		return avoided.Saving{Money: cost.Money{Nanos: int64(math.Round(tokens * perToken)), Currency: "USD"}, Priced: s.OK, Partial: min(s.OK, s.Answered.UnknownOutput)}
	}
	savings := []avoided.Saving{saving(0.377), saving(1.73)}
	if s.Model == "b" {
		savings[1] = avoided.Saving{Money: cost.Money{Currency: "USD"}, Unpriced: s.OK}
	}
	return savings
}

func longTokens(s store.ModelSlot) (n int64) {
	for _, l := range s.Long {
		n += l.Input
	}
	return n
}

func (byToken) Quotes(model string, at time.Time) []avoided.Quote {
	return []avoided.Quote{{Comparator: avoided.SameWeights, Model: model, Hosts: 1}, {Comparator: avoided.Substitute, Model: model, Hosts: 3}}
}

func (b byToken) Subscription(since, until time.Time) (cost.Money, bool) {
	return cost.Money{Nanos: b.fee * int64(until.Sub(since)/time.Second), Currency: "USD"}, b.fee > 0
}

func (byToken) TableName() string { return "a table" }

// shipped is a plan on the prices that are shipped, in euros. Any model is
// compared with one of many lengths of a prompt, and a has no weights.
func shipped(t testing.TB) *avoided.Plan {
	t.Helper()
	table, err := prices.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	x, err := cost.NewExchange("EUR", map[cost.Currency][]cost.Rate{"USD": {{Worth: cost.Money{Nanos: 871_234_567, Currency: "EUR"}}}})
	if err != nil {
		t.Fatal(err)
	}
	p, err := avoided.New(avoided.Options{Table: table, Exchange: x, Default: avoided.Rule{Substitute: &avoided.Target{Provider: "google", Model: "gemini-2.5-pro"}}})
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Unmatched(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC))) > 0 {
		t.Fatal("no such price is shipped")
	}
	return p
}

// drawInputs makes a report over some days in a zone whose clock changes in them.
func drawInputs(t *rapid.T, zones []*time.Location) report.Inputs {
	return drawPlanned(t, zones, []report.Plan{byToken{}})
}

// drawPlanned is drawInputs with one of some plans.
func drawPlanned(t *rapid.T, zones []*time.Location, plans []report.Plan) report.Inputs {
	zone := rapid.SampledFrom(zones).Draw(t, "zone")
	day := rapid.SampledFrom([]time.Time{
		time.Date(2026, 3, 28, 0, 0, 0, 0, zone), time.Date(2026, 10, 24, 0, 0, 0, 0, zone),
		time.Date(2026, 4, 4, 0, 0, 0, 0, zone), time.Date(2026, 10, 3, 0, 0, 0, 0, zone),
	}).Draw(t, "day")
	since := day.Add(time.Duration(rapid.IntRange(0, 95).Draw(t, "from")) * store.SlotLength)
	slots := rapid.IntRange(1, 250).Draw(t, "slots")
	until := since.Add(time.Duration(slots) * store.SlotLength)
	in := report.Inputs{
		Period: report.Period{Since: since, Until: until}, Now: since.Add(time.Duration(rapid.IntRange(1, 300).Draw(t, "now")) * store.SlotLength),
		By:     rapid.SampledFrom(report.Bys()).Draw(t, "by"),
		Tariff: holey{rapid.SampledFrom([]int64{0, -100_000_000_000}).Draw(t, "lowest"), rapid.SampledFrom([]int64{0, 0, 3, 17}).Draw(t, "holes")},
		Plan:   rapid.SampledFrom(plans).Draw(t, "plan"), Carbon: wind(rapid.SampledFrom([]int64{0, 5}).Draw(t, "lulls")),
		Range: store.Range{Since: since.UTC(), Until: until.UTC(), First: since, Last: until},
	}
	joules := rapid.Map(rapid.Float64Range(0, 9000), func(f float64) energy.Joules { return energy.Joules(f) })
	for range rapid.IntRange(1, 12).Draw(t, "rows") {
		i := rapid.IntRange(0, slots-1).Draw(t, "slot")
		if n := len(in.Range.System); n > 0 && !in.Range.System[n-1].Start.Before(since.Add(time.Duration(i)*store.SlotLength)) {
			continue
		}
		drawSlot(t, &in.Range, since.Add(time.Duration(i)*store.SlotLength).UTC(), joules)
	}
	if rapid.Bool().Draw(t, "open") {
		in.Range.Open, in.Range.OpenSeconds = joules.Draw(t, "open joules"), 60
	}
	return in
}

// drawSlot makes a slot with up to three models.
func drawSlot(t *rapid.T, r *store.Range, start time.Time, joules *rapid.Generator[energy.Joules]) {
	s := store.SystemSlot{Start: start, Baseline: joules.Draw(t, "baseline"), ModelLoad: joules.Draw(t, "load"),
		ServerOther: joules.Draw(t, "server"), OtherProcesses: joules.Draw(t, "other"), Unexplained: joules.Draw(t, "unexplained"), Measured: store.SlotLength}
	for _, name := range [][2]string{{"one", "a"}, {"one", "b"}, {"two", "a"}}[:rapid.IntRange(0, 3).Draw(t, "models")] {
		m := store.ModelSlot{Start: start, Server: name[0], Model: name[1], Busy: time.Second * time.Duration(rapid.IntRange(1, 900).Draw(t, "busy"))}
		m.Prefill, m.Decode, m.Error = joules.Draw(t, "prefill"), joules.Draw(t, "decode"), joules.Draw(t, "error")
		tags := drawTags(t, &m)
		s.Inference += m.Prefill + m.Decode
		s.BaselineBusy = s.Baseline / 3
		r.Models, r.Tagged = append(r.Models, m), append(r.Tagged, tags...)
	}
	drawScopes(t, r, s, joules)
}

// drawTags makes parts of a model's slot, and adds their requests to it. Their
// energy may be all of it.
func drawTags(t *rapid.T, m *store.ModelSlot) []store.TaggedSlot {
	small := rapid.Int64Range(0, 1000)
	names := [][2]string{{"", "p"}, {"c", ""}, {"c", "p"}, {"d", "q"}}[:rapid.IntRange(0, 4).Draw(t, "tags")]
	parts := make([]store.ModelSlot, len(names)+1) // the last has no tag
	for i := range parts {
		part := &parts[i]
		if i == len(names) && i > 0 && rapid.Bool().Draw(t, "all tagged") {
			break
		}
		*part = store.ModelSlot{OK: small.Draw(t, "ok"), Cancelled: small.Draw(t, "cancelled"), Input: small.Draw(t, "input"), Output: small.Draw(t, "output"),
			MeteredOutput: small.Draw(t, "metered"), MeteredEnergy: 7, DecodeTime: time.Second, DecodedTokens: 3}
		if part.OK+part.Cancelled == 0 { // nothing comes of no request
			*part = store.ModelSlot{}
			continue
		}
		part.Answered = store.Tokens{Input: part.Input, Output: part.Output, UnknownOutput: min(part.OK, small.Draw(t, "unknown"))}
		part.UnknownTokens, part.UnknownOutput = part.Answered.UnknownOutput, part.Answered.UnknownOutput
		if part.OK > 0 && part.Input > 0 {
			part.Long = []store.LongTokens{{Above: 32_000, Requests: 1, Tokens: store.Tokens{Input: part.Input / 2}}}
		}
	}
	share := energy.Joules(1 / float64(len(names)+1))
	if parts[len(names)].OK+parts[len(names)].Cancelled == 0 && len(names) > 0 {
		share = energy.Joules(1 / float64(len(names)))
	}
	var tags []store.TaggedSlot
	for i, part := range parts {
		sumInto(m, part)
		if i < len(names) {
			part.Start, part.Server, part.Model = m.Start, m.Server, m.Model
			part.Prefill, part.Decode = m.Prefill*share, m.Decode*share
			tags = append(tags, store.TaggedSlot{Client: names[i][0], Project: names[i][1], ModelSlot: part})
		}
	}
	return tags
}

func sumInto(m *store.ModelSlot, part store.ModelSlot) {
	m.OK += part.OK
	m.Cancelled += part.Cancelled
	m.Input += part.Input
	m.Output += part.Output
	m.UnknownTokens += part.UnknownTokens
	m.UnknownOutput += part.UnknownOutput
	m.MeteredOutput += part.MeteredOutput
	m.MeteredEnergy += part.MeteredEnergy
	m.DecodeTime += part.DecodeTime
	m.DecodedTokens += part.DecodedTokens
	m.Answered.Input += part.Answered.Input
	m.Answered.Output += part.Answered.Output
	m.Answered.UnknownOutput += part.Answered.UnknownOutput
	for _, l := range part.Long {
		if len(m.Long) == 0 {
			m.Long = []store.LongTokens{{Above: l.Above}}
		}
		m.Long[0].Requests += l.Requests
		m.Long[0].Input += l.Input
	}
}

// figures are what rows must have in common, whatever they are by.
type figures struct {
	requests, cancelled, output, unknown, metered int64
	marginal, busy, dedicated                     int64
	saved                                         [2]int64
	unpriced                                      [2]int64
	energy, all                                   energy.Joules
	grams                                         float64
	elapsed, measured                             time.Duration
}

func (f *figures) add(m report.Model) {
	f.requests += m.Requests
	f.cancelled += m.Cancelled
	f.output += m.Output.N
	f.unknown += m.UnknownOutput
	f.metered += m.PerToken.N
	f.energy += m.Energy()
	f.marginal += m.Marginal.Money.Nanos
	f.busy += m.Busy.Money.Nanos
	for i, s := range m.Saved {
		f.saved[i] += s.Amount.Money.Nanos
		f.unpriced[i] += s.Unpriced
	}
}

func sameFloat(a, b float64) bool { return math.Abs(a-b) <= 1e-9*max(math.Abs(a), math.Abs(b), 1) }

func TestRowsSumToTheTotals(t *testing.T) {
	zones := []*time.Location{time.UTC, location(t, "Europe/Berlin"), location(t, "Australia/Lord_Howe"), location(t, "Asia/Kathmandu")}
	plans := []report.Plan{byToken{}, shipped(t)}
	rapid.Check(t, func(t *rapid.T) {
		in := drawPlanned(t, zones, plans)
		r, err := report.Build(in)
		if err != nil {
			t.Fatal(err)
		}
		for _, fault := range faultsOf(in, r) {
			t.Error(fault)
		}
	})
}

// faultsOf is where rows and totals differ.
func faultsOf(in report.Inputs, r report.Report) (faults []string) {
	fault := func(ok bool, format string, args ...any) {
		if !ok {
			faults = append(faults, fmt.Sprintf(format, args...))
		}
	}
	var want, got figures
	parts, known := int64(0), true
	for _, m := range r.Models {
		want.add(m)
		parts += m.Marginal.Money.Nanos
		known = known && m.Marginal.Known
	}
	fault(!known || want.marginal == r.Bases[0].Cost.Money.Nanos, "models cost %d, marginal basis %v", want.marginal, r.Bases[0].Cost)
	fault(known == r.Bases[0].Cost.Known, "known cost of all models %v, of their sum %v", known, r.Bases[0].Cost.Known)
	fault(!r.Bases[1].Cost.Known || want.busy == r.Bases[1].Cost.Money.Nanos, "models cost %d, active basis %v", want.busy, r.Bases[1].Cost)
	for i, c := range r.Comparisons {
		fault(want.saved[i] == c.Total.Amount.Money.Nanos && want.unpriced[i] == c.Total.Unpriced, "models saved %d, %s %v", want.saved[i], c.Name, c.Total)
	}
	for _, s := range r.Sinks {
		parts += s.Cost.Money.Nanos
	}
	if r.Bases[2].Cost.Known {
		fault(parts == r.Bases[2].Cost.Money.Nanos, "parts cost %d, dedicated basis %v", parts, r.Bases[2].Cost)
	}
	fault(sameFloat(float64(want.energy), float64(r.Inference)), "models took %v J, inference %v", want.energy, r.Inference)
	if len(r.Groups) == 0 {
		return faults
	}
	for _, g := range r.Groups {
		got.add(g.Sum)
		if in.By == report.ByClient || in.By == report.ByProject {
			fault(!g.Sum.Busy.Known, "%s has an active cost", g.Name)
			fault(g.Sum.Prefill >= 0 && g.Sum.Decode >= 0, "%q took %v J", g.Name, g.Sum.Prefill)
			fault(g.Sum.Marginal.Money.Nanos >= 0 || in.Tariff.(holey).lowest < 0, "%q cost %v", g.Name, g.Sum.Marginal)
			got.busy += 0
		}
		if w := g.Whole; w != nil {
			got.all += w.Energy
			got.dedicated += w.Dedicated.Money.Nanos
			got.grams += w.Carbon.Grams
			got.elapsed += w.Elapsed
			got.measured += w.Measured
			fault(g.Start.Before(g.End), "%s from %v to %v", g.Name, g.Start, g.End)
		}
	}
	fault(sameFloat(float64(got.energy), float64(want.energy)), "groups took %v J, models %v", got.energy, want.energy)
	got.energy, want.energy = 0, 0
	if in.By == report.ByClient || in.By == report.ByProject {
		want.busy = 0
	}
	if in.By == report.ByDay || in.By == report.ByHour {
		fault(sameFloat(float64(got.all+in.Range.Open), float64(r.Total)), "groups measured %v J, in all %v", got.all, r.Total)
		open := sinkOf(r, report.SinkOpen).Cost
		fault(!r.Bases[2].Cost.Known || got.dedicated+open.Money.Nanos == r.Bases[2].Cost.Money.Nanos, "groups cost %d, dedicated %v", got.dedicated, r.Bases[2].Cost)
		fault(got.elapsed == max(r.Elapsed, 0), "groups lasted %v, the period %v", got.elapsed, r.Elapsed)
		fault(got.measured+time.Duration(in.Range.OpenSeconds*1e9) == r.Measured, "groups measured %v, in all %v", got.measured, r.Measured)
	}
	if !r.Bases[0].Cost.Known { // what has no price in one grouping may have one in another
		got.marginal, want.marginal, got.busy, want.busy = 0, 0, 0, 0
	}
	got.all, got.dedicated, got.grams, got.elapsed, got.measured = 0, 0, 0, 0, 0
	fault(got == want, "groups have %+v, models %+v", got, want)
	return faults
}
