package tariff

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/exporter/cost/series"
)

// File is a series that was read from a file.
type File struct {
	series.Header
	Points series.Series
}

// Inputs is what a Spec names and does not hold.
type Inputs struct {
	Files map[string]File // by the name in the Spec
	// Exchange converts series in another currency; its zero value knows no rates.
	Exchange cost.Exchange
}

// rules are a checked Spec. They never change.
type rules struct {
	currency cost.Currency
	zone     *time.Location
	exchange cost.Exchange
	versions []*version // by from
	written  []Date     // the versions' first days, as they stand in the Spec
	tiered   bool       // any version has tiers
}

// version is a Version with what it names.
type version struct {
	Version
	from     int64 // the first day's number; math.MinInt64: since ever
	until    int64 // the first day's number of the next one; math.MaxInt64: none
	holidays map[int64]bool
	series   *feed // nil: none
	share    track // of the sun
	tiersAdd bool  // the tiers' steps are on top of the base, not the base
}

// feed is a Feed with its file.
type feed struct {
	Feed
	points   track
	currency cost.Currency
	vat      series.VAT
}

func newRules(s Spec, in Inputs) (*rules, error) {
	r := &rules{currency: s.Currency, zone: s.Zone, exchange: in.Exchange}
	if r.zone == nil {
		r.zone = time.UTC
	}
	for _, v := range s.Versions {
		c, err := newVersion(v, s.Holidays, in)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", v, err)
		}
		r.versions = append(r.versions, c)
		r.written = append(r.written, v.From)
		r.tiered = r.tiered || v.Tiers != nil
	}
	slices.SortFunc(r.versions, func(a, b *version) int { return cmp.Compare(a.from, b.from) })
	for i, v := range r.versions[:len(r.versions)-1] {
		v.until = r.versions[i+1].from
	}
	return r, nil
}

func newVersion(v Version, holidays []Date, in Inputs) (*version, error) {
	c := &version{Version: v, from: math.MinInt64, until: math.MaxInt64, holidays: map[int64]bool{}}
	if !v.From.IsZero() {
		c.from = v.From.number()
	}
	for _, d := range slices.Concat(holidays, v.Holidays) {
		c.holidays[d.number()] = true
	}
	if v.Tiers != nil {
		c.tiersAdd = v.Tiers.Steps[0].Price == nil
	}
	if v.Series != nil {
		file, ok := in.Files[v.Series.File]
		currency, price := file.Unit.Currency()
		switch {
		case !ok:
			return nil, fmt.Errorf("series %s was not read: %w", v.Series.File, ErrSeries)
		case !price:
			return nil, fmt.Errorf("series %s is in %s, want a price per kWh: %w", v.Series.File, file.Unit, ErrSeries)
		}
		c.series = &feed{Feed: *v.Series, points: newTrack(file.Points), currency: currency, vat: file.VAT}
		if c.series.Factor == 0 {
			c.series.Factor = One
		}
	}
	if v.Solar != nil && v.Solar.Series != nil {
		file, ok := in.Files[v.Solar.Series.File]
		switch {
		case !ok:
			return nil, fmt.Errorf("solar series %s was not read: %w", v.Solar.Series.File, ErrSeries)
		case file.Unit != series.Ratio:
			return nil, fmt.Errorf("solar series %s is in %s, want %s: %w", v.Solar.Series.File, file.Unit, series.Ratio, ErrSeries)
		}
		c.share = newTrack(file.Points)
	}
	return c, nil
}

// versionOn returns the version that holds on a day; nil before the first.
func (r *rules) versionOn(day int64) *version {
	for i := len(r.versions) - 1; i >= 0; i-- {
		if r.versions[i].from <= day {
			return r.versions[i]
		}
	}
	return nil
}

// kindOf is what a When asks of a day.
func (v *version) kindOf(day int64) dayKind {
	d := dateOf(day)
	k := dayKind{days: On(d.Weekday()), month: In(d.Month)}
	if !v.holidays[day] {
		return k
	}
	if v.HolidaysAreSundays {
		k.days = On(time.Sunday)
	}
	k.days |= Holidays
	return k
}

// rate is what one unit of a currency is worth, in billionths of the tariff's.
func (r *rules) rate(c cost.Currency, unix int64) (int64, bool) {
	if c == r.currency {
		return int64(One), true
	}
	if r.exchange.Own() != r.currency {
		return 0, false
	}
	rate, ok := r.exchange.At(c, time.Unix(unix, 0).UTC())
	return rate.Worth.Nanos, ok
}
