package lmstudio

import (
	"slices"
	"time"
)

// pending is a response that is being read.
type pending struct {
	Body     body   `cbor:"1,keyasint"`
	Model    string `cbor:"2,keyasint"`
	API      api    `cbor:"3,keyasint"`
	End      mark   `cbor:"4,keyasint"`
	Sec      int64  `cbor:"5,keyasint"`
	Position int64  `cbor:"6,keyasint"`
	Error    bool   `cbor:"7,keyasint"` // it is an error, of a request not named
}

// respond ends the request of a response that was read to its end, or as far as
// the log has it.
func (p *Parser) respond() {
	b := p.s.Body
	p.s.Body = nil
	if b.Error {
		p.refuse(b)
		return
	}
	all := p.alive(func(r *open) bool { return of(b.Model)(r) && r.API == b.API && r.Way != wayStream })
	if c := b.Body.Created; c != 0 { // it tells when the request was made
		near := slices.DeleteFunc(slices.Clone(all), func(i int) bool {
			return p.s.Open[i].Sec-c > 1 || c-p.s.Open[i].Sec > 1
		})
		if len(near) > 0 {
			all = near
		}
	}
	p.end(all, b.Model, b.End, b.Sec, b.Position, b.Body.Usage)
}

// refuse ends the request that got an error in place of a response. The error
// does not say whose it is, and one that was no good may never have begun.
func (p *Parser) refuse(b *pending) {
	all := p.alive(func(r *open) bool { return r.Way != wayStream })
	if len(all) != 1 || b.Body.Invalid && b.Sec-p.s.Open[all[0]].Sec > 1 {
		return
	}
	p.s.Open[all[0]].Failed = true
	p.end(all, "", b.End, b.Sec, b.Position, usage{})
}

// finish ends a request whose reply was streamed.
func (p *Parser) finish(model string, a api) bool {
	match := func(r *open) bool { return of(model)(r) && r.API == a }
	all := p.alive(func(r *open) bool { return match(r) && r.Way == wayStream })
	if len(all) == 0 {
		all = p.alive(func(r *open) bool { return match(r) && r.Way == wayUnknown })
	}
	if len(all) == 0 {
		return false
	}
	p.end(all, model, p.now, p.s.Clock.Last, p.offset, usage{})
	p.s.JustEnded = true
	return true
}

// end ends one of the requests all, which are alive.
func (p *Parser) end(all []int, model string, end mark, sec, position int64, u usage) {
	if len(all) == 0 {
		return
	}
	i := p.pick(all, u)
	r := &p.s.Open[i]
	r.End, r.Position, r.Usage = end, position, u
	if r.Model == "" {
		r.Model = model
	}
	if p.s.Gone > 0 && !r.Cancelled && (end.At-p.s.GoneAt <= int64(backMax) || u.Prompt.Known && u.whole() == 0) {
		r.Cancelled = true
		p.s.Gone--
	}
	p.claim(r)
	if w := p.work(r.Work); w >= 0 && p.s.Works[w].Kind != kindPrompt && !p.s.Works[w].Ended {
		r.Held = true
		p.settleGone()
		return
	}
	p.handOver(i)
	p.settleGone()
}

// pick chooses which of several requests has ended: the one that the response
// fits, or whose work has ended, or whose client has gone; else the oldest. Where
// that may be wrong, the requests' beginnings are in doubt, and what their
// engines said of them is nobody's.
func (p *Parser) pick(all []int, u usage) int {
	all = p.only(all, func(r *open, w *work) bool {
		return w == nil || w.Ended || w.Kind == kindPrompt || r.Cancelled || r.Failed
	})
	if u.told() {
		all = p.only(all, func(_ *open, w *work) bool { return w != nil && w.Whole.Known && w.Whole.N == u.whole() })
	}
	all = p.only(all, func(_ *open, w *work) bool { return w != nil && w.Ended })
	all = p.only(all, func(r *open, _ *work) bool { return r.Cancelled })
	if len(all) == 1 {
		return all[0]
	}
	span := time.Duration(p.s.Open[all[len(all)-1]].Begin.At - p.s.Open[all[0]].Begin.At).Abs()
	for _, i := range all {
		r := &p.s.Open[i]
		r.Doubt = max(r.Doubt, span)
		if w := p.work(r.Work); w >= 0 && !p.s.Works[w].Ended {
			p.s.Works[w].Owned, p.s.Works[w].Mixed = false, true
			r.Work = 0
		}
	}
	return all[0]
}

// only returns those of all that ok holds for, or all when it holds for none. The
// work is nil for a request that owns none.
func (p *Parser) only(all []int, ok func(*open, *work) bool) []int {
	var found []int
	for _, i := range all {
		var w *work
		if j := p.work(p.s.Open[i].Work); j >= 0 {
			w = &p.s.Works[j]
		}
		if ok(&p.s.Open[i], w) {
			found = append(found, i)
		}
	}
	if len(found) == 0 {
		return all
	}
	return found
}
