package calibration

import (
	"cmp"
	"fmt"
	"math"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
)

// fromFuture is how far ahead of now a calibration may be dated: a clock that was
// set back is no reason to lose it, a date that cannot be is.
const fromFuture = 24 * time.Hour

// Pick chooses the calibration to go by, among those that are stored and what a
// learner knows now (nil: nothing). It is false where none holds. The last value
// says in a few words which and why, or why none.
//
// The rule. Those that Valid refuses, and those from the future, are out. One of
// the wall goes before one of the DC side, as its meter would. Of each kind
// (ladder, passing) only the newest stands; what was learned until now stands
// for the passing ones where it is as new. Between a ladder and a passing one: if
// they differ by more than both their bands, the machine has changed, and the newer
// stands. Else that with the smaller band, by Error with its age, over the powers
// that either was fitted to: a fresh ladder covers more powers, a line learned for
// weeks is fresher, and Error weighs that.
func Pick(all []attribution.Calibration, learned *attribution.Calibration, now time.Time, model, os string) (attribution.Calibration, bool, string) {
	var refused error
	best := map[attribution.CalibrationKind]attribution.Calibration{}
	consider := func(c attribution.Calibration) {
		if err := holds(c, now, model, os); err != nil {
			refused = err
			return
		}
		if old, ok := best[c.Kind]; !ok || goesBefore(c, old) {
			best[c.Kind] = c
		}
	}
	for _, c := range all {
		consider(c)
	}
	if learned != nil {
		consider(*learned)
	}
	ladder, haveLadder := best[attribution.CalibrationLadder]
	passing, havePassing := best[attribution.CalibrationPassing]
	switch {
	case haveLadder && havePassing:
		c, why := between(ladder, passing, now)
		return c, true, why
	case haveLadder:
		return ladder, true, "the newest ladder"
	case havePassing:
		return passing, true, "learned in passing"
	case refused != nil:
		return attribution.Calibration{}, false, refused.Error()
	}
	return attribution.Calibration{}, false, "there is none"
}

func holds(c attribution.Calibration, now time.Time, model, os string) error {
	if c.Kind != attribution.CalibrationLadder && c.Kind != attribution.CalibrationPassing {
		return fmt.Errorf("calibration of kind %q: %w", c.Kind, ErrImplausible)
	}
	if c.Made.After(now.Add(fromFuture)) {
		return fmt.Errorf("calibration dated %s: %w", c.Made.Format("2006-01-02"), ErrImplausible)
	}
	return Valid(c, model, os)
}

// goesBefore compares two of a kind: the wider scope, then the newer, then, so
// that the order of the list says nothing, the closer fit.
func goesBefore(a, b attribution.Calibration) bool {
	return cmp.Or(
		cmp.Compare(trust(a), trust(b)),
		a.Made.Compare(b.Made),
		cmp.Compare(b.RMSE, a.RMSE),
		cmp.Compare(a.N, b.N),
	) > 0
}

// trust is the place of a calibration's scope among all.
func trust(c attribution.Calibration) int {
	for i, s := range attribution.Scopes() {
		if s == c.Scope {
			return i
		}
	}
	return -1
}

// between chooses between a ladder and a line learned in passing.
func between(ladder, passing attribution.Calibration, now time.Time) (attribution.Calibration, string) {
	if l, p := trust(ladder), trust(passing); l > p {
		return ladder, "the ladder: it is of the " + string(ladder.Scope)
	} else if p > l {
		return passing, "learned in passing: it is of the " + string(passing.Scope)
	}
	if contradict(ladder, passing, now) {
		if ladder.Made.After(passing.Made) {
			return ladder, "the ladder: it is newer, and the machine has changed"
		}
		return passing, "learned in passing: it is newer, and the machine has changed"
	}
	l, p := uncertainty(ladder, ladder, passing, now), uncertainty(passing, ladder, passing, now)
	if l <= p {
		return ladder, fmt.Sprintf("the ladder: within %.1f %%, and %.1f %% learned in passing", 100*l, 100*p)
	}
	return passing, fmt.Sprintf("learned in passing: within %.1f %%, and %.1f %% by the ladder", 100*p, 100*l)
}

// loads are the powers that two lines are compared at, as if the GPU drew it all:
// the ends of what either was fitted to, and what lies between, evenly by ratio.
func loads(a, b attribution.Calibration) []energy.Watts {
	low, high := max(0.1, min(a.SoCMin, b.SoCMin)), max(0.2, a.SoCMax, b.SoCMax)
	middle := energy.Watts(math.Sqrt(float64(low) * float64(high)))
	return []energy.Watts{low, middle, high}
}

// uncertainty is the mean band of c at the loads of both, as a ratio.
func uncertainty(c, a, b attribution.Calibration, now time.Time) float64 {
	sum := 0.0
	at := loads(a, b)
	for _, w := range at {
		sum += float64(bandAt(c, w, now)) / max(float64(c.Power(0, w, 0)), 0.1)
	}
	return sum / float64(len(at))
}

// bandAt is the band of c at a power of the chip, in watts.
func bandAt(c attribution.Calibration, w energy.Watts, now time.Time) energy.Watts {
	s := Stretch{Length: time.Second, GPU: w.For(time.Second)}
	return Error(c, s, now.Sub(c.Made), 0).Over(time.Second)
}

// contradict reports whether two lines are apart by more than both their bands
// where both were fitted.
func contradict(a, b attribution.Calibration, now time.Time) bool {
	low, high := max(a.SoCMin, b.SoCMin), min(a.SoCMax, b.SoCMax)
	if low > high {
		return false
	}
	for _, w := range []energy.Watts{low, high} {
		if d := a.Power(0, w, 0) - b.Power(0, w, 0); max(d, -d) > bandAt(a, w, now)+bandAt(b, w, now) {
			return true
		}
	}
	return false
}
