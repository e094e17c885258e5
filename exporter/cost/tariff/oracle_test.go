package tariff_test

import (
	"slices"
	"time"

	"github.com/sovmeter/sovmeter/exporter/cost/tariff"
)

// wallClock prices a second by what the clock on the wall and the calendar
// beside it show, in floats.
type wallClock struct {
	spec  tariff.Spec
	feeds map[string]feed
	zone  *time.Location

	minute string // that last and known are for
	last   float64
	known  bool
}

func (o *wallClock) price(unix int64) (float64, bool) {
	now := time.Unix(unix, 0).In(o.zone)
	if now.Second() != 0 && o.minute != "" {
		return o.last, o.known // nothing changes within a minute
	}
	o.minute = now.Format(time.RFC3339)
	o.last, o.known = o.priceNow(now)
	return o.last, o.known
}

func (o *wallClock) priceNow(now time.Time) (float64, bool) {
	today := now.Format(time.DateOnly)
	var v *tariff.Version
	for i, c := range o.spec.Versions {
		from := c.From.String() // the zero date sorts before all others
		if from <= today && (v == nil || v.From.String() < from) {
			v = &o.spec.Versions[i]
		}
	}
	if v == nil {
		return 0, false
	}
	base, ok := o.base(*v, now)
	if !ok {
		return 0, false
	}
	for _, a := range v.Adders {
		counts := len(a.Windows) == 0
		for _, w := range a.Windows {
			counts = counts || o.holds(*v, w, now)
		}
		if counts {
			base += a.Price.Units()
		}
	}
	grid := base * (1 + float64(v.Tax)/1e9)
	share, ok := o.sun(*v, now)
	if !ok {
		return 0, false
	}
	if v.Solar == nil {
		return grid, true
	}
	return grid*(1-share) + v.Solar.FeedIn.Units()*share, true
}

func (o *wallClock) base(v tariff.Version, now time.Time) (float64, bool) {
	for _, w := range v.Windows {
		if o.holds(v, w.When, now) {
			return w.Price.Units(), true
		}
	}
	if v.Series != nil {
		if value, ok := o.value(v.Series.File, now); ok {
			return value*float64(v.Series.Factor)/1e9 + v.Series.Adder.Units(), true
		}
		if v.Series.Fallback == nil {
			return 0, false
		}
		return v.Series.Fallback.Units(), true
	}
	if v.Price == nil {
		return 0, false
	}
	return v.Price.Units(), true
}

func (o *wallClock) sun(v tariff.Version, now time.Time) (float64, bool) {
	if v.Solar == nil {
		return 0, true
	}
	if v.Solar.Series != nil {
		return o.value(v.Solar.Series.File, now)
	}
	for _, w := range v.Solar.Windows {
		if o.holds(v, w.When, now) {
			return float64(w.Share) / 1e9, true
		}
	}
	return 0, true
}

func (o *wallClock) value(file string, now time.Time) (float64, bool) {
	for _, p := range o.feeds[file].points {
		if !now.Before(p.Start) && now.Before(p.End) {
			return float64(p.Value) / 1e9, true
		}
	}
	return 0, false
}

// holds reads a window as people do: by the hands of the clock, and by the day
// on which the window began.
func (o *wallClock) holds(v tariff.Version, w tariff.When, now time.Time) bool {
	hands := now.Hour()*60 + now.Minute()
	from, to := int(w.From), int(w.To)
	if from == 0 && to == 0 {
		to = 24 * 60
	}
	year, month, day := now.Date()
	today := time.Date(year, month, day, 12, 0, 0, 0, time.UTC)
	if from < to {
		return hands >= from && hands < to && o.dayIsMeant(v, w, today)
	}
	if hands >= from && o.dayIsMeant(v, w, today) {
		return true
	}
	return hands < to && o.dayIsMeant(v, w, today.AddDate(0, 0, -1))
}

func (o *wallClock) dayIsMeant(v tariff.Version, w tariff.When, noon time.Time) bool {
	if w.Months != 0 && w.Months>>(int(noon.Month())-1)&1 == 0 {
		return false
	}
	if w.Days == 0 {
		return true
	}
	date := tariff.Date{Year: noon.Year(), Month: noon.Month(), Day: noon.Day()}
	holiday := slices.Contains(o.spec.Holidays, date) || slices.Contains(v.Holidays, date)
	if holiday && w.Days&0x80 != 0 {
		return true
	}
	weekday := noon.Weekday()
	if holiday && v.HolidaysAreSundays {
		weekday = time.Sunday
	}
	return w.Days>>int(weekday)&1 == 1
}
