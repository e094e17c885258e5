package main

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/sovmeter/sovmeter/cmd/sovmeter/config"
	"github.com/sovmeter/sovmeter/collector"
	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/collector/requestlog/llamacpp"
	"github.com/sovmeter/sovmeter/collector/sim"
	"github.com/sovmeter/sovmeter/store"
)

// crashing meters a simulated machine with a daemon that dies now and then
// without a last commit, and is started again from its store.
type crashing struct {
	*testing.T
	folder    string
	server    string
	store     *store.Store
	collector *collector.Collector
	log       *serverLog
	windows   []attribution.Window // all that were measured
}

// boot opens the store and goes on from it, as the daemon does.
func (c *crashing) boot() {
	var err error
	if c.store, err = store.Open(c.folder+"/sovmeter.db", store.Options{}); err != nil {
		c.Fatal(err)
	}
	resume, err := c.store.Resume(context.Background())
	if err != nil {
		c.Fatal(err)
	}
	c.log = &serverLog{
		server:    config.Server{Name: c.server, Log: logPath(c.folder, c.server), Format: llamacpp.FormatName},
		simulated: true, logger: zerolog.Nop(), since: resume.LastEnd,
	}
	if len(resume.Checkpoints) > 0 {
		c.log.resume = resume.Checkpoints[0].Data
	}
	c.collector = collector.New(collector.Config{
		Logs: []collector.Log{{Source: c.log, Server: c.server}}, ProcessStats: true, Logger: zerolog.Nop(),
	}, resume, &sink{store: c.store})
}

func (c *crashing) die() {
	if err := firstError(c.log.Close(), c.store.Close()); err != nil {
		c.Fatal(err)
	}
}

func (c *crashing) commit(now time.Time) {
	if err := c.collector.Commit(context.Background(), now); err != nil {
		c.Fatal(err)
	}
}

func TestCrashesBookNothingTwiceAndLoseNoRequest(t *testing.T) {
	s := sim.Live()
	s.Length, s.Seed = 40*time.Minute, 7
	s.Sensor.Noise = 0
	rnd := rand.New(rand.NewPCG(1, 2))
	c := &crashing{T: t, folder: t.TempDir(), server: s.Servers[0].Name}
	mac, err := startSimulated(s, c.folder)
	if err != nil {
		t.Fatal(err)
	}
	defer mac.Close()
	c.boot()
	crashes := 0
	end := s.Start.Add(s.Length)
	for at := s.Start.Add(simStep); !at.After(end) || mac.mac.Busy(); at = at.Add(simStep) {
		measured, err := mac.advance(at)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range measured {
			c.collector.Measure(m)
			if m.Window != nil {
				c.windows = append(c.windows, *m.Window)
			}
		}
		if at.Equal(at.Truncate(5 * time.Second)) {
			if span, ok, _ := mac.Sample(t.Context(), at); ok {
				c.collector.Use(span)
			}
		}
		if at.Equal(at.Truncate(time.Second)) {
			c.collector.Poll(at)
		}
		if at.Equal(at.Truncate(10 * time.Second)) {
			c.commit(at)
		}
		if rnd.IntN(600) == 0 { // every five minutes or so
			crashes++
			c.die()
			c.boot()
		}
	}
	c.collector.Poll(end.Add(time.Hour))
	c.collector.Finish()
	c.commit(end.Add(time.Hour))
	defer c.die()

	if crashes < 3 {
		t.Fatalf("only %d crashes: the test shows nothing", crashes)
	}
	c.compare(mac, s, crashes)
}

// compare holds what is stored against what happened.
func (c *crashing) compare(mac *simulated, s sim.Scenario, crashes int) {
	r, err := c.store.Range(context.Background(), s.Start, s.Start.Add(2*time.Hour))
	if err != nil {
		c.Fatal(err)
	}
	type counts struct{ requests, input, output int64 }
	var got, want counts
	for _, m := range r.Models {
		got.requests += m.Requests()
		got.input += m.Input
		got.output += m.Output
	}
	for _, t := range mac.mac.TakeTruth() {
		want.requests++
		if t.Outcome == attribution.OutcomeOK {
			want.input += t.Input
			want.output += t.Output
		}
	}
	if got != want {
		c.Errorf("after %d crashes %+v is stored, there were %+v", crashes, got, want)
	}
	var total, parts energy.Joules
	var measured, gaps time.Duration
	for _, x := range r.System {
		total += x.Energy
		parts += x.Baseline + x.Inference + x.ModelLoad + x.ServerOther + x.OtherProcesses + x.Unexplained
		measured += x.Measured
	}
	for _, g := range r.Gaps {
		gaps += g.End.Sub(g.Start)
	}
	kept, length := c.outside(r.Gaps)
	if math.Abs(float64(total-kept)) > 1e-9*float64(kept) || math.Abs(float64(total-parts)) > 1e-9*float64(kept) {
		c.Errorf("%v J are stored in parts of %v J; outside of gaps %v J were measured", total, parts, kept)
	}
	if measured != length || gaps == 0 || measured+gaps != c.windows[len(c.windows)-1].End.Sub(c.windows[0].Start) {
		c.Errorf("%v measured and %v of gaps; outside of gaps %v were measured", measured, gaps, length)
	}
}

// outside sums the measured windows that lie in no gap.
func (c *crashing) outside(gaps []attribution.Gap) (sum energy.Joules, length time.Duration) {
	for _, w := range c.windows {
		inGap := slices.ContainsFunc(gaps, func(g attribution.Gap) bool { return w.Start.Before(g.End) && w.End.After(g.Start) })
		if !inGap {
			sum += w.Energy
			length += w.End.Sub(w.Start)
		}
	}
	return sum, length
}
