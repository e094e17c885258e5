package launchd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Install writes the property list and has launchd start the job, now and at
// every boot. Repeated, it changes only what differs.
func (s Service) Install(ctx context.Context) error {
	if err := s.install(ctx); err != nil {
		return fmt.Errorf("install %s: %w", s.label(), err)
	}
	return nil
}

func (s Service) install(ctx context.Context) error {
	if err := s.supported(); err != nil {
		return err
	}
	// The binary comes first: "run with sudo" is no help to a "go run".
	if err := s.checkExecutable(); err != nil {
		return err
	}
	if err := s.privileged(); err != nil {
		return err
	}
	if err := s.checkConfig(); err != nil {
		return err
	}
	want, err := s.job().render()
	if err != nil {
		return err
	}
	have, err := os.ReadFile(s.PlistPath())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	fresh := err != nil
	loaded, err := s.loaded(ctx)
	if err != nil {
		return err
	}
	if !fresh && loaded && bytes.Equal(have, want) {
		s.report("already installed and loaded; nothing changed (after an upgrade: sudo sovmeter service restart)")
		return nil
	}
	// launchd keeps the property list it loaded, so a new one needs a reload. The
	// old job goes first: with the new list in place and the old job loaded, the
	// next install would see nothing to do.
	if loaded {
		if err := s.bootout(ctx); err != nil {
			return err
		}
	}
	if err := s.place(have, want); err != nil {
		return err
	}
	if err := s.bootstrap(ctx); err != nil {
		return s.undo(fresh, err)
	}
	return nil
}

// place brings the property list and the log's folder to the disk.
func (s Service) place(have, want []byte) error {
	// launchd creates the log file but not the folder it lies in.
	for _, dir := range []string{filepath.Dir(s.LogPath()), filepath.Dir(s.PlistPath())} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
	}
	if bytes.Equal(have, want) {
		return nil
	}
	if err := writeFile(s.PlistPath(), want); err != nil {
		return err
	}
	s.report("wrote %s", s.PlistPath())
	return nil
}

// undo takes back a first install that launchd refused, so that it does not
// come alive at the next boot all the same. A changed property list stays: the
// one before it is no longer loaded either.
func (s Service) undo(fresh bool, cause error) error {
	if !fresh {
		return hint("the property list is in place; try again: sudo sovmeter service start", cause)
	}
	if err := os.Remove(s.PlistPath()); err != nil {
		return errors.Join(cause, err)
	}
	s.report("removed %s again", s.PlistPath())
	return cause
}

// Uninstall stops the job and removes its property list. The daemon's log and
// its data stay. When nothing is installed it says so and succeeds.
func (s Service) Uninstall(ctx context.Context) error {
	if err := s.uninstall(ctx); err != nil {
		return fmt.Errorf("uninstall %s: %w", s.label(), err)
	}
	return nil
}

func (s Service) uninstall(ctx context.Context) error {
	if err := s.allowed(); err != nil {
		return err
	}
	loaded, err := s.loaded(ctx)
	if err != nil {
		return err
	}
	if loaded {
		if err := s.bootout(ctx); err != nil {
			return err
		}
	}
	err = os.Remove(s.PlistPath())
	if errors.Is(err, fs.ErrNotExist) {
		if !loaded {
			s.report("not installed: there is no %s; nothing to do", s.PlistPath())
		}
		return nil
	}
	if err != nil {
		return err
	}
	s.report("removed %s", s.PlistPath())
	s.report("kept the log in %s and all data", filepath.Dir(s.LogPath()))
	return nil
}
