package report_test

import (
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/exporter/cost/payback"
	"github.com/sovmeter/sovmeter/exporter/report"
	"github.com/sovmeter/sovmeter/store"
)

// yearOf is a year in which two models are busy for eight hours a day.
func yearOf(zone *time.Location) (report.Period, store.Range) {
	since, until := time.Date(2025, 3, 1, 0, 0, 0, 0, zone), time.Date(2026, 3, 1, 0, 0, 0, 0, zone)
	r := store.Range{Since: since.UTC(), Until: until.UTC(), First: since, Last: until}
	for at, i := since.UTC(), 0; at.Before(until); at, i = at.Add(store.SlotLength), i+1 {
		s := store.SystemSlot{Start: at, Scope: attribution.ScopeSoC, Measured: store.SlotLength, Baseline: 9000.123, OtherProcesses: 800.7, Unexplained: 12.3}
		if i%96 >= 36 && i%96 < 68 {
			s.ModelLoad, s.ServerOther, s.BaselineBusy = 31.5, 7.25, 4000
			for _, model := range []string{"large", "small"} {
				m := store.ModelSlot{Start: at, Server: "llama", Model: model, Prefill: energy.Joules(2000.1 + float64(i%7)), Decode: energy.Joules(5000.7 + float64(i%11)),
					Error: 100, Shared: 500, Input: 9000, Cached: 40_000, Output: 3000, OK: 12, Busy: 5 * time.Minute, DecodeTime: 3 * time.Minute, DecodedTokens: 3000,
					MeteredOutput: 3000, MeteredEnergy: 7000, MeteredOK: 12, MeteredOKEnergy: 7000, Answered: store.Tokens{Input: 9000, Cached: 40_000, Output: 3000}}
				s.Inference += m.Prefill + m.Decode
				r.Models = append(r.Models, m)
				part := m
				part.Prefill, part.Decode, part.OK, part.Output = m.Prefill/2, m.Decode/2, 6, 1500
				part.Load, part.Busy, part.Error, part.Shared = 0, 0, 0, 0
				part.Answered = store.Tokens{Input: 4500, Cached: 20_000, Output: 1500}
				r.Tagged = append(r.Tagged, store.TaggedSlot{Client: "editor", ModelSlot: part})
			}
		}
		s.Energy = s.Baseline + s.Inference + s.ModelLoad + s.ServerOther + s.OtherProcesses + s.Unexplained
		r.System = append(r.System, s)
	}
	return report.Period{Since: since, Until: until}, r
}

// BenchmarkYear is a report on 35,040 slots of the machine and 23,360 of models.
func BenchmarkYear(b *testing.B) {
	p, r := yearOf(location(b, "Europe/Berlin"))
	machine := &payback.Machine{Price: cost.Money{Nanos: 2_399_000_000_000, Currency: "EUR"}, Purchased: p.Since, Life: 5 * 365 * 24 * time.Hour, ShareRatio: 1}
	plain := report.Inputs{Period: p, Range: r, Now: p.Until, Tariff: flat(b, 0.3, "EUR")}
	whole := plain
	whole.Tariff, whole.Plan, whole.Machine, whole.Carbon, whole.History = holey{}, shipped(b), machine, wind(0), r
	for _, bm := range []struct {
		name string
		in   report.Inputs
		by   report.By
	}{
		{"plain/model", plain, report.ByModel}, {"plain/day", plain, report.ByDay}, {"plain/client", plain, report.ByClient},
		{"everything/day", whole, report.ByDay}, {"everything/client", whole, report.ByClient},
	} {
		b.Run(bm.name, func(b *testing.B) {
			in := bm.in
			in.By = bm.by
			b.ReportAllocs()
			for b.Loop() {
				if _, err := report.Build(in); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
