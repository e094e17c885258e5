package lmstudio

import (
	"slices"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/requestlog/llamacpp/slots"
)

// maxWorks bounds the works that are remembered; the oldest gives way.
const maxWorks = 256

// kind is which engine a work is of.
type kind uint8

const (
	kindSlot   kind = iota // llama.cpp's server, many at a time
	kindSerial             // llama.cpp's library, one at a time
	kindPrompt             // MLX, which tells the prompt and nothing of the end
	kindSplash             // Splash, which tells all at the end
)

// work is what an engine says it did, which is for a request that it does not
// name: one of the server, or one of the app's own.
type work struct {
	Seq    int64 `cbor:"1,keyasint"` // of the same count as the requests'
	Kind   kind  `cbor:"2,keyasint"`
	Task   int64 `cbor:"3,keyasint"` // of kindSlot
	Sec    int64 `cbor:"4,keyasint"`
	Offset int64 `cbor:"5,keyasint"`

	Owned  bool `cbor:"6,keyasint"` // by a request, which has its Seq
	Orphan bool `cbor:"7,keyasint"` // no request of the server waited for it
	Mixed  bool `cbor:"8,keyasint"` // it cannot be told whose it is
	Ended  bool `cbor:"9,keyasint"`
	Broken bool `cbor:"10,keyasint"` // it was given up, or never gave an output

	Begin    mark          `cbor:"11,keyasint"`
	End      mark          `cbor:"12,keyasint"`
	Position int64         `cbor:"13,keyasint"`
	Prompt   time.Duration `cbor:"14,keyasint"` // how long the phases took;
	Eval     time.Duration `cbor:"15,keyasint"` // both 0: not told

	Whole   slots.Count         `cbor:"16,keyasint"` // the prompt, cached tokens included
	Input   slots.Count         `cbor:"17,keyasint"`
	Cached  slots.Count         `cbor:"18,keyasint"`
	Output  slots.Count         `cbor:"19,keyasint"`
	Context slots.Count         `cbor:"20,keyasint"`
	Reused  slots.Fraction      `cbor:"21,keyasint"`
	Runs    bool                `cbor:"22,keyasint"` // Output counts runs of the decoder
	Outcome attribution.Outcome `cbor:"23,keyasint"`
	Era     int64               `cbor:"24,keyasint"` // how many models had been loaded
	First   int64               `cbor:"25,keyasint"` // of a task without timings: its first token, Unix ns; 0: not told
}

// birth takes up a work that has just begun, or of which the log has just begun
// to speak, and finds its request: the only one that is without, if no other
// work might be that one's.
func (p *Parser) birth(w work) *work {
	if len(p.s.Works) >= maxWorks {
		p.drop(0)
	}
	p.s.Seq++
	w.Seq, w.Sec, w.Offset, w.Begin = p.s.Seq, p.s.Clock.Last, p.offset, p.now
	waiting := p.alive(func(r *open) bool { return r.Work == 0 })
	stray := slices.ContainsFunc(p.s.Works, func(x work) bool { return x.stray() })
	switch {
	case len(waiting) == 0:
		w.Orphan = true
	case len(waiting) == 1 && !stray:
		w.Owned = true
		p.s.Open[waiting[0]].Work = w.Seq
	}
	p.s.Works = append(p.s.Works, w)
	return &p.s.Works[len(p.s.Works)-1]
}

// stray is true for a work that one of the requests in flight may turn out to own.
func (w *work) stray() bool { return !w.Owned && !w.Orphan && !w.Mixed }

// drop forgets work i. A request that owned it goes on without.
func (p *Parser) drop(i int) {
	if r := p.owner(p.s.Works[i].Seq); r >= 0 {
		p.s.Open[r].Work = 0
	}
	p.s.Works = slices.Delete(p.s.Works, i, i+1)
}

// owner is the index of the request that owns the work seq, or -1.
func (p *Parser) owner(seq int64) int {
	return slices.IndexFunc(p.s.Open, func(r open) bool { return r.Work == seq })
}

// work is the index of the work with a number, or -1. No work has the number 0.
func (p *Parser) work(seq int64) int {
	return slices.IndexFunc(p.s.Works, func(w work) bool { return w.Seq == seq })
}

// ended deals with a work that has just come to its end: an orphan's is a request
// by itself, and one that its request waits for lets that go.
func (p *Parser) ended(w *work) {
	w.Ended, w.End, w.Position = true, p.now, p.offset
	if w.Orphan {
		if !w.Mixed {
			p.requests = append(p.requests, p.orphan(w))
		}
		p.drop(p.work(w.Seq))
		return
	}
	if r := p.owner(w.Seq); r >= 0 && p.s.Open[r].Held {
		p.handOver(r)
		return
	}
	p.tidy()
}

// tidy forgets the works that no request can own any more.
func (p *Parser) tidy() {
	if len(p.s.Open) > 0 {
		return
	}
	p.s.Works = slices.DeleteFunc(p.s.Works, func(w work) bool {
		return !w.Orphan && (w.Ended || w.Kind == kindPrompt || w.Kind == kindSerial)
	})
	for i := range p.s.Works { // a task that still runs is nobody's now
		if w := &p.s.Works[i]; !w.Orphan {
			w.Mixed = true
		}
	}
}

// claim finds the work of a request that has just ended, when one can be told:
// its own, or the only one that has ended, began after it, and does not
// contradict what the response says.
func (p *Parser) claim(r *open) {
	if i := p.work(r.Work); i >= 0 {
		if !p.s.Works[i].fits(r) {
			p.s.Works[i].Owned, p.s.Works[i].Mixed = false, true
			r.Work = 0
		}
		return
	}
	var found []int
	for i := range p.s.Works {
		if w := &p.s.Works[i]; w.stray() && (w.Seq > r.Seq || w.Kind == kindSplash) && w.fits(r) {
			found = append(found, i)
		}
	}
	if len(found) == 1 {
		w := &p.s.Works[found[0]]
		w.Owned, r.Work = true, w.Seq
		return
	}
	for _, i := range found { // whoever takes one of them might take the wrong one
		if p.s.Works[i].Kind != kindPrompt {
			p.s.Works[i].Mixed = true
		}
	}
}

// fits is true when the work can be the one of a request that has just ended.
func (w *work) fits(r *open) bool {
	u, off := r.Usage, r.Cancelled || r.Failed
	switch {
	case w.Kind == kindPrompt:
	case !w.Ended:
		return off && w.Owned // its engine has yet to let go of it
	case w.Broken && !off && w.Outcome != attribution.OutcomeCancelled, !w.Broken && off && !w.Owned && w.Kind == kindSlot:
		return false
	}
	if !u.told() {
		return true
	}
	switch {
	case w.Whole.Known && w.Whole.N != u.whole(),
		w.Input.Known && w.Input.N > u.whole(),
		w.Output.Known && !w.Runs && w.Output.N != u.Output.N:
		return false
	}
	return true
}
