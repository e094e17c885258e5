package exporter

import (
	"slices"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/store"
)

// books are the running sums of a process. They grow with the number of models
// up to a bound, never with time.
type books struct {
	catalogue *catalogue
	started   time.Time
	tariff    cost.Tariff // nil: no price known
	price     *cost.Price // at the last commit; nil: not known

	scope     attribution.Scope // of the last booking; empty: none yet
	scopes    map[attribution.Scope]*scopeBook
	sinks     [sinks]sum
	rails     [rails]railSum
	gaps      map[attribution.GapReason]*sum
	late      int64
	unmetered int64
	dedicated *meter
	models    map[modelKey]*modelBook
	requests  map[string]*requestEnergy // by model
	remote    map[remoteKey]*remoteBook
	closed    time.Time       // everything that ends at or before it is booked
	learned   []store.Learned // as of the last commit
	quiet     time.Time       // of the newest quiet minute; zero: none yet
}

// The sinks.
const (
	sinkInference = iota
	sinkBaseline
	sinkModelLoad
	sinkServerOther
	sinkOtherProcesses
	sinkUnexplained
	sinkGap // of no Booking: what a meter of the whole machine saw in gaps
	sinks
)

// The rails that powermetrics reports.
const (
	railCPU = iota
	railGPU
	railANE
	rails
)

// railSum is the energy of a rail that may never have been reported.
type railSum struct {
	sum
	seen bool
}

func newBooks(c *catalogue, o Options) *books {
	return &books{
		catalogue: c,
		started:   o.Started,
		tariff:    o.Tariff,
		scopes:    map[attribution.Scope]*scopeBook{},
		gaps:      map[attribution.GapReason]*sum{},
		dedicated: &meter{tariff: o.Tariff},
		models:    map[modelKey]*modelBook{},
		requests:  map[string]*requestEnergy{},
		remote:    map[remoteKey]*remoteBook{},
	}
}

func (b *books) record(batch attribution.Batch) {
	for _, g := range batch.Gaps {
		b.gap(g)
	}
	for _, k := range batch.Bookings {
		b.booking(k)
	}
	// A slot's rate must see its requests in the order they ended.
	charges := slices.Clone(batch.Charges)
	slices.SortStableFunc(charges, func(x, y attribution.Charge) int {
		return x.Request.End.Compare(y.Request.End)
	})
	for _, c := range charges {
		b.charge(c)
	}
	for _, c := range batch.Remote {
		b.remoteBook(c).call(c)
	}
	if batch.State.Closed.After(b.closed) {
		b.closed = batch.State.Closed
	}
	for _, m := range b.models {
		m.rate.closeUntil(b.closed)
	}
	b.learn(batch.State)
	b.setPrice(batch.At)
}

func (b *books) setPrice(at time.Time) {
	if b.tariff == nil {
		return
	}
	b.price = nil
	if p, ok := b.tariff.At(cost.Slot(at)); ok {
		b.price = &p
	}
}

func (b *books) gap(g attribution.Gap) {
	s, ok := b.gaps[g.Reason]
	if !ok {
		s = &sum{}
		b.gaps[g.Reason] = s
	}
	s.add(g.End.Sub(g.Start).Seconds())
	if g.Scope == "" || g.End.Sub(g.Start) > store.MaxMeteredGap { // what it took is not known
		return
	}
	b.sinks[sinkGap].add(float64(g.Energy))
	b.scopeBook(g.Scope).add(g.Start, g.End, g.Error)
	if b.tariff == nil {
		return
	}
	for slot, part := range slotShares(g.Start, g.End, store.MaxMeteredGap) {
		b.dedicated.add(slot, g.Energy*energy.Joules(part))
	}
}

func (b *books) booking(k attribution.Booking) {
	b.scope = k.Window.Scope
	b.scopeBook(k.Window.Scope).add(k.Window.Start, k.Window.End, k.Window.Error)
	if k.Window.End.After(b.closed) {
		b.closed = k.Window.End
	}
	for i, j := range []energy.Joules{k.Inference, k.Baseline, k.ModelLoad, k.ServerOther, k.OtherProcesses, k.Unexplained} {
		b.sinks[i].add(float64(j))
	}
	for i, r := range [rails]attribution.Rail{k.Window.CPU, k.Window.GPU, k.Window.ANE} {
		if r.Known {
			b.rails[i].seen = true
			b.rails[i].add(float64(r.Energy))
		}
	}
	for _, s := range k.Shares {
		b.model(s.Server, s.Model).share(s)
	}
	b.money(k)
}

// money prices a booking on every basis.
func (b *books) money(k attribution.Booking) {
	if b.tariff == nil {
		return
	}
	busy, shares := busyBaseline(k)
	for slot, part := range slotShares(k.Window.Start, k.Window.End, longestWindow) {
		portion := energy.Joules(part)
		b.dedicated.add(slot, k.Window.Energy*portion)
		for _, s := range k.Shares {
			m := b.model(s.Server, s.Model)
			m.marginal.add(slot, (s.Prefill+s.Decode)*portion)
			m.active.add(slot, (s.Prefill+s.Decode)*portion)
		}
		for i, m := range k.ModelBusy {
			b.model(m.Server, m.Model).active.add(slot, busy*energy.Joules(shares[i])*portion)
		}
	}
}

// busyBaseline is the part of a window's baseline that was drawn while a
// request was in flight, and each model's share of it: by busy time.
func busyBaseline(k attribution.Booking) (energy.Joules, []float64) {
	shares := make([]float64, len(k.ModelBusy))
	var all time.Duration
	for _, m := range k.ModelBusy {
		all += m.Busy
	}
	window := k.Window.End.Sub(k.Window.Start)
	if all <= 0 || window <= 0 {
		return 0, shares
	}
	for i, m := range k.ModelBusy {
		shares[i] = float64(m.Busy) / float64(all)
	}
	return k.Baseline * energy.Joules(min(1, float64(k.Busy)/float64(window))), shares
}

func (b *books) charge(c attribution.Charge) {
	m := b.model(c.Request.Server, c.Request.Model)
	m.request(c.Request)
	switch {
	case c.Late:
		b.late++
		return
	case !c.EnergyKnown:
		b.unmetered++
		return
	}
	if c.Covered >= attribution.CoveredEnough { // with less the energy is only a part
		b.energyOf(b.key(c.Request.Server, c.Request.Model).model).observe(c)
	}
	m.rate.observe(c)
}

func (b *books) model(server, model string) *modelBook {
	k := b.key(server, model)
	m, ok := b.models[k]
	if !ok {
		m = newModelBook(b.tariff)
		b.models[k] = m
	}
	return m
}

func (b *books) energyOf(model string) *requestEnergy {
	r, ok := b.requests[model]
	if !ok {
		r = newRequestEnergy(b.catalogue, b.started, model)
		b.requests[model] = r
	}
	return r
}
