package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// DefaultTimeout is how long Open waits for another process to let go of the
// store.
const DefaultTimeout = time.Second

const (
	fileMode = 0o640 // readable for the group of the daemon's user
	dirMode  = 0o750
	// pageSize is fixed: macOS has pages of 16 KiB, which would make every
	// commit write four times as much. Each changed page is written whole.
	pageSize = 4096
	// mapped is how much address space a store that is written has from the
	// begin: a decade of slots fits. To map more, bbolt waits until nobody
	// reads, and lets nobody begin to: a commit, and every report, would wait
	// for a snapshot.
	mapped = 1 << 30
	// growth is how many bytes a file grows by.
	growth = 1 << 20
)

// Options are the settings of Open. The zero value means all defaults.
type Options struct {
	// Timeout is how long to wait for another process to let go of the store;
	// 0 means DefaultTimeout.
	Timeout time.Duration
	// CreateFolder makes the store's folder when it does not exist.
	CreateFolder bool
	// Retention is how long Prune keeps things.
	Retention Retention
}

// Store is an open store. Its methods may be called from several goroutines.
type Store struct {
	db        *bbolt.DB
	path      string
	retention Retention
}

// Open opens the store at path for reading and writing, and creates it when
// there is none. Errors are of type [*OpenError].
func Open(path string, options Options) (*Store, error) {
	return open(path, options, migrations())
}

func open(path string, options Options, steps []migration) (*Store, error) {
	timeout := options.Timeout
	if timeout <= 0 {
		timeout = DefaultTimeout
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		if err := create(path, options.CreateFolder, steps); err != nil {
			return nil, openError(path, err)
		}
	}
	db, err := openChecked(path, timeout, steps, false)
	if err != nil {
		return nil, openError(path, err)
	}
	if err := db.Close(); err != nil {
		return nil, openError(path, err)
	}
	if db, err = openFile(path, timeout, false); err != nil {
		return nil, openError(path, err)
	}
	if err := errors.Join(migrate(db, steps), db.View(checkBuckets)); err != nil {
		return nil, openError(path, errors.Join(err, db.Close()))
	}
	return &Store{db: db, path: path, retention: options.Retention.withDefaults()}, nil
}

// OpenReadOnly opens an existing store for reading alone. It can be open in
// many processes at once, but in none that has it open for writing. Errors are
// of type [*OpenError].
func OpenReadOnly(path string, options Options) (*Store, error) {
	timeout := options.Timeout
	if timeout <= 0 {
		timeout = DefaultTimeout
	}
	db, err := openChecked(path, timeout, migrations(), true)
	if err != nil {
		return nil, openError(path, err)
	}
	return &Store{db: db, path: path, retention: options.Retention.withDefaults()}, nil
}

func openFile(path string, timeout time.Duration, readOnly bool) (*bbolt.DB, error) {
	options := &bbolt.Options{
		Timeout:        timeout,
		PageSize:       pageSize,
		NoFreelistSync: true,
		FreelistType:   bbolt.FreelistMapType,
		ReadOnly:       readOnly,
	}
	if !readOnly {
		options.InitialMmapSize = mapped
	}
	db, err := bbolt.Open(path, fileMode, options)
	if err != nil {
		return nil, err
	}
	db.AllocSize = growth
	return db, nil
}

// openChecked opens an existing file read-only and makes sure that it is a
// whole store of a known schema.
func openChecked(path string, timeout time.Duration, steps []migration, readOnly bool) (*bbolt.DB, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() < 2*pageSize {
		return nil, ErrNotStore
	}
	db, err := openFile(path, timeout, true)
	if err != nil {
		return nil, err
	}
	err = db.View(func(tx *bbolt.Tx) error {
		if err := checkFile(tx, path); err != nil {
			return err
		}
		return checkSchema(tx, steps, readOnly)
	})
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// checkFile makes sure that the file at path, which is locked, is whole.
func checkFile(tx *bbolt.Tx, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // it was only read
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if tx.Size() > info.Size() {
		return fmt.Errorf("%w: cut off at %d bytes of %d", ErrDamaged, info.Size(), tx.Size())
	}
	return checkPages(tx, f)
}

// create writes a new store under a temporary name and then gives it its own,
// so that there never is half a store at path. When another process was
// faster its store stays.
func create(path string, folder bool, steps []migration) error {
	dir := filepath.Dir(path)
	if folder {
		if err := os.MkdirAll(dir, dirMode); err != nil {
			return err
		}
	}
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return ErrNoFolder
	}
	temp, err := tempName(path)
	if err != nil {
		return err
	}
	defer os.Remove(temp) //nolint:errcheck // it is gone when all went well
	db, err := openFile(temp, DefaultTimeout, false)
	if err != nil {
		return err
	}
	// Close does not sync: the transactions of migrate have.
	if err := errors.Join(migrate(db, steps), db.Close()); err != nil {
		return err
	}
	return publish(temp, path)
}

// tempName makes an empty file beside path with the mode of a store.
func tempName(path string) (string, error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*.new")
	if err != nil {
		return "", err
	}
	if err := errors.Join(f.Chmod(fileMode), f.Close()); err != nil {
		return "", errors.Join(err, os.Remove(f.Name()))
	}
	return f.Name(), nil
}

// publish gives temp the name path unless there is such a file by now: a link
// does not replace what a rename would. File systems without links get the
// rename.
func publish(temp, path string) error {
	err := os.Link(temp, path)
	switch {
	case errors.Is(err, fs.ErrExist):
		return nil
	case err != nil:
		err = os.Rename(temp, path)
	}
	if err != nil {
		return err
	}
	return syncFolder(path)
}

// syncFolder makes a new name in the folder of path last through a crash.
func syncFolder(path string) error {
	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Close waits for running transactions and lets go of the file.
func (s *Store) Close() error { return s.db.Close() }

// Path is the file that the store was opened from.
func (s *Store) Path() string { return s.path }

// openError gives an error of the file system, bbolt or this package its
// sentinel and hint.
func openError(path string, err error) error {
	e := &OpenError{Path: path, Err: err}
	switch {
	case errors.Is(err, bolterrors.ErrTimeout):
		e.Err, e.hint = ErrLocked, hintLocked
	case errors.Is(err, ErrNoFolder):
		e.hint = hintNoFolder
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		e.Err, e.hint = ErrNoStore, hintNoStore
	case errors.Is(err, fs.ErrPermission):
		e.hint = hintForbidden
	case errors.Is(err, bolterrors.ErrInvalid), errors.Is(err, bolterrors.ErrVersionMismatch), errors.Is(err, ErrNotStore):
		e.Err, e.hint = ErrNotStore, hintNotStore
	case errors.Is(err, bolterrors.ErrChecksum):
		e.Err, e.hint = fmt.Errorf("%w: both copies of its header have a wrong checksum", ErrDamaged), hintDamaged
	case errors.Is(err, ErrDamaged):
		e.hint = hintDamaged
	case errors.Is(err, ErrNewerSchema):
		e.hint = hintNewer
	case errors.Is(err, ErrOlderSchema):
		e.hint = hintOlder
	}
	return e
}

// view runs fn in a read transaction unless ctx has ended.
func (s *Store) view(ctx context.Context, doing string, fn func(*bbolt.Tx) error) error {
	err := ctx.Err()
	if err == nil {
		err = s.db.View(fn)
	}
	if err != nil {
		return fmt.Errorf("store: %s: %w", doing, err)
	}
	return nil
}

// update runs fn in a write transaction unless ctx has ended.
func (s *Store) update(ctx context.Context, doing string, fn func(*bbolt.Tx) error) error {
	err := ctx.Err()
	switch {
	case err != nil:
	case s.db.IsReadOnly():
		err = ErrReadOnly
	default:
		err = s.db.Update(fn)
	}
	if err != nil {
		return fmt.Errorf("store: %s: %w", doing, err)
	}
	return nil
}
