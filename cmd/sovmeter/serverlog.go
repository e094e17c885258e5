package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/rs/zerolog"

	"github.com/sovmeter/sovmeter/cmd/sovmeter/config"
	"github.com/sovmeter/sovmeter/collector"
	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/requestlog"
)

// serverLog is the log of a configured server. It makes its parser when the
// log can be recognised, which may be long after the daemon started.
type serverLog struct {
	server config.Server
	since  time.Time // requests that ended before are older than the metering
	resume []byte    // checkpoint of an earlier run; nil: none
	// simulated is true for a log that is written faster than real time: its
	// file's times say nothing about when a line was written.
	simulated bool
	zone      *time.Location // of the log's local times
	logger    zerolog.Logger
	source    *requestlog.Source
	losses    requestlog.FollowerStats // as of the last poll
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
	u, err := l.source.Poll(now)
	l.noteLosses()
	return u, err
}

// noteLosses logs what the follower could not read, as it happens.
func (l *serverLog) noteLosses() {
	now := l.source.Stats().FollowerStats
	was := l.losses
	l.losses = now
	warn := func(msg string) {
		l.logger.Warn().Str("log", l.server.Log).Msg(msg + "; requests that only they told of are missing or look failed")
	}
	switch {
	case now.Lost > was.Lost:
		warn("a rotated log was not found again, and its unread lines are lost")
	case now.CutLines > was.CutLines:
		warn("a rotated log ended within a line, which is lost")
	case now.Emptied > was.Emptied:
		warn("the log was emptied and no copy of it was found beside it; lines written since the last look are lost")
	}
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
	if info, err := f.Stat(); err == nil && !info.Mode().IsRegular() {
		return "", fmt.Errorf("request log %s: not a file: name the log file itself", l.server.Log)
	}
	format, err := detect(f)
	if errors.Is(err, errNoFormat) {
		return "", fmt.Errorf("request log %s: %w (set its format in the config)", l.server.Log, err)
	}
	if err != nil {
		return "", fmt.Errorf("request log: %w", err)
	}
	return format, nil
}

func (l *serverLog) newSource(format string, since time.Time) (*requestlog.Source, error) {
	p, err := newParser(format, requestlog.Options{Server: l.server.Name, Model: l.server.Model, Zone: l.zone})
	if err != nil {
		return nil, err
	}
	return requestlog.NewSource(requestlog.SourceOptions{
		Path: l.server.Log, Format: format, Parser: p, Since: since,
		Follower: requestlog.FollowerOptions{NoModTime: l.simulated},
	}), nil
}

// serverLogs are the logs of all configured servers.
type serverLogs []*serverLog

// Close closes them all.
func (all serverLogs) Close() error {
	var errs []error
	for _, l := range all {
		errs = append(errs, l.Close())
	}
	return errors.Join(errs...)
}

// sources are the logs as a collector reads them.
func (all serverLogs) sources() []collector.Log {
	var logs []collector.Log
	for _, l := range all {
		logs = append(logs, collector.Log{Source: l, Server: l.server.Name})
	}
	return logs
}
