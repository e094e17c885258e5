package store

import (
	"fmt"
	"math"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
)

const (
	// maxWindow bounds how many slots one window may be split over.
	maxWindow = 7 * 24 * time.Hour
	// sumTolerance is how far the parts of a booking may sum from its window,
	// as a part of the window's energy: rounding, nothing more.
	sumTolerance = 1e-9
	// maxScoping bounds what the meters' readings may need to go on. Every commit
	// writes it anew: 100 KB while a plug is silent for minutes, and 2 MB with as
	// many windows as package scope lets wait.
	maxScoping = 16 << 20
)

// checkBatch refuses what cannot be true before anything is written: one such
// value would spoil the sums of its slot for good.
func checkBatch(b attribution.Batch) error {
	var last time.Time
	for _, w := range b.Windows {
		if err := checkWindow(w, last); err != nil {
			return err
		}
		last = w.End
	}
	for _, g := range b.Gaps {
		if err := checkGap(g); err != nil {
			return err
		}
	}
	last = time.Time{}
	for _, k := range b.Bookings {
		if err := checkBooking(k, last, b.State.Closed); err != nil {
			return err
		}
		last = k.Window.End
	}
	for _, c := range b.Charges {
		if err := checkCharge(c); err != nil {
			return err
		}
	}
	for _, c := range b.Remote {
		if err := checkCall(c); err != nil {
			return err
		}
	}
	for _, c := range b.Checkpoints {
		if c.Source == "" {
			return fmt.Errorf("checkpoint without a source: %w", ErrInvalid)
		}
	}
	for _, c := range b.Calibrations {
		if err := CheckCalibration(c); err != nil {
			return err
		}
	}
	if len(b.Scoping) > maxScoping {
		return fmt.Errorf("scoping of %d bytes: %w", len(b.Scoping), ErrInvalid)
	}
	if err := checkTimes("batch", b.At); err != nil {
		return err
	}
	return checkState(b.State)
}

// checkTimes refuses times that a key cannot hold; the zero time means none.
func checkTimes(what string, times ...time.Time) error {
	for _, t := range times {
		if !t.IsZero() && (t.Before(earliestTime) || t.After(latestTime)) {
			return fmt.Errorf("%s at %s: %w", what, stamp(t), ErrInvalid)
		}
	}
	return nil
}

func checkSpan(what string, start, end time.Time) error {
	if !start.Before(end) || start.Before(earliestTime) || end.After(latestTime) {
		return fmt.Errorf("%s %s to %s: %w", what, stamp(start), stamp(end), ErrInvalid)
	}
	return nil
}

func checkWindow(w attribution.Window, last time.Time) error {
	if err := checkSpan("window", w.Start, w.End); err != nil {
		return err
	}
	if w.End.Sub(w.Start) > maxWindow {
		return fmt.Errorf("window %s lasts %s: %w", stamp(w.Start), w.End.Sub(w.Start), ErrInvalid)
	}
	if !w.End.After(last) {
		return fmt.Errorf("window %s is not in time order: %w", stamp(w.Start), ErrInvalid)
	}
	amounts := []energy.Joules{w.Energy, w.Error}
	for _, r := range []attribution.Rail{w.CPU, w.GPU, w.ANE} {
		if r.Known {
			amounts = append(amounts, r.Energy)
		}
	}
	if u := w.Usage; u != nil {
		amounts = append(amounts, u.Others.CPUEnergy)
		for _, s := range u.Servers {
			amounts = append(amounts, s.CPUEnergy)
		}
	}
	return checkAmounts("window "+stamp(w.Start), amounts...)
}

func checkBooking(k attribution.Booking, last, closed time.Time) error {
	w := k.Window
	if err := checkWindow(w, last); err != nil {
		return err
	}
	what := "booking " + stamp(w.Start)
	if w.End.After(closed) {
		return fmt.Errorf("%s ends after the state's close at %s: %w", what, stamp(closed), ErrInvalid)
	}
	parts := []energy.Joules{k.Baseline, k.Inference, k.ModelLoad, k.ServerOther, k.OtherProcesses, k.Unexplained}
	if err := checkAmounts(what, parts...); err != nil {
		return err
	}
	var sum energy.Joules
	for _, p := range parts {
		sum += p
	}
	if off := math.Abs(float64(sum - w.Energy)); off > sumTolerance*math.Max(1, float64(w.Energy)) {
		return fmt.Errorf("%s: parts sum to %g of %g J: %w", what, float64(sum), float64(w.Energy), ErrInvalid)
	}
	for _, s := range k.Shares {
		if err := checkAmounts(what, s.Prefill, s.Decode, s.Error); err != nil {
			return err
		}
	}
	for _, l := range k.Loads {
		if err := checkAmounts(what, l.Energy); err != nil {
			return err
		}
	}
	return nil
}

func checkCharge(c attribution.Charge) error {
	r := c.Request
	what := "request ending " + stamp(r.End)
	if err := checkRequest(r); err != nil {
		return err
	}
	switch {
	case r.ID == "", r.End.IsZero():
		return fmt.Errorf("%s has no id or no end: %w", what, ErrInvalid)
	case outcomeCode(r.Outcome) == 0:
		return fmt.Errorf("%s: outcome %q: %w", what, r.Outcome, ErrInvalid)
	case tierCode(c.Tier) == 0:
		return fmt.Errorf("%s: tier %q: %w", what, c.Tier, ErrInvalid)
	case scopeCode(c.Scope) < 0:
		return fmt.Errorf("%s: scope %q: %w", what, c.Scope, ErrInvalid)
	case !(c.Covered >= 0 && c.Covered <= 1):
		return fmt.Errorf("%s: covered %g: %w", what, c.Covered, ErrInvalid)
	case !c.EnergyKnown:
		return nil
	}
	return checkAmounts(what, c.Prefill, c.Decode, c.Error)
}

func checkRequest(r attribution.Request) error {
	if err := checkTimes("request", r.Start, r.FirstToken, r.End); err != nil {
		return err
	}
	if r.Start.IsZero() || r.Position < 0 || r.Position > maxPosition {
		return fmt.Errorf("request ending %s: start %s, position %d: %w", stamp(r.End), stamp(r.Start), r.Position, ErrInvalid)
	}
	for _, n := range []attribution.Count{r.Input, r.Cached, r.Output, r.Context} {
		if n.Known && n.N < 0 {
			return fmt.Errorf("request ending %s: %d tokens: %w", stamp(r.End), n.N, ErrInvalid)
		}
	}
	return checkNumber("request ending "+stamp(r.End), r.Reused.Of)
}

func checkState(s attribution.State) error {
	if err := checkTimes("state", s.Closed, s.Step.Start, s.LastEnd); err != nil {
		return err
	}
	for _, l := range s.Loads {
		if err := checkTimes("model load", l.Start, l.End); err != nil {
			return err
		}
	}
	for _, r := range s.Requests {
		if err := checkRequest(r.Request); err != nil {
			return err
		}
		b := r.Booked
		if err := checkAmounts("open request", b.Prefill, b.Decode, b.Error, b.Sharing, b.Expected, b.Shared, b.Estimated); err != nil {
			return err
		}
		if scopeCode(b.Scope) < 0 {
			return fmt.Errorf("open request: scope %q: %w", b.Scope, ErrInvalid)
		}
		if err := checkPlaced(r); err != nil {
			return err
		}
	}
	if err := checkLearned(s); err != nil {
		return err
	}
	if err := checkSlopes(s.Slopes); err != nil {
		return err
	}
	for _, q := range append([]attribution.QuietMinute{s.Step}, s.Quiet...) {
		if err := checkTimes("quiet minute", q.Start); err != nil {
			return err
		}
		if err := checkAmounts("quiet minute "+stamp(q.Start), q.CPU, q.GPU, q.All, q.AC.Energy, q.DC.Energy); err != nil {
			return err
		}
	}
	return nil
}

func checkNumber(what string, v float64) error {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return fmt.Errorf("%s: %g: %w", what, v, ErrInvalid)
	}
	return nil
}

func checkAmounts(what string, amounts ...energy.Joules) error {
	for _, j := range amounts {
		if !(j >= 0) || math.IsInf(float64(j), 0) {
			return fmt.Errorf("%s: %g J: %w", what, float64(j), ErrInvalid)
		}
	}
	return nil
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }
