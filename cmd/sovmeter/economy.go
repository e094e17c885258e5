package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/sovmeter/sovmeter/cmd/sovmeter/config"
	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/exporter/cost/avoided"
	"github.com/sovmeter/sovmeter/exporter/cost/carbon"
	"github.com/sovmeter/sovmeter/exporter/cost/prices"
	"github.com/sovmeter/sovmeter/exporter/cost/series"
	"github.com/sovmeter/sovmeter/exporter/cost/tariff"
	"github.com/sovmeter/sovmeter/exporter/report"
	"github.com/sovmeter/sovmeter/store"
)

// economy is what the config says of money and carbon, with its files read.
type economy struct {
	tariff   *tariff.Tariff // nil: what energy costs is not known
	exchange cost.Exchange
	plan     *avoided.Plan // nil: nothing to compare with
	hardware *config.Hardware
	carbon   *carbon.Intensity
}

// loadEconomy reads what the config names. Compare takes the place of every
// substitute, as PROVIDER/MODEL; empty: as the config has it. What the table has
// no price for is told on stderr.
func loadEconomy(cfg config.Config, compare string, now time.Time, stderr io.Writer) (economy, error) {
	e := economy{hardware: cfg.Hardware, exchange: exchangeOf(cfg)}
	var err error
	if e.tariff, err = loadTariff(cfg); err != nil {
		return economy{}, err
	}
	if e.carbon, err = loadCarbon(cfg.Carbon); err != nil {
		return economy{}, err
	}
	if e.plan, err = loadPlan(cfg, e.exchange, compare); err != nil {
		return economy{}, err
	}
	for _, t := range e.plan.Unmatched(now) {
		fmt.Fprintf(stderr, "sovmeter: the price table has no %s of %s: see sovmeter prices list\n", t.Model, t.Provider)
	}
	return e, nil
}

// exchangeOf is the config's. Without one, only what is in the tariff's own
// currency can be compared, or what is in dollars where there is no tariff.
func exchangeOf(cfg config.Config) cost.Exchange {
	if cfg.Exchange != nil {
		return *cfg.Exchange
	}
	own := cost.Currency("USD")
	if cfg.Tariff != nil {
		own = cfg.Tariff.Currency
	}
	x, err := cost.NewExchange(own, nil)
	if err != nil {
		panic("sovmeter: an exchange without rates is refused: " + err.Error())
	}
	return x
}

// loadPlan compares with the config's rules, or with what the shipped table has
// for the weights that ran here.
func loadPlan(cfg config.Config, exchange cost.Exchange, compare string) (*avoided.Plan, error) {
	o := avoided.Options{StaleAfter: config.DefaultStaleAfter}
	var path string
	if cfg.Cloud != nil {
		o, path = cfg.Cloud.Plan, cfg.Cloud.Prices
	}
	o.Exchange = exchange
	var err error
	if o.Table, err = loadPrices(path); err != nil {
		return nil, err
	}
	if provider, model, ok := strings.Cut(compare, "/"); ok {
		o.Default.Substitute = &avoided.Target{Provider: provider, Model: model}
		for i := range o.Rules {
			o.Rules[i].Substitute = nil
		}
	}
	return avoided.New(o)
}

// loadPrices reads a price table; the shipped one when path is empty.
func loadPrices(path string) (prices.Table, error) {
	if path == "" {
		return prices.Shipped()
	}
	f, err := os.Open(path)
	if err != nil {
		return prices.Table{}, fmt.Errorf("price table: %w", err)
	}
	defer f.Close()
	t, err := prices.Read(f)
	if err != nil {
		return prices.Table{}, fmt.Errorf("price table %s: %w", path, err)
	}
	return t, nil
}

// loadCarbon is nil when nothing is configured.
func loadCarbon(c *config.Carbon) (*carbon.Intensity, error) {
	if c == nil {
		return nil, nil
	}
	if c.GramsPerKWh != nil {
		i, err := carbon.NewFixed(*c.GramsPerKWh, c.Source)
		return &i, err
	}
	f, err := os.Open(c.Series)
	if err != nil {
		return nil, fmt.Errorf("carbon: %w", err)
	}
	defer f.Close()
	points, header, err := series.Read(f)
	if err != nil {
		return nil, fmt.Errorf("carbon: series %s: %w", c.Series, err)
	}
	if header.Unit != series.GramsPerKWh {
		return nil, fmt.Errorf("carbon: series %s: is in %s, want %s", c.Series, header.Unit, series.GramsPerKWh)
	}
	source := c.Source
	if source == "" {
		source = header.Source
	}
	i, err := carbon.NewSeries(points, c.MaxAge, c.Fallback, source)
	return &i, err
}

// inputs asks the source for what a report on a period is made of. The history
// that a break-even is reckoned from begins with the machine.
func (e economy) inputs(ctx context.Context, source store.Source, p report.Period, now time.Time) (report.Inputs, error) {
	in := report.Inputs{Period: p, Now: now, Exchange: e.exchange}
	var err error
	if in.Range, err = source.Range(ctx, p.Since, p.Until); err != nil {
		return report.Inputs{}, err
	}
	in.History = in.Range
	if since := e.historySince(in.Range, p); since.Before(in.Range.Since) {
		if in.History, err = source.Range(ctx, since, p.Until); err != nil {
			return report.Inputs{}, err
		}
	}
	if in.Tariff, err = tariffOver(ctx, source, e.tariff, in.History); err != nil {
		return report.Inputs{}, err
	}
	e.fill(&in)
	return in, nil
}

// fill hands over what does not depend on what the store holds. A nil of ours is
// no nil of an interface.
func (e economy) fill(in *report.Inputs) {
	in.Exchange = e.exchange
	if e.plan != nil {
		in.Plan = e.plan
	}
	if e.hardware != nil {
		in.Machine, in.PayBasis = &e.hardware.Machine, e.hardware.Basis
	}
	if e.carbon != nil {
		in.Carbon = e.carbon
	}
}

// historySince is when the history of a report begins: with the machine, or what
// the store has of it. Without a machine the period is enough.
func (e economy) historySince(held store.Range, p report.Period) time.Time {
	if e.hardware == nil || held.First.IsZero() {
		return p.Since
	}
	return later(e.hardware.Machine.Purchased, held.First)
}
