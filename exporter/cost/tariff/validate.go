package tariff

import (
	"fmt"
	"math"

	"github.com/sovmeter/sovmeter/exporter/cost"
)

// maxTax catches 19 and 1.19 written for 0.19.
const maxTax = One

// mostNanos is the highest price that makes sense in any currency, per kWh.
const mostNanos = 1_000_000 * int64(One)

// Check says what is wrong with a Spec, as New does. It does not look at what the
// Spec names.
func (s Spec) Check() error {
	if _, err := cost.ParseCurrency(string(s.Currency)); err != nil {
		return err
	}
	if len(s.Versions) == 0 {
		return fmt.Errorf("no version: %w", ErrSpec)
	}
	begins := map[Date]bool{}
	for _, v := range s.Versions {
		if begins[v.From] {
			return fmt.Errorf("two versions %s: %w", v, ErrSpec)
		}
		begins[v.From] = true
		if err := v.check(s.Currency); err != nil {
			return fmt.Errorf("%s: %w", v, err)
		}
	}
	return nil
}

// String says which version it is: "version from 2026-01-01".
func (v Version) String() string {
	if v.From.IsZero() {
		return "version since ever"
	}
	return "version from " + v.From.String()
}

func (v Version) check(c cost.Currency) error {
	checks := []func(cost.Currency) error{v.checkPrices, v.checkTimes, v.checkTiers, v.checkShares, v.checkBase}
	for _, check := range checks {
		if err := check(c); err != nil {
			return err
		}
	}
	return nil
}

// checkBase refuses two prices for one thing, and none at all.
func (v Version) checkBase(cost.Currency) error {
	tierPrice := v.Tiers != nil && v.Tiers.Steps[0].Price != nil
	count := 0
	for _, has := range []bool{v.Price != nil, v.Series != nil, tierPrice} {
		if has {
			count++
		}
	}
	switch {
	case count > 1:
		return fmt.Errorf("want one of a price, a series and tiers with a price: %w", ErrSpec)
	case count == 0 && len(v.Windows) == 0:
		return fmt.Errorf("no price, window, series or tier: %w", ErrSpec)
	}
	return nil
}

// checkPrices holds every amount against the currency and what makes sense.
func (v Version) checkPrices(c cost.Currency) error {
	amounts := map[string]cost.Money{"standing charge per day": v.Standing.PerDay, "standing charge per month": v.Standing.PerMonth}
	if v.Price != nil {
		amounts["price"] = *v.Price
	}
	for _, w := range v.Windows {
		amounts["window "+w.Name] = w.Price
	}
	for _, a := range v.Adders {
		amounts["adder "+a.Name] = a.Price
	}
	if v.Series != nil {
		amounts["series' adder"] = v.Series.Adder
		if v.Series.Fallback != nil {
			amounts["series' fallback"] = *v.Series.Fallback
		}
	}
	if v.Solar != nil {
		amounts["feed-in price"] = v.Solar.FeedIn
	}
	if v.Tiers != nil {
		for i, s := range v.Tiers.Steps {
			amounts[fmt.Sprintf("add of tier %d", i+1)] = s.Add
			if s.Price != nil {
				amounts[fmt.Sprintf("price of tier %d", i+1)] = *s.Price
			}
		}
	}
	for what, m := range amounts {
		switch {
		case m.Currency != c && m != (cost.Money{}):
			return fmt.Errorf("%s is in %s, not in %s: %w", what, m.Currency, c, cost.ErrCurrency)
		case m.Nanos > mostNanos || m.Nanos < -mostNanos:
			return fmt.Errorf("%s of %s: %w", what, m, cost.ErrRange)
		}
	}
	return nil
}

// checkTimes checks everything that holds at some times only.
func (v Version) checkTimes(cost.Currency) error {
	for _, w := range v.whens() {
		if err := w.check(); err != nil {
			return err
		}
	}
	return nil
}

func (v Version) checkTiers(cost.Currency) error {
	if v.Tiers == nil {
		return nil
	}
	t := *v.Tiers
	finite := func(f float64) bool { return f >= 0 && !math.IsInf(f, 0) }
	switch {
	case len(t.Steps) == 0:
		return fmt.Errorf("tiers without a step: %w", ErrSpec)
	case t.BillingDay < 0 || t.BillingDay > 28:
		return fmt.Errorf("billing day %d, want 1 to 28: %w", t.BillingDay, ErrSpec)
	case !finite(float64(t.Household)):
		return fmt.Errorf("household of %v kWh: %w", t.Household.KilowattHours(), ErrSpec)
	}
	for i, s := range t.Steps {
		last := i == len(t.Steps)-1
		switch {
		case (s.Price == nil) != (t.Steps[0].Price == nil):
			return fmt.Errorf("tier %d: want a price in every tier or in none: %w", i+1, ErrSpec)
		case last != (s.UpTo == 0), !finite(float64(s.UpTo)):
			return fmt.Errorf("tier %d: want an end of every tier but the last: %w", i+1, ErrSpec)
		case !last && i > 0 && s.UpTo <= t.Steps[i-1].UpTo:
			return fmt.Errorf("tier %d ends before the one before it: %w", i+1, ErrSpec)
		}
	}
	return nil
}

func (v Version) checkShares(cost.Currency) error {
	if v.Tax < 0 || v.Tax > maxTax {
		return fmt.Errorf("tax of %s, want 0 to %s: %w", v.Tax, maxTax, ErrSpec)
	}
	shares := []Ratio{v.Standing.Share}
	if s := v.Solar; s != nil {
		for _, w := range s.Windows {
			shares = append(shares, w.Share)
		}
		if s.Series != nil && s.Series.Fallback != nil {
			shares = append(shares, *s.Series.Fallback)
		}
		if s.Series != nil && len(s.Windows) > 0 {
			return fmt.Errorf("solar: want windows or a series, not both: %w", ErrSpec)
		}
	}
	for _, share := range shares {
		if share < 0 || share > One {
			return fmt.Errorf("share of %s, want 0 to 1: %w", share, ErrSpec)
		}
	}
	return nil
}
