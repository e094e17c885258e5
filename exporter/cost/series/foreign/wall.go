package foreign

import (
	"fmt"
	"slices"
	"time"
)

// placed turns what the clock on the wall shows into instants. When a clock is
// put back it shows the same times twice: the first row of such a time is the
// earlier, the second the later, or the other way round in a file that runs
// backwards. A time that the clock jumps over is an error.
func (rs rows) placed(zone *time.Location) ([]span, error) {
	out := make([]span, len(rs))
	p := placer{zone: zone, taken: map[int64]bool{}, backwards: rs.backwards()}
	for i, r := range rs {
		s := span{start: r.start.seconds, amount: r.amount, line: r.line, hole: r.hole}
		if r.start.wall {
			if zone == nil {
				return nil, r.at(hint(fmt.Errorf("%s has no time zone: %w", face(r.start.seconds), ErrNeeds), "name the zone of the file's times with --time-zone, such as Europe/Berlin"))
			}
			at, err := p.instant(r.start.seconds)
			if err != nil {
				return nil, r.at(err)
			}
			s.start = at
		}
		if r.end != (stamp{}) {
			s.end = p.end(r, s.start)
		}
		out[i] = s
	}
	return out, nil
}

// backwards reports whether a file begins with its latest figure.
func (rs rows) backwards() bool {
	down := 0
	for i := 1; i < len(rs); i++ {
		switch a, b := rs[i-1].start.seconds, rs[i].start.seconds; {
		case b < a:
			down++
		case b > a:
			down--
		}
	}
	return down > 0
}

// face prints what a clock shows.
func face(seconds int64) string { return time.Unix(seconds, 0).UTC().Format("2006-01-02 15:04") }

type placer struct {
	zone      *time.Location
	taken     map[int64]bool // instants that the clock shows twice, and that have a row
	backwards bool
}

// instant is when the clock shows wall.
func (p *placer) instant(wall int64) (int64, error) {
	at := p.instants(wall)
	switch len(at) {
	case 0:
		return 0, fmt.Errorf("the clock in %s never shows %s: it is put forward over it: %w", p.zone, face(wall), ErrFormat)
	case 1:
		return at[0], nil
	}
	if p.backwards {
		slices.Reverse(at)
	}
	for _, t := range at {
		if !p.taken[t] {
			p.taken[t] = true
			return t, nil
		}
	}
	return at[len(at)-1], nil
}

// instants are all times at which the clock shows wall, in order: none, one or
// two.
func (p *placer) instants(wall int64) []int64 {
	const day = 26 * 3600 // a clock is not changed twice in that time
	before, after := p.east(wall-day), p.east(wall+day)
	var out []int64
	for _, east := range []int64{max(before, after), min(before, after)} {
		if at := wall - east; p.east(at) == east && !slices.Contains(out, at) {
			out = append(out, at)
		}
	}
	return out
}

// east is how far the clock is before UTC at a time.
func (p *placer) east(at int64) int64 {
	_, east := time.Unix(at, 0).In(p.zone).Zone()
	return int64(east)
}

// end is when a row that started at start ends. What the clock then shows may be
// shown twice, or jumped over, or lie behind an hour that has rows of its own:
// the row lasts as long as its two faces are apart, but not beyond the last time
// that the clock shows the end.
func (p *placer) end(r row, start int64) int64 {
	if !r.end.wall {
		return r.end.seconds
	}
	faces := r.end.seconds - r.start.seconds
	if !r.start.wall { // its zone was told, the end's was not: the clock did not change
		faces = r.end.seconds - start - p.eastOr(start)
	}
	if p.zone == nil {
		return start + faces
	}
	at := p.instants(r.end.seconds)
	if len(at) == 0 {
		return start + faces
	}
	if last := at[len(at)-1] - start; faces <= 0 || last < faces {
		return start + last
	}
	return start + faces
}

func (p *placer) eastOr(at int64) int64 {
	if p.zone == nil {
		return 0
	}
	return p.east(at)
}
