package report

import (
	"time"

	"github.com/sovmeter/sovmeter/exporter/cost"
)

// addSplit weighs what was answered here against what gateways passed on; nil
// when they passed nothing on.
func (out *Report) addSplit(in Inputs) {
	if len(out.Remote) == 0 {
		return
	}
	s := &Split{LocalSpend: out.costOf(cost.Marginal)}
	for i := range in.Range.Models {
		m := &in.Range.Models[i]
		s.LocalCalls += m.OK
		s.LocalTokens = plus(s.LocalTokens, plus(plus(m.Answered.Input, m.Answered.Cached), m.Answered.Output))
		s.LocalAtLeast = s.LocalAtLeast || m.Answered.UnknownInput+m.Answered.UnknownCached+m.Answered.UnknownOutput > 0
	}
	for _, r := range out.Remote {
		s.RemoteCalls += r.Calls - r.Cancelled - r.Failed
		prompt := r.Prompt()
		s.RemoteTokens = plus(s.RemoteTokens, plus(prompt.N, r.Output.N))
		s.RemoteAtLeast = s.RemoteAtLeast || prompt.AtLeast || r.Output.AtLeast || !r.Output.Known
	}
	s.RemoteSpend, s.RemoteSpendAtLeast = in.remoteSpend()
	out.Split = s
}

// remoteSpend is what gateways reckon, in the currency of the tariff. It is at
// least so much when some calls have no cost or no rate of exchange.
func (in Inputs) remoteSpend() (spend Amount, atLeast bool) {
	spend.Money.Currency = in.ownCurrency()
	for _, s := range in.Range.Remote {
		atLeast = atLeast || s.UnknownSpend > 0
		if s.Calls() <= s.UnknownSpend {
			continue
		}
		money, ok := in.exchanged(cost.Money{Nanos: int64(s.Spend), Currency: usDollar}, s.Start)
		if !ok {
			atLeast = true
			continue
		}
		spend.Money.Nanos = plus(spend.Money.Nanos, money.Nanos)
		spend.Known = true
	}
	if !spend.Known {
		return Amount{}, false
	}
	return spend, atLeast
}

// ownCurrency is the one in which the report has electricity, or would have it.
func (in Inputs) ownCurrency() cost.Currency {
	switch own := in.Exchange.Own(); {
	case in.Tariff != nil:
		return in.Tariff.Currency()
	case own != "":
		return own
	}
	return usDollar
}

// exchanged converts an amount into one's own currency; false without a rate.
func (in Inputs) exchanged(m cost.Money, at time.Time) (cost.Money, bool) {
	own := in.ownCurrency()
	if m.Currency == own {
		return m, true
	}
	if in.Exchange.Own() != own {
		return cost.Money{}, false
	}
	return in.Exchange.Convert(m, at)
}
