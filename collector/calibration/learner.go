package calibration

import (
	"math"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
)

func wattsOf(f float64) energy.Watts { return energy.Watts(f) }

// How fast the learner forgets, in time that a meter covered: the line, and what
// it compares a line with (FindDrift).
const (
	HalfLife       = 14 * 24 * time.Hour
	LatelyHalfLife = 24 * time.Hour
)

// What a learner must have seen to be sure: this many blocks, and not only in one
// power. Together they are 20 minutes with the meter.
const (
	sureBlocks = 40
	sureCells  = 3
)

// Learner learns a line in passing, from Blocks of about 30 s while a meter is
// there. It holds sums only: its memory is fixed, and it is not safe for
// concurrent use. The zero Learner has seen nothing.
type Learner struct {
	identity Identity
	last     time.Time
	made     int
	sums     sums
	lately   moments
	line     *line // of sums; nil: not sure, or not worked out since the last block
	fresh    bool  // line is worked out
}

// Identify says what the coming blocks belong to. Another machine, meter, scope
// or major version of the system makes the learner forget all; then it is true.
func (l *Learner) Identify(id Identity) bool {
	forgot := !l.last.IsZero() && !l.identity.same(id)
	if forgot {
		*l = Learner{last: l.last}
	}
	l.identity = id
	return forgot
}

// Add counts a block, and is false where it did not: it cannot be true, or it
// begins before the end of the last one, and so was counted already. A last one
// that is over a day ahead was dated by a clock that has been set right since. A block far
// off what is known for sure counts as less far off, so that a meter's glitch
// moves the line by little, and a lasting change in some days.
func (l *Learner) Add(b Block) bool {
	o := Options{}.filled()
	if ahead := l.last.Sub(b.Start); !b.usable(o) || ahead > 0 && ahead <= fromFuture {
		return false
	}
	l.work(o)
	b = l.held(b)
	weight := b.length() / blockLength
	l.sums.scale(math.Exp2(-b.length() / HalfLife.Seconds()))
	l.lately.scale(math.Exp2(-b.length() / LatelyHalfLife.Seconds()))
	l.sums[cellOf(b)].add(b, weight)
	l.lately.add(b, weight)
	l.last, l.fresh = b.End, false
	l.made++
	return true
}

// How far off a block may be: watts, and a ratio of what the line says.
const (
	heldWatts = 8.0
	heldRatio = 0.3
)

// held is b with its whole no further from a sure line than a change that is
// worth learning quickly.
func (l *Learner) held(b Block) Block {
	if l.line == nil {
		return b
	}
	at := l.line.over(b)
	far := max(heldWatts, heldRatio*at)
	b.Whole = wattsOf(min(max(float64(b.Whole), at-far), at+far))
	return b
}

// work finds the line of what is known, if it is sure and not found yet.
func (l *Learner) work(o Options) {
	if l.fresh {
		return
	}
	l.fresh, l.line = true, nil
	if _, line, refusal := l.find(o); refusal == nil {
		l.line = line
	}
}

func (l *Learner) find(o Options) (attribution.Calibration, *line, *RefusedError) {
	e := l.sums.evidence()
	if refusal := l.sure(&e, o); refusal != nil {
		return attribution.Calibration{}, nil, refusal
	}
	found, ok := e.choose(o)
	if !ok {
		return attribution.Calibration{}, nil, refuse(ReasonNarrow, adviceLoad, "the chip did about the same all the time")
	}
	c, refusal := e.calibration(&found, o)
	return c, &found, refusal
}

// sure refuses what is too little to be sure of.
func (l *Learner) sure(e *evidence, o Options) *RefusedError {
	all := 0.0
	for i := range l.sums {
		all += l.sums[i].weight()
	}
	if all < sureBlocks {
		return refuse(ReasonFewBlocks, adviceLonger, "%.0f minutes with the meter, and %.0f are needed", all*blockLength/60, sureBlocks*blockLength/60)
	}
	if refusal := e.enough(o); refusal != nil {
		return refusal
	}
	if e.kinds < sureCells {
		return refuse(ReasonNarrow, adviceLoad, "the chip was seen at %d kinds of power, and %d are needed", e.kinds, sureCells)
	}
	return nil
}

// Line is the line learned so far, or a *RefusedError that says why there is none yet.
// An id that is not the one of Identify is refused; a learner that was never
// told one takes any.
func (l *Learner) Line(id Identity) (attribution.Calibration, error) {
	if l.identity != (Identity{}) && !l.identity.same(id) {
		return attribution.Calibration{}, refuse(ReasonOtherIdentity, adviceLonger, "what was learned is of another machine, system or meter")
	}
	o := Options{Identity: id, Kind: attribution.CalibrationPassing}.filled()
	c, _, refusal := l.find(o)
	if refusal != nil {
		return attribution.Calibration{}, refusal
	}
	c.Made, c.N = l.last, l.made
	return c, nil
}

// Calibration is Line without the reason: false until the learner is sure.
func (l *Learner) Calibration(id Identity) (attribution.Calibration, bool) {
	c, err := l.Line(id)
	return c, err == nil
}
