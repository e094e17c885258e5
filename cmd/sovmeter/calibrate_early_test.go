package main

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/calibration"
	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/collector/systemmeter"
	"github.com/sovmeter/sovmeter/store"
)

// TestCalibrateSaysEarlyWhatCannotBe before it asks the plug or loads anything.
func TestCalibrateSaysEarlyWhatCannotBe(t *testing.T) {
	w := newWorld()
	c := newCalibrateTest(t, w)
	refused := func(what, want string) {
		t.Helper()
		var hint hinted
		if err := c.run(t.Context(), c.config); err == nil || !strings.Contains(err.Error(), want) || !errors.As(err, &hint) {
			t.Errorf("%s: got %v, want %q with a hint", what, err, want)
		}
	}
	slow := c.config.Meters[0]
	slow.Every = 20 * time.Second
	every := c.config.Meters
	c.config.Meters = []systemmeter.Config{slow}
	refused("a meter that is asked too seldom", "meter plug is asked every 20s, and of step idle 15s are measured")
	c.config.Meters = every
	db, err := store.Open(c.config.Store, store.Options{CreateFolder: true})
	if err != nil {
		t.Fatal(err)
	}
	refused("a store that is held, and nobody answers", "is in use, but nobody answers")
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := checkStorable(t.Context(), c.config); err != nil {
		t.Errorf("a store that nobody holds: %v", err)
	}
	if c.stdout.Len()+c.stderr.Len() > 0 {
		t.Errorf("printed: %s%s", c.stdout, c.stderr)
	}
}

// TestALineOfAnUnknownMachineIsRefused: it would be stored, and never hold.
func TestALineOfAnUnknownMachineIsRefused(t *testing.T) {
	var plateaus []calibration.Plateau
	for i := range 6 {
		from := time.Unix(int64(60*i), 0)
		plateaus = append(plateaus, calibration.Plateau{Block: calibration.Block{
			Start: from, End: from.Add(30 * time.Second), GPU: energy.Watts(5 * i), Whole: energy.Watts(6 + 10*i),
		}})
	}
	for os, want := range map[string]error{"26.1": nil, "": calibration.ErrUnknownMachine} {
		r := calibrationResult{Identity: calibration.Identity{Model: "Mac16,11", OS: os, Meter: "plug", Scope: attribution.ScopeWall}, Climbed: climbed{Plateaus: plateaus}}
		if r.fit(); !errors.Is(r.Refused, want) {
			t.Errorf("macOS %q: got %v, want %v", os, r.Refused, want)
		}
	}
}

// TestALadderThatMovedNothing advises something else than what was just done.
func TestALadderThatMovedNothing(t *testing.T) {
	var plateaus []calibration.Plateau
	for i := range 6 {
		from := time.Unix(int64(60*i), 0)
		plateaus = append(plateaus, calibration.Plateau{Block: calibration.Block{Start: from, End: from.Add(30 * time.Second), GPU: 2, Whole: 9}})
	}
	r := calibrationResult{Climbed: climbed{Plateaus: plateaus}}
	r.fit()
	var refused *calibration.RefusedError
	var hint hinted
	if !errors.As(r.Refused, &refused) || refused.Reason != calibration.ReasonNarrow || !errors.As(r.Refused, &hint) || strings.Contains(hint.Hint(), "sovmeter calibrate") {
		t.Errorf("got %v with hint %v", r.Refused, hint)
	}
}

// TestChargingIsOfTheWallOnly: a meter behind the battery shows the load alone.
func TestChargingIsOfTheWallOnly(t *testing.T) {
	for scope, want := range map[attribution.Scope]bool{attribution.ScopeWall: true, attribution.ScopeBattery: false} {
		var got []attribution.MeterReading
		m := &calibrated{meter: chargingMeter{&worldMeter{world: newWorld()}}, scope: scope, config: systemmeter.Config{Name: "plug"}}
		p := m.poller(func(_ context.Context, r attribution.MeterReading) { got = append(got, r) })
		if _, err := p.Poll(t.Context()); err != nil || len(got) != 1 || got[0].HasCharging != want {
			t.Errorf("%s: %+v, %v, want charging %v", scope, got, err, want)
		}
	}
}

// chargingMeter says what a battery gives besides.
type chargingMeter struct{ *worldMeter }

func (m chargingMeter) Read(ctx context.Context) (systemmeter.Reading, error) {
	r, err := m.worldMeter.Read(ctx)
	r.Charging, r.HasCharging = -12, true
	return r, err
}
