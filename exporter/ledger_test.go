package exporter_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/exporter"
	"github.com/sovmeter/sovmeter/exporter/cost"
)

// noon is on a 15-minute mark.
var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func flat(t testing.TB, price float64) cost.Flat {
	t.Helper()
	f, err := cost.NewFlat(price, "EUR")
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// scrape gathers a ledger through a pedantic registry.
func scrape(t testing.TB, l *exporter.Ledger) map[string]*dto.MetricFamily {
	t.Helper()
	reg := prometheus.NewPedanticRegistry()
	if err := reg.Register(exporter.NewCollector(l)); err != nil {
		t.Fatal(err)
	}
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	byName := map[string]*dto.MetricFamily{}
	for _, f := range families {
		byName[f.GetName()] = f
	}
	return byName
}

// series reads one metric's values by their label values, "a,b" in the order
// of the label names.
func series(f *dto.MetricFamily) map[string]float64 {
	values := map[string]float64{}
	for _, m := range f.GetMetric() {
		var labels []string
		for _, p := range m.GetLabel() {
			labels = append(labels, p.GetValue())
		}
		v := m.GetCounter().GetValue() + m.GetGauge().GetValue()
		if h := m.GetHistogram(); h != nil {
			v = float64(h.GetSampleCount())
		}
		values[strings.Join(labels, ",")] = v
	}
	return values
}

func total(f *dto.MetricFamily) float64 {
	var all float64
	for _, v := range series(f) {
		all += v
	}
	return all
}

func near(a, b float64) bool { return math.Abs(a-b) <= 1e-9*math.Max(1, math.Abs(b)) }

// randomBooking is a window of a second whose energy is known to the joule and
// split at random.
func randomBooking(r *rand.Rand, start time.Time) attribution.Booking {
	rail := func() attribution.Rail { return attribution.Rail{Energy: energy.Joules(r.Float64() * 30), Known: true} }
	w := attribution.Window{Start: start, End: start.Add(time.Second), CPU: rail(), GPU: rail(), ANE: rail(), Scope: attribution.ScopeSoC}
	w.Energy = w.CPU.Energy + w.GPU.Energy + w.ANE.Energy
	var cuts [6]float64
	var whole float64
	for i := range cuts {
		cuts[i] = r.Float64()
		whole += cuts[i]
	}
	part := func(i int) energy.Joules { return w.Energy * energy.Joules(cuts[i]/whole) }
	b := attribution.Booking{
		Window: w, Baseline: part(0), Inference: part(1), ModelLoad: part(2),
		ServerOther: part(3), OtherProcesses: part(4), Unexplained: part(5), Busy: time.Second / 2,
	}
	for i := range 1 + r.IntN(3) {
		model := fmt.Sprintf("model-%d", i)
		b.ModelBusy = append(b.ModelBusy, attribution.ModelBusy{Server: "main", Model: model, Busy: time.Second / 2})
	}
	each := b.Inference / energy.Joules(len(b.ModelBusy))
	for i, m := range b.ModelBusy {
		b.Shares = append(b.Shares, attribution.Share{Request: fmt.Sprint(i), Server: m.Server, Model: m.Model, Prefill: each / 4, Decode: each - each/4})
	}
	return b
}

// At every scrape the sinks sum to the energy that was booked, and so do the
// rails; requests sum to the sink inference; the costs are those energies at
// the price.
func TestSinksSumToMeteredEnergyAtEveryScrape(t *testing.T) {
	r := rand.New(rand.NewPCG(20, 26))
	l := exporter.NewLedger(exporter.Options{Tariff: flat(t, 0.1872)})
	var metered, inference, activeBaseline float64
	at := noon
	for range 200 {
		b := attribution.Batch{At: at}
		for range 10 {
			k := randomBooking(r, at)
			at = at.Add(time.Second)
			b.Bookings = append(b.Bookings, k)
			metered += float64(k.Window.Energy)
			inference += float64(k.Inference)
			activeBaseline += float64(k.Baseline) / 2
		}
		l.Record(b)
		f := scrape(t, l)
		if got := total(f["sovmeter_joules_total"]); !near(got, metered) {
			t.Fatalf("sinks sum to %v J, metered %v J", got, metered)
		}
		if got := total(f["sovmeter_rail_joules_total"]); !near(got, metered) {
			t.Fatalf("rails sum to %v J, metered %v J", got, metered)
		}
		if got := total(f["sovmeter_inference_joules_total"]); !near(got, inference) {
			t.Fatalf("requests sum to %v J, booked %v J", got, inference)
		}
	}
	byBasis := map[string]float64{}
	for labels, v := range series(scrape(t, l)["sovmeter_cost_total"]) {
		byBasis[strings.Split(labels, ",")[0]] += v
	}
	const price = 0.1872 / 3.6e6
	for basis, joules := range map[string]float64{"marginal": inference, "active": inference + activeBaseline, "dedicated": metered} {
		if got, want := byBasis[basis], joules*price; math.Abs(got-want) > 20e-9 {
			t.Errorf("%s costs %v, want %v to a nano-unit a slot and model", basis, got, want)
		}
	}
}

// The models' shares of a baseline follow their busy time, and a window over
// the edge of a slot is priced by time.
func TestCostBases(t *testing.T) {
	edge := noon.Add(15 * time.Minute)
	l := exporter.NewLedger(exporter.Options{Tariff: steps{flat(t, 0.36), edge, flat(t, 0.72)}})
	l.Record(attribution.Batch{At: edge, Bookings: []attribution.Booking{{
		Window:   attribution.Window{Start: edge.Add(-time.Second), End: edge.Add(3 * time.Second), Energy: 1400, Scope: attribution.ScopeSoC},
		Baseline: 400, Inference: 1000, Busy: 2 * time.Second,
		Shares:    []attribution.Share{{Request: "1", Server: "main", Model: "big", Prefill: 200, Decode: 800}},
		ModelBusy: []attribution.ModelBusy{{Server: "main", Model: "big", Busy: 2 * time.Second}, {Server: "main", Model: "small", Busy: 2 * time.Second}},
	}}})
	f := scrape(t, l)
	// A quarter of each energy costs 1e-7 a joule, three quarters 2e-7: 1.75e-7.
	want := map[string]float64{
		"marginal,EUR,big,main": 1000 * 1.75e-7, "active,EUR,big,main": 1100 * 1.75e-7,
		"marginal,EUR,small,main": 0, "active,EUR,small,main": 100 * 1.75e-7,
		"dedicated,EUR,all,all": 1400 * 1.75e-7,
	}
	got := series(f["sovmeter_cost_total"])
	for labels, v := range want {
		if g, ok := got[labels]; !ok || math.Abs(g-v) > 1e-12 {
			t.Errorf("%s costs %v, want %v", labels, g, v)
		}
	}
	if len(got) != len(want) {
		t.Errorf("got %v", got)
	}
	if p := total(f["sovmeter_electricity_price_per_kwh"]); p != 0.72 {
		t.Errorf("the price is %v, want 0.72", p)
	}
}

// steps is a tariff that changes once, and knows no price before noon.
type steps struct {
	cost.Flat
	edge  time.Time
	after cost.Flat
}

func (s steps) At(slot time.Time) (cost.Price, bool) {
	if slot.Before(s.edge) {
		return s.PricePerKWh, !slot.Before(noon)
	}
	return s.after.PricePerKWh, true
}

// Money that a negative price brings in never makes a counter fall.
func TestNegativePrices(t *testing.T) {
	paid := flat(t, 0.36)
	paid.PricePerKWh.Picos = -paid.PricePerKWh.Picos
	l := exporter.NewLedger(exporter.Options{Tariff: steps{flat(t, 0.72), noon.Add(15 * time.Minute), paid}})
	var spent, credit []float64
	for _, at := range []time.Time{noon, noon.Add(15 * time.Minute), noon.Add(16 * time.Minute)} {
		l.Record(attribution.Batch{At: at, Bookings: []attribution.Booking{{
			Window: attribution.Window{Start: at, End: at.Add(time.Second), Energy: 50}, Unexplained: 50,
		}}})
		f := scrape(t, l)
		spent = append(spent, series(f["sovmeter_cost_total"])["dedicated,EUR,all,all"])
		credit = append(credit, series(f["sovmeter_cost_credit_total"])["dedicated,EUR,all,all"])
	}
	within := cmpopts.EquateApprox(0, 1e-15)
	if diff := cmp.Diff([]float64{1e-5, 1e-5, 1e-5}, spent, within); diff != "" {
		t.Errorf("cost (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]float64{0, 5e-6, 1e-5}, credit, within); diff != "" {
		t.Errorf("credit (-want +got):\n%s", diff)
	}
}

// A price that is corrected while its slot is open does not change what was
// booked at it.
func TestPriceOfAnOpenSlotStays(t *testing.T) {
	tariff := &corrected{flat(t, 0.72)}
	l := exporter.NewLedger(exporter.Options{Tariff: tariff})
	for i, want := range []float64{1e-5, 2e-5, 2.5e-5} {
		at := noon.Add([]time.Duration{0, time.Minute, 15 * time.Minute}[i])
		l.Record(attribution.Batch{At: at, Bookings: []attribution.Booking{{
			Window: attribution.Window{Start: at, End: at.Add(time.Second), Energy: 50}, Unexplained: 50,
		}}})
		if got := series(scrape(t, l)["sovmeter_cost_total"])["dedicated,EUR,all,all"]; math.Abs(got-want) > 1e-15 {
			t.Errorf("after %d bookings it costs %v, want %v", i+1, got, want)
		}
		tariff.Flat = flat(t, 0.36)
	}
}

// corrected is a tariff that its owner changes.
type corrected struct{ cost.Flat }

func TestUnpricedEnergyIsCounted(t *testing.T) {
	l := exporter.NewLedger(exporter.Options{Tariff: steps{flat(t, 0.36), noon.Add(time.Hour), flat(t, 0.72)}})
	window := func(at time.Time) attribution.Booking {
		return attribution.Booking{Window: attribution.Window{Start: at, End: at.Add(time.Second), Energy: 50}, Unexplained: 50}
	}
	l.Record(attribution.Batch{At: noon.Add(-time.Hour), Bookings: []attribution.Booking{window(noon.Add(-time.Hour))}})
	f := scrape(t, l)
	if f["sovmeter_electricity_price_per_kwh"] != nil {
		t.Error("an unknown price is exported")
	}
	l.Record(attribution.Batch{At: noon, Bookings: []attribution.Booking{window(noon)}})
	f = scrape(t, l)
	if got := total(f["sovmeter_unpriced_joules_total"]); got != 50 {
		t.Errorf("%v J unpriced, want 50", got)
	}
	if got := series(f["sovmeter_cost_total"])["dedicated,EUR,all,all"]; math.Abs(got-5e-6) > 1e-12 {
		t.Errorf("dedicated costs %v, want 5e-6", got)
	}
}

func TestUnknownRailsAreAbsent(t *testing.T) {
	l := exporter.NewLedger(exporter.Options{})
	w := attribution.Window{
		Start: noon, End: noon.Add(time.Second), Energy: 5, Scope: attribution.ScopeSoC,
		CPU: attribution.Rail{Energy: 5, Known: true}, GPU: attribution.Rail{Known: true}, ANE: attribution.Rail{Energy: 99},
	}
	l.Record(attribution.Batch{Bookings: []attribution.Booking{{Window: w, Baseline: 5}}})
	got := series(scrape(t, l)["sovmeter_rail_joules_total"])
	if diff := cmp.Diff(map[string]float64{"cpu": 5, "gpu": 0}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestHealthIsCopied(t *testing.T) {
	l := exporter.NewLedger(exporter.Options{})
	if _, ok := l.Health(); ok {
		t.Error("health before anybody told it")
	}
	h := fullHealth()
	l.SetHealth(h)
	h.Samples["ok"] = 1
	got, ok := l.Health()
	if diff := cmp.Diff(fullHealth(), got); diff != "" || !ok {
		t.Errorf("%v (-want +got):\n%s", ok, diff)
	}
	got.Samples["ok"] = 2
	if again, _ := l.Health(); again.Samples["ok"] != 900 {
		t.Errorf("a reader changed it to %d", again.Samples["ok"])
	}
}

func TestNoTariffNoMoney(t *testing.T) {
	l := exporter.NewLedger(exporter.Options{})
	l.Record(attribution.Batch{At: noon, Bookings: []attribution.Booking{randomBooking(rand.New(rand.NewPCG(1, 1)), noon)}, Charges: []attribution.Charge{charge(1, noon)}})
	for name := range scrape(t, l) {
		if strings.Contains(name, "cost") || strings.Contains(name, "price") {
			t.Errorf("%s without a tariff", name)
		}
	}
}
