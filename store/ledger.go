package store

import (
	"bytes"
	"maps"
	"slices"
	"time"

	"go.etcd.io/bbolt"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
)

// piece is the part of a window or gap that lies in one slot, as the half-open part
// [from, to) of its time, 0 to 1.
type piece struct {
	slot     uint32
	from, to float64
	length   time.Duration
}

// pieces cuts a window at slot edges.
func pieces(start, end time.Time) []piece {
	var cut []piece
	length := float64(end.Sub(start))
	from, begin := 0.0, start
	for slot := slotNumber(start); ; slot++ {
		edge := slotTime(slot + 1)
		if !edge.Before(end) {
			return append(cut, piece{slot, from, 1, end.Sub(begin)})
		}
		to := float64(edge.Sub(start)) / length
		cut = append(cut, piece{slot, from, to, edge.Sub(begin)})
		from, begin = to, edge
	}
}

// of returns the piece's part of an amount. Each is the difference of two
// running parts, so that no piece is negative and together they are the whole:
// the last piece is what the others leave. The conversions round the products,
// which arm64 would otherwise fuse with the subtraction.
func (p piece) of(j energy.Joules) energy.Joules {
	upTo := j
	if p.to < 1 {
		upTo = energy.Joules(float64(j) * p.to)
	}
	return upTo - energy.Joules(float64(j)*p.from)
}

// time is the same for a duration, in whole nanoseconds.
func (p piece) time(d time.Duration) time.Duration {
	upTo := d
	if p.to < 1 {
		upTo = time.Duration(float64(d) * p.to)
	}
	return upTo - time.Duration(float64(d)*p.from)
}

// ledger gathers what a batch adds to slots; each slot is read once and
// written once.
type ledger struct {
	slots  *bbolt.Bucket
	names  *names
	tags   *tags
	system map[string]*SystemSlot // by key
	models map[string]*ModelSlot
	tagged map[string]*ModelSlot
	remote map[string]*RemoteSlot
}

func newLedger(tx *bbolt.Tx, n *names, t *tags) *ledger {
	return &ledger{
		slots: bucket(tx, nameSlots), names: n, tags: t,
		system: map[string]*SystemSlot{}, models: map[string]*ModelSlot{}, tagged: map[string]*ModelSlot{}, remote: map[string]*RemoteSlot{},
	}
}

func (l *ledger) systemSlot(slot uint32, scope attribution.Scope) (*SystemSlot, error) {
	key := slotKey(slot, kindSystem, l.names.id(string(scope)))
	if s, ok := l.system[string(key)]; ok {
		return s, nil
	}
	s := &SystemSlot{}
	if v := l.slots.Get(key); v != nil {
		if err := decodeSystem(s, key, v, l.names); err != nil {
			return nil, err
		}
	}
	l.system[string(key)] = s
	return s, nil
}

func (l *ledger) modelSlot(slot uint32, server, model string) (*ModelSlot, error) {
	key := slotKey(slot, kindModel, l.names.id(server), l.names.model(model))
	if s, ok := l.models[string(key)]; ok {
		return s, nil
	}
	s := &ModelSlot{}
	if v := l.slots.Get(key); v != nil {
		if err := decodeModel(s, key, v, l.names); err != nil {
			return nil, err
		}
	}
	l.models[string(key)] = s
	return s, nil
}

// book adds a booking to the slots that its window touches.
func (l *ledger) book(b attribution.Booking) error {
	for _, p := range pieces(b.Window.Start, b.Window.End) {
		s, err := l.systemSlot(p.slot, b.Window.Scope)
		if err != nil {
			return err
		}
		s.add(b, p)
		if err := l.bookModels(b, p); err != nil {
			return err
		}
	}
	return nil
}

func (s *SystemSlot) add(b attribution.Booking, p piece) {
	w := b.Window
	length := w.End.Sub(w.Start)
	s.Energy += p.of(w.Energy)
	s.Baseline += p.of(b.Baseline)
	s.Inference += p.of(b.Inference)
	s.ModelLoad += p.of(b.ModelLoad)
	s.ServerOther += p.of(b.ServerOther)
	s.OtherProcesses += p.of(b.OtherProcesses)
	s.Unexplained += p.of(b.Unexplained)
	s.Error += p.of(w.Error)
	s.BaselineBusy += p.of(b.Baseline * energy.Joules(min(1, float64(b.Busy)/float64(length))))
	if b.BaselineAssumed {
		s.BaselineAssumed += p.of(b.Baseline)
	}
	rails := []attribution.Rail{w.CPU, w.GPU, w.ANE}
	unknown := s.unknowns()
	for i, sum := range []*energy.Joules{&s.CPU, &s.GPU, &s.ANE} {
		if !rails[i].Known {
			*unknown[i] += p.length
			continue
		}
		*sum += p.of(rails[i].Energy)
	}
	s.Measured += p.length
	s.Busy += p.time(b.Busy)
}

// gap adds the energy of a gap to the slots that it touches.
func (l *ledger) gap(g attribution.Gap) error {
	for _, p := range pieces(g.Start, g.End) {
		s, err := l.systemSlot(p.slot, g.Scope)
		if err != nil {
			return err
		}
		part := p.of(g.Energy)
		s.Energy += part
		s.Gap += part
		s.GapTime += p.length
		s.Error += p.of(g.Error)
	}
	return nil
}

func (l *ledger) bookModels(b attribution.Booking, p piece) error {
	for _, share := range b.Shares {
		s, err := l.modelSlot(p.slot, share.Server, share.Model)
		if err != nil {
			return err
		}
		s.addShare(share, p)
		if err := l.bookTag(share, p); err != nil {
			return err
		}
	}
	for _, load := range b.Loads {
		s, err := l.modelSlot(p.slot, load.Server, load.Model)
		if err != nil {
			return err
		}
		s.Load += p.of(load.Energy)
	}
	for _, busy := range b.ModelBusy {
		s, err := l.modelSlot(p.slot, busy.Server, busy.Model)
		if err != nil {
			return err
		}
		s.Busy += p.time(busy.Busy)
	}
	return nil
}

func (s *ModelSlot) addShare(share attribution.Share, p piece) {
	prefill, decode := p.of(share.Prefill), p.of(share.Decode)
	s.Prefill += prefill
	s.Decode += decode
	s.Error += p.of(share.Error)
	switch share.Tier {
	case attribution.TierShared:
		s.Shared += prefill + decode
	case attribution.TierEstimated:
		s.Estimated += prefill + decode
	}
}

// charge counts a request and its tokens in the slot of its end. Its energy is
// there already, booked window by window.
func (l *ledger) charge(c attribution.Charge) error {
	s, err := l.modelSlot(slotNumber(c.Request.End), c.Request.Server, c.Request.Model)
	if err != nil {
		return err
	}
	s.count(c)
	return l.chargeTag(c)
}

func (s *ModelSlot) count(c attribution.Charge) {
	switch c.Request.Outcome {
	case attribution.OutcomeOK:
		s.OK++
	case attribution.OutcomeCancelled:
		s.Cancelled++
	default:
		s.Failed++
	}
	switch {
	case c.Late:
		s.Late++
	case !c.EnergyKnown:
		s.Unmetered++
	case c.Covered < attribution.CoveredEnough:
		s.Partial++
	default:
		s.meter(c)
	}
	s.countTokens(c.Request)
}

// meter adds a request whose whole energy is known to the sums that energies
// per token and per request are made of. Tokens go in together with the energy
// that they took, or not at all.
func (s *ModelSlot) meter(c attribution.Charge) {
	if c.Request.Output.Known {
		grow(&s.MeteredOutput, c.Request.Output.N)
		s.MeteredEnergy += c.Energy()
	}
	if c.Request.Outcome == attribution.OutcomeOK {
		s.MeteredOK++
		s.MeteredOKEnergy += c.Energy()
	}
}

// save writes the slots in the order of their keys.
func (l *ledger) save() error {
	rows := make(map[string][]byte, len(l.system)+len(l.models)+len(l.tagged)+len(l.remote))
	for k, s := range l.system {
		rows[k] = s.encode()
	}
	for k, s := range l.models {
		rows[k] = s.encode()
	}
	for k, s := range l.tagged {
		rows[k] = s.encode()
	}
	for k, s := range l.remote {
		rows[k] = s.encode()
	}
	for _, k := range slices.Sorted(maps.Keys(rows)) {
		if err := putChanged(l.slots, []byte(k), rows[k]); err != nil {
			return err
		}
	}
	return nil
}

// putChanged spares the page of a row that is what it was.
func putChanged(b *bbolt.Bucket, key, value []byte) error {
	if old := b.Get(key); old != nil && bytes.Equal(old, value) {
		return nil
	}
	return b.Put(key, value)
}
