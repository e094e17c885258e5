package exporter_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"google.golang.org/protobuf/proto"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/exporter"
)

func joules(j float64) energy.Joules { return energy.Joules(j) }

// Every scrape that runs beside Record and SetHealth sees whole batches: the
// sinks equal the rails, and nothing ever falls.
func TestScrapeWhileRecording(t *testing.T) {
	l := exporter.NewLedger(exporter.Options{Tariff: flat(t, 0.36)})
	done := make(chan struct{})
	var writers, readers sync.WaitGroup
	writers.Go(func() {
		r := rand.New(rand.NewPCG(3, 4))
		for i := range 500 {
			at := noon.Add(time.Duration(i) * 10 * time.Second)
			l.Record(attribution.Batch{At: at, Bookings: []attribution.Booking{randomBooking(r, at), randomBooking(r, at.Add(time.Second))}, Charges: []attribution.Charge{charge(i, at)}})
		}
	})
	writers.Go(func() {
		h := fullHealth()
		for i := range 500 {
			h.Samples["ok"] = int64(i)
			l.SetHealth(h)
		}
	})
	for range 2 {
		readers.Go(func() {
			last := map[string]float64{}
			for {
				f := scrape(t, l)
				sinks, rails := total(f["sovmeter_joules_total"]), total(f["sovmeter_rail_joules_total"])
				if !near(sinks, rails) {
					t.Errorf("sinks sum to %v, rails to %v", sinks, rails)
				}
				now := series(f["sovmeter_joules_total"])
				for sink, before := range last {
					if now[sink] < before {
						t.Errorf("%s fell from %v to %v", sink, before, now[sink])
					}
				}
				last = now
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	writers.Wait()
	close(done)
	readers.Wait()
	if got := total(scrape(t, l)["sovmeter_requests_total"]); got != 500 {
		t.Errorf("%v requests, want 500", got)
	}
}

// What a ledger publishes does not change afterwards.
func TestSnapshotIsImmutable(t *testing.T) {
	l := full(t)
	ch := make(chan prometheus.Metric, 1000)
	exporter.NewCollector(l).Collect(ch)
	close(ch)
	var metrics []prometheus.Metric
	var before []proto.Message
	for m := range ch {
		metrics = append(metrics, m)
		before = append(before, written(t, m))
	}
	l.Record(closedAt(noon.Add(time.Hour), charge(9, noon.Add(time.Minute)), charge(10, noon.Add(time.Hour))))
	h := fullHealth()
	h.Samples["ok"]++
	l.SetHealth(h)
	for i, m := range metrics {
		if got := written(t, m); !proto.Equal(before[i], got) {
			t.Errorf("%v became %v", before[i], got)
		}
	}
}

func BenchmarkRecord(b *testing.B) {
	r := rand.New(rand.NewPCG(5, 6))
	l := exporter.NewLedger(exporter.Options{Tariff: flat(b, 0.36)})
	batch := attribution.Batch{At: noon}
	for i := range 50 {
		c := charge(i, noon)
		c.Request.Model = fmt.Sprint("m", i)
		batch.Charges = append(batch.Charges, c)
	}
	for i := range 10 {
		batch.Bookings = append(batch.Bookings, randomBooking(r, noon.Add(time.Duration(i)*time.Second)))
	}
	b.ReportAllocs()
	for b.Loop() {
		l.Record(batch)
	}
}

func BenchmarkScrape(b *testing.B) {
	l := full(b)
	reg := prometheus.NewRegistry()
	reg.MustRegister(exporter.NewCollector(l))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := reg.Gather(); err != nil {
			b.Fatal(err)
		}
	}
}

// written is a copy of what m writes.
func written(t *testing.T, m prometheus.Metric) proto.Message {
	t.Helper()
	var out dto.Metric
	if err := m.Write(&out); err != nil {
		t.Fatal(err)
	}
	return proto.Clone(&out)
}
