package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/sovmeter/sovmeter/cmd/sovmeter/config"
	"github.com/sovmeter/sovmeter/exporter/api"
	"github.com/sovmeter/sovmeter/store"
)

// closingSource is a store.Source that is to be closed after use.
type closingSource struct {
	store.Source
	close func() error
}

// Close lets go of what the source holds.
func (s closingSource) Close() error { return s.close() }

// heldError is returned when a process holds the store and none answers.
type heldError struct{ store, socket string }

func (e *heldError) Error() string {
	return fmt.Sprintf("store %s is in use, but nobody answers on %s", e.store, e.socket)
}

// Hint says what is likely.
func (e *heldError) Hint() string {
	return "the daemon that holds it was probably started with another socket in its config: use the same config"
}

// snapshotPath is where the daemon keeps the hourly copy of its store.
func snapshotPath(path string) string { return path + ".snapshot" }

// openSource finds who can answer about stored energy: the daemon; without
// one the store; and when a daemon holds the store but does not answer, its
// last snapshot.
func openSource(ctx context.Context, cfg config.Config, stderr io.Writer) (closingSource, error) {
	client := api.NewClient(cfg.Socket)
	_, asked := client.Range(ctx, time.Unix(0, 0), time.Unix(0, 0))
	switch {
	case asked == nil:
		return closingSource{client, func() error { return nil }}, nil
	case !errors.Is(asked, api.ErrNoSocket) && !errors.Is(asked, api.ErrNotAnswering):
		return closingSource{}, asked
	}
	db, err := store.OpenReadOnly(cfg.Store, store.Options{})
	if err == nil {
		return closingSource{db, db.Close}, nil
	}
	if !errors.Is(err, store.ErrLocked) {
		return closingSource{}, err
	}
	path := snapshotPath(cfg.Store)
	info, statErr := os.Stat(path)
	if statErr != nil {
		return closingSource{}, &heldError{store: cfg.Store, socket: cfg.Socket}
	}
	if db, err = store.OpenReadOnly(path, store.Options{}); err != nil {
		return closingSource{}, err
	}
	fmt.Fprintf(stderr, "sovmeter: a daemon holds the store and does not answer on %s; these figures are a snapshot of %s ago\n",
		cfg.Socket, time.Since(info.ModTime()).Round(time.Minute))
	return closingSource{db, db.Close}, nil
}
