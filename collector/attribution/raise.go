package attribution

import (
	"math"
	"slices"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
)

const (
	// slopeHalfLife is after how much energy of the SoC, above its baseline and
	// with requests in flight, what a slope was learned from counts half.
	slopeHalfLife energy.Joules = 50_000
	// slopeEnough is from how much of it on a slope is taken to be known.
	slopeEnough energy.Joules = 500
	// A window whose machine draws more than slopeExcess times the usual for
	// what its SoC does above the baseline does so for another reason: a fan
	// that has not come to rest, a display that was switched on. Before the
	// usual is known, no Mac was seen to draw steepestSlope times.
	slopeExcess, steepestSlope = 1.5, 4
	// wholeError is the standard error of a baseline that was assumed, as a
	// share of it.
	wholeError = 0.3
	// boardHalfLife is the age at which a quiet minute counts half for what the
	// whole machine draws: a display is switched on and off.
	boardHalfLife = 5 * time.Minute
	// blurTime is over how long a meter that says too much of one window says as
	// much too little of others: from one reading to the next but one.
	blurTime = 10 * time.Second
	// unknownBlur is the blur before windows have shown it, and meanToStandard
	// what a mean distance is times of a standard error.
	unknownBlur, meanToStandard = 0.1, 1.2533
)

// side is one side of the power supply.
type side int

const (
	sideAC side = iota // at the plug
	sideDC             // behind the power supply
)

func sideOf(s Scope) side {
	if s == ScopeBattery || s == ScopeSMC {
		return sideDC
	}
	return sideAC
}

// of is the slope of one side.
func (s *Slopes) of(x side) *Slope {
	if x == sideDC {
		return &s.DC
	}
	return &s.AC
}

// fold has what the step before now brought count from now on.
func (s *Slopes) fold(now time.Time) {
	if !s.Step.Before(now) {
		return
	}
	s.Step = now
	for _, x := range []side{sideAC, sideDC} {
		l := s.of(x)
		if l.StepBusy > 0 {
			keep := energy.Joules(math.Exp2(-float64(l.StepSoC / slopeHalfLife)))
			whole := min(max(l.StepWhole, 0), l.StepSoC*steepestSlope)
			l.Whole, l.SoC, l.Apart = l.Whole*keep+whole, l.SoC*keep+l.StepSoC, l.Apart*keep+l.StepApart
		}
		l.StepWhole, l.StepSoC, l.StepApart, l.StepBusy = 0, 0, 0, 0
	}
}

// learn takes in a window, in which the machine drew active above its baseline,
// or below it, and the SoC own. Only steps with a request in flight count, but all
// of their windows: what a meter says too late or too early is in the others.
func (s *Slope) learn(active, own energy.Joules, busy time.Duration) {
	usual := own * energy.Joules(s.ratio())
	s.StepApart += energy.Joules(math.Abs(float64(active - usual)))
	s.StepWhole += active
	s.StepSoC += own
	s.StepBusy += busy
}

// blur is the standard error of a window's energy above the baseline, as a share
// of it: how far windows lie from the slope.
func (s Slope) blur() float64 {
	if !s.known() {
		return unknownBlur
	}
	return meanToStandard * float64(s.Apart/s.Whole)
}

// known reports whether the slope is.
func (s Slope) known() bool { return s.SoC >= slopeEnough && s.Whole > 0 }

// ratio is what the machine draws for each joule of the SoC; 1 when that is not
// known.
func (s Slope) ratio() float64 {
	if !s.known() {
		return 1
	}
	return float64(s.Whole / s.SoC)
}

// most is what the machine can draw for each joule of the SoC.
func (s Slope) most() float64 {
	if !s.known() {
		return steepestSlope
	}
	return slopeExcess * s.ratio()
}

// Ratio is what the machine draws for each joule that the SoC draws above its
// baseline, at the scope of the windows that were booked last: 1 at ScopeSoC.
// It turns what was learned of a model's tokens, which is of the SoC, into what
// they take of the machine.
func (s Slopes) Ratio() float64 {
	if !s.Scope.Whole() {
		return 1
	}
	return s.of(sideOf(s.Scope)).ratio()
}

// raise books at the scope of w what b books of its SoC. The machine's energy
// above its own baseline goes to the parts of b in the proportion in which the
// SoC's does: memory, fabric, fans and the power supply's loss follow the chip.
func (e *Engine) raise(b *Booking, w Window) {
	own := b.Window.Energy - b.Baseline
	slope := e.slopes.of(sideOf(w.Scope))
	base := e.wholeBaseline(w, own, *slope)
	b.Window, b.Baseline = w, min(base.watts.For(w.End.Sub(w.Start)), w.Energy)
	b.BaselineAssumed = base.assumed
	active := w.Energy - b.Baseline
	claimed := min(active, own*energy.Joules(slope.most()))
	b.lay(claimed)
	b.Unexplained += active - claimed
	b.doubt(base.err.For(w.End.Sub(w.Start)), claimed, active, own)
	e.blur(b, slope, claimed, own)
	if !base.assumed { // what was assumed shows nothing
		slope.learn(w.Energy-base.watts.For(w.End.Sub(w.Start)), own, b.Busy)
	}
	e.slopes.Scope, e.drawn = w.Scope, base
}

// parts are all parts of a booking above the baseline.
func (b *Booking) parts() []*energy.Joules {
	parts := []*energy.Joules{&b.OtherProcesses, &b.ServerOther, &b.Unexplained}
	for i := range b.Loads {
		parts = append(parts, &b.Loads[i].Energy)
	}
	for i := range b.Shares {
		parts = append(parts, &b.Shares[i].Prefill, &b.Shares[i].Decode)
	}
	return parts
}

// lay divides amount among the parts in their own proportion.
func (b *Booking) lay(amount energy.Joules) {
	parts := b.parts()
	weights := make([]float64, len(parts))
	for i, p := range parts {
		weights[i] = float64(*p)
	}
	laid := split(amount, weights)
	for i, p := range parts {
		if *p = 0; laid != nil {
			*p = laid[i]
		}
	}
	if laid == nil {
		b.Unexplained = amount
	}
}

// doubt widens the errors of the shares by how far off the machine's energy
// and its baseline may be, of which base is the standard error. claimed, of
// active, is what own joules of the SoC became.
func (b *Booking) doubt(base, claimed, active, own energy.Joules) {
	if own <= 0 || claimed <= 0 {
		return
	}
	factor := claimed / own
	var meter energy.Joules
	if b.Window.Energy > 0 {
		meter = b.Window.Error / b.Window.Energy
	}
	for i := range b.Shares {
		s := &b.Shares[i]
		energyOf := s.Prefill + s.Decode
		s.Error = s.Error*factor + energyOf*meter + bandWidth*base*energyOf/active
		s.Sharing, s.Noise = s.Sharing*factor, s.Noise*factor
		if b.BaselineAssumed {
			s.Tier = TierEstimated
		}
	}
}

// blur widens the errors of the shares by how little of the meter's energy may be
// theirs, and not that of another moment: it goes one way in all windows of a
// short request, and one way and the other in those of a long one. What their work
// is known to take is of the SoC, and raised by what is usual: how far the
// window's own energy lies from that is what widths follow.
func (e *Engine) blur(b *Booking, slope *Slope, claimed, own energy.Joules) {
	usual := energy.Joules(slope.ratio())
	if !slope.known() && own > 0 {
		usual = claimed / own
	}
	for i := range b.Shares {
		s := &b.Shares[i]
		p := e.requests[s.Request].phases(b.Window.End).whole
		windows := max(p.length().Seconds()/b.Window.End.Sub(b.Window.Start).Seconds(), 1)
		blur := slope.blur() * math.Sqrt(windows/(1+p.length().Seconds()/blurTime.Seconds()))
		s.Noise = energy.Joules(math.Hypot(float64(s.Noise), blur*float64(s.Prefill+s.Decode)))
		s.Expected *= usual
	}
}

// wholeLevel is what the whole machine draws with no request in flight.
type wholeLevel struct {
	watts, err energy.Watts
	assumed    bool
}

// wholeBaseline is that of the side of w's scope. It was observed in quiet
// windows, and moves by what that of the SoC has moved since. Before the first
// quiet window it is assumed to be what the SoC's energy above its baseline,
// own, leaves over.
func (e *Engine) wholeBaseline(w Window, own energy.Joules, s Slope) wholeLevel {
	now := e.baseline.current
	l := now.whole[sideOf(w.Scope)]
	if !l.known {
		rest := max(w.Energy-own*energy.Joules(s.ratio()), 0)
		watts := energy.Watts(float64(rest) / w.End.Sub(w.Start).Seconds())
		return wholeLevel{watts: watts, err: watts * wholeError, assumed: true}
	}
	watts := max(l.watts+energy.Watts(s.ratio())*(now.all-now.quiet), 0)
	return wholeLevel{
		watts: watts, assumed: now.assumed,
		err: watts*energy.Watts(quietError+driftError*l.age(e.baseline.since).Hours()) + energy.Watts(s.ratio())*energy.Watts(math.Abs(float64(now.all-now.quiet)))/2,
	}
}

// seen is what quiet minutes show of the whole machine.
type seen struct {
	watts energy.Watts
	last  time.Time // the youngest of the minutes
	known bool
}

// age is that of the youngest minute, and not below 0.
func (s seen) age(now time.Time) time.Duration { return max(now.Sub(s.last), 0) }

// seenIn is what the minutes show of one side of the power supply.
func seenIn(minutes []QuietMinute, now time.Time, of func(QuietMinute) QuietEnergy) seen {
	length := func(m QuietMinute) time.Duration { return of(m).Length }
	for _, m := range slices.Backward(minutes) {
		if length(m) > 0 {
			watts := median(minutes, now, boardHalfLife, length, func(m QuietMinute) float64 { return float64(of(m).Energy) })
			return seen{watts: energy.Watts(watts), last: m.Start, known: true}
		}
	}
	return seen{}
}
