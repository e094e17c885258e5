package tariff

import (
	"math/big"
	"time"

	"github.com/sovmeter/sovmeter/exporter/cost"
)

// StandingCharge is what is paid for a period whatever the use was, with tax.
type StandingCharge struct {
	Whole cost.Money // the household's
	Mac   cost.Money // the configured share of Whole
}

// Standing returns the standing charge of [since, until): days and months that
// are not whole count by their time. It is false when no version is known for a
// part of the period, or when it is too much for Money.
func (t *Tariff) Standing(since, until time.Time) (StandingCharge, bool) {
	whole, mac := new(big.Rat), new(big.Rat)
	for at := since; at.Before(until); {
		date := DateOf(at.In(t.zone))
		v := t.versionOn(date.number())
		if v == nil {
			return StandingCharge{}, false
		}
		start, end := date.Start(t.zone), date.Add(1).Start(t.zone)
		stop := end
		if until.Before(stop) {
			stop = until
		}
		charge := v.Standing.of(stop.Sub(at), end.Sub(start), t.monthLength(date), v.Tax)
		whole.Add(whole, charge)
		mac.Add(mac, charge.Mul(charge, v.Standing.Share.Rat()))
		at = stop
	}
	w, okWhole := t.money(whole)
	m, okMac := t.money(mac)
	return StandingCharge{Whole: w, Mac: m}, okWhole && okMac
}

// of is the charge for a part of a day and its month.
func (s Standing) of(part, day, month time.Duration, tax Ratio) *big.Rat {
	perDay := new(big.Rat).Mul(s.PerDay.Rat(), big.NewRat(int64(part), int64(day)))
	perMonth := new(big.Rat).Mul(s.PerMonth.Rat(), big.NewRat(int64(part), int64(month)))
	sum := perDay.Add(perDay, perMonth)
	return sum.Mul(sum, (One + tax).Rat())
}

// monthLength is how long the calendar month of a date takes, clock changes
// included.
func (t *Tariff) monthLength(d Date) time.Duration {
	first := Date{d.Year, d.Month, 1}
	next := first.Add(31)
	return Date{next.Year, next.Month, 1}.Start(t.zone).Sub(first.Start(t.zone))
}

// money rounds an exact amount once.
func (t *Tariff) money(exact *big.Rat) (cost.Money, bool) {
	m, err := cost.ParseMoney(exact.FloatString(9), t.currency)
	return m, err == nil
}
