package attribution

import "time"

// minWork is the shortest time a request is taken to last, so that one whose
// start and end carry the same stamp still touches a window.
const minWork = time.Millisecond

// span is a half-open stretch of time.
type span struct{ start, end time.Time }

// overlap returns how much of s lies in [a, b).
func (s span) overlap(a, b time.Time) time.Duration {
	if s.start.After(a) {
		a = s.start
	}
	if s.end.Before(b) {
		b = s.end
	}
	return max(b.Sub(a), 0)
}

func (s span) length() time.Duration { return s.end.Sub(s.start) }

// phases cuts a request into prefill and decode. Without a first token the
// phases cannot be told apart and both are the whole request.
type phases struct {
	whole, prefill, decode span
	known                  bool // the first token's time is known
}

// phasesOf places r on the time line. A request that is still in flight is
// taken to run on at least until "until".
func phasesOf(r Request, until time.Time) phases {
	end := r.End
	if end.IsZero() {
		end = until
	}
	if end.Sub(r.Start) < minWork {
		end = r.Start.Add(minWork)
	}
	whole := span{r.Start, end}
	first := r.FirstToken
	if first.IsZero() || first.Before(r.Start) || first.After(end) {
		return phases{whole: whole, prefill: whole, decode: whole}
	}
	p := phases{whole: whole, prefill: span{r.Start, first}, decode: span{first, end}, known: true}
	if p.prefill.length() <= 0 {
		p.prefill = whole
	}
	if p.decode.length() <= 0 {
		p.decode = whole
	}
	return p
}

// work is what one request did in one window, in weighted tokens.
type work struct {
	prefill, decode float64
	overlap         time.Duration // of the request with the window
	known           bool          // the weights come from token counts
}

func (w work) total() float64 { return w.prefill + w.decode }

// workIn spreads r's tokens evenly over their phases and returns what falls in
// [a, b). With an unknown count the weights are left zero for estimate to fill.
func (c Config) workIn(r Request, p phases, a, b time.Time) work {
	w := work{overlap: p.whole.overlap(a, b)}
	if !r.Input.Known || !r.Output.Known {
		return w
	}
	w.known = true
	w.prefill = float64(c.PrefillWeight) * float64(r.Input.N) * ratio(p.prefill.overlap(a, b), p.prefill.length())
	w.decode = float64(c.DecodeWeight) * float64(r.Output.N) * ratio(p.decode.overlap(a, b), p.decode.length())
	return w
}

// estimate gives requests with unknown counts the mean weight per second of
// their company in the window, or of plain time when they have no such
// company. It reports whether it had to.
func estimate(works []work, ps []phases, a, b time.Time) bool {
	var weight, seconds float64
	unknown := false
	for _, w := range works {
		if !w.known {
			unknown = true
			continue
		}
		weight += w.total()
		seconds += w.overlap.Seconds()
	}
	if unknown || weight == 0 {
		perSecond := 1.0
		if weight > 0 {
			perSecond = weight / seconds
		}
		for i := range works {
			if !works[i].known || weight == 0 {
				works[i].byTime(ps[i], perSecond, a, b)
			}
		}
	}
	return unknown
}

// byTime weighs w by its time in the window. A phase that cannot be told from
// the log counts as decode, which is most of nearly every request's time.
func (w *work) byTime(p phases, perSecond float64, a, b time.Time) {
	if !p.known {
		w.prefill, w.decode = 0, perSecond*w.overlap.Seconds()
		return
	}
	w.prefill = perSecond * p.prefill.overlap(a, b).Seconds()
	w.decode = perSecond*w.overlap.Seconds() - w.prefill
	w.decode = max(w.decode, 0)
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
		if s.start.After(at) {
			at = s.start
		}
		end := s.end
		if end.After(b) {
			end = b
		}
		if end.After(at) {
			sum += end.Sub(at)
			at = end
		}
	}
	return sum
}
