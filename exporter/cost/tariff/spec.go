package tariff

import (
	"slices"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/exporter/cost"
)

// Spec is a tariff as it is written down. New makes a Tariff of it.
type Spec struct {
	Currency cost.Currency  // of every amount in it
	Zone     *time.Location // whose clocks and days it means; nil: UTC
	Holidays []Date         // in every version
	Versions []Version      // in any order; the one that began last holds
}

// Files are the files that the tariff names, each once.
func (s Spec) Files() []string {
	var files []string
	for _, v := range s.Versions {
		if v.Series != nil && !slices.Contains(files, v.Series.File) {
			files = append(files, v.Series.File)
		}
		if v.Solar != nil && v.Solar.Series != nil && !slices.Contains(files, v.Solar.Series.File) {
			files = append(files, v.Solar.Series.File)
		}
	}
	return files
}

// Version is what holds from a day on. A price is its base, the sum of the
// adders, and the tax on both. The base is the first of these that there is: the
// price of the first window that holds, the series' value, a tier's price,
// Price.
type Version struct {
	From  Date        // its first day; the zero Date: since ever
	Price *cost.Money // per kWh, when nothing else holds; nil: unknown then
	// Windows are tried in order and the first that holds gives the price.
	Windows  []Window
	Holidays []Date
	// HolidaysAreSundays makes holidays match as Sundays and not as the day of the
	// week that they fall on.
	HolidaysAreSundays bool
	Tiers              *Tiers
	Series             *Feed
	Adders             []Adder
	Tax                Ratio // on everything but a feed-in price; 0: none, or in the prices already
	Standing           Standing
	Solar              *Solar
}

// Window is a price at some times.
type Window struct {
	Name string
	When
	Price cost.Money // per kWh
}

// Adder is a price on top, such as a grid fee. It may be negative.
type Adder struct {
	Name    string
	Price   cost.Money // per kWh
	Windows []When     // it is 0 outside of them; empty: it always counts
}

// Feed is a price series in a file: its values, times Factor, plus Adder.
type Feed struct {
	File   string
	MaxAge time.Duration // a series that ended longer ago is stale; 0: never
	// Fallback is the price where the series has no value; nil: unknown. Factor and
	// Adder do not apply to it.
	Fallback *cost.Money
	Factor   Ratio // 0 stands for One
	Adder    cost.Money
}

// Tiers are prices that depend on the use since the billing month began. The
// Mac's use comes on top of the household's whole month: it is what the Mac
// adds to the bill that is asked for.
type Tiers struct {
	Household  energy.Joules // the rest of the household's use in a month
	BillingDay int           // the day on which a billing month begins, 1 to 28; 0 stands for 1
	Steps      []Step        // from the first kWh on
}

// Step is one tier. Either all steps of Tiers have a Price or all have an Add.
type Step struct {
	UpTo energy.Joules // use in the month at which the next one begins; 0 in the last step
	// Price is the base where no window holds; nil: Add counts.
	Price *cost.Money
	Add   cost.Money // on top of whatever the base is; may be negative
}

// Standing is what is paid whatever the use is. It is in no price, as no call
// makes it more.
type Standing struct {
	PerDay   cost.Money
	PerMonth cost.Money // a calendar month
	Share    Ratio      // of it that is the Mac's; 0: none
}

// Solar prices a share of the Mac's energy at what the grid would have paid for
// it. Tax and adders are not in that.
type Solar struct {
	FeedIn  cost.Money    // per kWh; may be 0
	Windows []SolarWindow // the first that holds; the share is 0 outside of them
	// Series is a file of shares, in place of Windows; nil: none.
	Series *SolarFeed
}

// SolarWindow is the share of the Mac's energy that comes from the roof.
type SolarWindow struct {
	When
	Share Ratio // 0 to 1
}

// SolarFeed is a series of such shares in a file.
type SolarFeed struct {
	File     string
	MaxAge   time.Duration // a series that ended longer ago is stale; 0: never
	Fallback *Ratio        // where it has no value; nil: the price is unknown
}
