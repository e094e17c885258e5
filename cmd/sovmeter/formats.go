package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/rs/zerolog"

	"github.com/sovmeter/sovmeter/cmd/sovmeter/config"
	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/requestlog"
	"github.com/sovmeter/sovmeter/collector/requestlog/jsonl"
	"github.com/sovmeter/sovmeter/collector/requestlog/llamacpp"
)

// formatAuto asks for the format that recognises the log.
const formatAuto = "auto"

// sampleBytes is how much of a log is read to recognise its format.
const sampleBytes = 64 << 10

// formats are the log formats there are, the most specific first.
func formats() []requestlog.Format {
	return []requestlog.Format{llamacpp.Format(), jsonl.Format()}
}

func formatNames() []string {
	var names []string
	for _, f := range formats() {
		names = append(names, f.Name)
	}
	return names
}

// parserOptions says what a log does not tell about itself.
type parserOptions struct {
	server  string
	model   string    // overrides the log's; empty: as the log says
	started time.Time // when the server's process started; zero: not known
}

// newParser returns the parser of a format by name.
func newParser(format string, o parserOptions) (requestlog.Parser, error) {
	switch format {
	case llamacpp.FormatName:
		return llamacpp.New(llamacpp.Options{Server: o.server, Model: o.model, ProcessStart: o.started}), nil
	case jsonl.FormatName:
		return jsonl.New(jsonl.Options{Server: o.server, Model: o.model}), nil
	}
	return nil, &usageError{fmt.Errorf("unknown log format %q, want one of %v", format, append([]string{formatAuto}, formatNames()...))}
}

// errNoFormat is returned when no format recognises a log.
var errNoFormat = errors.New("no known format recognises it")

// detect names the format of a log by its beginning. It returns "" for a log
// that is too short to tell.
func detect(r io.Reader) (string, error) {
	head := make([]byte, sampleBytes)
	n, err := io.ReadFull(r, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return "", err
	}
	lines := wholeLines(head[:n])
	if len(lines) == 0 {
		return "", nil
	}
	f, ok := requestlog.Choose(formats(), lines)
	if !ok {
		return "", errNoFormat
	}
	return f.Name, nil
}

// wholeLines cuts b into its complete lines.
func wholeLines(b []byte) [][]byte {
	var lines [][]byte
	start := 0
	for i, c := range b {
		if c == '\n' {
			lines = append(lines, b[start:i])
			start = i + 1
		}
	}
	return lines
}

// serverLog is the log of a configured server. It makes its parser when the
// log can be recognised, which may be long after the daemon started.
type serverLog struct {
	server config.Server
	since  time.Time // requests that ended before are older than the metering
	resume []byte    // checkpoint of an earlier run; nil: none
	// simulated is true for a log that is written faster than real time: its
	// file\'s times say nothing about when a line was written.
	simulated bool
	logger    zerolog.Logger
	source    *requestlog.Source
}

// Name returns the log's path.
func (l *serverLog) Name() string { return l.server.Log }

// Poll reads what is new. While there is no log there are no requests, so all
// time up to now is settled.
func (l *serverLog) Poll(now time.Time) (attribution.LogUpdate, error) {
	if l.source == nil {
		if err := l.open(); err != nil {
			return attribution.LogUpdate{}, err
		}
	}
	if l.source == nil {
		return attribution.LogUpdate{Horizon: now.Add(-requestlog.SettleTime)}, nil
	}
	return l.source.Poll(now)
}

// Close closes the log.
func (l *serverLog) Close() error {
	if l.source == nil {
		return nil
	}
	return l.source.Close()
}

// open makes the source, from the checkpoint where there is one. It leaves the
// source nil when there is no log to recognise yet.
func (l *serverLog) open() error {
	candidates := []string{l.server.Format}
	if l.server.Format == formatAuto {
		candidates = formatNames()
	}
	for _, format := range candidates {
		if l.resume == nil {
			break
		}
		source, err := l.newSource(format, time.Time{})
		if err != nil {
			return err
		}
		if source.Restore(l.resume) == nil {
			l.source = source
			return nil
		}
	}
	if l.resume != nil {
		l.logger.Warn().Str("log", l.server.Log).Time("since", l.since).Msg("stored reading position does not fit this log; reading it again, without what ended before")
		l.resume = nil
	}
	format, err := l.recognise()
	if err != nil || format == "" {
		return err
	}
	l.source, err = l.newSource(format, l.since)
	return err
}

func (l *serverLog) recognise() (string, error) {
	if l.server.Format != formatAuto {
		return l.server.Format, nil
	}
	f, err := os.Open(l.server.Log)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("request log: %w", err)
	}
	defer f.Close()
	format, err := detect(f)
	if err != nil {
		return "", fmt.Errorf("request log %s: %w (set its format in the config)", l.server.Log, err)
	}
	return format, nil
}

func (l *serverLog) newSource(format string, since time.Time) (*requestlog.Source, error) {
	p, err := newParser(format, parserOptions{server: l.server.Name, model: l.server.Model})
	if err != nil {
		return nil, err
	}
	return requestlog.NewSource(requestlog.SourceOptions{
		Path: l.server.Log, Format: format, Parser: p, Since: since,
		Follower: requestlog.FollowerOptions{NoModTime: l.simulated},
	}), nil
}
