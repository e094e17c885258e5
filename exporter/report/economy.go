package report

import (
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/exporter/cost/avoided"
	"github.com/sovmeter/sovmeter/exporter/cost/payback"
)

// By says what the rows of a report are.
type By string

// The groupings. Rows of days and hours have the energy of the whole machine
// beside that of the requests.
const (
	ByModel   By = "model"
	ByServer  By = "server"
	ByDay     By = "day"
	ByHour    By = "hour"
	ByClient  By = "client"
	ByProject By = "project"
)

// Group is one row of a report that is not by model.
type Group struct {
	// Name is what the row is called: a server, client or project, empty for what
	// has no tag; a date "2026-03-04" or an hour "2026-03-04 14:00" in the user's
	// time zone.
	Name string
	// Start and End bound a day or an hour; zero for the other groupings. An hour
	// that a clock change repeats has two rows.
	Start, End time.Time
	// Sum is the row's figures in the shape of a model's; its Server and Model are
	// empty where they vary. Of a client or a project Active, Error, Shared and
	// Estimated are 0 and Busy is unknown, as they are known of a model as a whole
	// only. Of a day or an hour in which nothing was measured the energy and its
	// cost are unknown, though a meter may have seen that of the whole machine, and
	// what was avoided too unless requests were counted.
	Sum Model
	// Whole is set for days and hours only.
	Whole *Whole
}

// Whole is the machine in a day or an hour. Cost and Carbon are unknown when
// nothing was measured.
type Whole struct {
	Elapsed, Measured time.Duration
	Energy            energy.Joules       // all that was measured and is booked
	Scopes            []attribution.Scope // what Energy covers, in the order of the time
	Dedicated         Amount              // its cost
	Carbon            Carbon
}

// Saved is what answered requests would have cost with one comparator.
type Saved struct {
	Amount Amount // unknown when no answered request has a price
	// AtLeast is true when a part of the requests, or of their tokens, could not
	// be priced: the truth is more than Amount.
	AtLeast  bool
	Unpriced int64 // answered requests without any price
}

// Comparison is the whole of one comparator, the sum over the models.
type Comparison struct {
	Name  avoided.Comparator
	Total Saved
	// Capped is Total, or what a subscription would have cost for the period if
	// that is less; equal to Total when no subscription is configured.
	Capped       Amount
	Subscription Amount // for the time of the period that has passed; unknown when none is configured
	Quotes       []avoided.Quote
	BreakEven    *payback.BreakEven // nil without hardware in the config
	// DaysLeftOut counts metered days that BreakEven does without, because their
	// cost or what they avoided is not known.
	DaysLeftOut int
	// AvoidedAtLeast is true when a part of what the days of BreakEven avoided has
	// no price: the machine has then paid for itself sooner than it says.
	AvoidedAtLeast bool
}

// Carbon is what was emitted for the energy of a period, where the power station
// and not the Mac stands.
type Carbon struct {
	Grams    float64       // of CO2 equivalent, all energy; meaningless unless Known
	PerCall  float64       // grams of one more call, as OneMoreCall; 0 when there is none, or not known
	Known    bool          // false when no intensity is configured, or none is known for the time
	Unknown  energy.Joules // measured while no intensity is known; not in Grams
	Source   string        // as configured, such as "UBA 2025" or a file's name
	Requests float64       // grams of the requests' energy alone
}

// Hardware is what the machine itself costs in the period.
type Hardware struct {
	Machine payback.Machine
	Charge  Amount // its annuity for the time that has passed
}

// Split is how much of the work was done here and how much elsewhere. Both parts
// are of calls that ended well, but that gateways' tokens and spend have those of
// the others in them, as far as they were told.
type Split struct {
	LocalTokens, RemoteTokens   int64 // input, cached and output together
	LocalAtLeast, RemoteAtLeast bool  // some calls did not tell their tokens
	LocalCalls, RemoteCalls     int64
	LocalSpend, RemoteSpend     Amount // electricity on the marginal basis, and what gateways reckon, in one currency
	RemoteSpendAtLeast          bool   // some calls have no cost, or no rate of exchange
}
