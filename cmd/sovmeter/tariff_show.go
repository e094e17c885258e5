package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/sovmeter/sovmeter/cmd/sovmeter/config"
	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/exporter/cost/tariff"
)

// tariffShow is one call of sovmeter tariff show.
type tariffShow struct {
	env           env
	day, at       string
	asJSON, ascii bool
	width         int
}

func (s *tariffShow) run(ctx context.Context, cfg config.Config, t *tariff.Tariff, now time.Time) error {
	now = now.In(t.Zone())
	if s.at != "" {
		at, twice, err := parseAt(s.at, now)
		if err != nil {
			return &usageError{err}
		}
		t, note := s.used(ctx, cfg, t, at, at.Add(time.Second))
		e := t.Explain(at)
		if s.asJSON {
			return writeExplanation(s.env.stdout, t, e)
		}
		return s.print(explainPrice(t, e, []string{twice, note}, s.canvas()))
	}
	date, err := parseDay(s.day, now)
	if err != nil {
		return &usageError{err}
	}
	since, until := date.Start(t.Zone()), date.Add(1).Start(t.Zone())
	t, note := s.used(ctx, cfg, t, since, until)
	if s.asJSON {
		return writeTariffDay(s.env.stdout, t, date, since, until)
	}
	d := newTariffDay(t, date, now)
	return s.print(d.draw(cfg.Tariff.On(date), note, s.canvas()))
}

func (s *tariffShow) print(text string) error {
	if _, err := io.WriteString(s.env.stdout, text); err != nil {
		return fmt.Errorf("print tariff: %w", err)
	}
	return nil
}

// used is the tariff with what the Mac used, for tiers, and a note about that.
// Prices are shown without it too: the store may not be there yet.
func (s *tariffShow) used(ctx context.Context, cfg config.Config, t *tariff.Tariff, since, until time.Time) (*tariff.Tariff, string) {
	if !t.Tiered() {
		return t, ""
	}
	needs := t.Needs(since)
	source, err := openSource(ctx, cfg, io.Discard)
	if err == nil {
		defer source.Close() //nolint:errcheck // it was only read
		r, failed := source.Range(ctx, needs, until)
		if err = failed; err == nil {
			return t.Over(r.System), ""
		}
	}
	return t, fmt.Sprintf("Prices are those of the household without the Mac: its own use since %s is not known (%s).",
		needs.Format(time.DateOnly), strings.ReplaceAll(err.Error(), "\n", "; "))
}

// unknownText says why there is no price, and what can be done about it.
func unknownText(r tariff.Reason) string {
	switch r {
	case tariff.NoVersion:
		return "no version of the tariff holds yet"
	case tariff.NoPrice:
		return "no window holds, and there is no price_per_kwh"
	case tariff.NoValue:
		return "the series has no value, and no fallback"
	case tariff.NoExchange:
		return "no exchange rate for the series' currency"
	case tariff.NoSolarShare:
		return "the solar series has no value, and no fallback"
	case tariff.TooLarge:
		return "more than a million per kWh: look at the series' unit"
	}
	return string(r)
}

// priceDigits is how many decimals show all of these prices: all that they
// have, but no more than can be told apart.
func priceDigits(prices []cost.Price, most int) int {
	highest, digits := 0.0, 2
	for _, p := range prices {
		highest = max(highest, p.Units(), -p.Units())
		_, fraction, _ := strings.Cut(p.Decimal(), ".")
		digits = max(digits, len(fraction))
	}
	switch {
	case highest >= 100:
		return 2
	case highest >= 10:
		return min(digits, 3)
	}
	return min(digits, most)
}
