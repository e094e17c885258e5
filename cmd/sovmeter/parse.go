package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/sovmeter/sovmeter/cmd/sovmeter/config"
	"github.com/sovmeter/sovmeter/collector/requestlog"
	"github.com/sovmeter/sovmeter/collector/requestlog/jsonl"
)

// logFlags are the flags of commands that read a recorded log.
type logFlags struct {
	log, format, arrivals, server, model, started string
	noCache                                       bool
}

func (f *logFlags) add(c *cobra.Command) {
	c.Flags().StringVar(&f.log, "log", "", "request log of a model server")
	c.Flags().StringVar(&f.format, "format", config.FormatAuto, fmt.Sprintf("its format: auto or one of %v", formatNames()))
	c.Flags().StringVar(&f.arrivals, "arrivals", "", "table of the lines' arrival times: byte offset, tab, unix seconds")
	c.Flags().StringVar(&f.server, "server", "server", "the server's name in the output")
	c.Flags().StringVar(&f.model, "model", "", "the model's name, in place of what the log says")
	c.Flags().BoolVar(&f.noCache, "no-cache", false, "the server has no prompt cache: what is not told of cached tokens is none")
	c.Flags().StringVar(&f.started, "started", "", "when the server's process started (RFC 3339), for stamps that count from there")
}

// openedLog is a recorded log that is ready to be read from its beginning.
type openedLog struct {
	file     *os.File
	format   string // never auto
	parser   requestlog.Parser
	arrivals requestlog.Arrivals
}

// open opens the log and chooses its parser. The caller closes the file.
func (f *logFlags) open() (*openedLog, error) {
	o := requestlog.Options{Server: f.server, Model: f.model, Zone: time.Local, NoCache: f.noCache, Hosts: hostNames()}
	if f.started != "" {
		t, err := time.Parse(time.RFC3339, f.started)
		if err != nil {
			return nil, &usageError{fmt.Errorf("--started: got %q, want a time such as 2026-03-10T08:00:00Z", f.started)}
		}
		o.ProcessStart = t.UTC()
	}
	arrivals, err := readArrivals(f.arrivals)
	if err != nil {
		return nil, err
	}
	file, err := openFile("log", f.log)
	if err != nil {
		return nil, err
	}
	l := &openedLog{file: file, arrivals: arrivals}
	if l.format, err = f.formatOf(file); err == nil {
		l.parser, err = newParser(l.format, o)
	}
	if err != nil {
		file.Close()
		return nil, err
	}
	if err := f.checkArrivals(file, arrivals); err != nil {
		file.Close()
		return nil, err
	}
	return l, nil
}

// openFile opens a file that is read from its beginning.
func openFile(what, path string) (*os.File, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	if info, err := file.Stat(); err == nil && info.IsDir() {
		file.Close()
		return nil, fmt.Errorf("%s %s: is a folder, want a file", what, path)
	}
	return file, nil
}

// checkArrivals refuses a table that was not made with the log: its times
// would be given to other lines. It leaves the file at its beginning.
func (f *logFlags) checkArrivals(file *os.File, a requestlog.Arrivals) error {
	if f.arrivals == "" {
		return nil
	}
	lines, known := 0, 0
	offset := int64(0)
	for r := bufio.NewReader(file); ; {
		n, err := skipLine(r)
		if n > 0 {
			lines++
			if a.Has(offset) {
				known++
			}
		}
		offset += n
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("log: %w", err)
		}
	}
	if known < a.Len() || known == 0 {
		return fmt.Errorf("arrivals %s: %d of its %d offsets are not where a line of %s begins: was it made with another log?", f.arrivals, a.Len()-known, a.Len(), f.log)
	}
	_, err := file.Seek(0, io.SeekStart)
	return err
}

// skipLine reads past one line of any length and returns how many bytes it had.
func skipLine(r *bufio.Reader) (int64, error) {
	var n int64
	for {
		part, err := r.ReadSlice('\n')
		n += int64(len(part))
		if !errors.Is(err, bufio.ErrBufferFull) {
			return n, err
		}
	}
}

// formatOf detects the format if it is asked to, and leaves the file at its
// beginning.
func (f *logFlags) formatOf(file *os.File) (string, error) {
	if f.format != config.FormatAuto {
		return f.format, nil
	}
	format, err := detect(file)
	if err != nil {
		return "", fmt.Errorf("log %s: %w (name it with --format)", f.log, err)
	}
	if format == "" {
		return "", fmt.Errorf("log %s: not one whole line to recognise the format by", f.log)
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return "", fmt.Errorf("log: %w", err)
	}
	return format, nil
}

func readArrivals(path string) (requestlog.Arrivals, error) {
	if path == "" {
		return requestlog.Arrivals{}, nil
	}
	file, err := openFile("arrivals", path)
	if err != nil {
		return requestlog.Arrivals{}, err
	}
	defer file.Close()
	a, err := requestlog.ReadArrivals(file)
	if err != nil {
		return requestlog.Arrivals{}, fmt.Errorf("arrivals %s: %w", path, err)
	}
	return a, nil
}

func newParse(e env) *cobra.Command {
	var f logFlags
	c := &cobra.Command{
		Use:   "parse --log FILE",
		Short: "Print the requests that sovmeter sees in a log",
		Long: `Parse reads a model server's log and prints each request as a line of JSON, in
the interchange format (names of OpenTelemetry GenAI). It prints what sovmeter
would book energy to, so that you can check it against what you know. Prompts
and replies are never read.

A log whose stamps count from the start of the process tells no wall time by
itself: give --started, or the lines' arrival times with --arrivals. Without
either the times are missing from the output.`,
		Example: `  sovmeter parse --log llama-server.log --started 2026-03-10T08:00:00Z
  sovmeter parse --schema`,
	}
	f.add(c)
	c.RunE = func(*cobra.Command, []string) error { return parse(e, f) }
	c = requires(c, "log")
	schema := c.Flags().Bool("schema", false, "print the JSON Schema of the output, which a log may be written by, instead")
	read := c.RunE
	c.RunE = func(cmd *cobra.Command, args []string) error {
		if *schema {
			_, err := e.stdout.Write(jsonl.Schema())
			return err
		}
		return read(cmd, args)
	}
	return c
}

// requires marks flags that a command cannot do without.
func requires(c *cobra.Command, flags ...string) *cobra.Command {
	run := c.RunE
	c.RunE = func(cmd *cobra.Command, args []string) error {
		for _, name := range flags {
			if cmd.Flags().Lookup(name).Value.String() == "" {
				return &usageError{fmt.Errorf("--%s is missing (see %s --help)", name, cmd.CommandPath())}
			}
		}
		return run(cmd, args)
	}
	return c
}

func parse(e env, f logFlags) error {
	l, err := f.open()
	if err != nil {
		return err
	}
	defer l.file.Close()
	out := bufio.NewWriter(e.stdout)
	var buf []byte
	requests, remote, inFlight := 0, 0, 0
	write := func(r jsonl.Record) error {
		var err error
		if buf, err = jsonl.Append(buf[:0], r); err != nil {
			return err
		}
		_, err = out.Write(buf)
		return err
	}
	counts, err := requestlog.Replay(l.file, l.arrivals, l.parser, func(facts requestlog.Facts) error {
		inFlight = len(facts.InFlight)
		for _, r := range facts.Requests {
			requests++
			if err := write(jsonl.Record{Request: r}); err != nil {
				return err
			}
		}
		for _, c := range facts.Remote {
			remote++
			if err := write(jsonl.FromRemote(c)); err != nil {
				return err
			}
		}
		return nil
	})
	if err := firstError(out.Flush(), err); err != nil {
		return err
	}
	if counts.Used == 0 && counts.Malformed > 0 {
		return fmt.Errorf("log %s: not one of %d lines is of this format (name another with --format)", f.log, counts.Malformed)
	}
	elsewhere := ""
	if remote > 0 {
		elsewhere = fmt.Sprintf(", %d answered elsewhere", remote)
	}
	fmt.Fprintf(e.stderr, "sovmeter: %d requests%s, %d in flight at the end; lines: %d used, %d ignored, %d malformed, %d too long\n",
		requests, elsewhere, inFlight, counts.Used, counts.Ignored, counts.Malformed, counts.Overlong)
	return nil
}
