package attribution

import (
	"math"
	"slices"
	"sort"
	"time"
)

// restingGPU is the share of the GPU, 0 to 1, that others take of it without
// slowing a server down.
const restingGPU = 0.01

// ServerLag is how far a server's own time is behind.
type ServerLag struct {
	Server string
	Lag    float64 // seconds; parts of a nanosecond count, or cutting windows would change it
}

// pace is how fast a server works in w: the part of the GPU that it has of what
// everybody together has. Without process stats it is taken to have all.
func (w Window) pace(server string) float64 {
	if w.Usage == nil || !w.Usage.GPUKnown {
		return 1
	}
	own, rest := 0.0, max(w.Usage.Others.GPU.Seconds()-restingGPU*w.End.Sub(w.Start).Seconds(), 0)
	for _, s := range w.Usage.Servers {
		if s.Server == server {
			own += s.GPU.Seconds()
		} else {
			rest += s.GPU.Seconds()
		}
	}
	if own <= 0 || rest <= 0 {
		return 1
	}
	return own / (own + rest)
}

// warp turns wall time into a server's own time, which goes slower while it has
// to share the GPU. Its work is even in its own time.
type warp struct {
	slow []slowTime // in time order
	lag  float64    // seconds
}

// slowTime is a window in which a server is slowed down.
type slowTime struct {
	span
	pace float64
	lag  float64 // at its start, in seconds
}

// newWarp returns the warp of a server over windows, before which its own time
// was behind by lag.
func newWarp(server string, windows []Window, lag float64) *warp {
	w := &warp{lag: lag}
	for _, x := range windows {
		if p := x.pace(server); p < 1 {
			w.slow = append(w.slow, slowTime{span{x.Start, x.End}, p, lag})
			lag += lost(x.End.Sub(x.Start), p)
		}
	}
	return w
}

// lost is by how many seconds d falls behind.
func lost(d time.Duration, pace float64) float64 { return (1 - pace) * d.Seconds() }

// behind is t less a lag in seconds.
func behind(t time.Time, lag float64) time.Time {
	return t.Add(-time.Duration(math.Round(lag * float64(time.Second))))
}

// at is the server's own time at t.
func (w *warp) at(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	i := sort.Search(len(w.slow), func(i int) bool { return !w.slow[i].start.Before(t) })
	if i == 0 {
		return behind(t, w.lag)
	}
	s := w.slow[i-1]
	return behind(t, s.lag+lost(min(t.Sub(s.start), s.length()), s.pace))
}

// seen is at for one who sees what is within view: before and after it, time
// runs unslowed.
func (w *warp) seen(t time.Time, view span) time.Time {
	if t.IsZero() {
		return t
	}
	in := latest(earliest(t, view.end), view.start)
	return w.at(in).Add(t.Sub(in))
}

// request is r in the server's own time.
func (w *warp) request(r Request) Request {
	r.Start, r.FirstToken, r.End = w.at(r.Start), w.at(r.FirstToken), w.at(r.End)
	return r
}

// seenRequest is request for one who sees what is within view.
func (w *warp) seenRequest(r Request, view span) Request {
	r.Start, r.FirstToken, r.End = w.seen(r.Start, view), w.seen(r.FirstToken, view), w.seen(r.End, view)
	return r
}

// warps are the own times of an engine's servers.
type warps struct {
	windows []Window           // open, with those that are being booked
	lags    map[string]float64 // seconds
	made    map[string]*warp
}

func (w *warps) of(server string) *warp {
	made, ok := w.made[server]
	if !ok {
		made = newWarp(server, w.windows, w.lags[server])
		w.made[server] = made
	}
	return made
}

// start begins anew with windows, of which the first closed ones are booked.
func (w *warps) start(windows []Window) {
	w.windows, w.made = windows, map[string]*warp{}
}

// book keeps the lag of windows that are booked, and forgets them.
func (w *warps) book(windows []Window) {
	for _, x := range windows {
		if x.Usage == nil {
			continue
		}
		for _, s := range x.Usage.Servers {
			if p := x.pace(s.Server); p < 1 {
				w.lags[s.Server] += lost(x.End.Sub(x.Start), p)
			}
		}
	}
}

func (w *warps) state() []ServerLag {
	var all []ServerLag
	for s, lag := range w.lags {
		all = append(all, ServerLag{s, lag})
	}
	slices.SortFunc(all, func(x, y ServerLag) int {
		if x.Server < y.Server {
			return -1
		}
		return 1
	})
	return all
}

func newWarps(lags []ServerLag) warps {
	w := warps{lags: map[string]float64{}, made: map[string]*warp{}}
	for _, l := range lags {
		w.lags[l.Server] = l.Lag
	}
	return w
}
