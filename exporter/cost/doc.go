// Package cost turns joules into money. It is pure: no I/O, no clock, no log.
//
// # Amounts
//
// Money is a whole number of nano-units (1e-9) of one currency, so sums are
// exact and their order does not matter. A Price is a thousand times finer, as it
// is often a product of several figures. Rounding happens once, half to even,
// where joules meet a price:
//
//	price, _ := cost.NewFlat(0.1872, "EUR")
//	p, _ := price.At(slot)
//	m, _ := p.Of(energy.Joules(309.4 * 3600)) // 0.0579 EUR
//
// A single token costs only a few nano-units, too few to be a Money of its
// own. Costs per token are therefore kept per million tokens (PerMtok):
//
//	money per Mtok = J per token × price per kWh ÷ 3.6
//
// # Bases
//
// A cost means nothing without its basis:
//
//   - marginal: the inference energy alone. What one more call costs.
//   - active: marginal plus the machine's baseline while a request was in
//     flight. That baseline is shared among the models by their busy time.
//   - dedicated: all energy of the period, for a machine that runs for this
//     purpose alone. It belongs to the machine, so no model has a share of it. In
//     a Bill it is the sum of what each model's phases and each sink cost, of which
//     one is the energy that a meter of the whole machine saw in gaps.
//   - loaded: dedicated, and the hardware's price spread over its life.
//
// # Around it
//
// Package tariff says what a kWh costs at any time, from series among others;
// carbon what it emits. Package prices knows what providers ask for tokens,
// avoided what the tokens answered here would have cost there, and payback when
// the machine has paid for itself.
//
// # Worked example
//
// A day with 309.4 Wh of inference, 44.2 Wh of baseline while busy and
// 597.4 Wh in all, at 0.1872 EUR per kWh, costs 0.0579 EUR marginal,
// 0.0662 EUR active and 0.1118 EUR dedicated.
//
// # Limits
//
// A tariff gives one price for each 15-minute slot. Energy whose slot has no
// price is not free: a Bill reports it as Unpriced. Money holds amounts up to
// 9.2e9 units of a currency; beyond that ErrRange is returned.
package cost
