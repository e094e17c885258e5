package store

import (
	"fmt"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
)

// quiet writes everything but the start.
func (e *encoder) quiet(q attribution.QuietMinute) {
	e.varint(int64(q.Length))
	e.joules(q.CPU)
	e.joules(q.GPU)
	e.joules(q.All)
	e.varint(int64(q.CPUBusy))
	e.varint(int64(q.GPUBusy))
	e.varint(int64(q.Others.CPU))
	e.varint(int64(q.Others.GPU))
	e.joules(q.Others.CPUEnergy)
	e.varint(int64(q.Length - q.Watched)) // mostly 0
	var sides byte
	for i, side := range []attribution.QuietEnergy{q.AC, q.DC} {
		if side != (attribution.QuietEnergy{}) {
			sides |= 1 << i
		}
	}
	e.byte(sides)
	for i, side := range []attribution.QuietEnergy{q.AC, q.DC} {
		if sides&(1<<i) != 0 {
			e.varint(int64(q.Length - side.Length)) // mostly 0
			e.joules(side.Energy)
		}
	}
}

func (d *decoder) quiet(start time.Time, whole bool) attribution.QuietMinute {
	q := attribution.QuietMinute{
		Start: start, Length: time.Duration(d.varint()),
		CPU: d.joules(), GPU: d.joules(), All: d.joules(),
		CPUBusy: time.Duration(d.varint()), GPUBusy: time.Duration(d.varint()),
		Others: attribution.Use{CPU: time.Duration(d.varint()), GPU: time.Duration(d.varint()), CPUEnergy: d.joules()},
	}
	q.Watched = q.Length - time.Duration(d.varint())
	if !whole {
		return q
	}
	sides := d.byte()
	if sides > 3 {
		d.fail(errNumber)
	}
	for i, side := range []*attribution.QuietEnergy{&q.AC, &q.DC} {
		if sides&(1<<i) != 0 {
			side.Length, side.Energy = q.Length-time.Duration(d.varint()), d.joules()
		}
	}
	return q
}

func (e *encoder) slopes(s attribution.Slopes) {
	for _, j := range slopeAmounts(&s) {
		e.number(float64(*j))
	}
	e.scope(s.Scope)
	e.time(s.Step)
}

func (d *decoder) slopes() attribution.Slopes {
	var s attribution.Slopes
	for _, j := range slopeAmounts(&s) {
		*j = energy.Joules(d.number())
	}
	s.Scope, s.Step = d.scope(), d.time()
	return s
}

// blur writes what version 3 added to slopes.
func (e *encoder) blur(s attribution.Slopes) {
	for _, l := range []attribution.Slope{s.AC, s.DC} {
		e.number(float64(l.Apart))
		e.number(float64(l.StepApart))
		e.varint(int64(l.StepBusy))
	}
}

func (d *decoder) blur(s *attribution.Slopes) {
	for _, l := range []*attribution.Slope{&s.AC, &s.DC} {
		l.Apart, l.StepApart, l.StepBusy = energy.Joules(d.number()), energy.Joules(d.number()), time.Duration(d.varint())
	}
}

// slopeAmounts are the energies of s that every version with slopes has, in the
// order in which they are stored.
func slopeAmounts(s *attribution.Slopes) []*energy.Joules {
	var all []*energy.Joules
	for _, l := range []*attribution.Slope{&s.AC, &s.DC} {
		all = append(all, &l.Whole, &l.SoC, &l.StepWhole, &l.StepSoC)
	}
	return all
}

func checkSlopes(s attribution.Slopes) error {
	if scopeCode(s.Scope) < 0 {
		return fmt.Errorf("slopes: scope %q: %w", s.Scope, ErrInvalid)
	}
	for _, j := range slopeAmounts(&s) {
		if err := checkNumber("slopes", float64(*j)); err != nil {
			return err
		}
	}
	for _, l := range []attribution.Slope{s.AC, s.DC} {
		if err := checkAmounts("slopes", l.Apart, l.StepApart); err != nil {
			return err
		}
	}
	return checkTimes("slopes", s.Step)
}
