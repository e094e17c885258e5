package main

import (
	"time"

	"github.com/spf13/cobra"

	"github.com/sovmeter/sovmeter/cmd/sovmeter/config"
	"github.com/sovmeter/sovmeter/exporter/cost/tariff"
)

// newTariff has the commands about what electricity costs.
func newTariff(e env) *cobra.Command {
	c := &cobra.Command{
		Use:   "tariff",
		Short: "Show what a kWh costs, and check the tariff",
		Long: `A tariff is the config's prices: one, by time of use, in tiers of a billing month,
or of a series in a file, with adders, tax, a standing charge and the roof's power.

Prices that go by the date, such as the colours of Tempo, critical peaks or seasons
that begin within a month, are a series or dated versions; one kind of such days can
be the holidays. Not to be said are: demand charges, feed-in prices that change
within a version or are negative, tiers of a day or a year, tiers whose steps differ
by the time of use, another tax on a part of the price, and a factor of a series for
its negative values only.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	c.AddCommand(newTariffShow(e), newTariffCheck(e), newTariffImport(e))
	return c
}

func newTariffShow(e env) *cobra.Command {
	s := tariffShow{env: e}
	c := &cobra.Command{
		Use:   "show",
		Short: "Draw the prices of a day, or say what one is made of",
		Long: `Show draws what a kWh costs through a day: hour by hour, and quarter by quarter
where an hour has more than one price. With --at it says what one price is made
of. Times without a zone are the tariff's. With tiers the Mac's use since the
billing month began counts, as far as it was metered.

Exit codes: 0 ok, 1 error, 2 wrong arguments or config, or no tariff in it.`,
		Example: `  sovmeter tariff show                          today
  sovmeter tariff show --day tomorrow
  sovmeter tariff show --day 2026-03-29 --json
  sovmeter tariff show --at now
  sovmeter tariff show --at "2026-03-29 14:30"`,
	}
	path := configFlag(c)
	c.Flags().StringVar(&s.day, "day", "", "the day to draw: a date, today, tomorrow or yesterday (default today)")
	c.Flags().StringVar(&s.at, "at", "", "explain one price: now, a time of today, a date and time")
	c.Flags().BoolVar(&s.asJSON, "json", false, "print JSON ("+tariffSchema+")")
	c.Flags().BoolVar(&s.ascii, "ascii", false, "draw with ASCII characters only")
	c.Flags().IntVar(&s.width, "width", 0, "columns to draw in; default the terminal's, or 80")
	c.MarkFlagsMutuallyExclusive("day", "at")
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		cfg, t, err := loadSomeTariff(*path)
		if err != nil {
			return err
		}
		return s.run(cmd.Context(), cfg, t, time.Now())
	}
	return c
}

// loadSomeTariff is the config and its tariff, which is an error without one.
func loadSomeTariff(path string) (config.Config, *tariff.Tariff, error) {
	cfg, err := config.Load(path, configFormats())
	if err != nil {
		return config.Config{}, nil, err
	}
	t, err := loadTariff(cfg)
	if err == nil && t == nil {
		err = &usageError{&noTariffError{path}}
	}
	return cfg, t, err
}

// noTariffError is returned when a config has no tariff to show.
type noTariffError struct{ path string }

func (e *noTariffError) Error() string { return "config " + e.path + ": no tariff in it" }

// Hint says how to get one.
func (e *noTariffError) Hint() string {
	return "add to it: tariff: {price_per_kwh: 0.30, currency: EUR}"
}
