package main

import (
	"context"
	_ "embed" // the demo's config is a file, as a user's is
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/sovmeter/sovmeter/cmd/sovmeter/config"
)

// demoConfig is what the simulated Mac's money is, as a user would write it.
//
//go:embed demo.yaml
var demoConfig []byte

// demoEconomy is the money of the demo's config.
func (d *demo) economy() (economy, error) {
	cfg, err := config.Parse("demo.yaml", demoConfig, configFormats())
	if err != nil {
		return economy{}, err
	}
	return loadEconomy(cfg, "", time.Now(), d.env.stderr)
}

// keptConfig is the name of the config in the folder of --keep.
const keptConfig = "sovmeter.yaml"

// checkFolder refuses a folder that nothing could be left in, before days of
// simulation are spent on it, and makes its path absolute.
func (d *demo) checkFolder() error {
	if d.keep == "" {
		return nil
	}
	folder, err := filepath.Abs(d.keep)
	if err != nil {
		return fmt.Errorf("--keep: %w", err)
	}
	path := filepath.Join(folder, keptConfig)
	if _, err := os.Stat(path); err == nil {
		return fmt.Errorf("--keep: %s is there already: name a new folder, or remove it", path)
	}
	if _, err := config.Parse(path, keptIn(folder), configFormats()); err != nil {
		return fmt.Errorf("--keep: %w", err)
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return fmt.Errorf("--keep: %w", err)
	}
	d.keep = folder
	return nil
}

// keptIn is the demo's config for a folder.
func keptIn(folder string) []byte {
	places := fmt.Sprintf("\nstore: {path: %q}\nsocket: %q\n", filepath.Join(folder, "sovmeter.db"), filepath.Join(folder, "sovmeter.sock"))
	return slices.Concat(demoConfig, []byte(places))
}

// leave keeps the store and its config in the folder, so that reports can be
// made of it.
func (d *demo) leave(ctx context.Context, day *meteredDay) error {
	if err := day.recording.store.Snapshot(ctx, filepath.Join(d.keep, "sovmeter.db")); err != nil {
		return err
	}
	path := filepath.Join(d.keep, keptConfig)
	if err := os.WriteFile(path, keptIn(d.keep), 0o644); err != nil {
		return fmt.Errorf("keep the simulated Mac: %w", err)
	}
	fmt.Fprintf(d.env.stderr, "sovmeter: kept; try: sovmeter report --config %s --last %dd --by day\n", path, d.days)
	return nil
}
