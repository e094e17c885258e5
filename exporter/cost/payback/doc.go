// Package payback says what a machine costs besides electricity, and when it
// has paid for itself. It is pure: no I/O, no clock, no log.
//
// # Capital and charge
//
// The capital is what was paid for serving models: Price × ShareRatio, or
// Incremental where that is told. Break-even asks when it is earned back. What
// the machine could be sold for is no part of that: it has not been sold yet.
//
// The charge spreads the capital over the machine's life as a loan is spread,
// in equal parts that are paid at the end of each month of 365.25/12 days:
//
//	part = (capital - residual / (1+r)^years) × i / (1 - (1+r)^-years)
//	i    = (1+r)^(1/12) - 1
//
// where r is CapitalCostRatio. With r = 0 that is the straight line. Charges are
// differences of one cumulative figure in whole nano-units, so those of
// adjoining periods add up to that of the whole, to the last digit.
//
// # Break-even
//
// Month m, counted from 0, earns
//
//	avoided × (1+drift)^((m-p)/12) - cost
//
// at its end, where p are the whole months from the purchase to the last metered
// day: prices change from today on, and the exponent is 0 before. The machine has
// paid for itself after the first n months whose sum, each discounted by
// (1+r)^((m+1)/12), reaches the capital. Electricity stays at today's prices.
// Simple has neither drift nor discount. Both assume that every month since the
// purchase was like the metered days.
//
//	new machine, capital 2000, avoided 300 and cost 12 a month:  7 months; 9 with drift -0.5
//	new machine, capital 2000, avoided  60 and cost 12 a month: 42 months; never with drift -0.3
//
// Never is an answer: when a month earns nothing, when cloud prices fall faster
// than the capital comes in, and when it takes more than 100 years.
//
// # What it rests on
//
// A day since the purchase counts when at least 90 % of it was metered. There must
// be 14 of them:
// two weeks, so that weekdays and weekends are both in. Their means are scaled
// to a month of 365.25/12 days. Early and Late are the 100th and the 900th of
// 1000 forecasts, each from days drawn again in runs of seven (a circular block
// bootstrap), which keeps the weekdays together. The draws are seeded: the same
// days give the same answer. Where days are independent, Early and Late hold the
// truth in 7 of 10 cases with 14 days, and in 8 of 10 with 60.
//
// # Limits
//
// Amounts are whole nano-units and compared exactly; only drift and discount,
// and the charge's factor, are floats. A forecast is no better than the days it
// is from: a month of holidays makes a slow machine. The part of a counted day
// that was not metered has no electricity in it, at most 10 %.
package payback
