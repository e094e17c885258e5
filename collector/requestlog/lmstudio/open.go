package lmstudio

import (
	"slices"
	"time"
)

const (
	// maxOpen bounds the requests in flight; the oldest gives way.
	maxOpen = 256
	// staleAfter is how long a request may give no sign of life. A server that
	// dies leaves requests that never end; a large prompt on a small machine was
	// seen to take an hour, and its reply another.
	staleAfter = int64(4 * time.Hour)
	// holdFor is how long a cancelled request may wait for its engine to let go
	// of it: the batch that is running goes on to its end.
	holdFor = int64(10 * time.Second)
)

// api is which interface a request came by.
type api uint8

const (
	apiChat api = iota
	apiMessages
	apiResponses
)

// way is how a request gets its reply.
type way uint8

const (
	wayUnknown way = iota
	wayWhole
	wayStream
)

// open is a request that has begun and was not handed over.
type open struct {
	Seq    int64  `cbor:"1,keyasint"`
	Sec    int64  `cbor:"2,keyasint"` // of the stamp of its first line, Unix
	Offset int64  `cbor:"3,keyasint"` // of that line
	Model  string `cbor:"4,keyasint"` // "": not told
	API    api    `cbor:"5,keyasint"`
	Way    way    `cbor:"6,keyasint"`

	Begin   mark  `cbor:"7,keyasint"`
	Prefill mark  `cbor:"8,keyasint"` // when the prompt's processing began
	First   mark  `cbor:"9,keyasint"` // when it was done
	Seen    int64 `cbor:"10,keyasint"`

	Cancelled bool  `cbor:"11,keyasint"`
	Failed    bool  `cbor:"12,keyasint"`
	Work      int64 `cbor:"13,keyasint"` // Seq of the work that is its own; 0: none
	// Doubt is how far its beginning may be off because it cannot be told from
	// those of others.
	Doubt time.Duration `cbor:"14,keyasint"`

	// Of a request that has ended and waits for its work to end too.
	Held     bool  `cbor:"15,keyasint"`
	End      mark  `cbor:"16,keyasint"`
	Position int64 `cbor:"17,keyasint"`
	Usage    usage `cbor:"18,keyasint"`
}

// begin takes up a request.
func (p *Parser) begin(model string, a api, w way) {
	if len(p.s.Open) >= maxOpen {
		p.fail(0, p.now)
	}
	p.s.Seq++
	p.s.Open = append(p.s.Open, open{
		Seq: p.s.Seq, Sec: p.s.Clock.Last, Offset: p.offset, Model: model, API: a, Way: w,
		Begin: p.now, Seen: p.now.At,
	})
	p.loaded(p.now)
}

// alive returns the indices of the requests that have not ended and that ok
// holds for, oldest first.
func (p *Parser) alive(ok func(*open) bool) []int {
	var found []int
	for i := range p.s.Open {
		if r := &p.s.Open[i]; !r.Held && ok(r) {
			found = append(found, i)
		}
	}
	return found
}

// of is true for requests that a line with a model's tag can be about.
func of(model string) func(*open) bool {
	return func(r *open) bool { return model == "" || r.Model == "" || r.Model == model }
}

// streams notes how the youngest request of a model gets its reply.
func (p *Parser) streams(model string, a api) bool {
	all := p.alive(func(r *open) bool { return of(model)(r) && r.API == a && r.Way == wayUnknown })
	if len(all) == 0 {
		return false
	}
	p.s.Open[all[len(all)-1]].Way = wayStream
	return true
}

// progress notes how far a prompt is, in percent. Where several requests of a
// model may be meant it is only a sign of life.
func (p *Parser) progress(model string, percent float64) bool {
	all := p.alive(of(model))
	for _, i := range all {
		p.s.Open[i].Seen = p.now.At
	}
	all = slices.DeleteFunc(all, func(i int) bool { return p.s.Open[i].First.At != 0 })
	if len(all) != 1 {
		return len(all) > 0
	}
	r := &p.s.Open[all[0]]
	if r.Prefill.At == 0 {
		r.Prefill = p.now
	}
	if percent >= 100 {
		r.First = p.now
	}
	return true
}

// firstToken notes that a reply has begun.
func (p *Parser) firstToken() bool {
	all := p.alive(func(r *open) bool { return r.First.At == 0 })
	if len(all) != 1 {
		return len(all) > 0
	}
	p.s.Open[all[0]].First = p.now
	return true
}

// disconnect notes that a client has gone; the line does not say whose.
func (p *Parser) disconnect() bool {
	all := p.alive(func(r *open) bool { return !r.Cancelled })
	switch {
	case len(all) == 0, p.s.JustEnded:
		// The client of a request that had ended closed its connection.
		return false
	case len(all) == 1:
		p.s.Open[all[0]].Cancelled = true
	default:
		p.s.Gone++
		p.s.GoneAt = p.now.At
	}
	return true
}

// settleGone finds out who has gone by who is left.
func (p *Parser) settleGone() {
	all := p.alive(func(r *open) bool { return !r.Cancelled })
	if p.s.Gone == 0 || p.s.Gone < len(all) {
		return
	}
	for _, i := range all {
		p.s.Open[i].Cancelled = true
	}
	p.s.Gone = 0
}

// expire ends the requests that nothing more is to be expected of.
func (p *Parser) expire() {
	for i := 0; i < len(p.s.Open); {
		r := &p.s.Open[i]
		switch {
		case r.Held && p.now.At > r.End.At+holdFor:
			p.handOver(i)
		case !r.Held && p.now.At > r.Seen+staleAfter:
			p.fail(i, mark{r.Seen, r.Begin.Half})
		default:
			i++
		}
	}
	for i := 0; i < len(p.s.Works); {
		if w := &p.s.Works[i]; w.Orphan && p.now.At > w.Begin.At+staleAfter {
			p.drop(i)
			continue
		}
		i++
	}
}

// fail ends request i as one that never came to its end.
func (p *Parser) fail(i int, end mark) {
	r := &p.s.Open[i]
	if !r.Held {
		r.Failed, r.End, r.Position = true, end, p.offset
	}
	p.handOver(i)
}
