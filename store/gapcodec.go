package store

import (
	"fmt"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
)

// gapMetered is the version of a gap whose energy is known. One without is
// written as it always was, in version 1.
const gapMetered = 2

// MaxMeteredGap bounds how many slots the energy of one gap may be spread over: a
// year and a day. Of a longer one nobody could tell when it was drawn: it is kept
// without it.
const MaxMeteredGap = 366 * day

// encodeGap writes everything but the times, which are the key.
func encodeGap(g attribution.Gap) []byte {
	if g.Scope == "" {
		e := newEncoder(16)
		e.text(string(g.Reason))
		return e.b
	}
	e := newEncoderOf(gapMetered, 36)
	e.text(string(g.Reason))
	e.scope(g.Scope)
	e.joules(g.Energy)
	e.joules(g.Error)
	return e.b
}

func decodeGap(k, v []byte) (attribution.Gap, error) {
	if len(k) != gapKeySize {
		return attribution.Gap{}, corrupt(nameGaps, k, "key has %d bytes, not %d", len(k), gapKeySize)
	}
	d, version := newDecoderUpTo(gapMetered, v)
	g := attribution.Gap{Start: keyTime(k, 8), End: keyTime(k, 0), Reason: attribution.GapReason(d.text())}
	if version == gapMetered {
		g.Scope, g.Energy, g.Error = d.scope(), d.joules(), d.joules()
		if d.err == nil && !g.Scope.Whole() {
			d.fail(errNumber)
		}
	}
	if checkSpan("gap", g.Start, g.End) != nil {
		d.fail(errNumber)
	}
	if err := d.done(); err != nil {
		return attribution.Gap{}, corrupt(nameGaps, k, "%v", err)
	}
	return g, nil
}

// clipGap is the part of a gap in [since, until), with its part by time of the
// energy. The parts of a gap that is cut sum to it.
func clipGap(g attribution.Gap, since, until time.Time) attribution.Gap {
	start, end := later(g.Start, since), earlier(g.End, until)
	length := float64(g.End.Sub(g.Start))
	p := piece{from: float64(start.Sub(g.Start)) / length, to: 1}
	if end.Before(g.End) {
		p.to = float64(end.Sub(g.Start)) / length
	}
	g.Start, g.End, g.Energy, g.Error = start, end, p.of(g.Energy), p.of(g.Error)
	return g
}

func checkGap(g attribution.Gap) error {
	if err := checkSpan("gap", g.Start, g.End); err != nil {
		return err
	}
	what := "gap " + stamp(g.Start)
	switch {
	case g.Scope == "" && (g.Energy != 0 || g.Error != 0):
		return fmt.Errorf("%s: %g J of no scope: %w", what, float64(g.Energy), ErrInvalid)
	case g.Scope == "":
		return nil
	case !g.Scope.Whole() || scopeCode(g.Scope) < 0:
		return fmt.Errorf("%s: scope %q: %w", what, g.Scope, ErrInvalid)
	}
	return checkAmounts(what, g.Energy, g.Error)
}
