package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/sovmeter/sovmeter/cmd/sovmeter/config"
	"github.com/sovmeter/sovmeter/exporter/cost/prices"
	"github.com/sovmeter/sovmeter/exporter/cost/prices/publishers"
)

func newPricesImport(e env) *cobra.Command {
	var in priceImport
	c := &cobra.Command{
		Use:   "import FILE",
		Short: "Take a publisher's price table into one's own",
		Long: `Import reads a table of LiteLLM, models.dev, OpenRouter or genai-prices that was
downloaded, gzipped or not, and merges it into the table at --out. Where that is
not there yet, it begins with the table that is shipped. History is kept: where a
price has changed, the old one ends and the new one begins on the day of the
imported table, or on the day that it tells. What cannot be used is left out, and
counted by reason.

The day of the imported table is the one that it tells, else --day, else the day
of the file. A file that is older than what is there changes nothing of it.`,
		Example: `  curl -O https://raw.githubusercontent.com/BerriAI/litellm/main/model_prices_and_context_window.json
  sovmeter prices import model_prices_and_context_window.json --out prices.json
  sovmeter prices import api.json --format models.dev --day 2026-08-21 --out prices.json`,
		Args: cobra.ExactArgs(1),
	}
	c.Flags().StringVar(&in.format, "format", "auto", "auto, litellm, models.dev, openrouter or genai-prices")
	c.Flags().StringVar(&in.out, "out", "", "table to merge into and to write; default cloud.prices of the config")
	c.Flags().StringVar(&in.day, "day", "", "day of the imported table, such as 2026-08-21")
	path := c.Flags().String("config", config.DefaultPath, "config file")
	c.RunE = func(cmd *cobra.Command, args []string) error {
		if in.out == "" {
			f := pricesFlags{config: *path}
			configured, err := f.configured(env{stdout: e.stdout, stderr: io.Discard}, cmd)
			if err != nil {
				return err
			}
			if in.out = configured; in.out == "" {
				return &usageError{errors.New("name the table to write, such as --out prices.json, or cloud.prices in the config")}
			}
		}
		if in.out == shippedTable {
			return &usageError{errors.New("the shipped table is a part of sovmeter: name a file with --out, such as prices.json")}
		}
		return in.run(e, args[0])
	}
	return c
}

type priceImport struct{ format, out, day string }

func (in priceImport) run(e env, path string) error {
	day, err := parsePriceDay(in.day, time.Time{})
	if err != nil {
		return err
	}
	file, err := readPriceFile(path, e.stderr)
	if err != nil {
		return err
	}
	if day.IsZero() {
		day = file.day
	}
	format, err := in.formatOf(path, file.data)
	if err != nil {
		return err
	}
	stop := newProgress(e.stderr, "import "+path, 0).ticking()
	defer stop()
	published, err := publishers.Read(format, file.data, day)
	if err != nil {
		return &hintError{fmt.Errorf("%s: %w", path, err), "name what it is with --format, or download it once more"}
	}
	if len(published.Entries) == 0 {
		return nothingTaken(path, published)
	}
	if published.Day.After(time.Now()) {
		return &usageError{fmt.Errorf("%s: a table of %s is still to come, and no later one would count: name its day with --day", path, priceDay(published.Day))}
	}
	out := linked(in.out)
	unlock, err := lockBeside(out)
	if err != nil {
		return err
	}
	defer unlock()
	table, isNew, err := in.base()
	if err != nil {
		return err
	}
	merged, count, err := table.Merge(published.Entries, published.Day)
	if err != nil {
		return fmt.Errorf("merge %s: %w", path, err)
	}
	if err := writeWhole(out, merged.Write); err != nil {
		return err
	}
	return in.print(e.stdout, priceImported{Table: published, merged: count, total: merged.Len(), isNew: isNew, fileDay: file.day})
}

// nothingTaken is the error of a file that no price can be taken from.
func nothingTaken(path string, t publishers.Table) error {
	err := fmt.Errorf("%s: no price of the %s in it can be used", path, priceCount(t.Models, "model"))
	if len(t.Skipped) == 0 {
		return err
	}
	return &hintError{err, fmt.Sprintf("most were left out for this reason: %s", t.Skipped[0].Reason)}
}

// priceImported is what an import did.
type priceImported struct {
	publishers.Table
	merged  prices.Merged
	total   int
	isNew   bool // the table at --out was not there
	fileDay time.Time
}

func (in priceImport) formatOf(path string, data []byte) (publishers.Format, error) {
	if in.format != "auto" {
		f, err := publishers.ParseFormat(in.format)
		if err != nil {
			return "", &usageError{err}
		}
		return f, nil
	}
	f, ok := publishers.Detect(data)
	if !ok {
		return "", &hintError{
			fmt.Errorf("%s is no table of LiteLLM, models.dev, OpenRouter or genai-prices", path),
			"sovmeter prices --help says where each is downloaded; name its kind with --format if this is one",
		}
	}
	return f, nil
}

// base is the table that is merged into.
func (in priceImport) base() (t prices.Table, isNew bool, err error) {
	data, err := os.ReadFile(in.out)
	if errors.Is(err, fs.ErrNotExist) {
		t, err = prices.Shipped()
		return t, true, err
	}
	if err != nil {
		return prices.Table{}, false, fmt.Errorf("open price table: %w", err)
	}
	if t, err = prices.Read(bytes.NewReader(data)); err != nil {
		return prices.Table{}, false, &hintError{
			fmt.Errorf("%s: %w", in.out, err), "name another file with --out, or move this one away",
		}
	}
	return t, false, nil
}

func (in priceImport) print(w io.Writer, t priceImported) error {
	skipped := 0
	for _, s := range t.Skipped {
		skipped += s.Count
	}
	told := ""
	if in.day == "" && t.Day.Equal(t.fileDay) {
		told = " (the day of the file; --day tells another)"
	}
	fmt.Fprintf(w, "%s table of %s%s: %s, %s taken, %s left out\n", t.Format, priceDay(t.Day), told,
		priceCount(t.Models, "model"), priceCount(len(t.Entries), "price"), priceThousands(int64(skipped)))
	for _, s := range t.Skipped {
		like := ""
		if s.Example != "" {
			like = ", such as " + s.Example
		}
		fmt.Fprintf(w, "  %6s  %s%s\n", priceThousands(int64(s.Count)), s.Reason, like)
	}
	begun := ""
	if t.isNew {
		begun = ", begun with the shipped table"
	}
	fmt.Fprintf(w, "%s: %s%s\n", in.out, priceCount(t.total, "price"), begun)
	for _, line := range []struct {
		n    int
		what string
	}{
		{t.merged.New, "new models"},
		{t.merged.Changed, "models at another price; the old one is kept as history"},
		{t.merged.Confirmed, "models at the same price"},
		{t.merged.Kept, "models that the imported table does not have; kept"},
		{t.merged.Older, "models left as they are: what is there is from a newer table"},
	} {
		if line.n > 0 {
			fmt.Fprintf(w, "  %6s  %s\n", priceThousands(int64(line.n)), line.what)
		}
	}
	place, err := filepath.Abs(in.out)
	if err != nil {
		place = in.out
	}
	_, err = fmt.Fprintf(w, "The report uses it with this in the config:\n  cloud:\n    prices: %s\n", place)
	return err
}
