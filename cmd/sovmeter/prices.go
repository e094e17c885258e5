package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/sovmeter/sovmeter/cmd/sovmeter/config"
	"github.com/sovmeter/sovmeter/exporter/cost/prices"
)

func newPrices(e env) *cobra.Command {
	c := &cobra.Command{
		Use:   "prices",
		Short: "Show, import and compare what providers ask for tokens",
		Long: `Prices are what the tokens that this Mac answers would have cost at a provider.
A dated table of some models comes with sovmeter. For more, and for newer ones,
download a table that a publisher keeps and import it; sovmeter itself never
goes online for it:

  LiteLLM        https://raw.githubusercontent.com/BerriAI/litellm/main/model_prices_and_context_window.json
  OpenRouter     https://openrouter.ai/api/v1/models
  models.dev     https://models.dev/api.json
  genai-prices   https://raw.githubusercontent.com/pydantic/genai-prices/main/prices/new_data/v2/data.json

All prices are per million tokens. A price of 0 in a table means a preview, a
plan or that nobody knows, and never that it is free.`,
		Example: `  sovmeter prices list --weights qwen3-32b     who serves what runs here
  sovmeter prices show claude-sonnet-4-5
  sovmeter prices import model_prices_and_context_window.json --out prices.json
  sovmeter prices diff shipped prices.json     what got cheaper since
  sovmeter prices age                          which prices nobody has checked lately`,
	}
	c.AddCommand(newPricesList(e), newPricesShow(e), newPricesImport(e), newPricesDiff(e), newPricesAge(e))
	return c
}

// pricesFlags say which price table a command looks at.
type pricesFlags struct {
	table, config string
}

// shippedTable is what the table that comes with sovmeter is called.
const shippedTable = "shipped"

func addPricesFlags(c *cobra.Command) *pricesFlags {
	f := &pricesFlags{}
	c.Flags().StringVar(&f.table, "prices", "", `price table, or "shipped"; default cloud.prices of the config, else the one that is shipped`)
	c.Flags().StringVar(&f.config, "config", config.DefaultPath, "config file")
	return f
}

// open reads the table that the flags or else the config name.
func (f *pricesFlags) open(e env, c *cobra.Command) (namedTable, error) {
	if f.table != "" {
		return openPrices(f.table)
	}
	path, err := f.configured(e, c)
	if err != nil {
		return namedTable{}, err
	}
	if path == "" {
		path = shippedTable
	}
	return openPrices(path)
}

// configured is the table that the config names; empty when there is none, or
// when nobody asked for a config and there is none.
func (f *pricesFlags) configured(e env, c *cobra.Command) (string, error) {
	cfg, err := config.Load(f.config, configFormats())
	var missing *config.MissingError
	var unreadable *config.UnreadableError
	switch asked := c.Flags().Changed("config"); {
	case err == nil && cfg.Cloud != nil:
		return cfg.Cloud.Prices, nil
	case err == nil, !asked && errors.As(err, &missing):
		return "", nil
	case !asked && errors.As(err, &unreadable):
		fmt.Fprintf(e.stderr, "sovmeter: %v; these are the shipped prices\n", err)
		return "", nil
	}
	return "", err
}

// namedTable is a price table with where it is from, for people.
type namedTable struct {
	prices.Table
	name string
}

// sourceLine says what is looked at, and how old its youngest part is.
func (t namedTable) sourceLine(now time.Time) string {
	newest, source := time.Time{}, ""
	for _, e := range t.Entries() {
		if e.Published.After(newest) {
			newest, source = e.Published, e.Source
		}
	}
	text := fmt.Sprintf("%s in %s", priceCount(t.Len(), "price"), t.name)
	if newest.IsZero() {
		return text
	}
	return fmt.Sprintf("%s; newest: %s, %s old", text, source, priceDays(now.Sub(newest)))
}

func priceCount(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%s %ss", priceThousands(int64(n)), what)
}

func priceDays(d time.Duration) string { return priceCount(max(0, int(d.Hours()/24)), "day") }

// priceThousands groups digits, as the report does.
func priceThousands(n int64) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
