package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/collector/systemmeter"
)

// meterPatience is how long a meter may take for its first reading: some
// publish once a minute.
const meterPatience = 75 * time.Second

// mostCharging is what may go into a battery, or come out of it.
const mostCharging energy.Watts = 1

// calibrated is the open meter of a calibration and, on a laptop, the battery
// beside it.
type calibrated struct {
	config  systemmeter.Config
	scope   attribution.Scope
	meter   systemmeter.Meter
	battery systemmeter.Meter // nil: there is none that answers
}

// openCalibrated opens a meter and waits for its first reading, so that what is
// wrong with it shows before anything is loaded.
func openCalibrated(ctx context.Context, c systemmeter.Config) (m *calibrated, err error) {
	m = &calibrated{config: c.WithDefaults(), scope: scopeOf(c.Kind)}
	defer func() {
		if err != nil {
			err = firstError(err, m.Close())
		}
	}()
	if m.meter, err = systemmeter.Open(c, systemmeter.Options{}); err != nil {
		return m, &usageError{err}
	}
	if _, err = firstReading(ctx, m.meter, m.config, meterPatience); err != nil {
		return m, &hintError{fmt.Errorf("no reading to calibrate by: %w", err), "sovmeter meter test " + c.Name}
	}
	if m.scope == attribution.ScopeWall && runtime.GOOS == "darwin" {
		err = m.openBattery(ctx)
	}
	return m, err
}

// openBattery opens the battery of a laptop, and refuses to begin while it is
// charged. A Mac without one is no error.
func (m *calibrated) openBattery(ctx context.Context) error {
	c := systemmeter.Config{Name: string(systemmeter.KindBattery), Kind: systemmeter.KindBattery}
	battery, err := systemmeter.Open(c, systemmeter.Options{})
	if err != nil {
		return err
	}
	m.battery = battery
	r, err := firstReading(ctx, battery, c.WithDefaults(), 0)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		m.battery = nil
		return battery.Close()
	}
	return checkCharging(r)
}

// checkCharging refuses a battery that takes or gives power: what the plug shows
// is not what the machine draws then.
func checkCharging(r attribution.MeterReading) error {
	if !r.HasCharging || max(r.Charging, -r.Charging) <= mostCharging {
		return nil
	}
	what := "is being charged with"
	if r.Charging < 0 {
		what, r.Charging = "gives", -r.Charging
	}
	return &hintError{
		fmt.Errorf("the battery %s %.1f W", what, r.Charging),
		"plug the Mac in and wait until its battery is full, or holds its charge",
	}
}

// firstReading asks until there is a reading, or the patience is over. Without
// patience it asks once.
func firstReading(ctx context.Context, m systemmeter.Meter, c systemmeter.Config, patience time.Duration) (attribution.MeterReading, error) {
	var got *attribution.MeterReading
	poller := systemmeter.NewPoller(m, c, systemmeter.PollerOptions{
		Hand: func(_ context.Context, r attribution.MeterReading) { got = &r },
	})
	begun, misses := time.Now(), 0
	for {
		result, err := poller.Poll(ctx)
		switch {
		case ctx.Err() != nil:
			return attribution.MeterReading{}, ctx.Err()
		case got != nil:
			return *got, nil
		case err == nil:
			err = errors.New("nothing new")
		case result == systemmeter.ResultUnavailable: // it may come yet
		default:
			misses++
		}
		if misses >= hopeless || result == systemmeter.ResultUnauthorized || time.Since(begun)+c.Every > patience {
			return attribution.MeterReading{}, err
		}
		if !pause(ctx, c.Every) {
			return attribution.MeterReading{}, ctx.Err()
		}
	}
}

func (m *calibrated) poller(hand func(context.Context, attribution.MeterReading)) *systemmeter.Poller {
	return systemmeter.NewPoller(m.meter, m.config, systemmeter.PollerOptions{
		Hand: func(ctx context.Context, r attribution.MeterReading) {
			// A meter in the machine shows its load, whatever the battery takes or gives.
			r.HasCharging = r.HasCharging && m.scope == attribution.ScopeWall
			hand(ctx, r)
		},
	})
}

// batteryPoller is nil where there is no battery.
func (m *calibrated) batteryPoller(hand func(context.Context, attribution.MeterReading)) *systemmeter.Poller {
	if m.battery == nil {
		return nil
	}
	c := systemmeter.Config{Name: m.battery.Name(), Kind: systemmeter.KindBattery}
	return systemmeter.NewPoller(m.battery, c, systemmeter.PollerOptions{Hand: hand})
}

// Close gives up the connections.
func (m *calibrated) Close() error {
	var errs []error
	for _, o := range []systemmeter.Meter{m.meter, m.battery} {
		if o != nil {
			errs = append(errs, o.Close())
		}
	}
	return firstError(errs...)
}
