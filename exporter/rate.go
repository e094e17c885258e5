package exporter

import (
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/store"
)

// rate is the energy per token of the requests that ended in one slot. Energy
// and tokens are those of the same requests, so requests across the edge of a
// slot, late or unmetered ones do not bend it.
type rate struct {
	open   slotRate // of the slot that requests end in now
	closed slotRate // of the last slot before with tokens; what is shown
}

type slotRate struct {
	slot            time.Time
	prefill, decode tokenEnergy
}

// tokenEnergy is the energy of requests with a known token count.
type tokenEnergy struct {
	joules energy.Joules
	tokens int64 // 0: nothing known
}

func (t *tokenEnergy) add(j energy.Joules, c attribution.Count) {
	if c.Known && c.N >= 0 {
		t.joules += j
		t.tokens += c.N
	}
}

// perMtok is false when no tokens are known.
func (t tokenEnergy) perMtok(p cost.Price) (cost.PerMtok, bool) {
	return p.PerMtok(t.joules, t.tokens)
}

// observe adds a request with known energy. Requests come in the order they
// ended, but for the odd one that its log tells too late for its slot.
func (r *rate) observe(c attribution.Charge) {
	slot := cost.Slot(c.Request.End)
	if c.Covered < attribution.CoveredEnough || slot.Before(r.open.slot) {
		return
	}
	if slot.After(r.open.slot) {
		r.closeUntil(slot)
		r.open = slotRate{slot: slot}
	}
	r.open.prefill.add(c.Prefill, c.Request.Input)
	r.open.decode.add(c.Decode, c.Request.Output)
}

// closeUntil closes the open slot if it ended at or before t.
func (r *rate) closeUntil(t time.Time) {
	if r.open.slot.Add(store.SlotLength).After(t) {
		return
	}
	if r.open.prefill.tokens > 0 || r.open.decode.tokens > 0 {
		r.closed = r.open
	}
	// Nothing can be added to a slot before this one any more.
	r.open = slotRate{slot: cost.Slot(t)}
}
