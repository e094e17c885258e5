package tariff

import (
	"fmt"
	"time"

	"github.com/sovmeter/sovmeter/exporter/cost/series"
)

// series looks at the files of a version.
func (c *checker) series(v *version) {
	if v.from > c.today {
		return // its files need not be there yet
	}
	if v.series != nil {
		c.taxed(v)
		c.file(v, fileFacts{
			name: v.series.File, points: v.series.points, maxAge: v.series.MaxAge,
			fallback: v.series.Fallback != nil, missing: NoValue,
		})
	}
	if v.Solar != nil && v.Solar.Series != nil {
		c.file(v, fileFacts{
			name: v.Solar.Series.File, points: v.share, maxAge: v.Solar.Series.MaxAge,
			fallback: v.Solar.Series.Fallback != nil, missing: NoSolarShare,
		})
	}
	c.other(v, NoExchange, "add the rate under exchange", "no exchange rate for the series' currency")
	c.other(v, TooLarge, "look at the unit of the series and at factor", "a price beyond a million per kWh")
}

// taxed looks whether tax is counted twice, or not at all.
func (c *checker) taxed(v *version) {
	switch {
	case v.series.vat == series.VATIncluded && v.Tax > 0 && v.series.Factor == One:
		c.fault(Taxed, "set tax to 0, or take it out with factor", "%sseries %s has tax in it, and %s is put on top", c.named(v), v.series.File, v.Tax.Percent())
	case v.series.vat == series.VATExcluded && v.Tax == 0:
		c.note(Taxed, "set tax, if you pay one", "%sseries %s has no tax in it, and tax is 0", c.named(v), v.series.File)
	}
}

// fileFacts are what a series in a file is like.
type fileFacts struct {
	name     string
	points   track
	maxAge   time.Duration
	fallback bool
	missing  Reason // of a price without a value
}

// then says what holds where there is no value.
func (f fileFacts) then() string {
	if f.fallback {
		return "the fallback holds"
	}
	return "no price is known"
}

func (c *checker) file(v *version, f fileFacts) {
	if len(f.points) == 0 {
		c.fault(SeriesStale, "import prices into it", "%sseries %s is empty: %s", c.named(v), f.name, f.then())
		return
	}
	start, end := f.points[0].start, f.points[len(f.points)-1].end
	switch {
	case dateOf(max(v.from, c.today-daysAround)).Start(c.zone).Unix() >= start:
	case v.from <= c.today-daysAround: // perhaps before there was a Mac
		c.note(SeriesHole, "import the time before, if energy was metered in it", "%sseries %s begins on %s: %s before", c.named(v), f.name, c.stamp(start), f.then())
	default:
		c.found(!f.fallback, SeriesHole, "import the time before", "%sseries %s begins on %s, after %s: %s before", c.named(v), f.name, c.stamp(start), v.From, f.then())
	}
	c.end(v, f, end)
	var p pattern
	r := c.resolver()
	from, to := c.span(v)
	c.slots(from, to, func(unix int64) {
		if unix < start || unix >= end {
			return
		}
		facts := r.at(unix)
		fellBack := f.missing == NoValue && facts.source == FromFallback
		if facts.unknown == f.missing || facts.unknown == "" && fellBack {
			c.add(&p, r, unix)
		}
	})
	if !p.empty() {
		c.found(!f.fallback, SeriesHole, "import the time again", "%sseries %s has no value at %s: %s there", c.named(v), f.name, &p, f.then())
	}
}

// end says when the series ends, which is only bad when it has been for long.
func (c *checker) end(v *version, f fileFacts, end int64) {
	if v.until <= c.today {
		return // the version ended too
	}
	age := c.now.Sub(time.Unix(end, 0))
	switch {
	case f.maxAge > 0 && age > f.maxAge:
		c.fault(SeriesStale, "import newer prices", "%sseries %s is stale: it ended on %s, %s ago, and may be %s old; %s since", c.named(v), f.name, c.stamp(end), length(age), length(f.maxAge), f.then())
	case age > 0:
		c.found(!f.fallback, SeriesEnds, "import newer prices", "%sseries %s ended on %s, %s ago: %s since", c.named(v), f.name, c.stamp(end), length(age), f.then())
	default:
		c.note(SeriesEnds, "", "%sseries %s ends on %s, in %s: %s after", c.named(v), f.name, c.stamp(end), length(-age), f.then())
	}
}

// other reports slots that are unknown for a reason that no file's end explains.
func (c *checker) other(v *version, why Reason, fix, what string) {
	var p pattern
	r := c.resolver()
	begin, end := c.span(v)
	c.slots(begin, end, func(unix int64) {
		f := r.at(unix)
		if f.unknown == "" && why == TooLarge && !f.tiered {
			if _, ok := c.tariff.At(time.Unix(unix, 0)); !ok {
				f.unknown = TooLarge
			}
		}
		if f.unknown == why {
			c.add(&p, r, unix)
		}
	})
	if !p.empty() {
		c.fault(Hole, fix, "%s%s at %s", c.named(v), what, &p)
	}
}

func (c *checker) found(fault bool, k Kind, fix, format string, args ...any) {
	if fault {
		c.fault(k, fix, format, args...)
		return
	}
	c.note(k, fix, format, args...)
}

// stamp is a time as local clocks show it.
func (c *checker) stamp(unix int64) string {
	return time.Unix(unix, 0).In(c.zone).Format("2006-01-02 15:04")
}

// length is a duration to the hour, in days where it is many.
func length(d time.Duration) string {
	hours := int(d.Round(time.Hour) / time.Hour)
	switch {
	case hours < 1:
		return "less than an hour"
	case hours < 72:
		return fmt.Sprintf("%d h", hours)
	}
	return fmt.Sprintf("%d days", hours/24)
}
