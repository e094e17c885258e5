package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/sovmeter/sovmeter/collector"
	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/powermetrics"
	"github.com/sovmeter/sovmeter/collector/requestlog"
	"github.com/sovmeter/sovmeter/collector/requestlog/jsonl"
	"github.com/sovmeter/sovmeter/exporter/report"
)

// errNoSample is returned for a recording without one sample.
var errNoSample = errors.New("not one sample in it")

// notPowerError is returned for a file that is no recording of powermetrics.
type notPowerError struct {
	path string
	err  error
}

func (e *notPowerError) Error() string {
	return fmt.Sprintf("powermetrics recording %s: %v", e.path, e.err)
}
func (e *notPowerError) Unwrap() error { return e.err }

// Hint says how to record.
func (e *notPowerError) Hint() string {
	return "record with: sudo powermetrics --samplers cpu_power,gpu_power,ane_power,thermal --sample-rate 1000 --format plist --buffer-size 0 > FILE"
}

func newReplay(e env) *cobra.Command {
	var f logFlags
	var price priceFlags
	var power, requests, zone string
	var processes []string
	var draw drawFlags
	c := &cobra.Command{
		Use:   "replay --powermetrics FILE --log FILE",
		Short: "Book a recording as the daemon would have, and report on it",
		Long: `Replay runs the daemon's pipeline on recorded files: powermetrics output in
plist format, and a model server's log. The same files give the same report.

With the tasks sampler in the recording, what other processes drew is told from
what the server's drew. Processes are known by name alone, so name the server's
with --process where the default of the log's format does not fit: an
interpreter, such as Python, is never a default. Of an application or a launchd
job that is named after the server, such as com.electron.ollama, all processes
are the server's; that needs --show-process-coalition in the recording.
powermetrics knows little of who used the GPU, even with --show-process-gpu:
where it leaves more than a fifth of the GPU's work open, all of the GPU is
taken to have worked for the requests in flight.

Without tasks, or when the server is never among them, all active energy belongs
to the requests in flight. Wherever a good part of a request's energy rests on
such an assumption, its tier says estimated.`,
		Example: `  sudo powermetrics --samplers cpu_power,gpu_power,ane_power,thermal \
    --sample-rate 1000 --format plist --buffer-size 0 > power.plist
  sovmeter replay --powermetrics power.plist --log llama-server.log \
    --started 2026-03-10T08:00:00Z --requests requests.jsonl

  sudo powermetrics --samplers tasks,cpu_power,gpu_power,ane_power,thermal \
    --show-process-coalition --show-process-gpu \
    --sample-rate 1000 --format plist --buffer-size 0 > power.plist
  sovmeter replay --powermetrics power.plist --log vllm.jsonl --process Python`,
	}
	f.add(c)
	price.add(c, 0)
	c.Flags().StringVar(&power, "powermetrics", "", "recorded powermetrics output, plist format")
	c.Flags().StringVar(&requests, "requests", "", "write each booked request to this file, a line of JSON each")
	c.Flags().StringArrayVar(&processes, "process", nil, "name of an executable of the server, or of its launchd job or application; repeatable (default by the log's format)")
	draw.add(c, "report-format")
	c.Flags().StringVar(&zone, "time-zone", "UTC", "time zone of the report")
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		loc, err := time.LoadLocation(zone)
		if err != nil {
			return &usageError{fmt.Errorf("--time-zone: %w", err)}
		}
		if slices.Contains(processes, "") {
			return &usageError{errors.New("--process: empty, want the name of an executable")}
		}
		drawn, err := draw.parse()
		if err != nil {
			return &usageError{err}
		}
		r := replay{draw: drawn, log: f, price: price, power: power, requests: requests, processes: processes}
		return interruptible(cmd.Context(), func(ctx context.Context) error {
			rep, err := r.run(ctx, e, loc)
			if err != nil {
				return err
			}
			return drawn.write(e.stdout, rep)
		})
	}
	return requires(c, "powermetrics", "log")
}

type replay struct {
	draw            drawing
	log             logFlags
	price           priceFlags
	power, requests string
	processes       []string // empty: the usual ones of the log's format
}

func (r *replay) run(ctx context.Context, e env, zone *time.Location) (_ report.Report, err error) {
	money, err := r.price.economy()
	if err != nil {
		return report.Report{}, err
	}
	power, err := openFile("powermetrics recording", r.power)
	if err != nil {
		return report.Report{}, err
	}
	defer power.Close()
	l, err := r.log.open()
	if err != nil {
		return report.Report{}, err
	}
	defer l.file.Close()
	out, err := newRequestWriter(r.requests)
	if err != nil {
		return report.Report{}, err
	}

	source := requestlog.NewRecording(r.log.log, l.file, l.arrivals, l.parser)
	cfg := collector.Config{Logs: []collector.Log{{Source: source, Server: r.log.server}}}
	rec, err := newRecording(cfg, money, nil, out.write)
	if err != nil {
		return report.Report{}, err
	}
	defer closing(rec, &err)
	size := sizeOf(power)
	p := newProgress(e.stderr, "reading the recording", 2*size) // once for its processes, once to book it
	defer p.done()
	tasks, err := newRecordedTasks(ctx, power, p, r.log.server, r.processes, l.format)
	if err != nil {
		return report.Report{}, err
	}
	counts, err := rec.play(ctx, p.reader(power, size), tasks.meter.Use)
	p.done()
	if errors.Is(err, errNoSample) || errors.Is(err, powermetrics.ErrNoTimestamp) {
		err = &notPowerError{r.power, err}
	}
	if err := firstError(err, out.close()); err != nil {
		return report.Report{}, err
	}
	status := rec.collector.Status()
	printCounts(e.stderr, counts, status, out.count)
	printClocks(e.stderr, status)
	tasks.print(e.stderr)
	if status.Unplaced > 0 {
		return report.Report{}, &unplacedError{r.log.log, status.Unplaced}
	}
	if out.count > 0 && out.metered == 0 {
		fmt.Fprintf(e.stderr, "sovmeter: no request lies in the time of the recording, %s to %s; they ended from %s to %s: is --started or --arrivals right?\n",
			stampOf(rec.begin), stampOf(rec.end), stampOf(out.first), stampOf(out.last))
	}
	return rec.report(ctx, "recording", time.Time{}, zone, r.draw)
}

// unplacedError is returned when a log does not tell when its requests were:
// booking their energy to nobody in silence would be wrong.
type unplacedError struct {
	log      string
	requests int64
}

func (e *unplacedError) Error() string {
	return fmt.Sprintf("log %s: nothing tells the wall time of %d requests", e.log, e.requests)
}

// Hint says how to tell the time.
func (e *unplacedError) Hint() string {
	return "give --started, when the server's process started, or --arrivals, a table of the lines' arrival times"
}

// printCounts says what the recording held, so that nothing is skipped in
// silence.
func printCounts(w io.Writer, c powermetrics.Counts, s collector.Status, requests int) {
	fmt.Fprintf(w, "sovmeter: samples:")
	for _, r := range []powermetrics.Result{powermetrics.ResultOK, powermetrics.ResultJoined, powermetrics.ResultUnusable, powermetrics.ResultOverlong, powermetrics.ResultSummary, powermetrics.ResultBadDocument} {
		if n := c.Results[r]; n > 0 || r == powermetrics.ResultOK {
			fmt.Fprintf(w, " %d %s", n, r)
		}
	}
	fmt.Fprintf(w, "; requests: %d; log lines: %d used, %d ignored, %d malformed, %d too long\n",
		requests, s.Lines.Used, s.Lines.Ignored, s.Lines.Malformed, s.Lines.Overlong)
}

// requestWriter writes booked requests to a file, or only counts them.
type requestWriter struct {
	file  *os.File
	out   *bufio.Writer
	buf   []byte
	count int
	// metered of the requests have an energy; they ended from first to last.
	metered     int
	first, last time.Time
}

func stampOf(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05Z") }

func newRequestWriter(path string) (*requestWriter, error) {
	if path == "" {
		return &requestWriter{}, nil
	}
	f, err := os.Create(path)
	if err != nil {
		return nil, fmt.Errorf("requests: %w", err)
	}
	return &requestWriter{file: f, out: bufio.NewWriter(f)}, nil
}

func (w *requestWriter) write(c attribution.Charge) error {
	w.count++
	if c.EnergyKnown {
		w.metered++
	}
	if end := c.Request.End; w.first.IsZero() || end.Before(w.first) {
		w.first = end
	}
	if end := c.Request.End; end.After(w.last) {
		w.last = end
	}
	if w.file == nil {
		return nil
	}
	var err error
	if w.buf, err = jsonl.Append(w.buf[:0], jsonl.FromCharge(c)); err != nil {
		return fmt.Errorf("write request %s: %w", c.Request.ID, err)
	}
	if _, err := w.out.Write(w.buf); err != nil {
		return fmt.Errorf("write requests: %w", err)
	}
	return nil
}

func (w *requestWriter) close() error {
	if w.file == nil {
		return nil
	}
	return firstError(w.out.Flush(), w.file.Close())
}
