package report

import (
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/exporter/cost/avoided"
	"github.com/sovmeter/sovmeter/exporter/cost/carbon"
	"github.com/sovmeter/sovmeter/exporter/cost/payback"
	"github.com/sovmeter/sovmeter/store"
)

// Inputs is all that a report is made of. Period, Range and Now are needed;
// what the rest leaves out is unknown in the report and nowhere zero.
type Inputs struct {
	Period Period
	Range  store.Range // what the store holds about Period
	Now    time.Time
	By     By          // what the rows are; empty: ByModel
	Tariff cost.Tariff // nil: what energy costs is not known
	Basis  cost.Basis  // of the headline; empty: marginal
	// Plan says what the answered requests would have cost elsewhere; nil: there is
	// nothing to compare with. It is no nil pointer of a type that implements it.
	Plan Plan
	// Machine is what the hardware cost; nil: not told. PayBasis is the electricity
	// that it has to earn besides itself; empty: marginal.
	Machine  *payback.Machine
	PayBasis cost.Basis
	// History holds what a break-even is reckoned from: the whole local days before
	// Now are used, which may reach far beyond Period. Without a Plan it is not looked
	// at.
	History  store.Range
	Exchange cost.Exchange // of what gateways reckon in US dollars
	Carbon   Intensity     // nil: what a kWh emits is not known
	// Calibration is the line in force, where the caller knows which that is; nil:
	// that of the most trusted scope, and of those the newest, of Range.
	Calibration *attribution.Calibration
}

// Plan compares local requests with what a provider asks. *avoided.Plan is one.
type Plan interface {
	// Comparators are those that the plan has prices for, in the order of a report.
	Comparators() []avoided.Comparator
	// Compare prices the answered requests of a slot, one saving for each of
	// Comparators in their order.
	Compare(store.ModelSlot) []avoided.Saving
	// Quotes are the entries that a local model is compared with at a time.
	Quotes(model string, at time.Time) []avoided.Quote
	// Subscription is what a flat fee comes to from since to until; false when none
	// is configured.
	Subscription(since, until time.Time) (cost.Money, bool)
	// TableName says what the prices are from and of when.
	TableName() string
}

// Intensity says what was emitted for a kWh, as a grid or a contract has it.
// carbon.Intensity is one.
type Intensity interface {
	// At returns the grams of CO2 equivalent per kWh in the slot that begins at
	// slot; false when they are not known.
	At(slot time.Time) (carbon.GramsPerKWh, bool)
	Source() string // where the figures are from
}
