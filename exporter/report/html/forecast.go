package html

import (
	"time"

	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/exporter/cost/payback"
	"github.com/sovmeter/sovmeter/exporter/report"
)

// forecast is what the mean of the metered days makes of the time from the
// purchase on. Its floats are for drawing only.
type forecast struct {
	capital   cost.Money
	purchased time.Time
	life      time.Duration
	monthly   map[string]float64 // by the key of a line
	breaks    []crossing
}

// crossing is where a comparator's line meets what was paid.
type crossing struct {
	key      string
	months   float64
	forecast payback.Forecast
}

// newForecast is nil without hardware, and while too few days are metered.
func newForecast(r report.Report) *forecast {
	f := &forecast{monthly: map[string]float64{}}
	for _, c := range r.Comparisons {
		b := c.BreakEven
		if b == nil || b.Simple.Outcome == payback.TooFewDays || b.Simple.Outcome == "" {
			continue
		}
		f.capital = b.Capital
		f.monthly[costKey] = b.CostMonthly.Units()
		f.monthly[string(c.Name)] = b.AvoidedMonthly.Units()
		x := crossing{key: string(c.Name), forecast: b.Simple}
		if gain := b.AvoidedMonthly.Units() - b.CostMonthly.Units(); gain > 0 {
			x.months = b.Capital.Units() / gain
		}
		f.breaks = append(f.breaks, x)
	}
	if len(f.breaks) == 0 || r.Hardware == nil || len(r.Curve.Days) == 0 {
		return nil
	}
	f.purchased, f.life = r.Hardware.Machine.Purchased, r.Hardware.Machine.Life
	if f.purchased.IsZero() || f.purchased.After(r.Curve.Days[0].Start) {
		f.purchased = r.Curve.Days[0].Start
	}
	f.purchased = f.purchased.In(r.Period.Since.Location())
	return f
}

// The bounds of a forecast's chart, in months: what lies further off is no
// forecast, and a line needs some room.
const (
	fewestMonths  = 6.0
	mostMonths    = 120.0
	withoutLife   = 60.0
	pastLastMonth = 1.15
)

// horizon is how many months the chart shows.
func (f *forecast) horizon(now time.Time) float64 {
	months := max(fewestMonths, float64(now.Sub(f.purchased))/float64(payback.Month))
	crosses := false
	for _, x := range f.breaks {
		if !x.reached() || x.months > mostMonths {
			continue
		}
		crosses = true
		months = max(months, x.months)
		if x.forecast.LateKnown {
			months = max(months, min(float64(x.forecast.Late), 1.6*x.months))
		}
	}
	if !crosses {
		months = max(months, withoutLife)
		if f.life > 0 {
			months = max(fewestMonths, min(mostMonths, float64(f.life)/float64(payback.Month)))
		}
	}
	return months * pastLastMonth
}

// reached tells whether the lines cross at all.
func (x crossing) reached() bool {
	return x.months > 0 && (x.forecast.Outcome == payback.Reached || x.forecast.Outcome == payback.BeyondLife)
}

// at is where a line stands so many months after the purchase.
func (f *forecast) at(key string, months float64) float64 {
	v := f.monthly[key] * months
	if key == costKey {
		v += f.capital.Units()
	}
	return v
}

// highest is the top of the chart: above all that crosses and what was paid. A
// line that rises steeper leaves the chart there.
func (f *forecast) highest(horizon float64) float64 {
	paid, top := f.at(costKey, horizon), 0.0
	crosses := false
	for _, x := range f.breaks {
		crosses = crosses || x.reached() && x.months < horizon
		top = max(top, f.at(x.key, horizon))
	}
	if crosses {
		return min(max(paid, top), 1.35*paid)
	}
	return max(paid, top)
}
