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
	"github.com/sovmeter/sovmeter/collector/requestlog/llamaswap"
)

// logSource is what a serverLog reads, once it knows how: a followed file, or an
// address that answers.
type logSource interface {
	Poll(now time.Time) (attribution.LogUpdate, error)
	SpeaksAtEnd() bool
	Restore(checkpoint []byte) error
	Close() error
}

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
	elsewhere []int          // ports of servers that have logs of their own
	logger    zerolog.Logger
	source    logSource                // nil: not recognised yet
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

// Behind is true when the last Poll stopped with more to read.
func (l *serverLog) Behind() bool {
	b, ok := l.source.(interface{ Behind() bool })
	return ok && b.Behind()
}

// noteLosses logs what the follower could not read, as it happens.
func (l *serverLog) noteLosses() {
	file, ok := l.source.(*requestlog.Source)
	if !ok {
		return
	}
	now := file.Stats().FollowerStats
	was := l.losses
	l.losses = now
	warn := func(msg string) {
		l.logger.Warn().Str("log", l.server.Log).Msg(msg + "; requests that only they told of are missing or look failed")
	}
	switch {
	case now.Lost > was.Lost:
		warn("a rotated log was not found again, is compressed or cannot be read, and its unread lines are lost")
	case now.CutLines > was.CutLines:
		warn("a log ended or was overwritten within a line, which is lost")
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
	if l.server.Format == config.FormatAuto {
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
	switch {
	case config.IsAddress(l.server.Log):
		return addressFormat, nil
	case l.server.Format != config.FormatAuto:
		return l.server.Format, nil
	}
	format, err := recognise(l.server.Log)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", nil
	case errors.Is(err, errNoFormat):
		return "", fmt.Errorf("request log %s: %w (set its format in the config)", l.server.Log, err)
	case err != nil:
		return "", fmt.Errorf("request log: %w", err)
	}
	return format, nil
}

// newSource makes a source that begins with what ended at since.
func (l *serverLog) newSource(format string, since time.Time) (logSource, error) {
	f, err := formatNamed(format)
	if err != nil {
		return nil, err
	}
	if config.IsAddress(l.server.Log) {
		token, err := readToken(l.server.TokenFile)
		if err != nil {
			return nil, err
		}
		return llamaswap.NewActivity(llamaswap.ActivityOptions{
			URL: l.server.Log, Server: l.server.Name, Model: l.server.Model, Token: token, NoCache: l.server.NoCache, Since: since,
		})
	}
	follower := requestlog.FollowerOptions{NoModTime: l.simulated}
	if f.Files != nil && !isFile(l.server.Log) {
		follower.Files = func() ([]string, error) {
			if isFile(l.server.Log) { // what was not there yet is no folder
				return []string{l.server.Log}, nil
			}
			return f.Files(l.server.Log)
		}
	}
	return requestlog.NewSource(requestlog.SourceOptions{
		Path: l.server.Log, Format: format, Parser: f.New(l.options()), Since: since, Follower: follower,
	}), nil
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// options are what the log does not say of itself.
func (l *serverLog) options() requestlog.Options {
	return requestlog.Options{
		Server: l.server.Name, Model: l.server.Model, Zone: l.zone,
		NoCache: l.server.NoCache, Elsewhere: l.elsewhere, Hosts: hostNames(), ModelName: modelNames(l.server),
	}
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
