package report

import (
	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/exporter/cost/payback"
)

// addHardware charges the machine for the time that has passed, and adds the
// basis that has it.
func (out *Report) addHardware(in Inputs) {
	if in.Machine == nil {
		return
	}
	m := *in.Machine
	// A machine whose life is not told has no charge; that is not a charge of 0.
	charge := Amount{Money: m.Charge(in.Period.Since, earlier(in.Period.Until, in.Now)), Known: m.Life > 0}
	out.Hardware = &Hardware{Machine: m, Charge: charge}
	out.Bases = append(out.Bases, Basis{Name: cost.Loaded, Energy: out.Total, Cost: out.costOf(cost.Dedicated).plus(charge)})
	for i := range out.Comparisons {
		out.addBreakEven(in, i)
	}
}

// addBreakEven forecasts one comparator from the metered days of the curve. Those
// whose cost or avoided spend is not known are left out and counted.
func (out *Report) addBreakEven(in Inputs, comparator int) {
	var days []payback.Day
	var fees []cost.Money
	c := &out.Comparisons[comparator]
	for _, d := range out.Curve.Days {
		if !d.metered() || d.Start.Before(in.Machine.Purchased) {
			continue
		}
		if comparator >= len(d.Avoided) || !d.Avoided[comparator].Amount.Known || !d.Cost.Known {
			c.DaysLeftOut++
			continue
		}
		days = append(days, payback.Day{Start: d.Start, Avoided: d.Avoided[comparator].Amount.Money, Cost: d.Cost.Money, CoverageRatio: d.CoverageRatio})
		c.AvoidedAtLeast = c.AvoidedAtLeast || d.Avoided[comparator].AtLeast
		if fee, ok := in.Plan.Subscription(d.Start, d.End); ok {
			fees = append(fees, fee)
		}
	}
	if capAt(fees, days) {
		c.AvoidedAtLeast = false
	}
	even := in.Machine.BreakEven(days)
	c.BreakEven = &even
}

// capAt has the days avoid no more than a subscription would have cost for them
// all: nobody would have paid by the token what a flat fee buys for less. It is
// false when it changes nothing.
func capAt(fees []cost.Money, days []payback.Day) bool {
	if len(fees) != len(days) {
		return false
	}
	var byToken, byFee cost.Money
	for i, d := range days {
		var errs [2]error
		byToken, errs[0] = byToken.Add(d.Avoided)
		byFee, errs[1] = byFee.Add(fees[i])
		if errs[0] != nil || errs[1] != nil {
			return false
		}
	}
	if byToken.Currency != byFee.Currency || byToken.Nanos <= byFee.Nanos {
		return false
	}
	for i := range days {
		days[i].Avoided = fees[i]
	}
	return true
}
