package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/exporter/cost/series"
	"github.com/sovmeter/sovmeter/exporter/cost/series/foreign"
)

// newTariffImport is the subcommand of tariff that reads prices.
func newTariffImport(e env) *cobra.Command {
	i := seriesImport{env: e, wants: []series.Quantity{series.Price, series.Share}}
	c := &cobra.Command{
		Use:   "import FILE...",
		Short: "Read prices that you downloaded into a file for the tariff",
		Long: `Import reads files of prices as their services publish them and merges them into
one plain CSV file, which a tariff in the config names as its series. What a file
says goes before what was known for the same time; the rest stays. - is standard
input. Formats:

` + seriesFormats(i.wants),
		Example: `  sovmeter tariff import agile.json --with-vat --out prices.csv
  curl -s https://api.awattar.at/v1/marketdata | sovmeter tariff import - --out prices.csv`,
		Args: cobra.MinimumNArgs(1),
	}
	i.flags(c)
	c.Flags().BoolVar(&i.options.VAT, "with-vat", false, "take prices with tax, where a file has both")
	c.Flags().StringVar(&i.options.Area, "area", "", "the area to take from a file of several, such as SE3")
	c.Flags().StringVar(&i.currency, "currency", "", "currency of prices whose file does not say it, such as EUR")
	return c
}

// newCarbon has the commands about what the grid emits.
func newCarbon(e env) *cobra.Command {
	c := &cobra.Command{
		Use:   "carbon",
		Short: "Bring in what the grid emits for each kWh",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	c.AddCommand(newCarbonImport(e))
	return c
}

func newCarbonImport(e env) *cobra.Command {
	i := seriesImport{env: e, wants: []series.Quantity{series.Carbon}}
	c := &cobra.Command{
		Use:   "import FILE...",
		Short: "Read carbon intensities that you downloaded into a file for the report",
		Long: `Import reads files of carbon intensity as their services publish them and merges
them into one plain CSV file, which the config names under carbon. What a file
says goes before what was known for the same time; the rest stays. - is standard
input. Formats:

` + seriesFormats(i.wants),
		Example: `  sovmeter carbon import DE_2026_hourly.csv --out carbon.csv`,
		Args:    cobra.MinimumNArgs(1),
	}
	i.flags(c)
	c.Flags().BoolVar(&i.options.Direct, "direct", false, "emissions of the power stations alone, not of their whole life")
	c.Flags().StringVar(&i.options.Area, "area", "", "the area to take from a file of several, such as DE")
	return c
}

// seriesFormats lists the formats that may hold what is wanted.
func seriesFormats(wants []series.Quantity) string {
	var b strings.Builder
	for _, f := range foreign.Formats() {
		if f.Quantity == "" || wanted(wants, f.Quantity) {
			fmt.Fprintf(&b, "  %-20s %s\n", f.Name, f.What)
		}
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// seriesImport is one call of a command that reads series.
type seriesImport struct {
	env            env
	wants          []series.Quantity
	options        foreign.Options
	zone, currency string
	out            string
	asJSON         bool
}

func (i *seriesImport) flags(c *cobra.Command) {
	c.Flags().StringVar(&i.out, "out", "", "the file to merge into, or - to print the series")
	c.Flags().StringVar(&i.options.Format, "format", foreign.Auto, "format of the files, told by their look when auto")
	c.Flags().StringVar(&i.zone, "time-zone", "", "zone of times that a file has without one, such as Europe/Berlin")
	c.Flags().BoolVar(&i.asJSON, "json", false, "print JSON (sovmeter.import/v1)")
	c.RunE = func(cmd *cobra.Command, args []string) error {
		if err := i.check(args); err != nil {
			return &usageError{fmt.Errorf("%w (see %s --help)", err, cmd.CommandPath())}
		}
		return i.run(cmd.InOrStdin(), args)
	}
}

// check makes options of the flags.
func (i *seriesImport) check(args []string) error {
	if i.out == "" {
		return errors.New("--out: name the file to merge into, or - to print the series")
	}
	if i.out == "-" && i.asJSON {
		return errors.New("--json: standard output is for the series already, by --out -")
	}
	if n := countOf(args, "-"); n > 1 {
		return fmt.Errorf("-: standard input is named %d times", n)
	}
	if i.zone != "" {
		zone, err := time.LoadLocation(i.zone)
		if err != nil || i.zone == "Local" {
			return fmt.Errorf("--time-zone: got %q, want a name such as Europe/Berlin", i.zone)
		}
		i.options.Zone = zone
	}
	if i.currency != "" {
		c, err := cost.ParseCurrency(i.currency)
		if err != nil {
			return fmt.Errorf("--currency: %w", err)
		}
		i.options.Currency = c
	}
	i.options.Load, i.options.Open = time.LoadLocation, time.Now()
	return nil
}

func countOf(list []string, of string) int {
	n := 0
	for _, s := range list {
		if s == of {
			n++
		}
	}
	return n
}
