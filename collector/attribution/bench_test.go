package attribution_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
)

// day is 86,400 windows of a second, all with process stats, and 20,000
// requests of up to 8 slots.
type day struct {
	windows  []attribution.Window
	requests []attribution.Request // by end
}

const (
	daySeconds  = 86_400
	dayRequests = 20_000
	daySlots    = 8
)

func newDay() day {
	rnd := rand.New(rand.NewPCG(7, 7))
	var d day
	var free [daySlots]float64
	from := 0.0
	busy := make([]float64, daySeconds+1)
	for i := range dayRequests {
		from += rnd.ExpFloat64() * (daySeconds - 300) / dayRequests
		slot := 0
		for s := range free {
			if free[s] < free[slot] {
				slot = s
			}
		}
		from = max(from, free[slot])
		prefill, decode := 0.2+2*rnd.Float64(), 1+8*rnd.ExpFloat64()
		free[slot] = min(from+prefill+decode, daySeconds-10)
		in, out := 1+int64(prefill/0.003), 1+int64(decode/0.03)
		r := request(fmt.Sprintf("r%05d", i), from, from+prefill, free[slot], in, out)
		d.requests = append(d.requests, r)
		for s := int(from); s <= int(free[slot]); s++ {
			busy[s] = 1
		}
	}
	for s := range daySeconds {
		u := gpu(busy[s]*0.9, 0.05)
		d.windows = append(d.windows, window(float64(s), float64(s+1), energy.Joules(2+18*busy[s]), u))
	}
	slices.SortStableFunc(d.requests, func(a, b attribution.Request) int { return a.End.Compare(b.End) })
	return d
}

// book feeds the day from the given second on as a daemon does: a call of
// Advance every second, requests as they end. It returns the bookings made and
// the most windows that were open.
func (d day) book(b testing.TB, e *attribution.Engine, shift time.Duration) (booked int, open time.Duration) {
	next, started := 0, 0
	byStart := slices.Clone(d.requests)
	slices.SortStableFunc(byStart, func(x, y attribution.Request) int { return x.Start.Compare(y.Start) })
	var flying []attribution.Request
	for _, w := range d.windows {
		w.Start, w.End = w.Start.Add(shift), w.End.Add(shift)
		if err := e.AddWindow(w); err != nil {
			b.Fatal(err)
		}
		for ; started < len(byStart) && byStart[started].Start.Add(shift).Before(w.End); started++ {
			r := byStart[started]
			flying = append(flying, attribution.Request{ID: r.ID, Server: r.Server, Model: r.Model, Start: r.Start.Add(shift)})
		}
		for ; next < len(d.requests) && !d.requests[next].End.Add(shift).After(w.End); next++ {
			r := d.requests[next]
			r.Start, r.FirstToken, r.End = r.Start.Add(shift), r.FirstToken.Add(shift), r.End.Add(shift)
			e.AddRequest(r)
			flying = slices.DeleteFunc(flying, func(f attribution.Request) bool { return f.ID == r.ID })
		}
		horizon := w.End
		for _, f := range flying {
			if f.Start.Before(horizon) {
				horizon = f.Start
			}
		}
		booked += len(e.Advance(horizon, flying, nil).Bookings)
		_, length := e.Open()
		open = max(open, length)
	}
	return booked, open
}

func BenchmarkDay(b *testing.B) {
	d := newDay()
	b.ReportAllocs()
	for b.Loop() {
		booked, _ := d.book(b, attribution.New(attribution.Config{}, attribution.Resume{}), 0)
		if booked < daySeconds-600 {
			b.Fatalf("%d windows booked", booked)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/daySeconds, "ns/window")
}
