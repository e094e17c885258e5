package calibration_test

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/calibration"
	"github.com/sovmeter/sovmeter/collector/energy"
)

// trueLine is the true line of a machine, as a ladder with good points finds.
func trueLine(s straight) attribution.Calibration {
	return attribution.Calibration{
		Made: start, Kind: attribution.CalibrationLadder, Model: identity.Model, OS: identity.OS,
		Meter: identity.Meter, Scope: identity.Scope,
		Base: energy.Watts(s.base), CPU: s.cpu, GPU: s.gpu, ANE: s.gpu, PerRail: true,
		RMSE: 0.3, R2: 0.999, N: 9, SoCMin: 0.2, SoCMax: 30,
		Covariance: [6]float64{0.01, 0, 0, 0.0004, 0, 0.0002},
	}
}

func TestValid(t *testing.T) {
	tests := []struct {
		name      string
		change    func(c *attribution.Calibration)
		model, os string
		want      error
	}{
		{"the same", func(c *attribution.Calibration) {}, "Mac16,11", "26.1", nil},
		{"a minor version", func(c *attribution.Calibration) {}, "Mac16,11", "26.4.1", nil},
		{"another model", func(c *attribution.Calibration) {}, "Mac15,3", "26.1", calibration.ErrOtherMachine},
		{"another major version", func(c *attribution.Calibration) {}, "Mac16,11", "27.0", calibration.ErrOtherSystem},
		{"an older major version", func(c *attribution.Calibration) { c.OS = "2.6" }, "Mac16,11", "26.1", calibration.ErrOtherSystem},
		{"no model here", func(c *attribution.Calibration) {}, "", "26.1", calibration.ErrUnknownMachine},
		{"no system here", func(c *attribution.Calibration) {}, "Mac16,11", "", calibration.ErrUnknownMachine},
		{"no model there", func(c *attribution.Calibration) { c.Model = "" }, "Mac16,11", "26.1", calibration.ErrUnknownMachine},
		{"nothing anywhere", func(c *attribution.Calibration) { c.Model, c.OS = "", "" }, "", "", calibration.ErrUnknownMachine},
		{"NaN", func(c *attribution.Calibration) { c.Base = energy.Watts(math.NaN()) }, "Mac16,11", "26.1", calibration.ErrImplausible},
		{"Inf in the covariance", func(c *attribution.Calibration) { c.Covariance[4] = math.Inf(1) }, "Mac16,11", "26.1", calibration.ErrImplausible},
		{"a slope of 0", func(c *attribution.Calibration) { c.GPU = 0 }, "Mac16,11", "26.1", calibration.ErrImplausible},
		{"a negative base", func(c *attribution.Calibration) { c.Base = -1 }, "Mac16,11", "26.1", calibration.ErrImplausible},
		{"the zero value", func(c *attribution.Calibration) { *c = attribution.Calibration{} }, "Mac16,11", "26.1", calibration.ErrImplausible},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := trueLine(straight{6, 1.3, 1.9})
			tt.change(&c)
			if err := calibration.Valid(c, tt.model, tt.os); !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
}

func TestPick(t *testing.T) {
	now := start.AddDate(0, 2, 0)
	with := func(kind attribution.CalibrationKind, days int, change func(c *attribution.Calibration)) attribution.Calibration {
		c := trueLine(straight{6, 1.3, 1.9})
		c.Kind, c.Made = kind, now.AddDate(0, 0, -days)
		if kind == attribution.CalibrationPassing {
			c.N = 20000
		}
		if change != nil {
			change(&c)
		}
		return c
	}
	const ladder, passing = attribution.CalibrationLadder, attribution.CalibrationPassing
	narrow := func(c *attribution.Calibration) { c.SoCMax, c.Covariance[5] = 6, 0.01 }
	tests := []struct {
		name    string
		all     []attribution.Calibration
		learned *attribution.Calibration
		want    int // of all; -1: learned; -2: none
		why     string
	}{
		{"none", nil, nil, -2, "there is none"},
		{"of another machine", []attribution.Calibration{with(ladder, 1, func(c *attribution.Calibration) { c.Model = "Mac14,3" })}, nil, -2, "another machine"},
		{"the newest ladder", []attribution.Calibration{with(ladder, 50, nil), with(ladder, 9, nil), with(ladder, 20, nil)}, nil, 1, "newest ladder"},
		{"an old valid one before a new one of another system", []attribution.Calibration{
			with(ladder, 50, nil), with(ladder, 9, func(c *attribution.Calibration) { c.OS = "27.0" }),
		}, nil, 0, "newest ladder"},
		{"dated tomorrow week", []attribution.Calibration{with(ladder, -7, nil)}, nil, -2, "not a plausible line"},
		{"dated in an hour", []attribution.Calibration{with(ladder, 0, func(c *attribution.Calibration) { c.Made = now.Add(time.Hour) })}, nil, 0, "newest ladder"},
		{"learned alone", nil, new(with(passing, 0, nil)), -1, "learned in passing"},
		{"fresh ladder, learned with little load", []attribution.Calibration{with(ladder, 1, nil)}, new(with(passing, 0, narrow)), 0, "the ladder: within"},
		{"old ladder, well learned", []attribution.Calibration{with(ladder, 59, nil)}, new(with(passing, 0, nil)), -1, "learned in passing: within"},
		{"the meter was taken away after a ladder", []attribution.Calibration{with(passing, 40, nil), with(ladder, 2, nil)}, nil, 1, "the ladder: within"},
		{"the machine has changed since the ladder", []attribution.Calibration{with(ladder, 20, nil)},
			new(with(passing, 0, func(c *attribution.Calibration) { narrow(c); c.Base = 16 })), -1, "the machine has changed"},
		{"the machine has changed before the ladder", []attribution.Calibration{with(ladder, 2, nil), with(passing, 20, func(c *attribution.Calibration) { c.Base = 16 })}, nil, 0, "the machine has changed"},
		{"the wall before the battery", []attribution.Calibration{with(ladder, 30, nil)},
			new(with(passing, 0, func(c *attribution.Calibration) { c.Scope = attribution.ScopeBattery })), 0, "it is of the wall"},
		{"the wall before a newer one of the battery", []attribution.Calibration{
			with(ladder, 30, nil), with(ladder, 2, func(c *attribution.Calibration) { c.Scope = attribution.ScopeBattery }),
		}, nil, 0, "newest ladder"},
		{"learned now before what was stored of it", []attribution.Calibration{with(passing, 1, nil)}, new(with(passing, 0, nil)), -1, "learned in passing"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for range 2 {
				got, ok, why := calibration.Pick(tt.all, tt.learned, now, identity.Model, identity.OS)
				if ok != (tt.want > -2) || !strings.Contains(why, tt.why) {
					t.Fatalf("%v: %s (want %q)", ok, why, tt.why)
				}
				if want := tt.learned; tt.want >= -1 {
					if tt.want >= 0 {
						want = &tt.all[tt.want]
					}
					if got != *want {
						t.Errorf("picked %+v: %s", got, why)
					}
				}
				// The order of what is stored says nothing.
				if tt.want >= 0 {
					tt.want = len(tt.all) - 1 - tt.want
				}
				slices.Reverse(tt.all)
			}
		})
	}
}
