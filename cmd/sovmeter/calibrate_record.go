package main

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
)

// recorder keeps what the chip and the meter show during a calibration. Its
// methods may be called from several goroutines.
type recorder struct {
	mu       sync.Mutex
	windows  []attribution.Window
	readings []attribution.MeterReading
	charging *attribution.MeterReading // the newest of the battery; nil: there is none
	began    chan struct{}             // closed with the first window
}

// mostKept bounds what is kept: over a day at ten a second.
const mostKept = 1_000_000

// chargingHolds is how long what the battery says of its charging holds.
const chargingHolds = 2 * time.Minute

func newRecorder() *recorder { return &recorder{began: make(chan struct{})} }

// take keeps the windows that come, until ctx ends.
func (r *recorder) take(ctx context.Context, from <-chan attribution.Measurement) {
	for {
		select {
		case <-ctx.Done():
			return
		case m := <-from:
			if m.Window != nil {
				r.window(*m.Window)
			}
		}
	}
}

func (r *recorder) window(w attribution.Window) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.windows) == 0 {
		close(r.began)
	}
	if len(r.windows) < mostKept {
		r.windows = append(r.windows, w)
	}
}

// reading keeps one of the meter, with what the battery of a laptop takes beside
// it: what is at the plug is more than the machine then.
func (r *recorder) reading(_ context.Context, m attribution.MeterReading) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if c := r.charging; c != nil && !m.HasCharging && m.At.Sub(c.At) < chargingHolds {
		m.Charging, m.HasCharging = c.Charging, c.HasCharging
	}
	if len(r.readings) < mostKept {
		r.readings = append(r.readings, m)
	}
}

// battery keeps what the battery says.
func (r *recorder) battery(_ context.Context, m attribution.MeterReading) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.charging = &m
}

// all returns copies of what was kept, each in the order of time.
func (r *recorder) all() ([]attribution.Window, []attribution.MeterReading) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.windows), slices.Clone(r.readings)
}

// now is the newest power of the chip and of the machine; false for what is not
// known.
func (r *recorder) now() (chip energy.Watts, hasChip bool, whole energy.Watts, hasWhole bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if n := len(r.windows); n > 0 {
		w := r.windows[n-1]
		chip, hasChip = w.SoC().Over(w.End.Sub(w.Start)), true
	}
	if n := len(r.readings); n > 0 {
		m := r.readings[n-1]
		whole, hasWhole = m.Power, m.HasPower
	}
	return chip, hasChip, whole, hasWhole
}
