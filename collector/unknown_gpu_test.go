package collector_test

import (
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector"
	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
)

// endLog speaks of a request once it has ended.
type endLog struct{ next []attribution.Request }

func (l *endLog) Name() string { return "log" }

func (l *endLog) Poll(time.Time) (attribution.LogUpdate, error) {
	u := attribution.LogUpdate{Requests: l.next, Checkpoint: []byte{1}}
	l.next = nil
	return u, nil
}

// One failed ioreg call in the middle of a request must not make the server idle.
func TestUnknownGPUIsNotIdle(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	log, sink := &endLog{}, &memory{}
	c := collector.New(collector.Config{Logs: []collector.Log{{Source: log, Server: "s"}}, ProcessStats: true}, attribution.Resume{}, sink)
	for i := range 12 { // 5 s each; the request runs from 10 s to 50 s
		start, end := at.Add(time.Duration(5*i)*time.Second), at.Add(time.Duration(5*i+5)*time.Second)
		busy := i >= 2 && i < 10
		for j := range 5 {
			w := attribution.Window{Start: start.Add(time.Duration(j) * time.Second), End: start.Add(time.Duration(j+1) * time.Second), Scope: attribution.ScopeSoC}
			w.GPU = attribution.Rail{Known: true, BusyKnown: true}
			if busy {
				w.GPU.Energy, w.GPU.Busy = 20, time.Second
			}
			w.Energy = w.GPU.Energy
			c.Measure(attribution.Measurement{Window: &w})
		}
		u := attribution.Use{CPU: 50 * time.Millisecond}
		if busy {
			u.GPU = 5 * time.Second
		}
		known := i != 6 && i != 7
		if !known {
			u.GPU = 0
		}
		c.Use(attribution.UsageSpan{Start: start, End: end, Usage: attribution.Usage{GPUKnown: known, Servers: []attribution.ServerUse{{Server: "s", Use: u}}}})
		if i == 10 {
			log.next = []attribution.Request{{ID: "a", Server: "s", Start: at.Add(10 * time.Second), End: at.Add(50 * time.Second)}}
		}
		c.Poll(end)
	}
	c.Finish()
	if err := c.Commit(t.Context(), at.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	var inference, all energy.Joules
	for _, b := range sink.all().Bookings {
		inference, all = inference+b.Inference, all+b.Window.Energy
	}
	if inference < all*9/10 {
		t.Errorf("%.0f of %.0f J booked to the only request, covered %.2f, late %v", inference, all, sink.all().Charges[0].Covered, sink.all().Charges[0].Late)
	}
}
