package payback

import (
	"time"

	"github.com/sovmeter/sovmeter/exporter/cost"
)

// Machine is what was paid for the hardware and what is expected of it. All its
// amounts are in one currency, that of the days it is asked about.
type Machine struct {
	Price     cost.Money
	Purchased time.Time
	Life      time.Duration // how long it is expected to serve; 0: not told, nothing is beyond it and there is no charge
	Residual  cost.Money    // what it can be sold for after Life; 0: nothing
	// CapitalCostRatio is the yearly rate that money costs or could have earned,
	// 0.05 for 5 %; break-even discounts by it.
	CapitalCostRatio float64
	// ShareRatio is the part of the machine, 0 to 1, bought for serving models.
	ShareRatio float64
	// Incremental is what was paid more for serving models, such as for memory, on
	// a machine that would have been bought anyway; it takes the place of Price
	// and ShareRatio when Known.
	Incremental cost.Money
	Known       bool // Incremental was told
	// PriceDriftRatio is by how much cloud prices change in a year: -0.3 is 30 % less.
	PriceDriftRatio float64
}

// Day is what one metered local day cost and avoided.
type Day struct {
	Start         time.Time
	Avoided       cost.Money // what the requests would have cost elsewhere
	Cost          cost.Money // electricity, on the basis that the machine pays for
	CoverageRatio float64    // part of the day, 0 to 1, that is known: metered, or slept through
}

// What a day, and a forecast, must have.
const (
	MinCoverageRatio = 0.9 // of a day that counts as metered
	NeededDays       = 14  // metered days of a forecast
)

// Month is the mean month, 365.25/12 days.
const Month = 2_629_800 * time.Second

// Outcome says what kind of answer a break-even is.
type Outcome string

// The outcomes.
const (
	TooFewDays Outcome = "too_few_days" // fewer metered days than a forecast needs
	Reached    Outcome = "reached"      // it pays for itself within its life
	BeyondLife Outcome = "beyond_life"  // it would, but not within its life
	Never      Outcome = "never"
)

// Forecast is when the machine has paid for itself under one set of assumptions.
type Forecast struct {
	Outcome Outcome
	Months  int // from the purchase on; meaningless but for Reached and BeyondLife
	// Early and Late are the 10th and the 90th percentile, in months, of 1000
	// forecasts from days drawn at random out of those metered; LateKnown is false
	// when more than one in ten of them never pays, EarlyKnown when more than nine
	// in ten do not. Both are false without a forecast.
	Early, Late           int
	EarlyKnown, LateKnown bool
}

// BreakEven is the answer for one comparator.
type BreakEven struct {
	Days, Needed   int        // metered days used, and how many a forecast needs
	Capital        cost.Money // what has to be earned
	AvoidedMonthly cost.Money // mean, for a month of 365.25/12 days; 0 without any day
	CostMonthly    cost.Money
	Simple         Forecast // at today's prices, money worth the same at any time
	// Drift has cloud prices change by the machine's PriceDriftRatio from the last
	// metered day on, and discounts by CapitalCostRatio.
	Drift Forecast
}
