package main

import (
	"context"
	"errors"
	"time"

	"github.com/rs/zerolog"
	"github.com/spf13/cobra"

	"github.com/sovmeter/sovmeter/cmd/sovmeter/config"
	"github.com/sovmeter/sovmeter/collector"
	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/requestlog/llamacpp"
	"github.com/sovmeter/sovmeter/collector/sim"
	"github.com/sovmeter/sovmeter/exporter"
)

// demoPrice is a price of one kWh that the demo uses, in euros: a household's
// in Germany in 2025, rounded.
const demoPrice = 0.30

func newDemo(e env) *cobra.Command {
	d := demo{env: e}
	var asJSON, ascii bool
	var width int
	c := &cobra.Command{
		Use:   "demo",
		Short: "Meter a simulated Mac: a day in seconds, on any system",
		Long: `Demo simulates a Mac that serves two models to agents for a day, and meters it
with the very pipeline that meters a real one: powermetrics documents come
through a pipe, the server's log through a file. It prints the day's report and,
because the simulator knows what each request really took, how far off the
booked figures are.

With --serve it goes on at real speed and serves /metrics until interrupted.`,
		Example: `  sovmeter demo
  sovmeter demo --serve     then: curl http://` + exporter.DefaultAddress + `/metrics`,
	}
	d.price.add(c, demoPrice)
	c.Flags().BoolVar(&d.serve, "serve", false, "go on at real speed, with /metrics up")
	c.Flags().StringVar(&d.listen, "listen", exporter.DefaultAddress, "where --serve listens")
	c.Flags().Uint64Var(&d.seed, "seed", 1, "seed of the simulation")
	c.Flags().BoolVar(&asJSON, "json", false, "print the report as JSON, without the comparison")
	c.Flags().BoolVar(&ascii, "ascii", false, "draw with ASCII characters only")
	c.Flags().IntVar(&width, "width", 0, "columns to draw in; default the terminal's, or 80")
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		if !d.serve && cmd.Flags().Changed("listen") {
			return &usageError{errors.New("--listen is for --serve (see sovmeter demo --help)")}
		}
		d.print = func(m *meteredDay) error {
			if err := writeReport(e.stdout, m.report, asJSON, tableOptions(e.stdout, width, ascii)); err != nil || asJSON {
				return err
			}
			return m.accuracy().write(e.stdout)
		}
		return d.run(cmd.Context())
	}
	return c
}

type demo struct {
	env    env
	price  priceFlags
	serve  bool
	listen string
	seed   uint64
	print  func(*meteredDay) error
}

func (d *demo) run(ctx context.Context) error {
	if d.serve {
		return interruptible(ctx, d.serveLive)
	}
	return interruptible(ctx, func(ctx context.Context) error {
		day, err := d.meterDay(ctx, d.scenario(), nil)
		if err != nil {
			return err
		}
		if err := day.Close(); err != nil { // before printing: a closed pipe ends the program
			return err
		}
		return d.print(day)
	})
}

// scenario is a fixed day, so that the same demo always prints the same.
func (d *demo) scenario() sim.Scenario {
	s := sim.DefaultDay()
	s.Seed = d.seed
	return s
}

// meteredDay is a simulated day and what was made of it.
type meteredDay struct {
	*dayResult
	recording *recording
	logs      serverLogs
}

// Close removes the day's files.
func (m *meteredDay) Close() error { return firstError(m.logs.Close(), m.recording.Close()) }

// meterDay meters a whole scenario as fast as it can.
func (d *demo) meterDay(ctx context.Context, s sim.Scenario, ledger *exporter.Ledger) (_ *meteredDay, err error) {
	tariff, err := d.price.tariff()
	if err != nil {
		return nil, err
	}
	res := &dayResult{}
	day := &meteredDay{dayResult: res}
	for _, server := range s.Servers {
		day.logs = append(day.logs, &serverLog{
			server: config.Server{Name: server.Name, Format: llamacpp.FormatName}, simulated: true, logger: zerolog.Nop(),
		})
	}
	cfg := collector.Config{Logs: day.logs.sources(), ProcessStats: true}
	day.recording, err = newRecording(cfg, tariff, ledger, func(c attribution.Charge) error {
		res.charges = append(res.charges, c)
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, log := range day.logs {
		log.server.Log = logPath(day.recording.folder, log.server.Name)
	}
	defer func() {
		if err != nil {
			closing(day, &err)
		}
	}()
	if err := d.play(ctx, s, day); err != nil {
		return nil, err
	}
	res.report, err = day.recording.report(ctx, "a simulated day", s.Start.Add(s.Length), time.UTC)
	return day, err
}

// play drives the simulation to the end of its day, showing how far it is.
func (d *demo) play(ctx context.Context, s sim.Scenario, day *meteredDay) (err error) {
	mac, err := startSimulated(s, day.recording.folder)
	if err != nil {
		return err
	}
	defer closing(mac, &err)
	p := newProgress(d.env.stderr, "metering a simulated day", int64(s.Length))
	defer p.done()
	r := day.recording
	err = mac.play(ctx, s, r.collector, func(m attribution.Measurement) error { return r.measure(ctx, m) }, func(t time.Time) {
		r.end = t
		p.at(int64(t.Sub(s.Start)))
	})
	if err != nil {
		return err
	}
	day.truth, day.totals = mac.mac.TakeTruth(), mac.mac.Totals()
	return r.finish(ctx)
}
