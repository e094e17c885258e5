package report

import (
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/store"
)

// Report is everything that one report says; the table and the JSON are two
// renderings of it. Build makes it.
type Report struct {
	Period Period
	Now    time.Time           // when the report was made
	Scopes []attribution.Scope // what the energies cover, sorted; more than one when the source changed
	// ScopeUses says how much of the time and of the energy each scope has.
	ScopeUses []ScopeUse
	// Calibration is the line in force at the end of the period; nil when none is
	// stored.
	Calibration *CalibrationLine
	// Rails says for how long the source reported each rail of ScopeSoC; empty
	// when nothing of that scope was booked yet.
	Rails []Rail

	// Total is all energy measured in the period, in gaps too where a meter of the
	// whole machine went on. The energies of Models, Sinks and Remainder sum to it.
	Total energy.Joules
	// Inference is the part of Total booked to requests.
	Inference energy.Joules
	Models    []Model // most energy first
	Sinks     []Sink  // everything that no request caused, in a fixed order
	// Remainder is what is left of Total after Models and Sinks. It is 0 but
	// for the last digits of a float; more than that is a fault in the store.
	Remainder energy.Joules

	Elapsed  time.Duration // how much of the period has passed
	Measured time.Duration // how much of that was measured, and can be told who used it
	Gaps     []Gap         // the rest, by reason, longest first

	Power []PowerPoint // of equal length, in time order, over the whole period
	Curve Curve        // over the history, or the period where there is none

	Tariff  Tariff
	Bases   []Basis      // as cost.Bases
	OneMore *OneMoreCall // nil when no request was both finished and measured
	// Learned is what the tokens of Models take as far as it is learned by Now,
	// whatever the period; models of which too little is learned are not in it.
	Learned []store.Learned
	// Remote are the calls that a gateway passed on to a server elsewhere, most
	// spend first. They are in no other figure.
	Remote []Remote
	// Assumed says how much of the figures rests on assumptions.
	Assumed Assumptions

	By By // what the rows are; Groups is empty for ByModel
	// TaggedSince is when clients and projects began to be kept, of a report by
	// one of them that begins before; what was booked earlier is in the row without
	// a name. Zero: they always were.
	TaggedSince time.Time
	Groups      []Group // in the order of the table
	// Basis is the one that was asked for: of the headline, of the threshold, and
	// of the rows where rows can have it.
	Basis       cost.Basis
	Comparisons []Comparison // same weights, then substitute; empty without prices to compare with
	Carbon      Carbon
	Hardware    *Hardware // nil when none is configured
	Split       *Split    // nil when no gateway passed a call on
	PriceTable  string    // what the cloud prices are from and of when; empty without comparisons
}

// Coverage is the measured share, 0 to 1, of the period so far.
func (r Report) Coverage() float64 {
	if r.Elapsed <= 0 {
		return 0
	}
	return min(1, float64(r.Measured)/float64(r.Elapsed))
}

// anything tells whether any energy is known.
func (r Report) anything() bool { return r.Measured > 0 || r.Total > 0 || r.Inference > 0 }

// divided tells whether it is known what any of it was for. What a meter of the
// whole machine saw while powermetrics gave nothing may all have been for requests.
func (r Report) divided() bool {
	return r.Measured > 0 || r.Inference > 0 || r.Total > r.sink(SinkGap).Energy
}

// basisKnown tells whether the energy of a basis is.
func (r Report) basisKnown(b cost.Basis) bool {
	if b == cost.Dedicated || b == cost.Loaded {
		return r.anything()
	}
	return r.divided()
}

// sink is that of a name.
func (r Report) sink(name SinkName) Sink {
	for _, s := range r.Sinks {
		if s.Name == name {
			return s
		}
	}
	return Sink{}
}

// RailName names a power rail. The set is closed.
type RailName string

// The rails, in the order of a report.
const (
	RailCPU RailName = "cpu"
	RailGPU RailName = "gpu"
	RailANE RailName = "ane" // the Neural Engine
)

// Rail is how much of the measured time a rail was reported in. The energy of
// the rest is unknown and in no total.
type Rail struct {
	Name     RailName
	Reported time.Duration // 0: the source does not report the rail on this Mac
	Measured time.Duration // the time that Reported is a part of; the same for all rails
}

// Model is what one server did with one model.
type Model struct {
	Server string
	Model  string // empty when the log does not say

	Requests  int64 // ended in the period, whatever their outcome
	Cancelled int64 // counted in Requests
	Failed    int64 // counted in Requests
	// Late counts requests that the log told too late: their energy is booked
	// to a sink, and they are counted in Requests.
	Late int64
	// Unmetered counts requests, of Requests, that ran while nothing was measured.
	Unmetered int64
	// Partial counts requests, of Requests, of which a part was not measured.
	Partial int64
	// UnknownTokens counts requests, of Requests, of which the log does not
	// give every token count.
	UnknownTokens int64
	// Each counts, of UnknownTokens, those of which that count is not given.
	UnknownInput, UnknownCached, UnknownOutput int64
	// EstimatedTokens counts requests, of Requests, of which a token count was
	// not told by the server but counted from what passed by. It is in the sums.
	EstimatedTokens       int64
	Input, Cached, Output Tokens

	DecodedTokens int64         // output tokens of the requests that DecodeTime sums over
	DecodeTime    time.Duration // 0 when no request told when its first token came
	Active        time.Duration // at least one request was in flight

	Prefill, Decode energy.Joules // meaningless unless EnergyKnown
	// EnergyKnown is false when requests ended and none of them was measured.
	EnergyKnown bool
	// Error bounds, in 95 of 100 cases, how far the energy may be off for what
	// may not be the requests' at all. What sharing among simultaneous requests
	// may have moved is not in it.
	Error     energy.Joules
	Shared    energy.Joules // part of the energy: split between simultaneous requests
	Estimated energy.Joules // part of the energy: rests on an assumption

	Marginal Amount // what Energy cost
	Busy     Amount // Marginal, and the model's share of the baseline while a request was in flight
	// Saved is what the answered requests would have cost, in the order of the
	// report's Comparisons.
	Saved []Saved

	// PerToken is of the requests whose output tokens and whole energy are
	// known, and Finished of those that ended well with their whole energy
	// known: neither late, unmetered nor partial.
	PerToken Sample
	Finished Sample
}

// Sample is what a number of tokens or requests took, and nothing else: the
// energy is just theirs, prefill included. It was all booked to the slot in
// which a request ended.
type Sample struct {
	N      int64         // how many; 0 when there was none
	Energy energy.Joules // of them all
	Spend  Spend         // what Energy cost, at the prices of the requests' ends
}

// Energy is the energy booked to the model's requests in the period.
func (m Model) Energy() energy.Joules { return m.Prefill + m.Decode }

// Tokens is a sum of token counts.
type Tokens struct {
	N int64 // meaningless unless Known
	// Known is false when no request told its count.
	Known bool
	// AtLeast is true when some requests did not tell their count.
	AtLeast bool
}

// Sink is energy that was measured and not booked to a request.
type Sink struct {
	Name   SinkName
	Energy energy.Joules // meaningless when Unknown
	// Unknown is true of the gaps when there are some and no meter of the whole
	// machine saw any of them. When it saw a part, that is what Energy is. It is
	// true of all others but SinkOpen when a meter saw all that was measured.
	Unknown bool
	Cost    Amount
}

// SinkName says where energy went. The set is closed.
type SinkName string

// The sinks, in the order of a report.
const (
	SinkModelLoad      SinkName = "model_load"
	SinkServerOther    SinkName = "server_other"
	SinkBaseline       SinkName = "baseline"
	SinkOtherProcesses SinkName = "other_processes"
	SinkUnexplained    SinkName = "unexplained"
	SinkGap            SinkName = "gap"  // a meter of the whole machine saw it while nothing told who used it
	SinkOpen           SinkName = "open" // measured, and a request that is not known yet may still claim it
)

// Gap is how long nothing was measured for one reason. What was drawn in that
// time is unknown, unless a meter of the whole machine went on: then it is not
// known for whom.
type Gap struct {
	Reason  attribution.GapReason
	Length  time.Duration
	Metered time.Duration // the part of Length that a meter saw
	Energy  energy.Joules // of that part; meaningless when Metered is 0
}

// EnergyKnown tells whether the energy of any of it is known.
func (g Gap) EnergyKnown() bool { return g.Metered > 0 }

// AtLeast tells whether the energy of a part is known, and of a part not.
func (g Gap) AtLeast() bool { return g.Metered > 0 && g.Metered < g.Length }

// Reasons for time without a measurement that the store has no gap for.
const (
	GapBeforeFirst attribution.GapReason = "before_first" // before the first measurement that is kept
	GapAfterLast   attribution.GapReason = "after_last"   // after the newest measurement
	GapNoRecord    attribution.GapReason = "no_record"    // in between, without a reason on record
)

// PowerPoint is the mean power over one or more slots.
type PowerPoint struct {
	Start    time.Time
	Length   time.Duration
	Energy   energy.Joules
	Parts    PowerParts    // of Energy
	Measured time.Duration // with gaps that a meter saw; 0: nothing was measured, the power is unknown
}

// Watts is the mean power over the measured time, and false without any.
func (p PowerPoint) Watts() (energy.Watts, bool) {
	return p.Energy.Over(p.Measured), p.Measured > 0
}

// Basis is the energy of a period on one basis, and its cost.
type Basis struct {
	Name   cost.Basis
	Energy energy.Joules
	Cost   Amount
}

// OneMoreCall is what one more request of the model with the most requests
// costs: the mean of those that ended well and were measured whole, on the
// marginal basis.
type OneMoreCall struct {
	Server, Model string
	Requests      int64 // the mean is over so many, never 0
	Energy        energy.Joules
	Cost          Amount
	Per1000Output Amount // as Model.PerMillionOutput, by a thousand
}

// Assumptions says what the figures rest on besides measurement.
type Assumptions struct {
	BaselineShare  float64       // part of the baseline, 0 to 1, assumed and not observed
	EstimatedShare float64       // part of the inference energy, 0 to 1, of tier estimated
	SharedShare    float64       // part of the inference energy, 0 to 1, split between simultaneous requests
	Error          energy.Joules // sum of the models' Error, as such errors add up
}
