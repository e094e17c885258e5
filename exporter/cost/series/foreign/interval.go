package foreign

import (
	"fmt"

	"github.com/sovmeter/sovmeter/exporter/cost/series"
	"github.com/sovmeter/sovmeter/store"
)

const slotLength = store.SlotLength

// interval takes the figure of an object, by the names of its values; end is empty
// when a format does not tell it. An object without these is none of the format's
// and is passed over, one whose figure is null is a hole.
func (s *source) interval(o *object, start, end, value string) error {
	if !o.has(start) || !o.has(value) {
		return nil
	}
	from, _ := o.get(start)
	at, err := parseStamp(from)
	if err != nil {
		return &LineError{o.line, fmt.Errorf("%s: %w", start, err)}
	}
	text, ok := o.get(value)
	if !ok || nothing(text) {
		return s.hole(at, end != "", o.line)
	}
	var until stamp
	if end != "" {
		to, _ := o.get(end)
		if until, err = parseStamp(to); err != nil {
			return &LineError{o.line, fmt.Errorf("%s: %w", end, err)}
		}
	}
	amount, err := parseDecimal(text)
	if err != nil {
		return &LineError{o.line, fmt.Errorf("%s: %w", value, err)}
	}
	return s.add(at, until, amount, o.line)
}

// market says that a format has the prices of a market, which are without tax.
func (s *source) market(name string) error {
	s.name, s.vat = name, series.VATExcluded
	if s.VAT {
		return hint(fmt.Errorf("its prices are those of the market: %w", ErrVAT), "import without --with-vat, and say the tax in the config's tariff")
	}
	return nil
}
