package store

import (
	"encoding/binary"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
)

// The flags of a call that was served elsewhere.
const (
	callMicros = 1 << iota // it lasted whole microseconds
	callInput              // the count is known, and so on
	callCached
	callCacheWrite
	callOutput
	callSpend
	callTagged // client and project follow
)

const callOutcomeShift = 8 // two bits

// callCounts are the token counts of a call with their flags, in the order in
// which they are written.
func callCounts(c *attribution.RemoteCall) [4]struct {
	flag  uint16
	count *attribution.Count
} {
	return [...]struct {
		flag  uint16
		count *attribution.Count
	}{{callInput, &c.Input}, {callCached, &c.Cached}, {callCacheWrite, &c.CacheWrite}, {callOutput, &c.Output}}
}

// encodeCall writes everything but what the row's key holds.
func encodeCall(c attribution.RemoteCall, n *names) []byte {
	flags, unit := outcomeCode(c.Outcome)<<callOutcomeShift, time.Nanosecond
	if c.End.Sub(c.Start)%time.Microsecond == 0 {
		flags, unit = flags|callMicros, time.Microsecond
	}
	for _, t := range callCounts(&c) {
		if t.count.Known {
			flags |= t.flag
		}
	}
	if c.SpendKnown {
		flags |= callSpend
	}
	if c.Client != "" || c.Project != "" {
		flags |= callTagged
	}
	e := newEncoder(64)
	e.uint16(flags)
	e.name(n, c.Server)
	e.model(n, c.Provider)
	e.model(n, c.Model)
	e.id(c.ID, c.Server)
	e.varint(int64(c.End.Sub(c.Start) / unit))
	for _, t := range callCounts(&c) {
		if t.count.Known {
			e.varint(t.count.N)
		}
	}
	if c.SpendKnown {
		e.varint(int64(c.Spend))
	}
	if flags&callTagged != 0 {
		e.text(c.Client)
		e.text(c.Project)
	}
	return e.b
}

func decodeCall(key, value []byte, n *names) (attribution.RemoteCall, error) {
	if len(key) < requestKeySize {
		return attribution.RemoteCall{}, corrupt(nameRemote, key, "key has %d bytes, not %d", len(key), requestKeySize)
	}
	d := newDecoder(value)
	flags, unit := d.uint16(), time.Nanosecond
	if flags&callMicros != 0 {
		unit = time.Microsecond
	}
	c := attribution.RemoteCall{
		Outcome: outcomes()[flags>>callOutcomeShift&twoBits], End: keyTime(key, 0), Position: requestPosition(key),
		Server: d.name(n), Provider: d.name(n), Model: d.name(n),
	}
	c.ID = d.id(c.Server)
	c.Start = d.inRange(c.End.Add(-d.duration(unit)))
	for _, t := range callCounts(&c) {
		if flags&t.flag != 0 {
			*t.count = attribution.Known(d.varint())
		}
	}
	if c.SpendKnown = flags&callSpend != 0; c.SpendKnown {
		c.Spend = attribution.NanoUSD(d.varint())
	}
	if flags&callTagged != 0 {
		c.Client, c.Project = d.text(), d.text()
	}
	if err := d.done(); err != nil {
		return attribution.RemoteCall{}, corrupt(nameRemote, key, "%v", err)
	}
	return c, nil
}

func (s *RemoteSlot) counts() [12]*int64 {
	return [...]*int64{
		&s.OK, &s.Cancelled, &s.Failed, &s.Input, &s.Cached, &s.CacheWrite, &s.Output,
		&s.UnknownInput, &s.UnknownCached, &s.UnknownCacheWrite, &s.UnknownOutput, &s.UnknownSpend,
	}
}

func (s *RemoteSlot) encode() []byte {
	var w slotWriter
	for _, v := range s.counts() {
		w.integer(*v)
	}
	w.integer(int64(s.Spend))
	return w.value()
}

func decodeRemote(s *RemoteSlot, k, v []byte, n *names) error {
	if len(k) != remoteKeySize {
		return corrupt(nameSlots, k, "key has %d bytes, not %d", len(k), remoteKeySize)
	}
	*s = RemoteSlot{Start: slotTime(binary.BigEndian.Uint32(k))}
	for i, to := range []*string{&s.Server, &s.Provider, &s.Model} {
		text, ok := n.texts[uint64(binary.BigEndian.Uint32(k[slotKeySize+4*i:]))]
		if !ok {
			return corrupt(nameSlots, k, "%v", errName)
		}
		*to = text
	}
	r := newSlotReader(v)
	for _, p := range s.counts() {
		*p = r.integer()
	}
	s.Spend = attribution.NanoUSD(r.integer())
	if err := r.end(); err != nil {
		return corrupt(nameSlots, k, "%v", err)
	}
	return nil
}
