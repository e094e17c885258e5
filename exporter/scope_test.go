package exporter_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/exporter"
	"github.com/sovmeter/sovmeter/store"
)

// At every scrape the sinks, that of the gaps with them, sum to all that is
// known, whatever the scopes; and so does the time.
func TestSinksSumAtAllScopes(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 2))
	l := exporter.NewLedger(exporter.Options{Tariff: flat(t, 0.1872)})
	scopes := attribution.Scopes()
	var metered, inGaps, rails, off, known float64
	at := noon
	for range 200 {
		b := attribution.Batch{At: at}
		for range 5 {
			k := randomBooking(r, at)
			at = at.Add(time.Second)
			rails += float64(k.Window.Energy)
			k.Window.Scope = scopes[r.IntN(len(scopes))]
			if k.Window.Scope.Whole() {
				k = raised(k, 1+2*energy.Joules(r.Float64()))
				k.Window.Error = k.Window.Energy / 50
				off += float64(k.Window.Error)
			}
			metered += float64(k.Window.Energy)
			known++
			b.Bookings = append(b.Bookings, k)
		}
		length := time.Duration(1+r.IntN(3000)) * time.Second
		g := attribution.Gap{Start: at, End: at.Add(length), Reason: attribution.GapSleep, Error: 1}
		if scope := scopes[r.IntN(len(scopes))]; scope.Whole() {
			g.Scope, g.Energy = scope, energy.Joules(r.Float64()*1e4)
			metered, inGaps, known, off = metered+float64(g.Energy), inGaps+float64(g.Energy), known+length.Seconds(), off+1
		}
		at, b.Gaps = at.Add(length), append(b.Gaps, g)
		l.Record(b)
		f := scrape(t, l)
		for _, tt := range []struct {
			what      string
			got, want float64
		}{
			{"sinks", total(f["sovmeter_joules_total"]), metered},
			{"the sink gap", series(f["sovmeter_joules_total"])["gap"], inGaps},
			{"rails", total(f["sovmeter_rail_joules_total"]), rails},
			{"time", total(f["sovmeter_scope_seconds_total"]), known},
			{"errors", total(f["sovmeter_scope_error_joules_total"]), off},
		} {
			if !near(tt.got, tt.want) {
				t.Fatalf("%s: %v, want %v", tt.what, tt.got, tt.want)
			}
		}
	}
	got := series(scrape(t, l)["sovmeter_cost_total"])["dedicated,EUR,all,all"]
	if want := metered * 0.1872 / 3.6e6; math.Abs(got-want) > 1e-6 {
		t.Errorf("dedicated costs %v, want %v", got, want)
	}
}

// raised is a booking of so many times the energy.
func raised(k attribution.Booking, times energy.Joules) attribution.Booking {
	for _, j := range []*energy.Joules{&k.Window.Energy, &k.Baseline, &k.Inference, &k.ModelLoad, &k.ServerOther, &k.OtherProcesses, &k.Unexplained} {
		*j *= times
	}
	for i := range k.Shares {
		k.Shares[i].Prefill, k.Shares[i].Decode = k.Shares[i].Prefill*times, k.Shares[i].Decode*times
	}
	return k
}

// What gaps took is unknown, and no 0, until a meter told what the whole machine
// draws; a line that was fitted to one does not.
func TestGapsAreUnknownWithoutAMeter(t *testing.T) {
	l := exporter.NewLedger(exporter.Options{})
	gap := attribution.Gap{Start: noon, End: noon.Add(time.Minute), Reason: attribution.GapSleep, Energy: 7}
	window := attribution.Window{Start: noon, End: noon.Add(time.Second), Energy: 3}
	l.Record(attribution.Batch{Gaps: []attribution.Gap{gap}, Bookings: []attribution.Booking{{Window: window, Baseline: 3}}})
	f := scrape(t, l)
	if got, there := series(f["sovmeter_joules_total"])["gap"]; there || f["sovmeter_scope_error_joules_total"] != nil {
		t.Errorf("gaps took %v J", got)
	}
	if diff := cmp.Diff(map[string]float64{"soc": 1}, series(f["sovmeter_scope_seconds_total"])); diff != "" {
		t.Errorf("scopes (-want +got):\n%s", diff)
	}
	window.Start, window.End, window.Scope = noon.Add(time.Minute), noon.Add(time.Minute+time.Second), attribution.ScopeCalibrated
	l.Record(attribution.Batch{Bookings: []attribution.Booking{{Window: window, Baseline: 3}}})
	if got, there := series(scrape(t, l)["sovmeter_joules_total"])["gap"]; there {
		t.Errorf("by a line gaps took %v J", got)
	}
	window.Start, window.End, window.Scope = window.End, window.End.Add(time.Second), attribution.ScopeWall
	l.Record(attribution.Batch{Bookings: []attribution.Booking{{Window: window, Baseline: 3}}})
	f = scrape(t, l)
	if got, there := series(f["sovmeter_joules_total"])["gap"]; !there || got != 0 {
		t.Errorf("with a meter gaps took %v J, known %v", got, there)
	}
	if diff := cmp.Diff(map[string]float64{"wall": 1}, series(f["sovmeter_scope_info"])); diff != "" {
		t.Errorf("scope (-want +got):\n%s", diff)
	}
}

// A gap of a weekend has the prices of its hours.
func TestLongGapsArePricedByTime(t *testing.T) {
	l := exporter.NewLedger(exporter.Options{Tariff: steps{flat(t, 0.36), noon.Add(60 * time.Hour), flat(t, 0.72)}})
	l.Record(attribution.Batch{Gaps: []attribution.Gap{{Start: noon, End: noon.Add(80 * time.Hour), Reason: attribution.GapSleep, Scope: attribution.ScopeWall, Energy: 8e5}}})
	got := series(scrape(t, l)["sovmeter_cost_total"])["dedicated,EUR,all,all"]
	if want := 6e5*1e-7 + 2e5*2e-7; math.Abs(got-want) > 1e-6 {
		t.Errorf("costs %v, want %v", got, want)
	}
}

// What a store leaves unknown is not known here.
func TestGapsOfYearsAreUnknown(t *testing.T) {
	l := exporter.NewLedger(exporter.Options{Tariff: flat(t, 0.36)})
	gap := attribution.Gap{Start: noon, End: noon.Add(store.MaxMeteredGap + 1), Reason: attribution.GapStart, Scope: attribution.ScopeWall, Energy: 8e5}
	l.Record(attribution.Batch{Gaps: []attribution.Gap{gap}})
	f := scrape(t, l)
	if got, there := series(f["sovmeter_joules_total"])["gap"]; there || series(f["sovmeter_cost_total"])["dedicated,EUR,all,all"] != 0 {
		t.Errorf("the gap took %v J", got)
	}
	if got := series(f["sovmeter_gap_seconds_total"])["start"]; got < store.MaxMeteredGap.Seconds() {
		t.Errorf("the gap lasted %v s", got)
	}
}
