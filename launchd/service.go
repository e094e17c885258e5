package launchd

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"
)

// DefaultLabel is the job's name in launchd.
const DefaultLabel = "io.sovmeter.sovmeter"

const (
	plistDir = "/Library/LaunchDaemons"
	logDir   = "/Library/Logs/sovmeter"
	logFile  = logDir + "/sovmeter.log"
	domain   = "system"
)

// Service is sovmeter as a launchd job. The zero value of every field but
// Executable means the usual thing, and Executable is needed by Install only.
type Service struct {
	// Executable is the absolute path of the binary that launchd starts.
	Executable string
	// Config is the absolute path of the config file; empty: no --config is
	// passed and the daemon looks where it always looks.
	Config string
	// Label is the job's name; empty means DefaultLabel.
	Label string
	// Report is told each thing that was done, in the past tense; nil: nobody is.
	Report func(step string)

	// Root is put before every path that is read or written, never into the
	// property list, like DESTDIR; empty means the real system.
	Root string
	// System is the operating system as Go names it; empty means this one.
	System string
	// UserID returns the effective user id; nil means os.Geteuid.
	UserID func() int
	// Wait pauses between two looks at launchd; nil means a timer.
	Wait func(ctx context.Context, d time.Duration) error
}

// PlistPath is where the property list lies.
func (s Service) PlistPath() string { return s.onDisk(plistDir + "/" + s.label() + ".plist") }

// LogPath is where launchd writes what the daemon prints.
func (s Service) LogPath() string { return s.onDisk(logFile) }

func (s Service) onDisk(path string) string { return filepath.Join(s.Root, path) }

func (s Service) label() string {
	if s.Label == "" {
		return DefaultLabel
	}
	return s.Label
}

// target is what launchctl calls a service target.
func (s Service) target() string { return domain + "/" + s.label() }

func (s Service) report(format string, args ...any) {
	if s.Report != nil {
		s.Report(fmt.Sprintf(format, args...))
	}
}

func (s Service) wait(ctx context.Context, d time.Duration) error {
	if s.Wait != nil {
		return s.Wait(ctx, d)
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// supported refuses systems without launchd and says what works there instead.
func (s Service) supported() error {
	system := s.System
	if system == "" {
		system = runtime.GOOS
	}
	if system == "darwin" {
		return nil
	}
	return hint("run it in the foreground: sovmeter run",
		fmt.Errorf("this is %s: %w", system, ErrUnsupported))
}

// privileged refuses what launchd would refuse anyway, before anything is
// half done.
func (s Service) privileged() error {
	uid := s.UserID
	if uid == nil {
		uid = os.Geteuid
	}
	if uid() == 0 {
		return nil
	}
	return hint("run with sudo", ErrPermission)
}

// allowed is the check in front of every operation that changes something.
func (s Service) allowed() error {
	if err := s.supported(); err != nil {
		return err
	}
	return s.privileged()
}

// installed reports whether the property list is there.
func (s Service) installed() (bool, error) {
	_, err := os.Stat(s.PlistPath())
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}
