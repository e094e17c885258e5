package main

import (
	"context"
	"fmt"
	"math"
	"os"
	"time"

	"github.com/rs/zerolog"

	"github.com/sovmeter/sovmeter/collector"
	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/calibration"
	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/collector/sim"
	"github.com/sovmeter/sovmeter/collector/systemmeter/fake"
)

// monthLater is how many days after its calibration a machine is metered again.
const monthLater = 30

// wallTrial is what became of one simulated Mac: it was calibrated at a plug,
// metered for a day at it, and for a day a month later without.
type wallTrial struct {
	Machine     string                  `json:"machine"`
	Calibration attribution.Calibration `json:"calibration"`
	Plug        wallDay                 `json:"with_plug"`
	Later       wallDay                 `json:"month_later_without"`
}

// wallDay is a metered day of a machine of which the truth is known.
type wallDay struct {
	Drawn   energy.Joules `json:"drawn_joules"`  // by the whole machine, for itself
	Booked  energy.Joules `json:"booked_joules"` // with what was booked of gaps
	Band    energy.Joules `json:"band_joules"`   // that is stated for Booked
	Chip    energy.Joules `json:"chip_joules"`   // what the SoC alone shows
	Apart   float64       `json:"apart"`         // as of a trial
	Error   float64       `json:"error"`         // of Booked
	InBand  bool          `json:"in_band"`
	Request spreadOf      `json:"request"` // of requests' energy at the wall
	// Inference is the error of all requests, relative and signed.
	Inference float64 `json:"inference"`
	// Scopes is how long was booked at each.
	Scopes map[attribution.Scope]time.Duration `json:"scopes_ns"`
}

// wallBooks sums what was booked. It is a collector.Sink.
type wallBooks struct {
	books
	windows []attribution.Window
	gaps    energy.Joules
	band    energy.Joules
	chip    energy.Joules
	scopes  map[attribution.Scope]time.Duration
	keep    bool // the windows
	scoping []byte
}

// Commit adds a batch.
func (k *wallBooks) Commit(ctx context.Context, b attribution.Batch) error {
	for _, x := range b.Bookings {
		k.band += x.Window.Error
		k.chip += x.Window.SoC()
		k.scopes[x.Window.Scope] += x.Window.End.Sub(x.Window.Start)
		if k.keep {
			k.windows = append(k.windows, x.Window)
		}
	}
	if b.Scoping != nil {
		k.scoping = b.Scoping
	}
	for _, g := range b.Gaps {
		if g.Scope != "" {
			k.gaps += g.Energy
			k.band += g.Error
			k.scopes[g.Scope] += g.End.Sub(g.Start)
		}
	}
	return k.books.Commit(ctx, b)
}

// tryAtWall puts a machine through all of it.
func tryAtWall(ctx context.Context, n sim.Named) (*wallTrial, error) {
	t := &wallTrial{Machine: n.Name}
	c, known, err := calibrateAtWall(ctx, n)
	if err != nil {
		return nil, fmt.Errorf("machine %s: calibrate: %w", n.Name, err)
	}
	t.Calibration = c
	from := attribution.Resume{Scoping: known, Calibrations: []attribution.Calibration{c}}
	if t.Plug, err = wallDayOf(ctx, n.Scenario, fake.Shelly, from); err != nil {
		return nil, fmt.Errorf("machine %s: %w", n.Name, err)
	}
	if t.Later, err = wallDayOf(ctx, sim.After(n.Scenario, monthLater), "", from); err != nil {
		return nil, fmt.Errorf("machine %s, a month later: %w", n.Name, err)
	}
	return t, nil
}

// calibrateAtWall calibrates a machine at a plug. It returns what is known of its
// meters then, too.
func calibrateAtWall(ctx context.Context, n sim.Named) (_ attribution.Calibration, known []byte, _ error) {
	s, rungs := sim.Ladder(n.Scenario)
	s.Start = s.Start.Add(-24 * time.Hour)
	k := &wallBooks{scopes: map[attribution.Scope]time.Duration{}, keep: true}
	var readings []attribution.MeterReading
	_, err := meterAtWall(ctx, s, fake.Shelly, attribution.Resume{}, k, func(r collector.Reading) {
		if r.HasPower {
			readings = append(readings, r.MeterReading)
		}
	})
	if err != nil {
		return attribution.Calibration{}, nil, err
	}
	lag, found := calibration.FindLag(calibration.ChipPoints(k.windows), calibration.Points(readings), 0)
	var runs []calibration.Run
	for _, r := range rungs {
		runs = append(runs, calibration.Run{
			Step:  calibration.Step{Name: r.Name, Length: r.To - r.From, Settle: 40 * time.Second},
			Start: s.Start.Add(r.From), End: s.Start.Add(r.To),
		})
	}
	plateaus := calibration.Plateaus(runs, k.windows, readings, lag)
	c, err := calibration.Fit(calibration.Blocks(plateaus), calibration.Options{
		Identity: calibration.Identity{Model: s.Chip.Model, OS: simOS, Meter: "plug", Scope: attribution.ScopeWall}, Lag: lag.Delay, LagKnown: found,
	})
	c.Made = s.Start.Add(s.Length)
	return c, k.scoping, err
}

// wallDayOf meters a scenario, with what was known of the machine before.
func wallDayOf(ctx context.Context, s sim.Scenario, plug fake.Kind, from attribution.Resume) (wallDay, error) {
	k := &wallBooks{scopes: map[attribution.Scope]time.Duration{}}
	mac, err := meterAtWall(ctx, s, plug, from, k, nil)
	if err != nil {
		return wallDay{}, err
	}
	d := wallDay{
		Drawn: mac.Wall().WallTotal, Booked: k.measured + k.gaps, Band: k.band, Chip: k.chip, Apart: k.apart, Scopes: k.scopes,
	}
	d.Error = relative(d.Booked, d.Drawn)
	d.InBand = math.Abs(float64(d.Booked-d.Drawn)) <= float64(d.Band)
	var booked, really energy.Joules
	pairs := matched(k.charges, mac.TakeTruth())
	for i := range pairs {
		pairs[i].wall = true
		booked += pairs[i].charge.Energy()
		really += pairs[i].really()
	}
	d.Request, d.Inference = spreadOfErrors(pairs), relative(booked, really)
	return d, nil
}

// meterAtWall meters a scenario to its end, by its meters and by what is
// stored of them. Each reading is told to read, when that is set.
func meterAtWall(
	ctx context.Context, s sim.Scenario, plug fake.Kind, from attribution.Resume, k *wallBooks, read func(collector.Reading),
) (_ *sim.Mac, err error) {
	folder, err := os.MkdirTemp("", "sovmeter-")
	if err != nil {
		return nil, err
	}
	defer func() { err = firstError(err, os.RemoveAll(folder)) }()
	mac, err := startSimulated(s, folder)
	if err != nil {
		return nil, err
	}
	defer closing(mac, &err)
	logs := simulatedLogs(s, folder)
	defer func() { err = firstError(err, logs.Close()) }()
	var c *collector.Collector
	meters, err := newSimMeters(s, plug, func(_ context.Context, r collector.Reading) {
		c.Read(r)
		if read != nil {
			read(r)
		}
	})
	if err != nil {
		return nil, err
	}
	defer closing(meters, &err)
	if read != nil {
		meters.list[0].config.Every = 2 * time.Second // as a real one is
	}
	meters.measure(mac)
	cfg := collector.Config{Logs: logs.sources(), ProcessStats: true, Scope: meters.scopes(s), Logger: zerolog.Nop()}
	c = collector.New(cfg, from, k)
	commit := s.Start.Add(commitEvery)
	err = mac.play(ctx, s, c, func(m attribution.Measurement) error {
		c.Measure(m)
		if _, end := boundsOf(m); end.Before(commit) {
			return nil
		}
		commit = commit.Add(commitEvery)
		return c.Commit(ctx, commit)
	}, func(t time.Time) { meters.poll(ctx, t) })
	if err != nil {
		return nil, err
	}
	end := mac.mac.Now()
	c.Poll(end.Add(collector.DefaultMaxOpen))
	c.Finish()
	return mac.mac, firstError(firstLogError(c.Status()), c.Commit(ctx, end))
}
