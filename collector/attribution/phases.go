package attribution

import "time"

// minWork is the shortest time a request is taken to last, so that one whose
// start and end carry the same stamp still touches a window.
const minWork = time.Millisecond

// span is a half-open stretch of time.
type span struct{ start, end time.Time }

// overlap returns how much of s lies in [a, b).
func (s span) overlap(a, b time.Time) time.Duration {
	return max(earliest(s.end, b).Sub(latest(s.start, a)), 0)
}

func (s span) length() time.Duration { return s.end.Sub(s.start) }

// within reports whether s lies in o.
func (s span) within(o span) bool { return !s.start.Before(o.start) && !s.end.After(o.end) }

// phases cuts a request into prefill and decode.
type phases struct {
	whole, prefill, decode span
	known                  bool // the first token's time is known
}

// phasesOf places r on the time line. A request that is still in flight is
// taken to run on at least until "until". Where the log does not tell when the
// first token came, the token counts divide the time, a decoded token taking as
// long as priorStep/priorPrefill prompt tokens; without counts all of it is
// decode, which is most of nearly every request's time.
func phasesOf(r Request, until time.Time) phases {
	end := r.End
	if end.IsZero() {
		end = until
	}
	if end.Sub(r.Start) < minWork {
		end = r.Start.Add(minWork)
	}
	p := phases{whole: span{r.Start, end}}
	first := r.FirstToken
	p.known = !first.IsZero() && !first.Before(r.Start) && !first.After(end)
	if !p.known {
		first = r.Start.Add(time.Duration(guessPrefill(r) * float64(end.Sub(r.Start))))
	}
	p.prefill, p.decode = span{r.Start, first}, span{first, end}
	if p.prefill.length() <= 0 {
		p.prefill = p.whole
	}
	if p.decode.length() <= 0 {
		p.decode = p.whole
	}
	return p
}

// guessPrefill is the share of r's time, 0 to 1, that its prefill may have
// taken.
func guessPrefill(r Request) float64 {
	if !r.Input.Known || !r.Output.Known {
		return 0
	}
	read, decoded := float64(r.Input.N)*priorPrefill, steps(r)*priorStep
	if read+decoded <= 0 {
		return 0
	}
	return read / (read + decoded)
}

// ratio is part/whole, and 0 for an empty whole.
func ratio(part, whole time.Duration) float64 {
	if whole <= 0 {
		return 0
	}
	return float64(part) / float64(whole)
}

// union is the time of [a, b) that at least one of spans covers. The spans
// must be sorted by start.
func union(spans []span, a, b time.Time) time.Duration {
	var sum time.Duration
	at := a
	for _, s := range spans {
		at = latest(at, s.start)
		if end := earliest(s.end, b); end.After(at) {
			sum += end.Sub(at)
			at = end
		}
	}
	return sum
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earliest(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
