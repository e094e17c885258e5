package main

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"github.com/sovmeter/sovmeter/cmd/sovmeter/config"
	"github.com/sovmeter/sovmeter/exporter/report"
)

func newReport(e env) *cobra.Command {
	f := &reportFlags{}
	c := &cobra.Command{
		Use:   "report [today|yesterday]",
		Short: "Say what the requests of a period cost, and where the rest went",
		Long: `Report sums up a period: what each model's requests cost, what the same tokens
would have cost at a provider, where the rest of the energy went, when the
machine has paid for itself, and how far to trust the figures. While the daemon
runs it answers over its socket; otherwise the store is read.

The config says what electricity costs (tariff), what the tokens are compared
with (cloud), what the machine cost (hardware) and what the grid emits (carbon);
without one of them its part is left out.

Exit codes: 0 ok, 1 error, 2 wrong arguments or config, 3 dearer than
--max-cost, 4 nothing was metered in the period, or less of it than
--min-coverage, or its cost is not known, 5 the energy was measured at a weaker
place than --require-source. The report is written in any case that has one.`,
		Example: `  sovmeter report                        today so far
  sovmeter report yesterday
  sovmeter report --last 30d --by day
  sovmeter report --last 365d --format html --out year.html
  sovmeter report yesterday --by client --format csv
  sovmeter report --format oneline       for a status bar
  sovmeter report yesterday --max-cost 0.50 --min-coverage 90%`,
		Args: cobra.MaximumNArgs(1),
	}
	path := configFlag(c)
	f.add(c)
	c.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 1 {
			f.spec.Day = args[0]
		}
		want, err := f.parse()
		if err != nil {
			return &usageError{err}
		}
		cfg, err := config.Load(*path, configFormats())
		if err != nil {
			return err
		}
		return runReport(cmd.Context(), e, cfg, want, time.Now())
	}
	return c
}

func runReport(ctx context.Context, e env, cfg config.Config, want reportWish, now time.Time) error {
	want.spec.WholeDays = want.by == report.ByDay
	p, err := report.ParsePeriod(want.spec, now, cfg.Zone)
	if err != nil {
		return &usageError{err}
	}
	limits, err := want.limits(cfg)
	if err != nil {
		return &usageError{err}
	}
	r, err := buildReport(ctx, e, cfg, want, p, now)
	if errors.Is(err, report.ErrBy) {
		return &usageError{err}
	}
	if err != nil {
		return err
	}
	if err := want.write(e.stdout, r); err != nil {
		return err
	}
	return limits.check(r)
}

func buildReport(ctx context.Context, e env, cfg config.Config, want reportWish, p report.Period, now time.Time) (_ report.Report, err error) {
	money, err := loadEconomy(cfg, want.compare, now, e.stderr)
	if err != nil {
		return report.Report{}, err
	}
	source, err := openSource(ctx, cfg, e.stderr)
	if err != nil {
		return report.Report{}, err
	}
	defer closing(source, &err)
	stop := newProgress(e.stderr, "reading the store", 0).ticking()
	defer stop()
	in, err := money.inputs(ctx, source, p, now)
	if err != nil {
		return report.Report{}, err
	}
	in.By, in.Basis = want.by, want.basis
	return report.Build(in)
}
