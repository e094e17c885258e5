package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sovmeter/sovmeter/exporter/cost/prices"
)

// rateText is a price with all its digits and at least two decimals; ? when it
// is unknown.
func rateText(r prices.Rate) string {
	text := r.Decimal()
	if text == "" {
		return "?"
	}
	whole, fraction, _ := strings.Cut(text, ".")
	if len(fraction) < 2 {
		fraction = (fraction + "00")[:2]
	}
	return whole + "." + fraction
}

// nameWithHours is the model, with the part of the day that the price holds for.
func nameWithHours(p prices.Entry) string {
	if h := p.Hours.String(); h != "" {
		return p.Model + " (" + h + " UTC)"
	}
	return p.Model
}

func priceDay(at time.Time) string {
	if at.IsZero() {
		return "-"
	}
	return at.UTC().Format(time.DateOnly)
}

// tokensShort is a round number of tokens, such as 200k.
func tokensShort(n int64) string {
	if n >= 1000 && n%1000 == 0 {
		return fmt.Sprintf("%dk", n/1000)
	}
	return fmt.Sprint(n)
}

func priceKeys[V any](m map[string]V) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
