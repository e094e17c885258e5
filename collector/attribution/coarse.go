package attribution

import "time"

// coarse reports whether r's times are whole units apart that are as long as
// they may be off: each of them was cut to it. Otherwise an uncertainty is of
// all of them alike, as of a clock.
func coarse(r Request) bool {
	u := r.Uncertainty
	return u >= 500*time.Millisecond && !r.FirstToken.IsZero() &&
		r.FirstToken.Sub(r.Start)%u == 0 && r.End.Sub(r.FirstToken)%u == 0
}

// refined is r with its first token, if its times are coarse, where the timing
// puts it within what they leave open.
func refined(r Request, t timing) Request {
	if !coarse(r) || !r.Input.Known || !r.Output.Known {
		return r
	}
	read, decoded := t.prefill*float64(r.Input.N), t.decode(1)*steps(r)
	if read+decoded <= 0 {
		return r
	}
	first := r.Start.Add(time.Duration(read / (read + decoded) * float64(r.End.Sub(r.Start))))
	first = latest(earliest(first, r.FirstToken.Add(r.Uncertainty/2)), r.FirstToken.Add(-r.Uncertainty/2))
	r.FirstToken = latest(earliest(first, r.End), r.Start)
	return r
}
