package tariff_test

import (
	"fmt"
	"math"
	"math/big"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/exporter/cost/series"
	"github.com/sovmeter/sovmeter/exporter/cost/tariff"
	"github.com/sovmeter/sovmeter/store"
)

// changes are the moments, in UTC, at which clocks change in 2026.
var changes = map[string][]string{
	"Europe/Berlin":       {"2026-03-29 01:00", "2026-10-25 01:00"},
	"America/New_York":    {"2026-03-08 07:00", "2026-11-01 06:00"},
	"Australia/Lord_Howe": {"2026-04-04 15:00", "2026-10-03 15:30"},
	"America/Santiago":    {"2026-04-05 03:00", "2026-09-06 04:00"},
	"Africa/Cairo":        {"2026-04-23 22:00", "2026-10-29 21:00"},
}

// TestSlotsEqualSeconds holds the sum over slots of energy by price against an
// integration second by second, which goes by what clocks and calendars show
// and shares nothing with the package but the Spec.
func TestSlotsEqualSeconds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom([]string{"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "Africa/Cairo"}).Draw(t, "zone")
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		change, err := time.Parse("2006-01-02 15:04", rapid.SampledFrom(changes[name]).Draw(t, "change"))
		if err != nil {
			t.Fatal(err)
		}
		g := generator{t: t, zone: zone, change: change}
		spec, feeds := g.spec()
		files := map[string]tariff.File{}
		for file, feed := range feeds {
			s, err := series.New(feed.points)
			if err != nil {
				t.Fatal(err)
			}
			files[file] = tariff.File{Header: series.Header{Unit: feed.unit}, Points: s}
		}
		tr, err := tariff.New(spec, tariff.Inputs{Files: files})
		if err != nil {
			t.Fatalf("%+v: %v", spec, err)
		}
		begin := change.Add(-time.Duration(rapid.IntRange(0, 30*4).Draw(t, "before")) * store.SlotLength)
		watts := rapid.SliceOfN(rapid.Float64Range(0, 300), 60, 140).Draw(t, "watts")

		oracle := wallClock{spec: spec, feeds: feeds, zone: zone}
		slots, size := new(big.Rat), 0.0
		seconds, unknown := 0.0, energy.Joules(0)
		var unpriced energy.Joules
		for i, w := range watts {
			slot := begin.Add(time.Duration(i) * store.SlotLength)
			j := energy.Watts(w).For(store.SlotLength)
			if p, ok := tr.At(slot); ok {
				part := new(big.Rat).SetFloat64(float64(j))
				part.Mul(part, p.Rat()).Quo(part, big.NewRat(energy.JoulesPerKilowattHour, 1))
				slots.Add(slots, part)
				abs, _ := part.Float64()
				size += math.Abs(abs)
			} else {
				unpriced += j
			}
			for s := range int64(store.SlotLength / time.Second) {
				p, ok := oracle.price(slot.Unix() + s)
				if !ok {
					unknown += energy.Watts(w).For(time.Second)
					continue
				}
				seconds += w * p / energy.JoulesPerKilowattHour
			}
		}
		got, _ := slots.Float64()
		if math.Abs(got-seconds) > 1e-9*size {
			t.Errorf("slots cost %.15g, seconds %.15g, of %.6g; %+v", got, seconds, size, spec)
		}
		if math.Abs(float64(unpriced-unknown)) > 1e-9*float64(unpriced+unknown) {
			t.Errorf("%v J have no price by slots, %v J by seconds; %+v", unpriced, unknown, spec)
		}
	})
}

// feed is what a series file of the test holds.
type feed struct {
	unit   series.Unit
	points []series.Point
}

// generator draws a tariff around a clock change.
type generator struct {
	t      *rapid.T
	zone   *time.Location
	change time.Time
}

func (g generator) chance(of int, what string) bool {
	return rapid.IntRange(1, of).Draw(g.t, what) == 1
}

// cent keeps prices, and their sums with adders, away from 0, where the rounding to 1e-12 would be more than
// 1e-9 of them.
const cent = 10_000_000

func (g generator) money(lowest, highest int64, what string) cost.Money {
	return cost.Money{Nanos: rapid.Int64Range(lowest, highest).Draw(g.t, what), Currency: "EUR"}
}

func (g generator) date(what string) tariff.Date {
	return tariff.DateOf(g.change.In(g.zone)).Add(rapid.IntRange(-2, 2).Draw(g.t, what))
}

func (g generator) when() tariff.When {
	var w tariff.When
	if !g.chance(5, "all day") {
		w.From = tariff.Clock(15 * rapid.IntRange(0, 95).Draw(g.t, "from"))
		w.To = tariff.Clock(15 * rapid.IntRange(0, 96).Draw(g.t, "to"))
		if w.From == w.To {
			w.To = (w.From + 60) % tariff.Midnight
		}
	}
	if g.chance(2, "has days") {
		w.Days = tariff.Days(rapid.IntRange(1, 255).Draw(g.t, "days"))
	}
	if g.chance(4, "has months") {
		w.Months = tariff.Months(rapid.IntRange(1, 4095).Draw(g.t, "months"))
	}
	return w
}

func (g generator) series(file string, unit series.Unit, lowest, highest int64) feed {
	f := feed{unit: unit}
	length := time.Duration(rapid.SampledFrom([]int{1, 2, 4}).Draw(g.t, "length of "+file)) * store.SlotLength
	for at := g.change.Add(-48 * time.Hour); at.Before(g.change.Add(48 * time.Hour)); at = at.Add(length) {
		if v := rapid.Int64Range(lowest, highest).Draw(g.t, file); v%13 != 0 { // some are missing
			f.points = append(f.points, series.Point{Start: at, End: at.Add(length), Value: series.Value(v)})
		}
	}
	return f
}

func (g generator) spec() (tariff.Spec, map[string]feed) {
	s := tariff.Spec{Currency: "EUR", Zone: g.zone}
	feeds := map[string]feed{}
	if g.chance(2, "holiday") {
		s.Holidays = []tariff.Date{g.date("holiday")}
	}
	begins := map[tariff.Date]bool{}
	for i := range rapid.IntRange(1, 3).Draw(g.t, "versions") {
		v := g.version(fmt.Sprintf("v%d", i), feeds)
		if i > 0 || g.chance(4, "begins") {
			v.From = g.date("from")
		}
		if !begins[v.From] {
			s.Versions = append(s.Versions, v)
		}
		begins[v.From] = true
	}
	return s, feeds
}

func (g generator) version(name string, feeds map[string]feed) tariff.Version {
	v := tariff.Version{HolidaysAreSundays: g.chance(2, "as Sunday")}
	for i := range rapid.IntRange(0, 4).Draw(g.t, "windows") {
		v.Windows = append(v.Windows, tariff.Window{Name: fmt.Sprint(i), When: g.when(), Price: g.money(cent, 900_000_000, "price")})
	}
	switch {
	case g.chance(3, "series"):
		feeds[name] = g.series(name, series.PricePerKWh("EUR"), -20*cent, 50*cent)
		v.Series = &tariff.Feed{File: name, Factor: tariff.Ratio(rapid.Int64Range(5e8, 2e9).Draw(g.t, "factor")), Adder: g.money(cent, 10*cent, "adder")}
		if g.chance(2, "fallback") {
			v.Series.Fallback = ptr(g.money(cent, 900_000_000, "fallback"))
		}
	case len(v.Windows) == 0 || !g.chance(4, "no price"):
		v.Price = ptr(g.money(cent, 900_000_000, "price"))
	}
	for i := range rapid.IntRange(0, 2).Draw(g.t, "adders") {
		a := tariff.Adder{Name: fmt.Sprint(i), Price: g.money(-4*cent/10, 20*cent, "adder")}
		for range rapid.IntRange(0, 2).Draw(g.t, "adder's windows") {
			a.Windows = append(a.Windows, g.when())
		}
		v.Adders = append(v.Adders, a)
	}
	if g.chance(2, "tax") {
		v.Tax = tariff.Ratio(rapid.Int64Range(0, 250_000_000).Draw(g.t, "tax"))
	}
	if g.chance(2, "solar") {
		v.Solar = g.solar(name+"-solar", feeds)
	}
	return v
}

func (g generator) solar(file string, feeds map[string]feed) *tariff.Solar {
	s := &tariff.Solar{FeedIn: g.money(cent, 100_000_000, "feed-in")}
	if g.chance(3, "solar series") {
		feeds[file] = g.series(file, series.Ratio, 1, 900_000_000)
		s.Series = &tariff.SolarFeed{File: file}
		return s
	}
	for range rapid.IntRange(1, 2).Draw(g.t, "solar windows") {
		s.Windows = append(s.Windows, tariff.SolarWindow{When: g.when(), Share: tariff.Ratio(rapid.Int64Range(0, 9e8).Draw(g.t, "share"))})
	}
	return s
}
