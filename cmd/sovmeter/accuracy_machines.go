package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"golang.org/x/sync/errgroup"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/sim"
)

// runMachines tries the simulated Macs at the wall.
func (a *accuracySuite) runMachines(ctx context.Context) error {
	trials, err := a.tryMachines(ctx, sim.Machines())
	if err != nil {
		return err
	}
	if a.json {
		enc := json.NewEncoder(a.env.stdout)
		enc.SetIndent("", "  ")
		return enc.Encode(struct {
			Schema   string       `json:"schema"`
			Seed     uint64       `json:"seed"`
			Machines []*wallTrial `json:"machines"`
		}{"sovmeter.accuracy_machines/v1", a.seed, trials})
	}
	return writeWallTrials(a.env.stdout, trials)
}

// tryMachines puts machines through it, as many at a time as there are processors.
func (a *accuracySuite) tryMachines(ctx context.Context, machines []sim.Named) ([]*wallTrial, error) {
	trials := make([]*wallTrial, len(machines))
	p := newProgress(a.env.stderr, "metering simulated machines at the wall", int64(len(machines)))
	defer p.done()
	finished := make(chan struct{}, len(machines))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	go func() {
		n := int64(0)
		for range finished {
			n++
			p.at(n)
		}
	}()
	for i, n := range machines {
		n.Scenario.Seed += (a.seed - 1) * 1000
		g.Go(func() (err error) {
			trials[i], err = tryAtWall(ctx, n)
			finished <- struct{}{}
			return err
		})
	}
	err := g.Wait()
	close(finished)
	return trials, err
}

// writeWallTrials prints the table for people.
func writeWallTrials(w io.Writer, trials []*wallTrial) error {
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.Style().Options.DrawBorder, t.Style().Options.SeparateColumns = false, false
	t.Style().Format.Header = text.FormatDefault
	t.AppendHeader(table.Row{"Machine", "Chip", "Wall", "At a plug", "", "", "A month later, without it", "", ""})
	t.AppendHeader(table.Row{"", "Wh", "Wh", "day", "band", "request", "day", "band", "request"})
	var columns []table.ColumnConfig
	for i := 2; i <= 9; i++ {
		columns = append(columns, table.ColumnConfig{Number: i, Align: text.AlignRight, AlignHeader: text.AlignRight})
	}
	t.SetColumnConfigs(columns)
	for _, x := range trials {
		row := table.Row{x.Machine, fmt.Sprintf("%.0f", x.Plug.Chip.WattHours()), fmt.Sprintf("%.0f", x.Plug.Drawn.WattHours())}
		for _, d := range []wallDay{x.Plug, x.Later} {
			row = append(row, signed(d.Error), unsigned(float64(d.Band/d.Drawn)), unsigned(float64(d.Request.Median)))
		}
		t.AppendRow(row)
	}
	if _, err := fmt.Fprintln(w, t.Render()); err != nil {
		return err
	}
	for _, x := range trials {
		if d := x.Later.Scopes[attribution.ScopeBattery]; d > 0 {
			if _, err := fmt.Fprintf(w, "%s: %s of the later day were on battery, where the battery's telemetry tells.\n", x.Machine, d.Round(time.Minute)); err != nil {
				return err
			}
		}
	}
	return nil
}
