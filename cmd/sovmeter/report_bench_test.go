package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/rs/zerolog"

	"github.com/sovmeter/sovmeter/exporter/api"
	"github.com/sovmeter/sovmeter/store"
	"github.com/sovmeter/sovmeter/store/storetest"
)

// yearOfStore is a folder with a store of a year and the demo's money for it.
func yearOfStore(b *testing.B) (config string, db *store.Store) {
	b.Helper()
	folder := b.TempDir()
	path := filepath.Join(folder, "sovmeter.db")
	db, err := store.Open(path, store.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.Close() })
	storetest.Work(b, db, 365)
	config = filepath.Join(folder, "sovmeter.yaml")
	places := fmt.Sprintf("\ntime_zone: Europe/Berlin\nstore: {path: %q}\nsocket: %q\n", path, filepath.Join(folder, "s"))
	if err := os.WriteFile(config, append(demoConfig, places...), 0o600); err != nil {
		b.Fatal(err)
	}
	return config, db
}

// BenchmarkReportYear is the whole command, but for the start of its process: a
// year by day with comparisons, hardware and carbon.
func BenchmarkReportYear(b *testing.B) {
	config, db := yearOfStore(b)
	report := func(b *testing.B, format string) {
		b.Helper()
		for b.Loop() {
			args := []string{"report", "--config", config, "--since", "2026-01-01", "--until", "2027-01-01", "--by", "day", "--format", format}
			if code := run(context.Background(), args, io.Discard, os.Stderr); code != 0 {
				b.Fatalf("code %d", code)
			}
		}
	}
	b.Run("daemon", func(b *testing.B) {
		ctx, cancel := context.WithCancel(context.Background())
		server := api.NewServer(filepath.Join(filepath.Dir(config), "s"), db, zerolog.Nop())
		if err := server.Listen(ctx); err != nil {
			b.Fatal(err)
		}
		done := make(chan error)
		go func() { done <- server.Run(ctx) }()
		report(b, "table")
		cancel()
		if err := <-done; err != nil {
			b.Fatal(err)
		}
	})
	if err := db.Close(); err != nil {
		b.Fatal(err)
	}
	b.Run("store", func(b *testing.B) { report(b, "table") })
	b.Run("store-html", func(b *testing.B) { report(b, "html") })
}
