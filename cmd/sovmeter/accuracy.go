package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"runtime"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/sovmeter/sovmeter/collector/sim"
)

func newAccuracy(e env) *cobra.Command {
	a := accuracySuite{env: e}
	c := &cobra.Command{
		Use:   "accuracy",
		Short: "Hold the meter against simulated Macs of which the truth is known",
		Long: `Accuracy simulates hours of a Mac at work, each hard to meter in another way,
and meters them with the very pipeline that meters a real one. The simulator
knows what each request took, so the table shows how far off the meter is:

  Request     error of a request's energy, of those that the log told of in
              time: median, and what 95 of 100 are below
  ≥ 5 s       the same, of requests that took 5 s or more
  Model       error of the sum of a model's requests; the worst of several
  Day         error of all inference
  J/token     error of the learned energy of a prompt token and a decoded one
  In band     requests whose error is within the band that the meter states
  Apart       the most by which the parts of a window fail to sum to it

With --machines it tries five Macs at the wall instead: each is calibrated at a
plug, metered for a day at it, and for a day a month later without, when its
board, its fan and its work have changed. Day is the error of all that the machine
drew, band what is stated for it, and request the median error of a request.

What is only as good as the simulator: the sensor's own error, which on a Mac
nobody knows, and how real servers differ from the simulated one. The same seed
gives the same table.`,
		Example: `  sovmeter accuracy
  sovmeter accuracy --scenario game --scenario two-models --seed 7
  sovmeter accuracy --machines
  sovmeter accuracy --list`,
	}
	var list, machines bool
	c.Flags().Uint64Var(&a.seed, "seed", 1, "seed of the simulations")
	c.Flags().StringArrayVar(&a.only, "scenario", nil, "only this scenario (may be given several times)")
	c.Flags().BoolVar(&a.json, "json", false, "print JSON, with every figure")
	c.Flags().IntVar(&a.width, "width", 0, "columns to draw in; default the terminal's, or as many as it takes")
	c.Flags().BoolVar(&machines, "machines", false, "five Macs at the wall, with a plug and without")
	c.Flags().BoolVar(&list, "list", false, "list the scenarios, without running them")
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		if _, err := a.scenarios(); err != nil {
			return err
		}
		switch {
		case machines && (list || len(a.only) > 0):
			return &usageError{errors.New("--machines are other simulations: leave --list and --scenario out")}
		case list:
			return listScenarios(e.stdout)
		case machines:
			return interruptible(cmd.Context(), a.runMachines)
		}
		return interruptible(cmd.Context(), a.run)
	}
	return c
}

func listScenarios(w io.Writer) error {
	for _, n := range sim.Suite() {
		if _, err := fmt.Fprintf(w, "%-20s  %s\n", n.Name, n.About); err != nil {
			return err
		}
	}
	return nil
}

// maxSeed keeps the seeds of the scenarios from running over.
const maxSeed = 1 << 32

type accuracySuite struct {
	env   env
	seed  uint64
	only  []string
	width int
	json  bool
}

// scenarios are those that were asked for, each with a seed of its own.
func (a *accuracySuite) scenarios() ([]sim.Named, error) {
	if a.seed == 0 || a.seed > maxSeed {
		return nil, &usageError{fmt.Errorf("--seed %d: want 1 to %d", a.seed, uint64(maxSeed))}
	}
	var names []string
	var chosen []sim.Named
	for _, n := range sim.Suite() {
		names = append(names, n.Name)
		n.Scenario.Seed += (a.seed - 1) * 1000
		if len(a.only) == 0 || slices.Contains(a.only, n.Name) {
			chosen = append(chosen, n)
		}
	}
	for _, name := range a.only {
		if !slices.Contains(names, name) {
			return nil, &usageError{fmt.Errorf("no scenario %q; there are: %s", name, strings.Join(names, ", "))}
		}
	}
	return chosen, nil
}

func (a *accuracySuite) run(ctx context.Context) error {
	chosen, err := a.scenarios()
	if err != nil {
		return err
	}
	verdicts, err := a.judgeAll(ctx, chosen)
	if err != nil {
		return err
	}
	if a.json {
		enc := json.NewEncoder(a.env.stdout)
		enc.SetIndent("", "  ")
		return enc.Encode(struct {
			Schema    string    `json:"schema"`
			Seed      uint64    `json:"seed"`
			Scenarios []verdict `json:"scenarios"`
		}{"sovmeter.accuracy/v1", a.seed, verdicts})
	}
	return writeVerdicts(a.env.stdout, verdicts, tableOptions(a.env.stdout, a.width, false).Width)
}

// judgeAll tries out the scenarios, as many at a time as there are processors.
func (a *accuracySuite) judgeAll(ctx context.Context, chosen []sim.Named) ([]verdict, error) {
	verdicts := make([]verdict, len(chosen))
	p := newProgress(a.env.stderr, "metering simulated machines", int64(len(chosen)))
	defer p.done()
	finished := make(chan struct{}, len(chosen))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	go func() {
		for i, n := range chosen {
			g.Go(func() error {
				t, err := tryOut(ctx, n)
				if err != nil {
					return err
				}
				verdicts[i] = judge(t)
				finished <- struct{}{}
				return nil
			})
		}
		g.Wait() //nolint:errcheck // it is asked again below
		close(finished)
	}()
	done := int64(0)
	for range finished {
		done++
		p.at(done)
	}
	return verdicts, g.Wait()
}

// verdictColumns can be left out of the table, the first one first, where it is
// too wide.
func verdictColumns() []struct {
	name    string
	numbers []int
} {
	return []struct {
		name    string
		numbers []int
	}{{"≥ 5 s", []int{5, 6}}, {"conservation", []int{12}}, {"model", []int{7}}, {"J/token", []int{9, 10}}}
}

// writeVerdicts prints a table for people, no wider than width where that can
// be; 0 is any width.
func writeVerdicts(w io.Writer, verdicts []verdict, width int) error {
	var hidden []int
	var names []string
	out := renderVerdicts(verdicts, hidden)
	for _, c := range verdictColumns() {
		if width <= 0 || text.LongestLineLen(out) <= width {
			break
		}
		hidden, names = append(hidden, c.numbers...), append(names, c.name)
		out = renderVerdicts(verdicts, hidden)
	}
	if len(names) > 0 {
		out += "\nNot shown at this width: " + strings.Join(names, ", ") + "."
	}
	if _, err := fmt.Fprintln(w, out); err != nil {
		return err
	}
	return writeMissing(w, verdicts)
}

func renderVerdicts(verdicts []verdict, hidden []int) string {
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.Style().Options.DrawBorder, t.Style().Options.SeparateColumns = false, false
	t.Style().Format.Header = text.FormatDefault
	t.AppendHeader(table.Row{"Scenario", "Requests", "Request", "", "≥ 5 s", "", "Model", "Day", "J/token", "", "In band", "Apart"})
	t.AppendHeader(table.Row{"", "", "median", "p95", "median", "p95", "worst", "", "prompt", "decoded", "", ""})
	var columns []table.ColumnConfig
	for i := 2; i <= 12; i++ {
		columns = append(columns, table.ColumnConfig{Number: i, Align: text.AlignRight, AlignHeader: text.AlignRight, Hidden: slices.Contains(hidden, i)})
	}
	t.SetColumnConfigs(columns)
	for _, v := range verdicts {
		t.AppendRow(table.Row{
			v.Scenario, v.Requests, unsigned(float64(v.Request.Median)), unsigned(float64(v.Request.P95)), unsigned(float64(v.Long.Median)), unsigned(float64(v.Long.P95)),
			signed(worst(v.Models)), signed(float64(v.Day)), signed(float64(v.Prefill)), signed(float64(v.Decode)), unsigned(v.Covered), tiny(v.Apart),
		})
	}
	return t.Render()
}

// writeMissing tells of requests that are in no column.
func writeMissing(w io.Writer, verdicts []verdict) error {
	for _, v := range verdicts {
		var parts []string
		if n := v.Requests - v.Found; n > 0 {
			parts = append(parts, fmt.Sprintf("%d requests are not in the log", n))
		}
		if v.Unbooked > 0 {
			parts = append(parts, fmt.Sprintf("%d came too late, or lie wholly in a gap", v.Unbooked))
		}
		if v.Negative > 0 {
			parts = append(parts, fmt.Sprintf("%d PARTS BELOW 0", v.Negative))
		}
		if len(parts) == 0 {
			continue
		}
		if _, err := fmt.Fprintf(w, "%s: %s.\n", v.Scenario, strings.Join(parts, "; ")); err != nil {
			return err
		}
	}
	return nil
}

// worst is the largest of the models' errors.
func worst(models []modelError) float64 {
	most := math.NaN()
	for _, m := range models {
		if math.IsNaN(most) || math.Abs(m.Error) > math.Abs(most) {
			most = m.Error
		}
	}
	return most
}

func unsigned(share float64) string { return percentOf(share, "%.2f %%") }
func signed(share float64) string   { return percentOf(share, "%+.2f %%") }

func percentOf(share float64, format string) string {
	if math.IsNaN(share) {
		return "–"
	}
	return fmt.Sprintf(format, 100*share)
}
