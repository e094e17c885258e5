package tariff

import (
	"math"
	"time"

	"github.com/sovmeter/sovmeter/store"
)

const secondsPerSlot = int64(store.SlotLength / time.Second)

// Source says where the base of a price is from.
type Source string

// The sources, in the order in which they are tried.
const (
	FromWindow   Source = "window"
	FromSeries   Source = "series"
	FromFallback Source = "fallback" // the series has no value
	FromTier     Source = "tier"
	FromDefault  Source = "default"
)

// Reason says why a price is not known.
type Reason string

// The reasons.
const (
	NoVersion    Reason = "no_version"     // before the first day of the first version
	NoPrice      Reason = "no_price"       // no window holds, and there is no price for the other times
	NoValue      Reason = "no_value"       // the series has neither a value nor a fallback
	NoExchange   Reason = "no_exchange"    // the rate of the series' currency is not known
	NoSolarShare Reason = "no_solar_share" // the solar series has neither a value nor a fallback
	TooLarge     Reason = "too_large"      // beyond what a price can be
)

// facts are what holds in one slot.
type facts struct {
	version *version
	source  Source
	window  int  // index into the version's windows; meaningless but for FromWindow
	tiered  bool // the price depends on the use so far, and is not in terms yet
	terms   terms
	unknown Reason // empty: the price is known
	day     int64  // the local date's number
}

// resolver finds the facts of slots. It remembers the zone's offset and the
// local day, which the next slot mostly shares. It is for one goroutine at a
// time.
type resolver struct {
	*rules
	offset, offsetFrom, offsetUntil int64 // seconds
	day                             int64
	version                         *version
	today, before                   dayKind
	values, shares                  cursor
}

func (r *rules) resolver() *resolver {
	return &resolver{rules: r, offsetFrom: 1, day: math.MinInt64}
}

// local returns the date's number and the time of day that clocks show.
func (r *resolver) local(unix int64) (int64, Clock) {
	if unix < r.offsetFrom || unix >= r.offsetUntil {
		t := time.Unix(unix, 0).In(r.zone)
		_, offset := t.Zone()
		r.offset, r.offsetFrom, r.offsetUntil = int64(offset), unix, unix+1
		if _, end := t.ZoneBounds(); end.IsZero() {
			r.offsetUntil = math.MaxInt64
		} else if end.Unix() > unix {
			r.offsetUntil = end.Unix()
		}
	}
	local := unix + r.offset
	day := floorDiv(local, secondsPerDay)
	return day, Clock((local - day*secondsPerDay) / 60)
}

func (r *resolver) at(unix int64) facts {
	day, clock := r.local(unix)
	if day != r.day {
		r.day = day
		r.version = r.versionOn(day)
		if r.version != nil {
			r.today, r.before = r.version.kindOf(day), r.version.kindOf(day-1)
		}
	}
	f := facts{version: r.version, day: day}
	if f.version == nil {
		f.unknown = NoVersion
		return f
	}
	f.terms.tax = f.version.Tax
	r.base(&f, unix, clock)
	r.adders(&f, clock)
	r.solar(&f, unix, clock)
	return f
}

// base finds the base price, all but a tier's.
func (r *resolver) base(f *facts, unix int64, clock Clock) {
	v := f.version
	f.tiered = v.tiersAdd
	for i, w := range v.Windows {
		if w.at(clock, r.today, r.before) {
			f.source, f.window = FromWindow, i
			f.terms.fixed = w.Price.Nanos
			return
		}
	}
	switch {
	case v.series != nil:
		r.value(f, unix)
	case v.Tiers != nil && !v.tiersAdd:
		f.source, f.tiered = FromTier, true
	case v.Price != nil:
		f.source = FromDefault
		f.terms.fixed = v.Price.Nanos
	default:
		f.source, f.unknown = FromDefault, NoPrice
	}
}

// value takes the series' value, or what stands in for it.
func (r *resolver) value(f *facts, unix int64) {
	feed := f.version.series
	value, ok := r.values.at(feed.points, unix)
	if ok {
		rate, known := r.rate(feed.currency, unix)
		if !known {
			f.source, f.unknown = FromSeries, NoExchange
			return
		}
		f.source = FromSeries
		f.terms.value, f.terms.rate, f.terms.factor = value, rate, feed.Factor
		f.terms.fixed = feed.Adder.Nanos
		return
	}
	f.source = FromFallback
	if feed.Fallback == nil {
		f.unknown = NoValue
		return
	}
	f.terms.fixed = feed.Fallback.Nanos
}

func (r *resolver) adders(f *facts, clock Clock) {
	for _, a := range f.version.Adders {
		if r.counts(a, clock) {
			f.terms.fixed += a.Price.Nanos
		}
	}
}

// counts reports whether an adder is in the price now.
func (r *resolver) counts(a Adder, clock Clock) bool {
	for _, w := range a.Windows {
		if w.at(clock, r.today, r.before) {
			return true
		}
	}
	return len(a.Windows) == 0
}

// solar finds the share that the roof gives.
func (r *resolver) solar(f *facts, unix int64, clock Clock) {
	s := f.version.Solar
	if s == nil {
		return
	}
	f.terms.feedIn = s.FeedIn.Nanos
	for _, w := range s.Windows {
		if w.at(clock, r.today, r.before) {
			f.terms.solar = w.Share
			return
		}
	}
	if s.Series == nil {
		return
	}
	if value, ok := r.shares.at(f.version.share, unix); ok && value >= 0 && Ratio(value) <= One {
		f.terms.solar = Ratio(value)
		return
	}
	if s.Series.Fallback == nil {
		f.unknown = NoSolarShare
		return
	}
	f.terms.solar = *s.Series.Fallback
}
