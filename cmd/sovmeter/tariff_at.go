package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/exporter/cost/tariff"
	"github.com/sovmeter/sovmeter/store"
)

// explainPrice says what one price is made of, a line a part.
func explainPrice(t *tariff.Tariff, e tariff.Explanation, notes []string, c canvas) string {
	var b strings.Builder
	from, to := e.Slot.In(t.Zone()), e.Slot.Add(store.SlotLength).In(t.Zone())
	b.WriteString(c.wrap("", fmt.Sprintf("%s-%s in %s (%s)", from.Format("Monday 2006-01-02 15:04"), to.Format("15:04"),
		zoneText(t), from.Format("MST, -07:00")), 0))
	b.WriteString("\n")
	if e.Unknown != "" {
		b.WriteString(c.wrap("  ", "no price: "+unknownText(e.Unknown), 2))
	} else {
		writeParts(&b, priceParts(e), c)
	}
	if !e.Version.IsZero() {
		b.WriteString("\n" + c.wrap("", fmt.Sprintf("The tariff's version holds from %s on.", e.Version), 0))
	}
	for _, note := range notes {
		if note != "" {
			b.WriteString("\n" + c.wrap("", note, 0))
		}
	}
	return b.String()
}

// pricePart is one line of the sum.
type pricePart struct {
	name  string
	price cost.Price
	why   string
}

func priceParts(e tariff.Explanation) []pricePart {
	parts := []pricePart{{"base", e.Base, baseText(e)}}
	for _, a := range e.Adders {
		parts = append(parts, pricePart{"+ " + a.Name, a.Amount, ""})
	}
	if e.Tax.Ratio != 0 {
		parts = append(parts, pricePart{"+ " + e.Tax.Ratio.Percent() + " tax", e.Tax.Amount, ""})
	}
	if e.Solar != 0 {
		parts = append(parts,
			pricePart{"= from the grid", e.Grid, (tariff.One - e.Solar).Percent() + " of the energy"},
			pricePart{"feed-in price", e.FeedIn, e.Solar.Percent() + " of the energy, from the roof"})
	}
	return append(parts, pricePart{"= price", e.Price, ""})
}

// baseText says where the base is from.
func baseText(e tariff.Explanation) string {
	base := ""
	switch e.Source {
	case tariff.FromWindow:
		base = "window " + e.Window
		if when := e.When.String(); when != e.Window {
			base += ": " + when
		}
	case tariff.FromSeries:
		base = "series " + filepath.Base(e.File) + ": " + e.Value.String()
		if e.Factor != tariff.One {
			base += glue + "×" + glue + e.Factor.String()
		}
		if e.Added.Picos != 0 {
			base += glue + "+" + glue + e.Added.Decimal()
		}
	case tariff.FromFallback:
		base = "fallback: series " + filepath.Base(e.File) + " has no value"
	case tariff.FromDefault:
		base = "price_per_kwh"
	}
	if e.Tier == 0 {
		return base
	}
	tier := fmt.Sprintf("tier %d", e.Tier)
	if e.LastTier > e.Tier {
		tier = fmt.Sprintf("tiers %d to %d", e.Tier, e.LastTier)
	}
	tier += fmt.Sprintf(", at %.1f kWh of the household and %.1f of the Mac", e.Household.KilowattHours(), e.Used.KilowattHours())
	if base == "" {
		return tier
	}
	return base + ", " + tier
}

func writeParts(b *strings.Builder, parts []pricePart, c canvas) {
	var prices []cost.Price
	name, figure := 0, 0
	for _, p := range parts {
		prices = append(prices, p.price)
		name = max(name, text.StringWidthWithoutEscSequences(c.clean(p.name)))
	}
	digits := priceDigits(prices, 5)
	for _, p := range prices {
		figure = max(figure, len(p.Rat().FloatString(digits)))
	}
	for i, p := range parts {
		label := c.clean(p.name)
		line := fmt.Sprintf("  %s%s  %*s", label, strings.Repeat(" ", name-text.StringWidthWithoutEscSequences(label)), figure, p.price.Rat().FloatString(digits))
		switch {
		case i == len(parts)-1:
			line = c.paint("\x1b[1m", line+" "+string(p.price.Currency)+"/kWh") + "\n"
		case p.why != "":
			line = c.wrap(line+"  ", strings.ReplaceAll(p.why, "×", c.times()), text.StringWidthWithoutEscSequences(line)+2)
		default:
			line += "\n"
		}
		b.WriteString(line)
	}
}

// times is the sign of a product.
func (c canvas) times() string {
	if c.ascii {
		return "x"
	}
	return "×"
}

// localTime is a time with the offset of its zone, for JSON.
func localTime(t time.Time) string { return t.Format(time.RFC3339) }
