package series

import (
	"fmt"
	"strings"

	"github.com/sovmeter/sovmeter/exporter/cost"
)

// Unit is what one unit of a series' values is: "EUR/kWh" or another currency
// for a price, GramsPerKWh or Ratio.
type Unit string

// The units that are no price.
const (
	GramsPerKWh Unit = "g/kWh" // of CO2 equivalent
	Ratio       Unit = "ratio" // a share of one, such as the sun's in the supply
)

// perKWh is how the unit of a price ends.
const perKWh = "/kWh"

// PricePerKWh is the unit of prices in a currency.
func PricePerKWh(c cost.Currency) Unit { return Unit(c) + perKWh }

// ParseUnit checks that text is a unit of a series.
func ParseUnit(text string) (Unit, error) {
	if u := Unit(text); u == GramsPerKWh || u == Ratio {
		return u, nil
	}
	code, ok := strings.CutSuffix(text, perKWh)
	if !ok {
		return "", fmt.Errorf("unit %q: want a currency such as EUR/kWh, or g/kWh or ratio: %w", shown(text), ErrUnit)
	}
	if _, err := cost.ParseCurrency(code); err != nil {
		return "", fmt.Errorf("unit %q: %w", shown(text), err)
	}
	return Unit(text), nil
}

// Currency is the currency of a price; false when the unit is none of a price.
func (u Unit) Currency() (cost.Currency, bool) {
	code, ok := strings.CutSuffix(string(u), perKWh)
	if !ok || u == GramsPerKWh {
		return "", false
	}
	return cost.Currency(code), true
}

// Quantity is what a series is about.
type Quantity string

// The quantities there are.
const (
	Price  Quantity = "price"
	Carbon Quantity = "carbon"
	Share  Quantity = "ratio"
)

// Quantity is what is measured in the unit.
func (u Unit) Quantity() Quantity {
	switch u {
	case GramsPerKWh:
		return Carbon
	case Ratio:
		return Share
	}
	return Price
}

// VAT says whether prices have value-added tax in them.
type VAT string

// What is known of the tax in prices. Carbon and ratios are VATUnknown.
const (
	VATUnknown  VAT = ""
	VATIncluded VAT = "included"
	VATExcluded VAT = "excluded"
)

// Header says what the values of a file are.
type Header struct {
	Unit   Unit
	VAT    VAT
	Source string // free text, one line; empty when not known
}

// Quantity is what the file is about.
func (h Header) Quantity() Quantity { return h.Unit.Quantity() }
