package main

import (
	"context"
	"fmt"
	"math"
	"os"
	"time"

	"github.com/rs/zerolog"

	"github.com/sovmeter/sovmeter/cmd/sovmeter/config"
	"github.com/sovmeter/sovmeter/collector"
	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/collector/requestlog/jsonl"
	"github.com/sovmeter/sovmeter/collector/requestlog/llamacpp"
	"github.com/sovmeter/sovmeter/collector/sim"
)

// trial is a scenario that was metered, and what really happened in it.
type trial struct {
	sim.Named
	truth  []sim.Truth
	totals sim.Totals
	books  books
}

// books are the sums of all bookings of a trial. It is a collector.Sink.
type books struct {
	charges   []attribution.Charge
	learned   []attribution.Learned
	windows   int
	measured  energy.Joules
	inference energy.Joules
	// apart is the most by which the parts of a window failed to sum to it,
	// relative to its energy; negative is how many parts were below 0 or no
	// number.
	apart    float64
	negative int
}

// Commit checks each booking.
func (k *books) Commit(_ context.Context, b attribution.Batch) error {
	for _, x := range b.Bookings {
		k.windows++
		k.measured += x.Window.Energy
		k.inference += x.Inference
		k.apart = max(k.apart, math.Abs(float64(partsOf(x)-x.Window.Energy))/max(float64(x.Window.Energy), 1e-3))
		for _, p := range []energy.Joules{x.Baseline, x.Inference, x.ModelLoad, x.ServerOther, x.OtherProcesses, x.Unexplained} {
			if !(p >= 0) {
				k.negative++
			}
		}
	}
	k.charges = append(k.charges, b.Charges...)
	k.learned = b.State.Learned
	return nil
}

// partsOf sums the parts of a booking anew, from the shares.
func partsOf(b attribution.Booking) energy.Joules {
	sum := b.Baseline + b.ServerOther + b.OtherProcesses + b.Unexplained
	for _, s := range b.Shares {
		sum += s.Prefill + s.Decode
	}
	for _, l := range b.Loads {
		sum += l.Energy
	}
	return sum
}

// tryOut meters a scenario of the suite with the daemon's pipeline.
func tryOut(ctx context.Context, n sim.Named) (_ *trial, err error) {
	folder, err := os.MkdirTemp("", "sovmeter-")
	if err != nil {
		return nil, err
	}
	defer func() { err = firstError(err, os.RemoveAll(folder)) }()
	s := n.Scenario
	mac, err := startSimulated(s, folder)
	if err != nil {
		return nil, fmt.Errorf("scenario %s: %w", n.Name, err)
	}
	defer closing(mac, &err)
	logs := simulatedLogs(s, folder)
	defer func() { err = firstError(err, logs.Close()) }()

	t := &trial{Named: n}
	c := collector.New(collector.Config{Logs: logs.sources(), ProcessStats: true, Logger: zerolog.Nop()}, attribution.Resume{}, &t.books)
	commit := s.Start.Add(commitEvery)
	err = mac.play(ctx, s, c, func(m attribution.Measurement) error {
		c.Measure(m)
		if _, end := boundsOf(m); end.Before(commit) {
			return nil
		}
		commit = commit.Add(commitEvery)
		return c.Commit(ctx, commit)
	}, func(time.Time) {})
	if err != nil {
		return nil, fmt.Errorf("scenario %s: %w", n.Name, err)
	}
	end := mac.mac.Now()
	c.Poll(end.Add(collector.DefaultMaxOpen))
	c.Finish()
	if err := firstError(firstLogError(c.Status()), c.Commit(ctx, end)); err != nil {
		return nil, fmt.Errorf("scenario %s: %w", n.Name, err)
	}
	t.truth, t.totals = mac.mac.TakeTruth(), mac.mac.Totals()
	return t, nil
}

// commitEvery is how often a trial empties the collector's batch.
const commitEvery = 15 * time.Minute

// simulatedLogs are the logs of a scenario's servers, in the folder.
func simulatedLogs(s sim.Scenario, folder string) serverLogs {
	var logs serverLogs
	for _, v := range s.Servers {
		format := llamacpp.FormatName
		if v.Log.Style == sim.JSONLines {
			format = jsonl.FormatName
		}
		logs = append(logs, &serverLog{
			server: config.Server{Name: v.Name, Format: format, Log: logPath(folder, v.Name)}, simulated: true, logger: zerolog.Nop(),
		})
	}
	return logs
}
