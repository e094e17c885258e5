package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"go.etcd.io/bbolt"
)

// Snapshot writes a consistent copy of the store to path. The copy is written
// under a temporary name in the same folder, synced and renamed, so path holds
// either the old snapshot or the new one. Commits go on meanwhile.
func (s *Store) Snapshot(ctx context.Context, path string) error {
	if err := s.notItself(path); err != nil {
		return err
	}
	doing := "snapshot to " + path
	temp, err := tempName(path)
	if err != nil {
		return fmt.Errorf("store: %s: %w", doing, err)
	}
	defer os.Remove(temp) //nolint:errcheck // it is gone when all went well
	if err := s.view(ctx, doing, func(tx *bbolt.Tx) error { return copyTo(ctx, tx, temp) }); err != nil {
		return err
	}
	// The disk may take its time: no transaction waits for it.
	if err := settle(temp, path); err != nil {
		return fmt.Errorf("store: %s: %w", doing, err)
	}
	return nil
}

// settle makes the copy last, and gives it its name.
func settle(temp, path string) error {
	f, err := os.OpenFile(temp, os.O_WRONLY, fileMode)
	if err != nil {
		return err
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(temp, path); err != nil {
		return err
	}
	return syncFolder(path)
}

// notItself refuses the store's own file: renaming the copy over it would leave
// this process writing to a file without a name.
func (s *Store) notItself(path string) error {
	own, err := os.Stat(s.path)
	if err != nil {
		return fmt.Errorf("store: snapshot to %s: %w", path, err)
	}
	if other, err := os.Stat(path); err == nil && os.SameFile(own, other) {
		return fmt.Errorf("store: snapshot to %s: that is the store itself: %w", path, ErrInvalid)
	}
	return nil
}

func copyTo(ctx context.Context, tx *bbolt.Tx, path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_TRUNC, fileMode)
	if err != nil {
		return err
	}
	_, err = tx.WriteTo(cancellable{ctx, f})
	return errors.Join(err, f.Close())
}

// cancellable is a writer that stops when ctx ends.
type cancellable struct {
	ctx context.Context
	w   io.Writer
}

func (c cancellable) Write(b []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.w.Write(b)
}
