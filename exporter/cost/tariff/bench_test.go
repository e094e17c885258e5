package tariff_test

import (
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/exporter/cost/series"
	"github.com/sovmeter/sovmeter/exporter/cost/tariff"
	"github.com/sovmeter/sovmeter/store"
)

// BenchmarkYear asks for the price of every slot of a year: of a new tariff,
// and again of one that has been asked.
func BenchmarkYear(b *testing.B) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		b.Fatal(err)
	}
	begin := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	var values []series.Point
	for i := range 366 * 96 {
		at := begin.Add(time.Duration(i) * store.SlotLength)
		values = append(values, series.Point{Start: at, End: at.Add(store.SlotLength), Value: series.Value(i*7919%400_000_000 - 50_000_000)})
	}
	spot, err := series.New(values)
	if err != nil {
		b.Fatal(err)
	}
	in := tariff.Inputs{Files: map[string]tariff.File{"spot": {Header: series.Header{Unit: "EUR/kWh"}, Points: spot}}}
	window := func(from, to tariff.Clock, days tariff.Days) tariff.When {
		return tariff.When{From: from, To: to, Days: days}
	}
	m := func(nanos int64) *tariff.Version {
		p := eurNanos(nanos)
		return &tariff.Version{
			Price: &p, Tax: 190_000_000,
			Windows: []tariff.Window{{When: window(22*60, 6*60, 0x3e), Price: p}, {When: window(11*60, 15*60, 0), Price: p}},
			Adders:  []tariff.Adder{{Price: p}, {Price: p, Windows: []tariff.When{window(17*60, 20*60, 0)}}},
		}
	}
	use := *m(290_000_000)
	dynamic := *m(90_000_000)
	dynamic.Price, dynamic.Windows, dynamic.Series = nil, nil, &tariff.Feed{File: "spot"}
	for _, tt := range []struct {
		name string
		tariff.Version
	}{{"times_of_use", use}, {"series", dynamic}} {
		fresh := func() *tariff.Tariff {
			tr, err := tariff.New(tariff.Spec{Currency: "EUR", Zone: berlin, Versions: []tariff.Version{tt.Version}}, in)
			if err != nil {
				b.Fatal(err)
			}
			return tr
		}
		ask := func(b *testing.B, tr *tariff.Tariff) {
			for i := range 365 * 96 {
				if _, ok := tr.At(begin.Add(time.Duration(i) * store.SlotLength)); !ok {
					b.Fatal("no price")
				}
			}
		}
		b.Run(tt.name+"/first", func(b *testing.B) {
			for b.Loop() {
				ask(b, fresh())
			}
		})
		b.Run(tt.name+"/again", func(b *testing.B) {
			tr := fresh()
			for b.Loop() {
				ask(b, tr)
			}
		})
	}
}
