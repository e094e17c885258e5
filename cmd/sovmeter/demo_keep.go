package main

import (
	"context"
	_ "embed" // the demo's config is a file, as a user's is
	"fmt"
	"os"
	"path/filepath"
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

// leave keeps the store and its config in the folder, so that reports can be
// made of it.
func (d *demo) leave(ctx context.Context, day *meteredDay) error {
	folder, err := filepath.Abs(d.keep)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return fmt.Errorf("keep the simulated Mac: %w", err)
	}
	path := filepath.Join(folder, "sovmeter.yaml")
	if _, err := os.Stat(path); err == nil {
		return fmt.Errorf("keep the simulated Mac: %s is there already: name a new folder, or remove it", path)
	}
	db := filepath.Join(folder, "sovmeter.db")
	for more := true; more; { // as the daemon does: raw windows are kept for two days
		pruned, err := day.recording.store.Prune(ctx, day.recording.end)
		if err != nil {
			return err
		}
		more = pruned.More
	}
	if err := day.recording.store.Snapshot(ctx, db); err != nil {
		return err
	}
	places := fmt.Sprintf("\nstore: {path: %q}\nsocket: %q\n", db, filepath.Join(folder, "sovmeter.sock"))
	if err := os.WriteFile(path, append(demoConfig, places...), 0o644); err != nil {
		return fmt.Errorf("keep the simulated Mac: %w", err)
	}
	fmt.Fprintf(d.env.stderr, "sovmeter: kept; try: sovmeter report --config %s --last %dd --by day\n", path, d.days)
	return nil
}
