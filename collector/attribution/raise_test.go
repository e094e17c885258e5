package attribution_test

import (
	"testing"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
)

// raised is a window of the whole machine.
func raised(w attribution.Window, scope attribution.Scope, joules energy.Joules) attribution.Window {
	w.Scope, w.Energy = scope, joules
	return w
}

// quietThenBusy is two minutes of an idle machine and then a request of ten
// seconds: the chip draws 2 W and then 22 W, the machine quiet and then busy.
func quietThenBusy(t *testing.T, scope attribution.Scope, quiet, busy energy.Joules, more ...attribution.Window) []attribution.Booking {
	t.Helper()
	e := attribution.New(attribution.Config{}, attribution.Resume{})
	add := func(w attribution.Window) {
		if err := e.AddWindow(w); err != nil {
			t.Fatal(err)
		}
	}
	for s := range 120 {
		add(raised(window(float64(s), float64(s+1), 2, gpu(0, 0)), scope, quiet))
	}
	for s := 120; s < 130; s++ {
		w := window(float64(s), float64(s+1), 22, gpu(1, 0))
		add(raised(w, scope, busy))
	}
	for _, w := range more {
		add(w)
	}
	e.AddRequest(request("a", 120, 121, 130, 100, 100))
	res := e.Advance(at(1000), nil, nil)
	for _, b := range res.Bookings {
		checkBooking(t, b)
	}
	return res.Bookings
}

func TestWholeMachineLandsOnTheRequest(t *testing.T) {
	// 2 W of chip are 10 W at the wall, 22 W are 36: the request causes 26 W.
	for _, b := range quietThenBusy(t, attribution.ScopeWall, 10, 36)[120:] {
		if !near(b.Baseline, 10) || !near(b.Inference, 26) || b.Unexplained > 1e-9 || b.BaselineAssumed {
			t.Errorf("baseline %v, inference %v, unexplained %v: want 10, 26, 0", b.Baseline, b.Inference, b.Unexplained)
		}
	}
}

func TestChargeNamesItsWeakestScope(t *testing.T) {
	e := attribution.New(attribution.Config{}, attribution.Resume{})
	scopes := []attribution.Scope{attribution.ScopeWall, attribution.ScopeCalibrated, attribution.ScopeBattery}
	for i, s := range scopes {
		if err := e.AddWindow(raised(window(float64(i), float64(i+1), 22, gpu(1, 0)), s, 36)); err != nil {
			t.Fatal(err)
		}
	}
	e.AddRequest(request("a", 0, 0.5, 3, 100, 100))
	e.AddRequest(request("late", 20, 21, 22, 100, 100))
	charges := e.Advance(at(1000), nil, nil).Charges
	if charges[0].Scope != attribution.ScopeCalibrated || charges[1].Scope != "" {
		t.Errorf("scopes %q and %q, want calibrated and none", charges[0].Scope, charges[1].Scope)
	}
}

// Before the first quiet window the machine's energy above the chip's is taken
// for its baseline: nothing shows that a request causes it.
func TestWholeBaselineIsAssumedAtFirst(t *testing.T) {
	e := attribution.New(attribution.Config{AssumedBaseline: 2}, attribution.Resume{})
	if err := e.AddWindow(raised(window(0, 1, 22, gpu(1, 0)), attribution.ScopeWall, 36)); err != nil {
		t.Fatal(err)
	}
	e.AddRequest(request("a", 0, 0.5, 3, 100, 100))
	b := e.Advance(at(1000), nil, nil).Bookings[0]
	if !near(b.Baseline, 16) || !near(b.Inference, 20) || !b.BaselineAssumed || b.Shares[0].Tier != attribution.TierEstimated {
		t.Errorf("baseline %v, inference %v, assumed %v: want 16, 20, true", b.Baseline, b.Inference, b.BaselineAssumed)
	}
}

// A fan that still turns after the work is nobody's, and a meter that comes and
// goes must not lend the baseline of the one scope to the other.
func TestWhatTheChipDoesNotExplain(t *testing.T) {
	fan := raised(window(130, 131, 2, gpu(0, 0)), attribution.ScopeWall, 16)
	away := raised(window(131, 132, 2, gpu(0, 0)), attribution.ScopeSoC, 2)
	dc := raised(window(132, 133, 2, gpu(0, 0)), attribution.ScopeBattery, 9)
	all := quietThenBusy(t, attribution.ScopeWall, 10, 36, fan, away, dc)
	if b := all[130]; !near(b.Baseline, 10) || !near(b.Unexplained, 6) {
		t.Errorf("fan: baseline %v, unexplained %v: want 10, 6", b.Baseline, b.Unexplained)
	}
	if b := all[131]; !near(b.Baseline, 2) || b.Window.Scope != attribution.ScopeSoC {
		t.Errorf("without a meter: baseline %v at %s, want 2 at soc", b.Baseline, b.Window.Scope)
	}
	if b := all[132]; !near(b.Baseline, 9) || !b.BaselineAssumed {
		t.Errorf("the other side of the supply: baseline %v, assumed %v: want 9, true", b.Baseline, b.BaselineAssumed)
	}
}

// A machine that jumps far beyond what its chip explains does so for another
// reason, which must not be charged to whoever runs.
func TestJumpIsNotTheRequests(t *testing.T) {
	e := attribution.New(attribution.Config{}, attribution.Resume{})
	for s := range 300 {
		w := raised(window(float64(s), float64(s+1), 2, gpu(0, 0)), attribution.ScopeWall, 10)
		if s >= 120 {
			w = raised(window(float64(s), float64(s+1), 22, gpu(1, 0)), attribution.ScopeWall, 36)
		}
		if s == 299 {
			w.Energy = 136
		}
		if err := e.AddWindow(w); err != nil {
			t.Fatal(err)
		}
	}
	e.AddRequest(request("a", 120, 121, 300, 100, 4000))
	all := e.Advance(at(2000), nil, nil).Bookings
	if b := all[299]; !near(b.Inference, 1.5*26) || !near(b.Unexplained, 100+26-1.5*26) {
		t.Errorf("inference %v, unexplained %v: want 39, 87", b.Inference, b.Unexplained)
	}
}

func TestRatioTurnsTheChipIntoTheMachine(t *testing.T) {
	e := attribution.New(attribution.Config{}, attribution.Resume{})
	for s := range 300 {
		w := raised(window(float64(s), float64(s+1), 2, gpu(0, 0)), attribution.ScopeWall, 10)
		if s >= 120 {
			w = raised(window(float64(s), float64(s+1), 22, gpu(1, 0)), attribution.ScopeWall, 36)
		}
		if err := e.AddWindow(w); err != nil {
			t.Fatal(err)
		}
	}
	e.AddRequest(request("a", 120, 121, 300, 100, 4000))
	e.Advance(at(2000), nil, nil)
	if r := e.State().Slopes.Ratio(); !near(energy.Joules(r), 1.3) {
		t.Errorf("ratio %v, want 1.3", r)
	}
	if watts, assumed := e.Baseline(); !near(energy.Joules(watts), 10) || assumed {
		t.Errorf("baseline %v, assumed %v: want 10 W of the whole machine", watts, assumed)
	}
}

// What the meter and the baseline leave open is part of a request's band.
func TestErrorHoldsTheScopes(t *testing.T) {
	width := func(of func(*attribution.Window)) energy.Joules {
		e := attribution.New(attribution.Config{}, attribution.Resume{})
		for s := range 140 {
			w := raised(window(float64(s), float64(s+1), 2, gpu(0, 0)), attribution.ScopeWall, 10)
			if s >= 120 {
				w = raised(window(float64(s), float64(s+1), 22, gpu(1, 0)), attribution.ScopeWall, 36)
				of(&w)
			}
			if err := e.AddWindow(w); err != nil {
				t.Fatal(err)
			}
		}
		e.AddRequest(request("a", 120, 121, 140, 100, 400))
		return e.Advance(at(2000), nil, nil).Charges[0].Error
	}
	exact := width(func(*attribution.Window) {})
	loose := width(func(w *attribution.Window) { w.Error = w.Energy / 10 })
	if least := energy.Joules(20 * 26 * 0.1); loose < least || exact > loose-least/2 {
		t.Errorf("errors %v and %v of 520 J: the second has a meter that is 10 %% off", exact, loose)
	}
}
