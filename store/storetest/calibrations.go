package storetest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/store"
)

const (
	ladder  = attribution.CalibrationLadder
	passing = attribution.CalibrationPassing
)

func calibrations(t testing.TB, s Store) []attribution.Calibration {
	t.Helper()
	r, err := s.Resume(context.Background())
	if err != nil {
		t.Fatalf("resume: %v", err)
	}
	return r.Calibrations
}

// testCalibrations adds some of the same time by both ways, twice, and some that
// cannot be true.
func testCalibrations(t *testing.T, open Opener) {
	s, _ := start(t, open)
	first, second, learned := someLine(ladder, noon()), someLine(ladder, noon()), someLine(passing, noon())
	second.Base++
	for range 2 {
		if err := s.AddCalibration(t.Context(), first); err != nil {
			t.Fatalf("add: %v", err)
		}
		commit(t, s, attribution.Batch{Calibrations: []attribution.Calibration{second, learned}})
	}
	want := []attribution.Calibration{first, second, learned}
	if d := cmp.Diff(want, calibrations(t, s)); d != "" {
		t.Errorf("calibrations (-want +got):\n%s", d)
	}
	for name, spoil := range lineSpoils() {
		c := someLine(ladder, noon())
		spoil(&c)
		if err := s.AddCalibration(t.Context(), c); !errors.Is(err, store.ErrInvalid) || !errors.Is(store.CheckCalibration(c), store.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.AddCalibration(stopped, someLine(ladder, noon().Add(1))); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if d := cmp.Diff(want, calibrations(t, s)); d != "" {
		t.Errorf("after what is refused (-want +got):\n%s", d)
	}
}

// lineSpoils are changes to a calibration that make it untrue.
func lineSpoils() map[string]func(*attribution.Calibration) {
	return map[string]func(*attribution.Calibration){
		"no time":          func(c *attribution.Calibration) { c.Made = time.Time{} },
		"before all time":  func(c *attribution.Calibration) { c.Made = time.Unix(-1, 0) },
		"after all time":   func(c *attribution.Calibration) { c.Made = time.Date(3000, 1, 1, 0, 0, 0, 0, time.UTC) },
		"no kind":          func(c *attribution.Calibration) { c.Kind = "" },
		"unknown kind":     func(c *attribution.Calibration) { c.Kind = "guess" },
		"no scope":         func(c *attribution.Calibration) { c.Scope = "" },
		"scope of no one":  func(c *attribution.Calibration) { c.Scope = attribution.ScopeCalibrated },
		"scope of the SoC": func(c *attribution.Calibration) { c.Scope = attribution.ScopeSoC },
		"no base":          func(c *attribution.Calibration) { c.Base = -0.1 },
		"base of no watts": func(c *attribution.Calibration) { c.Base = energy.Watts(math.NaN()) },
		"endless base":     func(c *attribution.Calibration) { c.Base = energy.Watts(math.Inf(1)) },
		"absurd base":      func(c *attribution.Calibration) { c.Base = 1e9 },
		"falling slope":    func(c *attribution.Calibration) { c.GPU = -1 },
		"slope of nothing": func(c *attribution.Calibration) { c.CPU = math.NaN() },
		"steep slope":      func(c *attribution.Calibration) { c.ANE = 1e9 },
		"no error":         func(c *attribution.Calibration) { c.RMSE = energy.Watts(math.NaN()) },
		"R² over 1":        func(c *attribution.Calibration) { c.R2 = 1.1 },
		"R² of nothing":    func(c *attribution.Calibration) { c.R2 = math.NaN() },
		"negative points":  func(c *attribution.Calibration) { c.N = -1 },
		"covariance":       func(c *attribution.Calibration) { c.Covariance[5] = math.Inf(-1) },
		"SoC backwards":    func(c *attribution.Calibration) { c.SoCMin = c.SoCMax + 1 },
		"SoC of nothing":   func(c *attribution.Calibration) { c.SoCMax = energy.Watts(math.NaN()) },
		"hours late":       func(c *attribution.Calibration) { c.Lag = 2 * time.Hour },
		"novel":            func(c *attribution.Calibration) { c.Meter = strings.Repeat("x", 300) },
		"no text":          func(c *attribution.Calibration) { c.OS = "\xff" },
	}
}

// testCalibrationsOfRange: a range has what was made in it, and what was newest
// before it.
func testCalibrationsOfRange(t *testing.T, open Opener) {
	s, _ := start(t, open)
	at := func(hours int, kind attribution.CalibrationKind, meter string) attribution.Calibration {
		c := someLine(kind, noon().Add(time.Duration(hours)*time.Hour))
		c.Meter = meter
		return c
	}
	for _, c := range []attribution.Calibration{
		at(5, ladder, "plug"), at(1, ladder, "plug"), at(2, ladder, "plug"), at(2, ladder, "bench"), at(3, passing, "bench"), at(4, ladder, "plug"),
	} {
		if err := s.AddCalibration(t.Context(), c); err != nil {
			t.Fatalf("add: %v", err)
		}
	}
	for _, tt := range []struct {
		since, until int
		want         string
	}{
		{0, 6, "1 ladder plug, 2 ladder plug, 2 ladder bench, 3 passing bench, 4 ladder plug, 5 ladder plug"},
		{0, 1, ""},
		{1, 2, "1 ladder plug"},
		{2, 3, "1 ladder plug, 2 ladder plug, 2 ladder bench"},
		{3, 4, "2 ladder plug, 2 ladder bench, 3 passing bench"},
		{5, 6, "2 ladder bench, 3 passing bench, 4 ladder plug, 5 ladder plug"},
		{6, 7, "2 ladder bench, 3 passing bench, 5 ladder plug"},
	} {
		var got []string
		for _, c := range rangeOf(t, s, noon().Add(time.Duration(tt.since)*time.Hour), noon().Add(time.Duration(tt.until)*time.Hour)).Calibrations {
			got = append(got, fmt.Sprintf("%.0f %s %s", c.Made.Sub(noon()).Hours(), c.Kind, c.Meter))
		}
		if d := cmp.Diff(tt.want, strings.Join(got, ", ")); d != "" {
			t.Errorf("[%d, %d) (-want +got):\n%s", tt.since, tt.until, d)
		}
	}
}

// testManyCalibrations: ladders are the newest 64, and what is learned in
// passing is the newest of its kind.
func testManyCalibrations(t *testing.T, open Opener) {
	s, _ := start(t, open)
	var all []attribution.Calibration
	for i := range 200 {
		made := noon().Add(time.Duration(i) * time.Minute)
		learned := someLine(passing, made)
		learned.Model = fmt.Sprint("Mac16,", i%3)
		all = append(all, someLine(ladder, made), learned)
	}
	commit(t, s, attribution.Batch{Calibrations: all[:300]})
	for _, c := range all[300:] {
		if err := s.AddCalibration(t.Context(), c); err != nil {
			t.Fatalf("add: %v", err)
		}
	}
	got := calibrations(t, s)
	if len(got) != 64+3 {
		t.Errorf("%d calibrations are kept", len(got))
	}
	if d := cmp.Diff(keptCalibrations(all), got); d != "" {
		t.Errorf("calibrations (-want +got):\n%s", d)
	}
}

// testScoping: a batch without what the meters need to go on leaves it.
func testScoping(t *testing.T, open Opener) {
	s, _ := start(t, open)
	for _, tt := range []struct{ put, want string }{{"", ""}, {"one", "one"}, {"", "one"}, {"another", "another"}} {
		var b attribution.Batch
		if tt.put != "" {
			b.Scoping = []byte(tt.put)
		}
		commit(t, s, b)
		r, err := s.Resume(t.Context())
		if err != nil || string(r.Scoping) != tt.want || (r.Scoping == nil) != (tt.want == "") {
			t.Errorf("after %q: %q, %v", tt.put, r.Scoping, err)
		}
	}
}
