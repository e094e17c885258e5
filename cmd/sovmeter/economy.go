package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
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
// substitute, as PROVIDER/MODEL; empty: as the config has it. Doubts are told on
// stderr.
func loadEconomy(cfg config.Config, compare string, now time.Time, stderr io.Writer) (economy, error) {
	e := economy{hardware: cfg.Hardware, exchange: exchangeOf(cfg)}
	var errs [3]error
	e.tariff, errs[0] = loadTariff(cfg)
	e.carbon, errs[1] = loadCarbon(cfg.Carbon)
	e.plan, errs[2] = loadPlan(cfg, e.exchange, compare)
	if err := errors.Join(errs[:]...); err != nil {
		return economy{}, err
	}
	for _, doubt := range e.doubts(now, cfg.Cloud != nil || compare != "") {
		fmt.Fprintln(stderr, "sovmeter:", doubt)
	}
	return e, nil
}

// doubts are what will leave a part of the reports unknown, though no key is
// wrong by itself. Compared tells whether somebody asked for a comparison.
func (e economy) doubts(now time.Time, compared bool) []string {
	var list []string
	for _, t := range e.plan.Unmatched(now) {
		list = append(list, fmt.Sprintf("the price table has no %s of %s: see sovmeter prices list", t.Model, t.Provider))
	}
	if compared {
		for _, c := range e.plan.Unconvertible(now) {
			list = append(list, fmt.Sprintf("cloud prices in %[1]s cannot be compared in %[2]s: say what one %[1]s is worth, such as exchange: {%[1]s: 0.86}", c, e.exchange.Own()))
		}
	}
	if e.hardware == nil {
		return list
	}
	if e.tariff == nil {
		list = append(list, "hardware is given without a tariff: whether it pays for itself stays unknown")
	}
	if bought := e.hardware.Machine.Purchased; bought.After(now) {
		list = append(list, fmt.Sprintf("hardware.purchased is %s, which is still to come: only days since then count", bought.Format(time.DateOnly)))
	}
	return list
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
		if provider == "" || model == "" {
			return nil, &usageError{fmt.Errorf("--compare %q: want PROVIDER/MODEL, as sovmeter prices list shows them", compare)}
		}
		o.Rules = slices.Clone(o.Rules) // they are the config's
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
		return prices.Table{}, &hintError{fmt.Errorf("cloud.prices: %w", err), "make the file with: sovmeter prices import (see its --help)"}
	}
	defer f.Close()
	t, err := prices.Read(f)
	if err != nil {
		return prices.Table{}, &hintError{fmt.Errorf("cloud.prices: %s: %w", path, err),
			"the config wants a file that sovmeter prices import wrote, not a downloaded one"}
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
		return nil, &hintError{fmt.Errorf("carbon.series: %w", err), "make the file with: sovmeter carbon import (see its --help)"}
	}
	defer f.Close()
	points, header, err := series.Read(f)
	if err != nil {
		return nil, &hintError{fmt.Errorf("carbon.series: %s: %w", c.Series, err),
			"the config wants a file that sovmeter carbon import wrote, not a downloaded one"}
	}
	if header.Unit != series.GramsPerKWh {
		return nil, fmt.Errorf("carbon.series: %s: is in %s, want %s", c.Series, header.Unit, series.GramsPerKWh)
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
	if since, until := e.history(in.Range, p, now); since.Before(in.Range.Since) || until.After(in.Range.Until) {
		if in.History, err = source.Range(ctx, since, until); err != nil {
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

// history is what a break-even is reckoned from, whatever period a report is of:
// all since the machine was bought, or since the store knows of it, up to now.
// Without a machine the period is enough.
func (e economy) history(held store.Range, p report.Period, now time.Time) (since, until time.Time) {
	if e.hardware == nil || held.First.IsZero() {
		return p.Since, p.Until
	}
	first := later(e.hardware.Machine.Purchased, held.First)
	return earlier(p.Since, first), later(p.Until, now)
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
