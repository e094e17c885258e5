package report

import (
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/exporter/cost/carbon"
)

// intensity is what a kWh emits in a slot.
type intensity struct {
	perKWh carbon.GramsPerKWh // meaningless unless known
	known  bool
}

// intensityAt looks it up; unknown without a source.
func intensityAt(source Intensity, slot time.Time) intensity {
	if source == nil {
		return intensity{}
	}
	perKWh, known := source.At(slot)
	return intensity{perKWh, known}
}

// emission is a sum of what was emitted. The conversions round each product, as
// in Spend.
type emission struct {
	grams, requests float64
	known, unknown  energy.Joules // energy with and without an intensity
}

// add counts all energy of a slot, and of it that of the requests.
func (e *emission) add(i intensity, all, requests energy.Joules) {
	if !i.known {
		e.unknown += all
		return
	}
	e.known += all
	e.grams += float64(i.perKWh.Grams(all))
	e.requests += float64(i.perKWh.Grams(requests))
}

// carbon is the sum as a report has it.
func (e emission) carbon(source Intensity) Carbon {
	switch {
	case source == nil:
		return Carbon{}
	case e.known == 0 && e.unknown > 0:
		return Carbon{Unknown: e.unknown, Source: source.Source()}
	}
	return Carbon{Grams: e.grams, Known: true, Unknown: e.unknown, Source: source.Source(), Requests: e.requests}
}

// addCarbon reckons the period, with what is not booked yet at the intensity of
// the newest measurement, and one more call.
func (out *Report) addCarbon(l *ledger) {
	if l.in.Carbon == nil {
		return
	}
	if !out.anything() {
		out.Carbon.Source = l.in.Carbon.Source()
		return
	}
	sum := l.emitted
	sum.add(intensityAt(l.in.Carbon, l.in.newest()), l.in.Range.Open, 0)
	out.Carbon = sum.carbon(l.in.Carbon)
	if one := out.OneMore; one != nil {
		calls := l.models[modelKey{one.Server, one.Model}].calls
		if calls.unknown == 0 {
			out.Carbon.PerCall = calls.grams / float64(one.Requests)
		}
	}
}
