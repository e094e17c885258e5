package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/rs/zerolog"
	"github.com/spf13/cobra"

	"github.com/sovmeter/sovmeter/collector"
	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/powermetrics"
	"github.com/sovmeter/sovmeter/exporter"
	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/exporter/cost/tariff"
	"github.com/sovmeter/sovmeter/exporter/report"
	"github.com/sovmeter/sovmeter/store"
)

// commitSamples is how many windows a recording's commit holds: a commit is a
// disk write, and a recording has nobody waiting for it.
const commitSamples = 900

// recording books recorded or simulated streams as the daemon books live ones,
// into a store of its own in a temporary folder.
type recording struct {
	folder    string
	store     *store.Store
	collector *collector.Collector
	money     economy
	pending   int       // windows since the last commit
	begin     time.Time // of the first measurement; zero before it
	end       time.Time // of the last measurement
}

// newRecording prepares the pipeline. The caller closes it.
func newRecording(cfg collector.Config, money economy, ledger *exporter.Ledger, charged func(attribution.Charge) error) (*recording, error) {
	folder, err := os.MkdirTemp("", "sovmeter-")
	if err != nil {
		return nil, err
	}
	db, err := store.Open(filepath.Join(folder, "sovmeter.db"), store.Options{})
	if err != nil {
		os.RemoveAll(folder)
		return nil, err
	}
	cfg.Logger = zerolog.Nop()
	r := &recording{folder: folder, store: db, money: money}
	r.collector = collector.New(cfg, attribution.Resume{}, &sink{store: db, ledger: ledger, charged: charged})
	return r, nil
}

// Close removes the store.
func (r *recording) Close() error { return firstError(r.store.Close(), os.RemoveAll(r.folder)) }

// play books all of the power stream. Time is the time of its samples, and use
// tells from their tasks who used the machine; nil: nobody asks.
func (r *recording) play(ctx context.Context, power io.Reader, use func(*powermetrics.Sample) *attribution.Usage) (powermetrics.Counts, error) {
	counts, err := powermetrics.ReplayTasks(power, use, func(m attribution.Measurement) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		return r.record(ctx, m)
	})
	if err != nil {
		return counts, err
	}
	if r.end.IsZero() {
		return counts, errNoSample
	}
	return counts, r.finish(ctx)
}

// record is measure with the logs read up to the end of m.
func (r *recording) record(ctx context.Context, m attribution.Measurement) error {
	err := r.measure(ctx, m)
	r.collector.Poll(r.end)
	return err
}

func (r *recording) measure(ctx context.Context, m attribution.Measurement) error {
	start, end := boundsOf(m)
	if r.begin.IsZero() {
		r.begin = start
	}
	r.end = end
	r.collector.Measure(m)
	if m.Window != nil && m.Window.Usage != nil { // it waits for no more, but idle time has to be known
		r.collector.Use(attribution.UsageSpan{Start: start, End: end, Usage: *m.Window.Usage})
	}
	if r.pending++; r.pending < commitSamples {
		return nil
	}
	r.pending = 0
	return r.collector.Commit(ctx, r.end)
}

// prune removes what is too old to be kept, as the daemon does each hour, so
// that a store of many days stays small.
func (r *recording) prune(ctx context.Context) error {
	for more := true; more; {
		pruned, err := r.store.Prune(ctx, r.end)
		if err != nil {
			return err
		}
		more = pruned.More
	}
	return nil
}

// finish reads the logs to their end and books what is left.
func (r *recording) finish(ctx context.Context) error {
	r.collector.Poll(r.end.Add(collector.DefaultMaxOpen))
	if err := firstLogError(r.collector.Status()); err != nil {
		return err
	}
	r.collector.Finish()
	return r.collector.Commit(ctx, r.end)
}

// firstLogError is what was wrong with a log, if anything: a recording has no
// second chance to read it.
func firstLogError(s collector.Status) error {
	for name, text := range s.LogErrors {
		return fmt.Errorf("log %s: %s", name, text)
	}
	return nil
}

// report draws up everything that was booked, in the given time zone. The
// period ends at until, or later where measurements do.
func (r *recording) report(ctx context.Context, title string, until time.Time, zone *time.Location, d drawing) (report.Report, error) {
	if r.end.After(until) {
		until = r.end
	}
	p := report.Period{Title: title, Since: r.begin.In(zone), Until: until.In(zone)}
	in, err := r.money.inputs(ctx, r.store, p, r.end)
	if err != nil {
		return report.Report{}, err
	}
	if len(in.Range.System) == 0 {
		return report.Report{}, fmt.Errorf("%w: no sample of the recording holds usable energy", report.ErrNoData)
	}
	in.By, in.Basis = d.by, d.basis
	out, err := report.Build(in)
	if errors.Is(err, report.ErrBy) {
		return report.Report{}, &usageError{err}
	}
	return out, err
}

func boundsOf(m attribution.Measurement) (start, end time.Time) {
	if m.Gap != nil {
		return m.Gap.Start, m.Gap.End
	}
	return m.Window.Start, m.Window.End
}

// priceFlags set a flat tariff on the command line.
type priceFlags struct {
	perKWh   float64
	currency string
}

func (f *priceFlags) add(c *cobra.Command, perKWh float64) {
	c.Flags().Float64Var(&f.perKWh, "price", perKWh, "price of one kWh; 0: costs are left out")
	c.Flags().StringVar(&f.currency, "currency", "EUR", "currency of the price (ISO 4217)")
}

// economy knows no tariff when no price was given, and compares with nothing.
func (f *priceFlags) economy() (economy, error) {
	if f.perKWh == 0 {
		return economy{}, nil
	}
	flat, err := cost.NewFlat(f.perKWh, f.currency)
	if err != nil {
		return economy{}, &usageError{err}
	}
	price := cost.Money{Nanos: flat.PricePerKWh.Picos / 1000, Currency: flat.Currency()}
	t, err := tariff.New(tariff.Spec{Currency: flat.Currency(), Versions: []tariff.Version{{Price: &price}}}, tariff.Inputs{})
	return economy{tariff: t}, err
}
