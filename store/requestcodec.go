package store

import (
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
)

// The flags of a request, in a row or in the engine's state.
const (
	requestMicros     = 1 << iota // times are whole microseconds after the start
	requestFirstToken             // the first token's time is known
	requestEnd                    // the end is written (a row has it in its key)
	requestInput                  // the count is known, and so on
	requestCached
	requestOutput
	requestContext
	requestContextSum // Context is the sum of the others and not written
	requestUncertain
	_ // the outcome's two bits
	_
	requestReused
	requestEstimated // a count was not told by the server
	requestTagged    // client and project follow
)

const (
	outcomeShift = 9 // two bits
	twoBits      = 3
)

// request writes r. Its start is written as its distance from base: the end,
// which a row has in its key, or the epoch in the engine's state. A row has the
// position in its key too.
func (e *encoder) request(r attribution.Request, base time.Time, inRow bool, n *names) {
	unit := time.Nanosecond
	var flags uint16
	if wholeMicros(r, base) {
		flags, unit = flags|requestMicros, time.Microsecond
	}
	flags |= requestFlags(r, inRow)
	e.uint16(flags)
	e.name(n, r.Server)
	e.model(n, r.Model)
	e.id(r.ID, r.Server)
	e.varint(int64(base.Sub(r.Start) / unit))
	if flags&requestFirstToken != 0 {
		e.varint(int64(r.FirstToken.Sub(r.Start) / unit))
	}
	if flags&requestEnd != 0 {
		e.varint(int64(r.End.Sub(r.Start) / unit))
	}
	e.counts(r, flags)
	if flags&requestUncertain != 0 {
		e.varint(int64(r.Uncertainty))
	}
	if flags&requestReused != 0 {
		e.number(r.Reused.Of)
	}
	if flags&requestTagged != 0 {
		e.text(r.Client)
		e.text(r.Project)
	}
	if !inRow {
		e.varint(r.Position)
	}
}

func (e *encoder) counts(r attribution.Request, flags uint16) {
	for _, c := range []attribution.Count{r.Input, r.Cached, r.Output} {
		if c.Known {
			e.varint(c.N)
		}
	}
	if flags&requestContext != 0 && flags&requestContextSum == 0 {
		e.varint(r.Context.N)
	}
}

func requestFlags(r attribution.Request, inRow bool) uint16 {
	var flags uint16
	set := func(on bool, bit uint16) {
		if on {
			flags |= bit
		}
	}
	set(!r.FirstToken.IsZero(), requestFirstToken)
	set(!inRow && !r.End.IsZero(), requestEnd)
	set(r.Input.Known, requestInput)
	set(r.Cached.Known, requestCached)
	set(r.Output.Known, requestOutput)
	set(r.Context.Known, requestContext)
	set(r.Context.Known && r.Context.N == tokenSum(r), requestContextSum)
	set(r.Uncertainty != 0, requestUncertain)
	set(r.Reused.Known, requestReused)
	set(r.TokensEstimated, requestEstimated)
	set(r.Client != "" || r.Project != "", requestTagged)
	return flags | outcomeCode(r.Outcome)<<outcomeShift
}

func tokenSum(r attribution.Request) int64 {
	var sum int64
	for _, c := range []attribution.Count{r.Input, r.Cached, r.Output} {
		if c.Known {
			sum += c.N
		}
	}
	return sum
}

// wholeMicros reports whether all times of r are whole microseconds from its
// start, as the clocks of logs are.
func wholeMicros(r attribution.Request, base time.Time) bool {
	for _, t := range []time.Time{base, r.FirstToken, r.End} {
		if !t.IsZero() && t.Sub(r.Start)%time.Microsecond != 0 {
			return false
		}
	}
	return true
}

// outcomes by their code; 0 is a request in flight.
func outcomes() [4]attribution.Outcome {
	return [4]attribution.Outcome{"", attribution.OutcomeOK, attribution.OutcomeCancelled, attribution.OutcomeError}
}

func outcomeCode(o attribution.Outcome) uint16 {
	for i, known := range outcomes() {
		if o == known {
			return uint16(i)
		}
	}
	return 0
}

func (d *decoder) request(base time.Time, inRow bool, n *names) attribution.Request {
	flags := d.uint16()
	unit := time.Nanosecond
	if flags&requestMicros != 0 {
		unit = time.Microsecond
	}
	r := attribution.Request{Outcome: outcomes()[flags>>outcomeShift&twoBits], TokensEstimated: flags&requestEstimated != 0}
	r.Server, r.Model = d.name(n), d.name(n)
	r.ID = d.id(r.Server)
	r.Start = d.inRange(base.Add(-d.duration(unit)))
	if flags&requestFirstToken != 0 {
		r.FirstToken = d.inRange(r.Start.Add(d.duration(unit)))
	}
	if flags&requestEnd != 0 {
		r.End = d.inRange(r.Start.Add(d.duration(unit)))
	}
	d.counts(&r, flags)
	if flags&requestUncertain != 0 {
		r.Uncertainty = time.Duration(d.varint())
	}
	if flags&requestReused != 0 {
		r.Reused = attribution.Fraction{Of: d.number(), Known: true}
	}
	if flags&requestTagged != 0 {
		r.Client, r.Project = d.text(), d.text()
	}
	if inRow {
		r.End = base
	} else {
		r.Position = d.varint()
	}
	return r
}

func (d *decoder) counts(r *attribution.Request, flags uint16) {
	read := func(c *attribution.Count, bit uint16) {
		if flags&bit != 0 {
			*c = attribution.Known(d.varint())
		}
	}
	read(&r.Input, requestInput)
	read(&r.Cached, requestCached)
	read(&r.Output, requestOutput)
	if flags&requestContextSum != 0 {
		r.Context = attribution.Known(tokenSum(*r))
		return
	}
	read(&r.Context, requestContext)
}

// duration reads a time from another one, which may not lie centuries away.
func (d *decoder) duration(unit time.Duration) time.Duration {
	v := d.varint()
	limit := int64(latestTime.Sub(earliestTime) / unit)
	if v > limit || v < -limit {
		d.fail(errNumber)
		return 0
	}
	return time.Duration(v) * unit
}

func (d *decoder) inRange(t time.Time) time.Time {
	if t.Before(earliestTime) || t.After(latestTime) {
		d.fail(errNumber)
	}
	return t.UTC()
}
