package main

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"os"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"github.com/sovmeter/sovmeter/cmd/sovmeter/config"
	"github.com/sovmeter/sovmeter/collector"
	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/exporter/cost/tariff"
	"github.com/sovmeter/sovmeter/store"
)

// tariffEvery is how often a daemon looks for new prices in the files of its
// tariff, and counts its use for the tiers.
const tariffEvery = 5 * time.Minute

// liveTariff is the tariff of a running daemon: the files that it names are read
// again when they changed, and its tiers know the use of the month so far. While
// a file was never read no price is known, and energy is metered all the same.
type liveTariff struct {
	config config.Config
	source store.Source
	log    zerolog.Logger

	files  map[string]fileState // as they were read; nil: not yet
	loaded *tariff.Tariff       // nil: a file could not be read so far
	now    atomic.Pointer[tariff.Tariff]
}

// fileState changes with what a file says and with who may read it.
type fileState struct {
	written int64 // Unix nanoseconds
	size    int64
	mode    fs.FileMode
}

// newLiveTariff is nil without a tariff.
func newLiveTariff(ctx context.Context, cfg config.Config, source store.Source, log zerolog.Logger) *liveTariff {
	if cfg.Tariff == nil {
		return nil
	}
	l := &liveTariff{config: cfg, source: source, log: log}
	l.refresh(ctx, time.Now())
	return l
}

// Currency implements cost.Tariff.
func (l *liveTariff) Currency() cost.Currency { return l.config.Tariff.Currency }

// At implements cost.Tariff.
func (l *liveTariff) At(slot time.Time) (cost.Price, bool) {
	if t := l.now.Load(); t != nil {
		return t.At(slot)
	}
	return cost.Price{}, false
}

// run keeps the tariff fresh until ctx ends.
func (l *liveTariff) run(ctx context.Context) error {
	tick := time.NewTicker(tariffEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			l.refresh(ctx, time.Now())
		}
	}
}

// refresh keeps what it has when something is wrong, and says so.
func (l *liveTariff) refresh(ctx context.Context, now time.Time) {
	if files := l.states(); l.files == nil || !maps.Equal(files, l.files) {
		l.files = files // before they are read: what is written meanwhile is a change
		l.load()
	}
	if l.loaded == nil {
		return
	}
	if !l.loaded.Tiered() {
		l.now.Store(l.loaded)
		return
	}
	// In a month's first half hour some of the last one is still to be booked.
	used, err := l.source.Range(ctx, l.loaded.Needs(now.Add(-collector.DefaultMaxOpen)), now)
	if err != nil {
		if ctx.Err() == nil {
			l.log.Error().Err(err).Msg("cannot read the use of this month; the tariff's tier may be wrong")
		}
		return
	}
	l.now.Store(l.loaded.Over(used.System))
}

// load reads the tariff's files. A file that cannot be read is not tried again
// before it changes.
func (l *liveTariff) load() {
	loaded, err := loadTariff(l.config)
	if err == nil {
		l.loaded = loaded
		return
	}
	line := l.log.Error().Err(err)
	var h hinted
	if errors.As(err, &h) && h.Hint() != "" {
		line = line.Str("hint", h.Hint())
	}
	if l.loaded == nil {
		line.Msg("cannot read the tariff's prices; metering without them until the file changes")
		return
	}
	line.Msg("cannot read the tariff's new prices; going on with the old ones")
}

// states is how each file is now; zero for one that is not there.
func (l *liveTariff) states() map[string]fileState {
	states := map[string]fileState{}
	for _, name := range l.config.Tariff.Files() {
		states[name] = fileState{}
		if info, err := os.Stat(name); err == nil {
			states[name] = fileState{info.ModTime().UnixNano(), info.Size(), info.Mode()}
		}
	}
	return states
}
