package avoided

import (
	"math/big"
	"time"

	"github.com/sovmeter/sovmeter/exporter/cost"
)

// Subscription is what the flat fee comes to in [since, until): each calendar
// month, in the time zone of since, costs the whole fee at the exchange rate of
// its first moment, and a part of it that part. Months before the first rate have
// that one: a cap must not be gone because rates begin within a month. Adjoining
// periods add up exactly. It is false without a fee, or without any rate.
func (p *Plan) Subscription(since, until time.Time) (cost.Money, bool) {
	if p.subscription.Nanos <= 0 {
		return cost.Money{}, false
	}
	sum := cost.Money{Currency: p.exchange.Own()}
	// Counted, not taken from one month's first moment: where clocks change at
	// midnight that may lie in the month before.
	year, month := since.Year(), since.Month()
	for first := begin(year, month, since); first.Before(until); {
		month++
		next := begin(year, month, since)
		fee, ok := p.exchange.ConvertOrFirst(p.subscription, first)
		if !ok {
			return cost.Money{}, false
		}
		var err error
		m := calendarMonth{first, next}
		part := cost.Money{Nanos: m.spent(fee.Nanos, until) - m.spent(fee.Nanos, since), Currency: fee.Currency}
		if sum, err = sum.Add(part); err != nil {
			return cost.Money{}, false
		}
		first = next
	}
	return sum, true
}

func begin(year int, month time.Month, like time.Time) time.Time {
	return time.Date(year, month, 1, 0, 0, 0, 0, like.Location())
}

// calendarMonth is the half-open time of one.
type calendarMonth struct{ first, next time.Time }

// spent is the part of the month's fee from its first moment to t.
func (m calendarMonth) spent(fee int64, t time.Time) int64 {
	whole := m.next.Sub(m.first)
	passed := max(0, min(t.Sub(m.first), whole))
	nanos, ok := rounded(new(big.Rat).Mul(big.NewRat(fee, 1), big.NewRat(int64(passed), int64(whole))))
	if !ok {
		return 0 // cannot be: a part of a fee is no larger than the fee
	}
	return nanos
}
