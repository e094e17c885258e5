package foreign

import (
	"fmt"

	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/exporter/cost/series"
)

// readTibber reads an answer of Tibber's GraphQL API: every object with startsAt
// and a price in units of a currency per kWh, whether in priceInfo's today,
// tomorrow and range or in priceInfoRange. energy is the spot price, total has
// the tax and Tibber's part with it. https://developer.tibber.com/docs/reference
// (Price). Prices are of quarters since October 2025, or of hours; how long one
// holds is not said. current repeats one of the others and is left out, as its
// startsAt may lie between two quarters.
func readTibber(s *source) error {
	s.name, s.vat = "Tibber", series.VATExcluded
	column := "energy"
	if s.VAT {
		column, s.vat = "total", series.VATIncluded
	}
	if err := s.currency(s.Currency); err != nil {
		return err
	}
	missing := 0
	err := walkJSON(s.lines, visitor{object: func(o *object) error {
		for _, key := range []string{"currency", "current.currency"} {
			if code, ok := o.get(key); ok {
				if err := s.currency(cost.Currency(code)); err != nil {
					return &LineError{o.line, err}
				}
			}
		}
		from, ok := o.get("startsAt")
		if !ok || o.name == "current" || !o.has("energy") && !o.has("total") {
			return nil
		}
		start, err := parseStamp(from)
		if err != nil {
			return &LineError{o.line, fmt.Errorf("startsAt: %w", err)}
		}
		value, ok := o.get(column)
		if !ok {
			missing++
			return s.hole(start, false, o.line)
		}
		amount, err := parseDecimal(value)
		if err != nil {
			return &LineError{o.line, fmt.Errorf("%s: %w", column, err)}
		}
		return s.add(start, stamp{}, amount, o.line)
	}})
	if err == nil && missing > 0 && missing == len(*s.layers[0]) {
		return hint(fmt.Errorf("%d prices without %s: %w", missing, column, ErrNeeds), "ask Tibber for total and energy, or use --with-vat where the answer has total only")
	}
	return err
}

// currency sets that of prices per kWh; an empty one says nothing.
func (s *source) currency(code cost.Currency) error {
	if code == "" {
		return nil
	}
	c, err := cost.ParseCurrency(string(code))
	if err != nil {
		return err
	}
	return s.is(price(c, 0))
}
