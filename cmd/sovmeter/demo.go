package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/rs/zerolog"
	"github.com/spf13/cobra"

	"github.com/sovmeter/sovmeter/cmd/sovmeter/config"
	"github.com/sovmeter/sovmeter/collector"
	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/requestlog/llamacpp"
	"github.com/sovmeter/sovmeter/collector/sim"
	"github.com/sovmeter/sovmeter/exporter"
	"github.com/sovmeter/sovmeter/exporter/report"
)

func newDemo(e env) *cobra.Command {
	d := demo{env: e}
	var draw drawFlags
	var since string
	c := &cobra.Command{
		Use:   "demo",
		Short: "Meter a simulated Mac: a day in seconds, on any system",
		Long: `Demo simulates a Mac that serves two models to agents for a day, and meters it
with the very pipeline that meters a real one: powermetrics documents come
through a pipe, the server's log through a file. It prints the day's report and,
because the simulator knows what each request really took, how far off the
booked figures are (after a table only). Electricity, cloud and hardware have
example prices.

With --meter a plug measures the simulated Mac at the wall: a device that answers
over the network as the real one does, asked by the client that asks real ones.
--machine takes another Mac than the mini; laptops have battery telemetry too.

With --days it goes on for days, and with --keep it leaves the store and its
config in a folder: report, tariff and prices can be tried on them, and the
config edited. With --serve it goes on at real speed and serves /metrics until
interrupted.`,
		Example: `  sovmeter demo
  sovmeter demo --meter shelly
  sovmeter demo --machine laptop-battery --meter tasmota
  sovmeter demo --days 15 --keep mac
  sovmeter report --config mac/sovmeter.yaml --last 15d --by day
  sovmeter demo --serve     then: curl http://` + exporter.DefaultAddress + `/metrics`,
	}
	c.Flags().BoolVar(&d.serve, "serve", false, "go on at real speed, with /metrics up")
	c.Flags().StringVar(&d.listen, "listen", exporter.DefaultAddress, "where --serve listens")
	c.Flags().Uint64Var(&d.seed, "seed", 1, "seed of the simulation")
	c.Flags().IntVar(&d.days, "days", 1, "how many days to simulate, at most 400; one takes about two seconds")
	c.Flags().StringVar(&since, "since", "", "first day; default 2026-03-10, and with --keep so that the last ends today")
	c.Flags().StringVar(&d.meter, "meter", "", "plug that measures at the wall: "+strings.Join(demoMeters(), ", "))
	c.Flags().StringVar(&d.machine, "machine", "", "another Mac: "+strings.Join(demoMachines(), ", "))
	c.Flags().StringVar(&d.keep, "keep", "", "folder to leave the store and its config in")
	draw.add(c, "format")
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		if !d.serve && cmd.Flags().Changed("listen") {
			return &usageError{errors.New("--listen is for --serve (see sovmeter demo --help)")}
		}
		if err := d.begin(since, time.Now()); err != nil {
			return &usageError{err}
		}
		var err error
		if d.draw, err = draw.parse(); err != nil {
			return &usageError{err}
		}
		d.print = func(m *meteredDay) error {
			if err := d.draw.write(e.stdout, m.report); err != nil || d.draw.format != report.Table || d.draw.out != "" {
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
	serve  bool
	listen string
	seed   uint64
	days   int
	first  time.Time // midnight that the simulation begins at; zero: the scenario's own
	keep   string    // empty: nothing is kept
	// meter is the plug and machine the Mac, both by name; empty: no plug, and the
	// mini of sim.DefaultDay.
	meter, machine string
	meters         *simMeters // nil: the SoC is all that is measured
	read           func(context.Context, collector.Reading)
	draw           drawing
	print          func(*meteredDay) error
}

// maxDemoDays bounds what a slip of the keyboard can ask for.
const maxDemoDays = 400

// begin checks which days are asked for. Days that are kept end with the day
// before now, as the reports on them will be about the last days.
func (d *demo) begin(since string, now time.Time) error {
	if err := d.checkMachine(); err != nil {
		return err
	}
	switch {
	case d.days < 1 || d.days > maxDemoDays:
		return fmt.Errorf("--days %d: want 1 to %d", d.days, maxDemoDays)
	case d.serve && (d.days > 1 || d.keep != "" || since != ""):
		return errors.New("--serve goes on by itself: leave --days, --since and --keep out")
	case since != "":
		first, err := time.Parse(time.DateOnly, since)
		if err != nil {
			return fmt.Errorf("--since %q: want a date such as 2026-03-10", since)
		}
		d.first = first
	case d.keep != "":
		y, m, day := now.Date()
		d.first = time.Date(y, m, day-d.days, 0, 0, 0, 0, now.Location()).UTC()
	}
	return d.checkFolder()
}

func (d *demo) run(ctx context.Context) error {
	if d.serve {
		return interruptible(ctx, d.serveLive)
	}
	return interruptible(ctx, func(ctx context.Context) error {
		day, err := d.meterDay(ctx, d.scenario(), nil)
		if err := firstError(err, d.closeMeters()); err != nil {
			return err
		}
		if d.keep != "" {
			err = d.leave(ctx, day)
		}
		if err := firstError(err, day.Close()); err != nil { // before printing: a closed pipe ends the program
			return err
		}
		return d.print(day)
	})
}

// scenario is a fixed day, so that the same demo always prints the same.
func (d *demo) scenario() sim.Scenario {
	s := d.machineDay()
	s.Seed = d.seed
	if !d.first.IsZero() {
		s.Start = d.first
	}
	return s
}

// meteredDay is a simulated day, or several, and what was made of it.
type meteredDay struct {
	*dayResult
	recording *recording
	logs      serverLogs
}

// Close removes the day's files.
func (m *meteredDay) Close() error { return firstError(m.logs.Close(), m.recording.Close()) }

// meterDay meters a scenario as fast as it can, once a day.
func (d *demo) meterDay(ctx context.Context, s sim.Scenario, ledger *exporter.Ledger) (_ *meteredDay, err error) {
	money, err := d.economy()
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
	if err := d.openMeters(s, &cfg); err != nil {
		return nil, err
	}
	day.recording, err = newRecording(cfg, money, ledger, func(c attribution.Charge) error {
		res.charges = append(res.charges, c)
		return nil
	})
	if err != nil {
		return nil, err
	}
	d.read = func(_ context.Context, r collector.Reading) { day.recording.collector.Read(r) }
	for _, log := range day.logs {
		log.server.Log = logPath(day.recording.folder, log.server.Name)
	}
	defer func() {
		if err != nil {
			closing(day, &err)
		}
	}()
	title := "a simulated day"
	if d.days > 1 {
		title = fmt.Sprintf("%d simulated days", d.days)
	}
	if err := d.play(ctx, s, day); err != nil {
		return nil, err
	}
	res.metered = d.meter != ""
	res.report, err = day.recording.report(ctx, title, s.Start.Add(time.Duration(max(1, d.days))*s.Length), time.UTC, d.draw)
	return day, err
}

// play drives the simulation day by day to its end, showing how far it is. A
// day begins when the work of the one before is done, and has a seed of its own.
func (d *demo) play(ctx context.Context, s sim.Scenario, day *meteredDay) error {
	r, first, days := day.recording, s.Start, max(1, d.days)
	p := newProgress(d.env.stderr, "metering a simulated Mac", int64(days)*int64(s.Length))
	defer p.done()
	for i := range days {
		s.Seed = d.seed + uint64(i)
		s.Start = later(first.Add(time.Duration(i)*s.Length), r.end)
		if err := d.playDay(ctx, s, day, func(t time.Time) { p.at(int64(t.Sub(first))) }); err != nil {
			return err
		}
		if err := r.prune(ctx); err != nil {
			return err
		}
	}
	return r.finish(ctx)
}

func (d *demo) playDay(ctx context.Context, s sim.Scenario, day *meteredDay, tick func(time.Time)) (err error) {
	r := day.recording
	mac, err := startSimulated(s, r.folder)
	if err != nil {
		return err
	}
	defer closing(mac, &err)
	if d.meters != nil {
		d.meters.measure(mac)
	}
	err = mac.play(ctx, s, r.collector, func(m attribution.Measurement) error { return r.measure(ctx, m) }, func(t time.Time) {
		r.end = t
		if d.meters != nil {
			d.meters.poll(ctx, t)
		}
		tick(t)
	})
	day.truth = append(day.truth, mac.mac.TakeTruth()...)
	day.totals.Printed += mac.mac.Totals().Printed
	day.wall += mac.mac.Wall().WallTotal
	return err
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
