package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sovmeter/sovmeter/cmd/sovmeter/config"
	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/exporter/api"
	"github.com/sovmeter/sovmeter/store"
)

// storeCalibration has the daemon store a calibration and go by it. Without a
// daemon it is put into the store itself. It returns where it went.
func storeCalibration(ctx context.Context, cfg config.Config, c attribution.Calibration) (string, error) {
	err := api.NewClient(cfg.Socket).PutCalibration(ctx, c)
	switch {
	case err == nil:
		return "by the daemon at " + cfg.Socket, nil
	case !errors.Is(err, api.ErrNoSocket) && !errors.Is(err, api.ErrNotAnswering):
		return "", fmt.Errorf("store the calibration: %w", err)
	}
	if err := putIntoStore(ctx, cfg, c); err != nil {
		return "", err
	}
	return "in " + cfg.Store, nil
}

// checkStorable says now what would keep a calibration from being stored in the end.
func checkStorable(ctx context.Context, cfg config.Config) error {
	_, err := api.NewClient(cfg.Socket).Range(ctx, time.Unix(0, 0), time.Unix(0, 0))
	if !errors.Is(err, api.ErrNoSocket) && !errors.Is(err, api.ErrNotAnswering) {
		return err
	}
	db, err := store.OpenReadOnly(cfg.Store, store.Options{})
	switch {
	case errors.Is(err, store.ErrLocked):
		return &heldError{store: cfg.Store, socket: cfg.Socket}
	case errors.Is(err, store.ErrNoStore):
		return nil
	case err != nil:
		return err
	}
	return db.Close()
}

func putIntoStore(ctx context.Context, cfg config.Config, c attribution.Calibration) (err error) {
	db, err := store.Open(cfg.Store, store.Options{CreateFolder: true, Retention: store.Retention{Requests: cfg.KeepRequests}})
	if errors.Is(err, store.ErrLocked) {
		return &heldError{store: cfg.Store, socket: cfg.Socket}
	}
	if err != nil {
		return fmt.Errorf("store the calibration: %w", err)
	}
	defer closing(db, &err)
	return db.AddCalibration(ctx, c)
}
