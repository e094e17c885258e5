package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"github.com/sovmeter/sovmeter/cmd/sovmeter/config"
	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/systemmeter"
)

func newMeterList(e env) *cobra.Command {
	c := &cobra.Command{
		Use:   "list",
		Short: "List the meters of the config, in order of trust",
		Long: `List prints the meters of the config in order of trust: the first that answers is
the one that counts. A Mac's own sensors stand behind them. No device is asked, and no
secret is read.`,
		Example: `  sovmeter meter list
  sovmeter meter list --json`,
	}
	path := configFlag(c)
	asJSON := c.Flags().Bool("json", false, "print JSON")
	c.RunE = func(*cobra.Command, []string) error {
		cfg, err := config.Load(*path, configFormats())
		if err != nil {
			return err
		}
		rows := listed(wantedMeters(cfg))
		if *asJSON {
			return writeJSON(e.stdout, struct {
				Schema string     `json:"schema"`
				Meters []meterRow `json:"meters"`
			}{"sovmeter.meters/v1", rows})
		}
		return printMeters(e.stdout, cfg, rows)
	}
	return c
}

// describeMeters says in a line which meters a config comes to.
func describeMeters(w io.Writer, cfg config.Config) {
	var names []string
	for _, m := range wantedMeters(cfg) {
		names = append(names, m.Name)
	}
	if len(names) == 0 {
		fmt.Fprintln(w, "  meters: none; energy is that of the chip, or by a line that sovmeter calibrate fitted")
		return
	}
	fmt.Fprintf(w, "  meters: %s (sovmeter meter test tries them)\n", strings.Join(names, ", "))
}

// meterRow is a meter without its secrets.
type meterRow struct {
	Name         string            `json:"name"`
	Kind         systemmeter.Kind  `json:"kind"`
	Scope        attribution.Scope `json:"scope"`
	EverySeconds float64           `json:"every_seconds"`
	At           string            `json:"at,omitempty"` // where it is; empty: in this machine
	Every        time.Duration     `json:"-"`
}

func listed(meters []systemmeter.Config) []meterRow {
	rows := []meterRow{}
	for _, m := range meters {
		rows = append(rows, rowOf(m))
	}
	return rows
}

func rowOf(m systemmeter.Config) meterRow {
	every := m.WithDefaults().Every
	return meterRow{
		Name: m.Name, Kind: m.Kind, Scope: scopeOf(m.Kind), At: address(m.URL), Every: every, EverySeconds: every.Seconds(),
	}
}

// scopeOf is what the values of a meter of a kind cover.
func scopeOf(k systemmeter.Kind) attribution.Scope {
	switch k {
	case systemmeter.KindSMC:
		return attribution.ScopeSMC
	case systemmeter.KindBattery:
		return attribution.ScopeBattery
	}
	return attribution.ScopeWall
}

// address is a URL without what may be a secret in it.
func address(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" {
		return ""
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host}).String()
}

func printMeters(w io.Writer, cfg config.Config, rows []meterRow) error {
	if len(rows) == 0 {
		_, err := fmt.Fprintf(w, "%s names no meter: energy is that of the chip, or by a line that sovmeter calibrate fitted.\n", cfg.Path)
		return err
	}
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.AppendHeader(table.Row{"Meter", "Kind", "Scope", "Every", "At"})
	for _, r := range rows {
		at := r.At
		if at == "" {
			at = "in this machine"
		}
		t.AppendRow(table.Row{r.Name, r.Kind, r.Scope, r.Every, at})
	}
	_, err := fmt.Fprintln(w, t.Render())
	return err
}

// writeJSON writes v for machines, and for people who look at it.
func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}
