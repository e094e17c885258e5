package main

import (
	"fmt"
	"time"

	"github.com/sovmeter/sovmeter/cmd/sovmeter/config"
	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/exporter/report"
)

// scopeRanks are the places where energy may be measured, the weakest first.
func scopeRanks() []string {
	var names []string
	for _, s := range attribution.Scopes() {
		names = append(names, string(s))
	}
	return names
}

// limits are what a report must keep for the command to end well.
type limits struct {
	basis    cost.Basis
	most     *cost.Money // nil: any cost
	coverage float64     // least, 0 to 1
	source   string      // weakest scope; empty: any
}

func (w reportWish) limits(cfg config.Config) (limits, error) {
	if w.basis == cost.Loaded && cfg.Hardware == nil {
		return limits{}, fmt.Errorf("--basis loaded: %s has no hardware, whose price that basis has in it", cfg.Path)
	}
	l := limits{basis: w.basis, coverage: w.coverage, source: w.source}
	if w.maxCost == "" {
		return l, nil
	}
	if cfg.Tariff == nil {
		return limits{}, fmt.Errorf("--max-cost %s: %s has no tariff, so that no cost is known", w.maxCost, cfg.Path)
	}
	most, err := cost.ParseMoney(w.maxCost, cfg.Tariff.Currency)
	if err != nil || most.Nanos < 0 {
		return limits{}, fmt.Errorf("--max-cost %q: want an amount in %s, such as 0.50", w.maxCost, cfg.Tariff.Currency)
	}
	l.most = &most
	return l, nil
}

// limitError is returned for a report that breaks a limit. It carries the exit
// code that says which.
type limitError struct {
	code int
	text string
}

func (e *limitError) Error() string { return e.text }

// check holds a report against the limits: the source first, as a cost that was
// measured at the wrong place says nothing, then how much was measured.
func (l limits) check(r report.Report) error {
	if err := l.checkSource(r); err != nil {
		return err
	}
	if r.Coverage() < l.coverage {
		return &limitError{exitNoData, fmt.Sprintf("%s of the period was measured, and --min-coverage asks for %s",
			report.FormatPercent(r.Coverage()), report.FormatPercent(l.coverage))}
	}
	if l.most == nil {
		return nil
	}
	for _, b := range r.Bases {
		if b.Name != l.basis || !b.Cost.Known {
			continue
		}
		if b.Cost.Money.Nanos > l.most.Nanos {
			return &limitError{exitThreshold, fmt.Sprintf("the period cost %s on the %s basis, more than --max-cost %s",
				report.FormatMoney(b.Cost), l.basis, l.most)}
		}
		return nil
	}
	return &limitError{exitNoData, fmt.Sprintf("what the period cost on the %s basis is not known", l.basis)}
}

// strayShare is the share of the time that may have been measured at a weaker
// place than asked for: the seconds after a start, before a meter has answered.
const strayShare = 0.001

func (l limits) checkSource(r report.Report) error {
	want := attribution.Scope(l.source)
	if l.source == "" {
		return nil
	}
	weak, joules := r.WeakerThan(want)
	if weak.Seconds() <= strayShare*r.Measured.Seconds() && joules <= strayShare*r.Total {
		return nil
	}
	if len(r.Scopes) == 0 {
		return &limitError{exitWeakSource, fmt.Sprintf("nothing was measured, and --require-source asks for %s", l.source)}
	}
	return &limitError{exitWeakSource, fmt.Sprintf("%s of the %s that were measured are at a weaker scope than %s (the weakest: %s), and --require-source asks for %s",
		weak.Round(time.Second), r.Measured.Round(time.Second), l.source, r.LeastTrusted(), l.source)}
}
