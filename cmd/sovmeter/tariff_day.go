package main

import (
	"math/big"
	"time"

	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/exporter/cost/tariff"
)

// tariffDay is a day's prices, as they are drawn.
type tariffDay struct {
	tariff *tariff.Tariff
	date   tariff.Date
	rows   []tariffRow
	// lowest and highest are the prices that are; meaningless unless known.
	lowest, highest, mean cost.Price
	known                 bool
	unknown               time.Duration // without a price
	now                   *tariffRow    // nil when it is another day
	changes               bool          // the clocks change on it
	digits                int           // decimals of its prices
}

// tariffRow is one line of the drawing: an hour, or a part of it.
type tariffRow struct {
	tariff.Interval
	marks []string // such as lowest and now
}

func newTariffDay(t *tariff.Tariff, date tariff.Date, now time.Time) *tariffDay {
	since, until := date.Start(t.Zone()), date.Add(1).Start(t.Zone())
	d := &tariffDay{tariff: t, date: date}
	_, before := since.Zone()
	_, after := until.Add(-time.Second).Zone()
	d.changes = before != after
	all := t.Intervals(since, until)
	if len(all) == 1 {
		d.rows = []tariffRow{{Interval: all[0]}}
	} else {
		for from := since; from.Before(until); {
			to := endOfHour(from, until)
			for _, i := range t.Intervals(from, to) {
				d.rows = append(d.rows, tariffRow{Interval: i})
			}
			from = to
		}
	}
	d.measure(all)
	if len(d.rows) > 1 {
		d.mark(now)
	}
	return d
}

// endOfHour is when the hour that clocks show at from is over, or begins anew.
func endOfHour(from, until time.Time) time.Time {
	_, offset := from.Zone()
	for at := from.Add(15 * time.Minute); at.Before(until); at = at.Add(15 * time.Minute) {
		if _, o := at.Zone(); at.Hour() != from.Hour() || o != offset {
			return at
		}
	}
	return until
}

// measure finds the lowest, the highest and the mean price.
func (d *tariffDay) measure(all []tariff.Interval) {
	sum, length := new(big.Rat), int64(0)
	var prices []cost.Price
	for _, i := range all {
		seconds := int64(i.End.Sub(i.Start) / time.Second)
		if i.Unknown != "" {
			d.unknown += i.End.Sub(i.Start)
			continue
		}
		if !d.known || i.Price.Picos < d.lowest.Picos {
			d.lowest = i.Price
		}
		if !d.known || i.Price.Picos > d.highest.Picos {
			d.highest = i.Price
		}
		d.known = true
		prices = append(prices, i.Price)
		length += seconds
		sum.Add(sum, new(big.Rat).Mul(i.Price.Rat(), big.NewRat(seconds, 1)))
	}
	d.digits = priceDigits(prices, 4)
	if !d.known {
		return
	}
	mean, err := cost.NewPrice(sum.Quo(sum, big.NewRat(length, 1)), d.tariff.Currency())
	if err == nil {
		d.mean = mean
	}
}

// mark names the first of the lowest and highest rows, and the present one.
func (d *tariffDay) mark(now time.Time) {
	low, high := false, false
	for i := range d.rows {
		r := &d.rows[i]
		if d.isLowest(*r) && !low {
			r.marks, low = append(r.marks, "lowest"), true
		}
		if d.isHighest(*r) && !high {
			r.marks, high = append(r.marks, "highest"), true
		}
		if !now.Before(r.Start) && now.Before(r.End) {
			r.marks, d.now = append(r.marks, "now"), r
		}
	}
}

// varies reports whether the day has more than one price.
func (d *tariffDay) varies() bool { return d.known && d.lowest != d.highest }

func (d *tariffDay) isLowest(r tariffRow) bool {
	return d.varies() && r.Unknown == "" && r.Price == d.lowest
}

func (d *tariffDay) isHighest(r tariffRow) bool {
	return d.varies() && r.Unknown == "" && r.Price == d.highest
}

// label says where a row's price is from; empty where that goes without saying.
func (r tariffRow) label() string {
	switch {
	case r.Unknown == tariff.NoPrice, r.Unknown == tariff.NoValue:
		return "no price"
	case r.Unknown == tariff.NoVersion:
		return "no version yet"
	case r.Unknown == tariff.NoExchange:
		return "no exchange rate"
	case r.Unknown == tariff.NoSolarShare:
		return "no solar share"
	case r.Unknown == tariff.TooLarge:
		return "too large"
	case r.Source == tariff.FromWindow:
		return r.Window
	case r.Source == tariff.FromFallback && r.Unknown == "":
		return "fallback"
	}
	return ""
}
