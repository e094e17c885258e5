package main

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/sovmeter/sovmeter/cmd/sovmeter/config"
	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/discovery"
	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/collector/powermetrics"
	"github.com/sovmeter/sovmeter/exporter"
	"github.com/sovmeter/sovmeter/store"
)

// sampled is what powermetrics has printed so far.
type sampled struct {
	mu     sync.Mutex
	joules energy.Joules
	last   time.Time
}

func (s *sampled) observe(p *powermetrics.Sample) {
	if p.Flaw != "" {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.joules += p.CPU.Energy + p.GPU.Energy + p.ANE.Energy
	s.last = time.Now()
}

func (s *sampled) after(t *testing.T, at time.Time) {
	t.Helper()
	deadline := time.After(60 * time.Second)
	for {
		s.mu.Lock()
		last := s.last
		s.mu.Unlock()
		if last.After(at) {
			return
		}
		select {
		case <-time.Tick(20 * time.Millisecond):
		case <-deadline:
			t.Fatal("no sample came")
		}
	}
}

// TestMeteringGoesOnWithOtherServers: a server is found while a request is in
// flight on another, and metering begins anew. The request is booked once, with
// all of its tokens, and so is every joule.
func TestMeteringGoesOnWithOtherServers(t *testing.T) {
	if testing.Short() {
		t.Skip("meters in real time for some seconds")
	}
	d := newDaemonTest(t)
	t.Setenv("FAKE_LOG", filepath.Join(d.folder, "unread.log"))
	logs := []string{filepath.Join(d.folder, "a.log"), filepath.Join(d.folder, "b.log")}
	began := time.Now()
	write := func(log string, lines ...string) {
		f, err := os.OpenFile(log, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		for _, line := range lines {
			since := time.Since(began)
			fmt.Fprintf(f, "%d.%02d.%03d.%03d I %s\n", since/time.Minute, since/time.Second%60, since/time.Millisecond%1000, since/time.Microsecond%1000, line)
		}
	}
	launch := func(log string, task int) {
		write(log, fmt.Sprintf("slot launch_slot_: id  0 | task %d | processing task, is_child = 0", task))
	}
	finish := func(log string, task, prompt, output int) {
		write(log,
			fmt.Sprintf("slot print_timing: id  0 | task %d | prompt eval time =     100.00 ms /  %d tokens (    1.00 ms per token,  1000.00 tokens per second)", task, prompt),
			fmt.Sprintf("slot print_timing: id  0 | task %d |        eval time =    1000.00 ms /   %d tokens (   10.00 ms per token,   100.00 tokens per second)", task, output),
			fmt.Sprintf("slot print_timing: id  0 | task %d |       total time =    1100.00 ms /  %d tokens", task, prompt+output),
			fmt.Sprintf("slot      release: id  0 | task %d | stop processing: n_tokens = %d, truncated = 0", task, prompt+output-1))
	}
	for _, log := range logs {
		write(log, "srv  llama_server: model loaded", "srv  llama_server: listening on http://127.0.0.1:18321")
	}

	cfg, err := config.Load(d.config, configFormats())
	if err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(filepath.Join(d.folder, "db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	ledger := exporter.NewLedger(exporter.Options{Started: began})
	m := (&daemon{config: cfg, powermetrics: d.power, log: zerolog.Nop(), started: began}).metering(db, ledger)
	var power sampled
	m.power.Observe = power.observe

	kind := kindNamed(t, "llama-server")
	first := discovery.Server{Kind: kind, Name: "llama-server", Port: 1, Format: "llamacpp", Log: logs[0]}
	second := discovery.Server{Kind: kind, Name: "llama-server-2", Port: 2, Format: "llamacpp", Log: logs[1]}
	tick, found := make(chan time.Time), make(chan []discovery.Server, 1)
	found <- []discovery.Server{first}
	rounds := make(chan int, 2)
	f := &finder{log: zerolog.Nop(), tick: tick, find: func(context.Context) ([]discovery.Server, error) { return <-found, nil }}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		done <- f.meter(ctx, func(ctx context.Context, servers []config.Server) error {
			rounds <- len(servers)
			return m.run(ctx, servers)
		})
	}()
	<-rounds
	power.after(t, time.Now())
	launch(logs[0], 1)
	power.after(t, time.Now().Add(2*time.Second))
	for range 2 {
		found <- []discovery.Server{first, second}
		tick <- time.Time{}
	}
	if n := <-rounds; n != 2 {
		t.Fatalf("%d servers are metered, want 2", n)
	}
	power.after(t, time.Now().Add(time.Second))
	launch(logs[1], 7)
	finish(logs[0], 1, 300, 40)
	power.after(t, time.Now().Add(time.Second))
	finish(logs[1], 7, 500, 20)
	power.after(t, time.Now().Add(5*time.Second))
	stop()
	if err := <-done; err != nil {
		t.Fatal(err)
	}

	got := map[string]attribution.Charge{}
	if err := db.Requests(t.Context(), began.Add(-time.Hour), time.Now().Add(time.Hour), func(c attribution.Charge) error {
		if _, twice := got[c.Request.Server]; twice {
			t.Errorf("booked twice: %+v", c)
		}
		got[c.Request.Server] = c
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for server, want := range map[string][2]int64{"llama-server": {300, 40}, "llama-server-2": {500, 20}} {
		c, ok := got[server]
		r := c.Request
		if !ok || r.Input != attribution.Known(want[0]) || r.Output != attribution.Known(want[1]) || !c.EnergyKnown || c.Late || c.Energy() <= 0 {
			t.Errorf("%s: booked %v, %+v", server, ok, c)
		}
	}
	all, err := db.Range(t.Context(), began.Add(-time.Hour), time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	booked := all.Open
	for _, s := range all.System {
		booked += s.Baseline + s.Inference + s.ModelLoad + s.ServerOther + s.OtherProcesses + s.Unexplained
	}
	if math.Abs(float64(booked-power.joules)) > 1e-6*float64(power.joules) || power.joules == 0 {
		t.Errorf("booked %v J, powermetrics said %v J", booked, power.joules)
	}
	if len(all.Gaps) == 0 {
		t.Error("the time without a powermetrics is not shown")
	}
}
