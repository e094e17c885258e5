package sim

import "github.com/sovmeter/sovmeter/collector/energy"

// WallParts is what the whole machine took for itself, by what for. See
// WallState.WallTotal, to which its Sum adds up.
type WallParts struct {
	// Parts: the Baseline is what the idle machine would have taken, or what the
	// sleeping one took; the rest is by what the chip did.
	Parts
	// Afterglow is what was taken above the baseline while the chip did nothing
	// but idle: the fan still turned for what it had done before.
	Afterglow energy.Joules `json:"afterglow_joules"`
}

// Sum is all of the energy.
func (p WallParts) Sum() energy.Joules { return p.Parts.Sum() + p.Afterglow }

// plus adds two accounts.
func (p WallParts) plus(o WallParts) WallParts {
	return WallParts{Parts: p.Parts.plus(o.Parts), Afterglow: p.Afterglow + o.Afterglow}
}

// UnmeasuredWall is what of Wall lies in no window whose document can be used.
func (t Totals) UnmeasuredWall() WallParts { return t.Wall.minus(t.MeasuredWall) }

// minus is what p has and o has not.
func (p WallParts) minus(o WallParts) WallParts {
	return WallParts{Parts: Parts{
		Baseline: p.Baseline - o.Baseline, Prefill: p.Prefill - o.Prefill, Decode: p.Decode - o.Decode,
		ModelLoad: p.ModelLoad - o.ModelLoad, OtherProcesses: p.OtherProcesses - o.OtherProcesses,
	}, Afterglow: p.Afterglow - o.Afterglow}
}

// parts divides what was drawn among what the chip did at that time, in
// proportion to the watts of its rails above idle.
func (d drawn) parts(f *flow) WallParts {
	p := WallParts{Parts: Parts{Baseline: d.baseline}}
	each, busy := d.perWatt(f)
	if !busy {
		p.Afterglow = d.above
		return p
	}
	p.Prefill = each * energy.Joules(f.server.prefill)
	p.Decode = each * energy.Joules(f.server.decode)
	p.ModelLoad = each * energy.Joules(f.server.loading)
	p.OtherProcesses = each * energy.Joules(f.others.watts())
	return p
}

// perWatt is what was drawn above the baseline for each watt of the rails above
// idle; false when there was none.
func (d drawn) perWatt(f *flow) (energy.Joules, bool) {
	watts := f.server.prefill + f.server.decode + f.server.loading + f.others.watts()
	if watts <= 0 {
		return 0, false
	}
	return d.above / energy.Joules(watts), true
}

// wallShare is what a segment's steps took at the wall above the idle machine.
type wallShare struct {
	prefill, decode energy.Joules
	dark            energy.Joules // of both, while no window was open that can be used
}

// add adds what was taken for w, at so much for a watt.
func (s *wallShare) add(w *work, each energy.Joules, dark bool) {
	prefill, decode := each*energy.Joules(w.prefill), each*energy.Joules(w.decode)
	s.prefill += prefill
	s.decode += decode
	if dark {
		s.dark += prefill + decode
	}
}

// taken is what one request took at the wall, and what of it while no window
// was open that can be used.
type taken struct{ all, dark energy.Joules }

func (t *taken) add(o taken) {
	t.all += o.all
	t.dark += o.dark
}

// share is what a request took at the wall that costs so much of the segment's
// energy. Power is even over a step, so that each request's part of a segment's
// prefill or decode is the same at any time in it.
func (g *segment) share(prefill, decode energy.Joules) taken {
	n := energy.Joules(g.steps)
	var t taken
	if prefill > 0 {
		t.all += g.wall.prefill * (prefill / (g.step.prefill * n))
	}
	if decode > 0 {
		t.all += g.wall.decode * (decode / (g.step.decode * n))
	}
	if all := g.wall.prefill + g.wall.decode; all > 0 {
		t.dark = g.wall.dark * (t.all / all)
	}
	return t
}
