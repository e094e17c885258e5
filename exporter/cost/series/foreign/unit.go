package foreign

import (
	"fmt"
	"strings"

	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/exporter/cost/series"
)

// measure is what the numbers of a file are and how they become a series'.
type measure struct {
	unit   series.Unit // empty: not known yet
	factor factor
}

// price is the measure of numbers in units × 10^exp of a currency per kWh.
func price(c cost.Currency, exp int32) measure {
	return measure{series.PricePerKWh(c), factor{1, exp}}
}

// grams is the measure of numbers in g/kWh, which are kg/MWh too.
func grams() measure { return measure{series.GramsPerKWh, factor{1, 0}} }

// parseMeasure reads a unit as services write it, such as "Eur/MWh", "EUR / MWh",
// "p/kWh" or "lbs_co2_per_mwh". own is the currency that a unit without a name of
// its own, such as cents or öre, is a part of; it may be empty.
func parseMeasure(text string, own cost.Currency) (measure, error) {
	word := strings.ToLower(strings.ReplaceAll(text, " ", ""))
	word = strings.NewReplacer("_per_", "/", "[", "", "]", "", "(", "", ")", "").Replace(word)
	amount, per, ok := strings.Cut(word, "/")
	exp, known := map[string]int32{"kwh": 0, "mwh": -3}[per]
	if !ok || !known {
		return measure{}, fmt.Errorf("unit %q: want one such as EUR/MWh, ct/kWh or g/kWh: %w", shown(text), series.ErrUnit)
	}
	if f, ok := weights(amount); ok {
		f.exp += exp
		return measure{series.GramsPerKWh, f}, nil
	}
	code, cents := subunit(amount, own)
	if cents {
		exp -= 2
	}
	c, err := cost.ParseCurrency(strings.ToUpper(string(code)))
	if err != nil {
		if cents {
			return measure{}, hint(fmt.Errorf("unit %q: of which currency: %w", shown(text), ErrNeeds), "name it with --currency")
		}
		return measure{}, fmt.Errorf("unit %q: %w", shown(text), err)
	}
	return price(c, exp), nil
}

// weights are how many grams the words for a mass are.
func weights(word string) (factor, bool) {
	word = strings.NewReplacer("_co2eq", "", "co2eq", "", "co₂eq", "", "_co2e", "", "_co2", "", "co2", "").Replace(word)
	switch word {
	case "g", "gram", "grams":
		return factor{1, 0}, true
	case "kg":
		return factor{1, 3}, true
	case "lb", "lbs":
		return factor{gramsPerPound, -5}, true
	}
	return factor{}, false
}

// subunit resolves the words for a hundredth of a currency.
func subunit(word string, own cost.Currency) (code cost.Currency, cents bool) {
	switch word {
	case "p", "pence", "penny":
		return "GBP", true
	case "ct":
		if own == "" {
			own = "EUR"
		}
		return own, true
	case "c", "¢", "cent", "cents", "öre", "øre", "ore":
		return own, true
	case "€":
		return "EUR", false
	case "£":
		return "GBP", false
	}
	return cost.Currency(word), false
}
