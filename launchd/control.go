package launchd

import (
	"context"
	"fmt"
)

// Start has launchd load the job, which starts it, or start it when it is
// loaded and not running.
func (s Service) Start(ctx context.Context) error {
	if err := s.begin(ctx, "kickstart"); err != nil {
		return fmt.Errorf("start %s: %w", s.label(), err)
	}
	return nil
}

// Restart ends the running daemon and has launchd start it at once; a job that
// is not loaded is loaded.
func (s Service) Restart(ctx context.Context) error {
	if err := s.begin(ctx, "kickstart", "-k"); err != nil {
		return fmt.Errorf("restart %s: %w", s.label(), err)
	}
	return nil
}

// begin loads the job, or runs the kick on it when it is loaded already.
func (s Service) begin(ctx context.Context, kick ...string) error {
	if err := s.allowed(); err != nil {
		return err
	}
	there, err := s.installed()
	if err != nil {
		return err
	}
	if !there {
		return hint("sudo sovmeter service install", fmt.Errorf("%w: there is no %s", ErrNotInstalled, s.PlistPath()))
	}
	loaded, err := s.loaded(ctx)
	if err != nil {
		return err
	}
	if !loaded {
		return s.bootstrap(ctx)
	}
	if err := s.launchctl(ctx, append(kick, s.target())...); err != nil {
		return err
	}
	if len(kick) > 1 {
		s.report("restarted %s", s.target())
		return nil
	}
	s.report("%s is loaded and was told to run", s.target())
	return nil
}

// Stop ends the daemon and has launchd forget the job until the next boot or
// Start: KeepAlive would bring back one that was merely killed. When it is not
// loaded it says so and succeeds.
func (s Service) Stop(ctx context.Context) error {
	if err := s.stop(ctx); err != nil {
		return fmt.Errorf("stop %s: %w", s.label(), err)
	}
	return nil
}

func (s Service) stop(ctx context.Context) error {
	if err := s.allowed(); err != nil {
		return err
	}
	loaded, err := s.loaded(ctx)
	if err != nil {
		return err
	}
	if !loaded {
		s.report("%s is not loaded; nothing to stop", s.target())
		return nil
	}
	return s.bootout(ctx)
}

// Status is what exit codes and the file system tell about the job.
type Status struct {
	Label     string
	Plist     string // where the property list is, or would be
	Log       string // where launchd writes what the daemon prints
	Installed bool   // the property list is there
	// Loaded is true when launchd has the job, and so keeps it running. The
	// process itself may be between two starts.
	Loaded bool
}

// String says it in a line for people.
func (s Status) String() string {
	switch {
	case s.Installed && s.Loaded:
		return fmt.Sprintf("%s: loaded; launchd keeps it running (log: %s)", s.Label, s.Log)
	case s.Installed:
		return fmt.Sprintf("%s: installed and stopped; it starts at the next boot, or now: sudo sovmeter service start", s.Label)
	case s.Loaded:
		return fmt.Sprintf("%s: loaded, but %s is gone: it will not come back after a boot; sudo sovmeter service install", s.Label, s.Plist)
	default:
		return fmt.Sprintf("%s: not installed; sudo sovmeter service install", s.Label)
	}
}

// Status asks launchd about the job. It needs no root.
func (s Service) Status(ctx context.Context) (Status, error) {
	status, err := s.status(ctx)
	if err != nil {
		return Status{}, fmt.Errorf("status of %s: %w", s.label(), err)
	}
	return status, nil
}

func (s Service) status(ctx context.Context) (Status, error) {
	if err := s.supported(); err != nil {
		return Status{}, err
	}
	installed, err := s.installed()
	if err != nil {
		return Status{}, err
	}
	loaded, err := s.loaded(ctx)
	if err != nil {
		return Status{}, err
	}
	return Status{
		Label: s.label(), Plist: s.PlistPath(), Log: s.LogPath(),
		Installed: installed, Loaded: loaded,
	}, nil
}
