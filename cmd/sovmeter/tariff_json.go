package main

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/exporter/cost/tariff"
	"github.com/sovmeter/sovmeter/store"
)

// tariffSchema names the JSON of sovmeter tariff show.
const tariffSchema = "sovmeter.tariff/v1"

// tariffHead is in every such JSON. Prices are decimal numbers, as exact as a
// price is, and null where they are not known.
type tariffHead struct {
	Schema   string        `json:"schema"`
	Currency cost.Currency `json:"currency"`
	Zone     string        `json:"time_zone"`
}

type tariffDayJSON struct {
	tariffHead
	Day       string         `json:"day"`
	Since     string         `json:"since"`
	Until     string         `json:"until"`
	Intervals []intervalJSON `json:"intervals"`
}

type intervalJSON struct {
	Start   string        `json:"start"`
	End     string        `json:"end"`
	Price   *json.Number  `json:"price_per_kwh"`
	Source  tariff.Source `json:"source,omitempty"`
	Window  string        `json:"window,omitempty"`
	Unknown tariff.Reason `json:"unknown,omitempty"`
}

type explanationJSON struct {
	tariffHead
	Start    string        `json:"start"`
	End      string        `json:"end"`
	Version  string        `json:"version_from,omitempty"`
	Source   tariff.Source `json:"source,omitempty"`
	Window   string        `json:"window,omitempty"`
	Tier     int           `json:"tier,omitempty"`
	LastTier int           `json:"last_tier,omitempty"`
	Base     *json.Number  `json:"base_per_kwh"`
	Adders   []adderJSON   `json:"adders"`
	TaxRatio json.Number   `json:"tax_ratio"`
	Tax      *json.Number  `json:"tax_per_kwh"`
	Grid     *json.Number  `json:"grid_per_kwh"`
	Solar    json.Number   `json:"solar_ratio"`
	FeedIn   *json.Number  `json:"feed_in_per_kwh"`
	Price    *json.Number  `json:"price_per_kwh"`
	Unknown  tariff.Reason `json:"unknown,omitempty"`
}

type adderJSON struct {
	Name   string      `json:"name"`
	PerKWh json.Number `json:"per_kwh"`
}

func newTariffHead(t *tariff.Tariff) tariffHead {
	return tariffHead{Schema: tariffSchema, Currency: t.Currency(), Zone: t.Zone().String()}
}

// number is a price in JSON; nil unless it is known.
func priceNumber(p cost.Price, known bool) *json.Number {
	if !known {
		return nil
	}
	n := json.Number(p.Decimal())
	return &n
}

func writeTariffDay(w io.Writer, t *tariff.Tariff, date tariff.Date, since, until time.Time) error {
	out := tariffDayJSON{
		tariffHead: newTariffHead(t), Day: date.String(),
		Since: localTime(since), Until: localTime(until), Intervals: []intervalJSON{},
	}
	for _, i := range t.Intervals(since, until) {
		out.Intervals = append(out.Intervals, intervalJSON{
			Start: localTime(i.Start.In(t.Zone())), End: localTime(i.End.In(t.Zone())),
			Price: priceNumber(i.Price, i.Unknown == ""), Source: i.Source, Window: i.Window, Unknown: i.Unknown,
		})
	}
	return writeTariffJSON(w, out)
}

func writeExplanation(w io.Writer, t *tariff.Tariff, e tariff.Explanation) error {
	known := e.Unknown == ""
	out := explanationJSON{
		tariffHead: newTariffHead(t),
		Start:      localTime(e.Slot.In(t.Zone())), End: localTime(e.Slot.Add(store.SlotLength).In(t.Zone())),
		Source: e.Source, Window: e.Window, Tier: e.Tier, LastTier: e.LastTier, Unknown: e.Unknown,
		Base: priceNumber(e.Base, known), Tax: priceNumber(e.Tax.Amount, known), Grid: priceNumber(e.Grid, known),
		FeedIn: priceNumber(e.FeedIn, known && e.Solar != 0), Price: priceNumber(e.Price, known),
		TaxRatio: json.Number(e.Tax.Ratio.String()), Solar: json.Number(e.Solar.String()), Adders: []adderJSON{},
	}
	if !e.Version.IsZero() {
		out.Version = e.Version.String()
	}
	for _, a := range e.Adders {
		out.Adders = append(out.Adders, adderJSON{a.Name, json.Number(a.Amount.Decimal())})
	}
	return writeTariffJSON(w, out)
}

func writeTariffJSON(w io.Writer, v any) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return fmt.Errorf("print tariff: %w", err)
	}
	return nil
}
