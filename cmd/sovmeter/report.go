package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/sovmeter/sovmeter/cmd/sovmeter/config"
	"github.com/sovmeter/sovmeter/exporter/report"
)

func newReport(e env) *cobra.Command {
	var spec report.Spec
	var asJSON, ascii bool
	var width int
	c := &cobra.Command{
		Use:   "report [today|yesterday]",
		Short: "Say what the requests of a period cost, and where the rest went",
		Long: `Report sums up a period: what each model's requests cost, where the rest of the
energy went, and how far to trust the figures. While the daemon runs it answers
over its socket; otherwise the store is read.

Exit codes: 0 ok, 1 error, 2 wrong arguments or config, 4 nothing was metered
in the period.`,
		Example: `  sovmeter report                      today so far
  sovmeter report yesterday
  sovmeter report --last 7d
  sovmeter report --since 2026-03-01 --until 2026-04-01 --json`,
		Args: cobra.MaximumNArgs(1),
	}
	path := configFlag(c)
	c.Flags().StringVar(&spec.Since, "since", "", "begin of the period: a date, a date and time, today or yesterday")
	c.Flags().StringVar(&spec.Until, "until", "", "end of the period, exclusive; default now")
	c.Flags().StringVar(&spec.Last, "last", "", "the last hours or days, such as 24h or 7d")
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON (sovmeter.report/v1)")
	c.Flags().BoolVar(&ascii, "ascii", false, "draw with ASCII characters only")
	c.Flags().IntVar(&width, "width", 0, "columns to draw in; default the terminal's, or 80")
	c.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 1 {
			spec.Day = args[0]
		}
		cfg, err := config.Load(*path, configFormats())
		if err != nil {
			return err
		}
		now := time.Now()
		p, err := report.ParsePeriod(spec, now, cfg.Zone)
		if err != nil {
			return &usageError{err}
		}
		r, err := buildReport(cmd.Context(), e, cfg, p, now)
		if err != nil {
			return err
		}
		return writeReport(e.stdout, r, asJSON, tableOptions(e.stdout, width, ascii))
	}
	return c
}

func buildReport(ctx context.Context, e env, cfg config.Config, p report.Period, now time.Time) (_ report.Report, err error) {
	tariff, err := loadTariff(cfg)
	if err != nil {
		return report.Report{}, err
	}
	source, err := openSource(ctx, cfg, e.stderr)
	if err != nil {
		return report.Report{}, err
	}
	defer closing(source, &err)
	r, err := source.Range(ctx, p.Since, p.Until)
	if err != nil {
		return report.Report{}, err
	}
	prices, err := tariffOver(ctx, source, tariff, r)
	if err != nil {
		return report.Report{}, err
	}
	return report.Build(report.Inputs{Period: p, Range: r, Tariff: prices, Now: now})
}

func writeReport(w io.Writer, r report.Report, asJSON bool, o report.Options) error {
	var err error
	if asJSON {
		err = report.WriteJSON(w, r)
	} else {
		err = report.WriteTable(w, r, o)
	}
	if err != nil {
		return fmt.Errorf("print report: %w", err)
	}
	return nil
}

// tableOptions fits a table to where it goes: a terminal's own width and
// colours, 80 plain columns elsewhere.
func tableOptions(w io.Writer, width int, ascii bool) report.Options {
	o := report.Options{Width: width, ASCII: ascii}
	f, ok := w.(*os.File)
	if !ok || !isTerminal(f) {
		return o
	}
	_, plain := os.LookupEnv("NO_COLOR")
	o.Color = !plain && os.Getenv("TERM") != "dumb"
	if columns, _, err := term.GetSize(int(f.Fd())); err == nil && o.Width == 0 {
		o.Width = columns
	}
	return o
}

func isTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }
