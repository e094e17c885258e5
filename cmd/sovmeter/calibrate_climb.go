package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/calibration"
	"github.com/sovmeter/sovmeter/collector/systemmeter"
)

// firstSample is how long the first power sample may take.
const firstSample = time.Minute

// tailMore is for how long readings and samples are taken after a meter's delay.
const tailMore = 5 * time.Second

// powerSource samples the chip; a powermetrics.Runner is one.
type powerSource interface {
	Run(ctx context.Context, out chan<- attribution.Measurement) error
}

// climb is one calibration: it goes up and down the ladder and keeps what is
// measured meanwhile.
type climb struct {
	power   powerSource
	meter   *systemmeter.Poller
	battery *systemmeter.Poller // nil: this machine has none that answers
	record  *recorder           // the pollers and the power source fill it
	load    func(ctx context.Context, step calibration.Step) error
	steps   []calibration.Step
	show    func(climbState) // called when a step begins, and every second of it
}

// climbState is how far a calibration is.
type climbState struct {
	Step  string
	Begun bool // the step begins with this
	Place int  // of the step, from 1
	Of    int
	Again bool // the step is repeated
	Left  time.Duration
}

// climbed is what a calibration has measured.
type climbed struct {
	Plateaus []calibration.Plateau // one a step, the better of two tries
	Repeated []string              // the steps that were
	Lag      calibration.Lag
	LagKnown bool
}

// run climbs the ladder. When ctx ends, the load stops at once and nothing is
// left running.
func (c *climb) run(ctx context.Context) (climbed, error) {
	var out climbed
	measured := make(chan attribution.Measurement, 16)
	inner, stop := context.WithCancel(ctx)
	defer stop()
	g, inner := errgroup.WithContext(inner)
	g.Go(func() error { return c.power.Run(inner, measured) })
	g.Go(func() error { c.record.take(inner, measured); return nil })
	g.Go(func() error { return c.meter.Run(inner) })
	if c.battery != nil {
		g.Go(func() error { return c.battery.Run(inner) })
	}
	g.Go(func() error {
		defer stop()
		var err error
		out, err = c.all(inner)
		return err
	})
	err := g.Wait()
	if ctx.Err() != nil {
		return climbed{}, ctx.Err()
	}
	if err != nil {
		return climbed{}, err
	}
	return out, nil
}

// all takes all steps, and those again whose power was not steady.
func (c *climb) all(ctx context.Context) (climbed, error) {
	if err := c.begin(ctx); err != nil {
		return climbed{}, err
	}
	runs, err := c.take(ctx, c.steps, false)
	if err != nil {
		return climbed{}, err
	}
	out, err := c.conclude(ctx, runs)
	if err != nil {
		return climbed{}, err
	}
	var again []calibration.Step
	for _, p := range out.Plateaus {
		if repeatable(p.Err) {
			again = append(again, p.Run.Step)
			out.Repeated = append(out.Repeated, p.Run.Step.Name)
		}
	}
	if len(again) == 0 {
		return out, nil
	}
	more, err := c.take(ctx, again, true)
	if err != nil {
		return climbed{}, err
	}
	second, err := c.conclude(ctx, append(runs, more...))
	if err != nil {
		return climbed{}, err
	}
	second.Repeated, second.Plateaus = out.Repeated, better(second.Plateaus, len(runs))
	return second, nil
}

// better merges the plateaus of repeated steps, which stand behind the first n,
// into those.
func better(all []calibration.Plateau, n int) []calibration.Plateau {
	first := all[:n:n]
	for _, p := range all[n:] {
		for i := range first {
			if first[i].Run.Step.Name == p.Run.Step.Name && first[i].Err != nil {
				first[i] = p
			}
		}
	}
	return first
}

// begin waits for the first power sample.
func (c *climb) begin(ctx context.Context) error {
	timer := time.NewTimer(firstSample)
	defer timer.Stop()
	select {
	case <-c.record.began:
		return nil
	case <-timer.C:
		return fmt.Errorf("powermetrics: no sample within %s", firstSample)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// take takes steps, one after the other.
func (c *climb) take(ctx context.Context, steps []calibration.Step, again bool) ([]calibration.Run, error) {
	var runs []calibration.Run
	for i, s := range steps {
		state := climbState{Step: s.Name, Place: i + 1, Of: len(steps), Again: again}
		begun := time.Now()
		if err := c.step(ctx, s, func(at time.Time, first bool) {
			state.Begun = first
			state.Left = calibration.Length(steps[i:]) - at.Sub(begun)
			c.show(state)
		}); err != nil {
			return nil, err
		}
		runs = append(runs, calibration.Run{Step: s, Start: begun.UTC(), End: time.Now().UTC()})
	}
	return runs, nil
}

// step loads the machine for the length of a step, and returns when the load has
// stopped.
func (c *climb) step(ctx context.Context, s calibration.Step, tell func(at time.Time, first bool)) error {
	inner, stop := context.WithTimeout(ctx, s.Length)
	defer stop()
	tell(time.Now(), true)
	loaded := make(chan error, 1)
	go func() { loaded <- c.load(inner, s) }()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case at := <-tick.C:
			tell(at, false)
		case err := <-loaded:
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return explainLoad(s, err)
		}
	}
}

// conclude waits until the meter has shown the last step, and makes plateaus of
// all of them.
func (c *climb) conclude(ctx context.Context, runs []calibration.Run) (climbed, error) {
	if !pause(ctx, tailMore) {
		return climbed{}, ctx.Err()
	}
	var out climbed
	out.Lag, out.LagKnown = c.findLag()
	if out.LagKnown && out.Lag.Delay > 0 && !pause(ctx, out.Lag.Delay+2*out.Lag.Spread) {
		return climbed{}, ctx.Err()
	}
	if !out.LagKnown {
		out.Lag = calibration.Lag{}
	}
	windows, readings := c.record.all()
	out.Plateaus = calibration.Plateaus(runs, windows, readings, out.Lag)
	return out, nil
}

func (c *climb) findLag() (calibration.Lag, bool) {
	windows, readings := c.record.all()
	return calibration.FindLag(calibration.ChipPoints(windows), calibration.Points(readings), 0)
}

// repeatable says that a step may go better another time.
func repeatable(err error) bool {
	for _, passing := range []error{calibration.ErrUnsteady, calibration.ErrOtherLoad, calibration.ErrMeterUnknown, calibration.ErrChipUnknown, calibration.ErrDisagree} {
		if errors.Is(err, passing) {
			return true
		}
	}
	return false
}
