package storetest

import (
	"fmt"
	"slices"
	"time"

	"pgregory.net/rapid"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
)

// Feed draws batches as an engine would commit them: windows tile the time, are
// booked in order some time after they were measured, and every part of the
// vocabulary occurs. It keeps what a store must give back.
type Feed struct {
	Open     []attribution.Window
	Bookings []attribution.Booking
	Charges  []attribution.Charge
	Remote   []attribution.RemoteCall
	Gaps     []attribution.Gap
	// Calibrations are all that were made, the oldest first.
	Calibrations []attribution.Calibration
	Scoping      []byte // the newest
	Last         attribution.Batch
	// AllTagged has every request tagged, otherwise some are.
	AllTagged bool
	now       time.Time
	requests  int
}

// NewFeed starts shortly before a slot's edge.
func NewFeed() *Feed {
	return &Feed{now: time.Date(2026, 3, 29, 0, 59, 51, 0, time.UTC)}
}

// Next draws the next batch.
func (f *Feed) Next(t *rapid.T) attribution.Batch {
	var b attribution.Batch
	for range rapid.IntRange(0, 12).Draw(t, "windows") {
		b.Windows = append(b.Windows, f.window(t))
	}
	for rapid.IntRange(0, 5).Draw(t, "gap") == 0 {
		b.Gaps = append(b.Gaps, f.gap(t))
	}
	f.Open = append(f.Open, b.Windows...)
	n := rapid.IntRange(0, len(f.Open)).Draw(t, "closed")
	for _, w := range f.Open[:n] {
		b.Bookings = append(b.Bookings, f.booking(t, w))
	}
	b.State = f.state(t, n)
	f.Open = slices.Clone(f.Open[n:])
	for range rapid.IntRange(0, 4).Draw(t, "charges") {
		b.Charges = append(b.Charges, f.charge(t))
	}
	for range rapid.IntRange(0, 2).Draw(t, "calls") {
		b.Remote = append(b.Remote, f.call(t))
	}
	b.At = f.now
	b.Checkpoints = []attribution.Checkpoint{{Source: "/logs/server.log", Data: []byte(fmt.Sprint("offset ", f.requests))}}
	f.meters(t, &b)
	f.Bookings = append(f.Bookings, b.Bookings...)
	f.Charges = append(f.Charges, b.Charges...)
	f.Remote = append(f.Remote, b.Remote...)
	f.Gaps = append(f.Gaps, b.Gaps...)
	f.Last = b
	return b
}

func (f *Feed) window(t *rapid.T) attribution.Window {
	length := rapid.SampledFrom([]time.Duration{time.Second, 997_123_456, 1_004_000_001, 20 * time.Minute}).Draw(t, "length")
	w := attribution.Window{Start: f.now, End: f.now.Add(length), CPU: rail(t), GPU: rail(t), ANE: rail(t)}
	w.Energy = w.CPU.Energy + w.GPU.Energy + w.ANE.Energy
	if w.Scope = rapid.SampledFrom(attribution.Scopes()).Draw(t, "scope"); w.Scope.Whole() {
		w.Energy = w.Energy*1.3 + amount(t, 20) // of the whole machine
		w.Error = amount(t, 2)
	}
	if rapid.Bool().Draw(t, "used") {
		w.Usage = &attribution.Usage{
			Servers:  []attribution.ServerUse{{Server: "llama", Use: use(t)}, {Server: "ollama", Use: use(t)}},
			Others:   use(t),
			GPUKnown: rapid.Bool().Draw(t, "gpu known"), CPUEnergyKnown: rapid.Bool().Draw(t, "cpu energy known"),
		}
	}
	f.now = w.End
	return w
}

func rail(t *rapid.T) attribution.Rail {
	r := attribution.Rail{Known: rapid.IntRange(0, 5).Draw(t, "known") > 0, BusyKnown: rapid.Bool().Draw(t, "busy known")}
	if r.Known {
		r.Energy = energy.FromMillijoules(rapid.Int64Range(0, 60_000).Draw(t, "mJ"))
	}
	if r.BusyKnown {
		r.Busy = time.Duration(rapid.Int64Range(0, 12e9).Draw(t, "busy"))
	}
	return r
}

func use(t *rapid.T) attribution.Use {
	return attribution.Use{
		CPU: time.Duration(rapid.Int64Range(0, 8e9).Draw(t, "cpu")), GPU: time.Duration(rapid.Int64Range(0, 1e9).Draw(t, "gpu")),
		CPUEnergy: amount(t, 20),
	}
}

func amount(t *rapid.T, most float64) energy.Joules {
	return energy.Joules(rapid.Float64Range(0, most).Draw(t, "J"))
}

// booking splits w at random, each part being what the ones before left.
func (f *Feed) booking(t *rapid.T, w attribution.Window) attribution.Booking {
	b := attribution.Booking{Window: w, BaselineAssumed: rapid.Bool().Draw(t, "assumed")}
	left := w.Energy
	for _, part := range []*energy.Joules{&b.Baseline, &b.Inference, &b.ModelLoad, &b.ServerOther, &b.OtherProcesses} {
		*part = left * energy.Joules(rapid.Float64Range(0, 1).Draw(t, "part"))
		left -= *part
	}
	b.Unexplained = left
	models := []string{"qwen3-8b", "llama-3.1-70b", ""}
	model := rapid.SampledFrom(models).Draw(t, "model")
	first := b.Inference * energy.Joules(rapid.Float64Range(0, 1).Draw(t, "first"))
	for i, j := range []energy.Joules{first, b.Inference - first} {
		b.Shares = append(b.Shares, f.share(t, i, model, j))
	}
	b.Loads = []attribution.LoadShare{{Server: "ollama", Model: model, Energy: b.ModelLoad}}
	b.Busy = time.Duration(rapid.Int64Range(0, int64(w.End.Sub(w.Start))).Draw(t, "busy"))
	b.ModelBusy = []attribution.ModelBusy{{Server: "llama", Model: model, Busy: b.Busy}}
	return b
}

func (f *Feed) share(t *rapid.T, i int, model string, j energy.Joules) attribution.Share {
	prefill := j * energy.Joules(rapid.Float64Range(0, 1).Draw(t, "prefill"))
	s := attribution.Share{
		Request: fmt.Sprint("r", i), Server: "llama", Model: model, Prefill: prefill, Decode: j - prefill, Error: amount(t, 3),
		Tier: rapid.SampledFrom([]attribution.Tier{attribution.TierMeasured, attribution.TierShared, attribution.TierEstimated}).Draw(t, "tier"),
	}
	s.Client, s.Project = f.tags(t)
	return s
}

// tags draws who asked and for what; two empty names are an untagged request.
func (f *Feed) tags(t *rapid.T) (client, project string) {
	if !f.AllTagged && rapid.IntRange(0, 2).Draw(t, "tagged") > 0 {
		return "", ""
	}
	client = rapid.SampledFrom([]string{"editor", ""}).Draw(t, "client")
	if client == "" {
		return "", "docs/site"
	}
	return client, rapid.SampledFrom([]string{"docs/site", ""}).Draw(t, "project")
}

func (f *Feed) state(t *rapid.T, closed int) attribution.State {
	s := attribution.State{Closed: f.Last.State.Closed}
	if closed > 0 {
		s.Closed = f.Open[closed-1].End
	}
	for range rapid.IntRange(0, 2).Draw(t, "open requests") {
		r := f.request(t)
		if rapid.Bool().Draw(t, "in flight") {
			r.End, r.Outcome = time.Time{}, ""
		}
		s.Requests = append(s.Requests, attribution.OpenRequest{Request: r, Booked: attribution.Tally{
			Prefill: amount(t, 9), Decode: amount(t, 99), Error: amount(t, 1), Covered: time.Second, Shared: amount(t, 9), Estimated: amount(t, 9),
			Scope: rapid.SampledFrom(attribution.Scopes()).Draw(t, "tally scope"),
		}})
	}
	if rapid.Bool().Draw(t, "load") {
		s.Loads = []attribution.ModelLoad{{Server: "ollama", Model: "qwen3-8b", Start: f.now.Add(-time.Minute), End: f.now}}
	}
	minute := f.now.Truncate(time.Minute)
	s.Quiet = []attribution.QuietMinute{
		{Start: minute.Add(-time.Hour), Length: 59_998_000_001, CPU: amount(t, 9), GPU: amount(t, 9), All: amount(t, 18),
			CPUBusy: 7_000_000_001, GPUBusy: 90_000_003, Watched: 50_000_000_007,
			Others: attribution.Use{CPU: 6_000_000_005, GPU: 80_000_009, CPUEnergy: amount(t, 3)}},
		{Start: minute, Length: time.Second, CPU: 0.125, All: 0.125},
	}
	s.Step = attribution.QuietMinute{Start: minute.Add(10 * time.Second), Length: time.Second, All: amount(t, 1)}
	s.Quiet[1].AC, s.Quiet[1].DC = quiet(t), quiet(t)
	s.Slopes = attribution.Slopes{AC: slope(t), DC: slope(t), Scope: rapid.SampledFrom(attribution.Scopes()).Draw(t, "slope scope"), Step: minute}
	s.LastEnd = f.now
	s.Learned = learned(t, f.now)
	return s
}

func (f *Feed) request(t *rapid.T) attribution.Request {
	f.requests++
	end := f.now.Add(-time.Duration(rapid.Int64Range(0, 50e9).Draw(t, "age")))
	unit := rapid.SampledFrom([]time.Duration{time.Millisecond, time.Microsecond, 1}).Draw(t, "clock")
	r := attribution.Request{
		ID: fmt.Sprintf("llama/%d", f.requests), Server: "llama", Model: "qwen3-8b",
		Start: end.Add(-time.Duration(rapid.Int64Range(1, 90_000).Draw(t, "length")) * unit), End: end,
		Input: count(t), Cached: count(t), Output: count(t), Context: count(t),
		Outcome:  rapid.SampledFrom([]attribution.Outcome{attribution.OutcomeOK, attribution.OutcomeCancelled, attribution.OutcomeError}).Draw(t, "outcome"),
		Position: rapid.Int64Range(0, 1<<40).Draw(t, "position"),
	}
	if rapid.Bool().Draw(t, "first token known") {
		r.FirstToken = r.Start.Add(end.Sub(r.Start) / 3)
	}
	r.Client, r.Project = f.tags(t)
	r.TokensEstimated = rapid.IntRange(0, 7).Draw(t, "counted") == 0
	if rapid.Bool().Draw(t, "uncertain") {
		r.Uncertainty = time.Second
	}
	return r
}

func count(t *rapid.T) attribution.Count {
	if rapid.IntRange(0, 4).Draw(t, "unknown") == 0 {
		return attribution.Count{}
	}
	return attribution.Known(rapid.Int64Range(0, 300_000).Draw(t, "tokens"))
}

func (f *Feed) charge(t *rapid.T) attribution.Charge {
	c := attribution.Charge{
		Request: f.request(t),
		Late:    rapid.IntRange(0, 5).Draw(t, "late") == 0,
		Tier:    rapid.SampledFrom([]attribution.Tier{attribution.TierMeasured, attribution.TierShared, attribution.TierEstimated}).Draw(t, "tier"),
	}
	if !c.Late && rapid.IntRange(0, 3).Draw(t, "energy known") > 0 {
		c.EnergyKnown, c.Covered = true, rapid.SampledFrom([]float64{1, 0.75, 0.3}).Draw(t, "covered")
		c.Scope = rapid.SampledFrom(attribution.Scopes()).Draw(t, "charge scope")
		c.Prefill, c.Decode, c.Error = amount(t, 40), amount(t, 400), amount(t, 4)
	}
	return c
}
