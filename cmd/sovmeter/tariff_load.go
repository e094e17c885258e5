package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"github.com/sovmeter/sovmeter/cmd/sovmeter/config"
	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/exporter/cost/series"
	"github.com/sovmeter/sovmeter/exporter/cost/tariff"
	"github.com/sovmeter/sovmeter/store"
)

// loadTariff makes the config's tariff, with the series that it names; nil
// without one.
func loadTariff(cfg config.Config) (*tariff.Tariff, error) {
	if cfg.Tariff == nil {
		return nil, nil
	}
	in := tariff.Inputs{Files: map[string]tariff.File{}}
	if cfg.Exchange != nil {
		in.Exchange = *cfg.Exchange
	}
	for _, name := range cfg.Tariff.Files() {
		file, err := readSeries(name)
		if err != nil {
			return nil, &tariffError{err: err}
		}
		in.Files[name] = file
	}
	t, err := tariff.New(*cfg.Tariff, in)
	if err != nil {
		return nil, &tariffError{err: err}
	}
	return t, nil
}

// asTariff is an interface that is nil without a tariff.
func asTariff(t *tariff.Tariff) cost.Tariff {
	if t == nil {
		return nil
	}
	return t
}

// tariffOver is the tariff for the slots of a range; nil without one. Tiers
// count the use since the billing month began, which may be before the range.
func tariffOver(ctx context.Context, source store.Source, t *tariff.Tariff, r store.Range) (cost.Tariff, error) {
	if t == nil {
		return nil, nil
	}
	system := r.System
	if needs := t.Needs(r.Since); needs.Before(r.Since) {
		before, err := source.Range(ctx, needs, r.Since)
		if err != nil {
			return nil, fmt.Errorf("use since the billing month began: %w", err)
		}
		system = slices.Concat(before.System, system)
	}
	return t.Over(system), nil
}

func readSeries(name string) (tariff.File, error) {
	f, err := os.Open(name)
	if err != nil {
		return tariff.File{}, fmt.Errorf("series: %w", err)
	}
	defer f.Close()
	points, header, err := series.Read(f)
	if err != nil {
		return tariff.File{}, fmt.Errorf("series %s: %w", name, err)
	}
	return tariff.File{Header: header, Points: points}, nil
}

// tariffError is returned when the series of a tariff cannot be used.
type tariffError struct{ err error }

func (e *tariffError) Error() string { return "tariff: " + e.err.Error() }
func (e *tariffError) Unwrap() error { return e.err }

// Hint says what to do about it.
func (e *tariffError) Hint() string {
	switch {
	case errors.Is(e.err, fs.ErrNotExist):
		return "make the file with: sovmeter tariff import (see its --help)"
	case errors.Is(e.err, fs.ErrPermission):
		return "the daemon and you need to read the file: chmod a+r"
	case errors.Is(e.err, series.ErrFormat):
		return "the config wants a file that sovmeter tariff import wrote, not a downloaded one"
	}
	return ""
}
