package main

import (
	"context"
	"os"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"github.com/sovmeter/sovmeter/cmd/sovmeter/config"
	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/exporter/cost/tariff"
	"github.com/sovmeter/sovmeter/store"
)

// tariffEvery is how often a daemon looks for new prices in the files of its
// tariff, and counts its use for the tiers.
const tariffEvery = 5 * time.Minute

// liveTariff is the tariff of a running daemon: the files that it names are read
// again when they changed, and its tiers know the use of the month so far.
type liveTariff struct {
	config config.Config
	source store.Source
	log    zerolog.Logger

	files  map[string]time.Time // when each was written, as it was read
	loaded *tariff.Tariff
	now    atomic.Pointer[tariff.Tariff] // loaded, with the use so far
}

// newLiveTariff is nil without a tariff.
func newLiveTariff(cfg config.Config, source store.Source, log zerolog.Logger) (*liveTariff, error) {
	if cfg.Tariff == nil {
		return nil, nil
	}
	l := &liveTariff{config: cfg, source: source, log: log}
	if err := l.load(); err != nil {
		return nil, err
	}
	return l, nil
}

// Currency implements cost.Tariff.
func (l *liveTariff) Currency() cost.Currency { return l.config.Tariff.Currency }

// At implements cost.Tariff.
func (l *liveTariff) At(slot time.Time) (cost.Price, bool) { return l.now.Load().At(slot) }

// run keeps the tariff fresh until ctx ends.
func (l *liveTariff) run(ctx context.Context) error {
	tick := time.NewTicker(tariffEvery)
	defer tick.Stop()
	for {
		l.refresh(ctx, time.Now())
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// refresh keeps what it has when something is wrong, and says so.
func (l *liveTariff) refresh(ctx context.Context, now time.Time) {
	if l.changed() {
		if err := l.load(); err != nil {
			l.log.Error().Err(err).Msg("cannot read the tariff's new prices; going on with the old ones")
		}
	}
	since := l.loaded.Needs(now)
	if !since.Before(now) {
		return
	}
	used, err := l.source.Range(ctx, since, now)
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
func (l *liveTariff) load() error {
	l.files = l.written()
	loaded, err := loadTariff(l.config)
	if err != nil {
		return err
	}
	l.loaded = loaded
	l.now.Store(loaded)
	return nil
}

func (l *liveTariff) changed() bool {
	for name, at := range l.written() {
		if !at.Equal(l.files[name]) {
			return true
		}
	}
	return false
}

// written is when each file was written last; zero for one that is not there.
func (l *liveTariff) written() map[string]time.Time {
	times := map[string]time.Time{}
	for _, name := range l.config.Tariff.Files() {
		if info, err := os.Stat(name); err == nil {
			times[name] = info.ModTime()
		} else {
			times[name] = time.Time{}
		}
	}
	return times
}
