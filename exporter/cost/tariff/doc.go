// Package tariff says what a kilowatt-hour costs at any time, for contracts of
// every kind: one price, times of use, prices of a spot market, tiers, grid
// fees, taxes, and power from one's own roof. It is pure: the files that a
// tariff names are read by the caller.
//
// # A price
//
//	grid price = (base + adders) × (1 + tax)
//	price      = grid price × (1 − solar) + feed-in price × solar
//
// The base is the first of these that the version of the day has: the price of
// the first window that holds, the value of a series (or its fallback), the
// price of a tier, the price for all other times. Where there is none the price
// is not known, which is not free: At is false then, and Explain says why.
//
// Tax is not on the feed-in price, which is what the grid would have paid. The
// standing charge is in no price, as no call makes it more; Standing returns it
// for a period.
//
// # Time
//
// A window holds while local clocks show a time in it. On the day on which
// 02:00 to 03:00 is left out, a window of just that hour does not hold at all;
// on the day on which it comes twice, it holds for two hours. A window that
// crosses midnight belongs to the day on which it begins: 22:00-06:00 on mon-fri
// ends on Saturday at 06:00 and does not hold on Monday at 03:00. The version of
// a day is the one that began last.
//
// All zones are offset by multiples of 15 minutes and change on such marks, and
// so do windows. Every slot therefore has one price. Intervals returns them as
// half-open times of UTC.
//
// # Exactness
//
// Everything in a Spec is a whole number of billionths, so that the exact price
// is a whole number of 1e-45. It is rounded once, half to even, to the 1e-12 of
// a cost.Price.
//
// # Worked example
//
// 22:00-06:00 at 0.21, else 0.29, a grid fee of 0.09 and 19 % tax: a kWh at
// noon costs (0.29 + 0.09) × 1.19 = 0.4522. When six tenths of it come from the
// roof and would have earned 0.08, it costs 0.4522 × 0.4 + 0.08 × 0.6 = 0.22888.
//
// # Limits
//
// Tiers count the use of a billing month as far as it was metered: Over takes
// what the Mac used, and Needs says from when on. The rest of the household is
// one configured figure a month. What is used while nothing is metered is not
// counted.
//
// Some contracts need a detour. Prices that go by the date rather than the
// calendar, such as the colours of Tempo, critical peaks, or seasons that begin
// within a month, are a series or dated versions; one kind of such days can be the
// holidays. Three levels of a grid fee, as in module 3 of § 14a EnWG, are an adder
// for all times and two more with windows, one of them negative. Taxes on taxes
// are multiplied into one: 1.0511 × 1.21 − 1 = 0.271831. A meter whose clock has no
// summer time goes by a zone without one, such as Etc/GMT-1.
//
// Not to be said at all are: what is paid for the highest power (demand charges),
// a feed-in price that changes within a version or is negative, tiers of a day or a
// year, tiers whose steps differ by the time of use, another tax on the standing
// charge or on a part of the price, and a factor for negative values of a series
// other than that for positive ones.
package tariff
