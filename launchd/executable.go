package launchd

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
)

// temporary are the folders that a reboot, or the system's own cleaning, empties.
var temporary = []string{
	"/tmp", "/private/tmp", "/var/tmp", "/private/var/tmp", "/var/folders", "/private/var/folders",
}

// goCache matches where "go run" keeps what it built: $TMPDIR/go-build123/b001/exe,
// or, since Go 1.24, an entry of the build cache wherever GOCACHE is.
var goCache = regexp.MustCompile(`/go-build[^/]*/|/[0-9a-f]{2}/[0-9a-f]{64}-d/`)

// checkExecutable refuses a binary that launchd could not start tomorrow.
func (s Service) checkExecutable() error {
	path := s.Executable
	info, err := s.statAbsolute("binary", path)
	if err != nil {
		return err
	}
	if isTemporary(path) {
		return hint("build it to a place that stays: go build -o /usr/local/bin/sovmeter ./cmd/sovmeter, then install from there",
			fmt.Errorf("binary %s: %w", path, ErrTemporary))
	}
	if info.IsDir() || info.Mode().Perm()&0o111 == 0 {
		return hint("name the sovmeter binary itself", fmt.Errorf("%w: binary %s is not an executable file", ErrInvalid, path))
	}
	s.noteWritable(path, info)
	return nil
}

func (s Service) checkConfig() error {
	if s.Config == "" {
		return nil
	}
	info, err := s.statAbsolute("config", s.Config)
	if err != nil {
		return err
	}
	if info.IsDir() {
		return hint("name the config file itself", fmt.Errorf("%w: config %s is a folder", ErrInvalid, s.Config))
	}
	return nil
}

func (s Service) statAbsolute(what, path string) (os.FileInfo, error) {
	if !filepath.IsAbs(path) {
		return nil, hint("give the path from / on: launchd starts the daemon in no particular folder",
			fmt.Errorf("%w: %s %q is not an absolute path", ErrInvalid, what, path))
	}
	info, err := os.Stat(s.onDisk(path))
	if err != nil {
		return nil, hint("check that the path is right", fmt.Errorf("%w: %s: %w", ErrInvalid, what, err))
	}
	return info, nil
}

// noteWritable tells the operator when someone other than root can replace what
// will run as root. Homebrew's binaries are so by design, hence no refusal.
func (s Service) noteWritable(path string, info os.FileInfo) {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok && stat.Uid != 0 {
		s.report("note: %s belongs to user %d, who can so have anything run as root", path, stat.Uid)
		return
	}
	if info.Mode().Perm()&0o022 != 0 {
		s.report("note: %s can be written by others than root, who can so have anything run as root", path)
	}
}

func isTemporary(path string) bool {
	path = filepath.Clean(path)
	for _, dir := range append([]string{os.TempDir()}, temporary...) {
		if strings.HasPrefix(path, filepath.Clean(dir)+"/") {
			return true
		}
	}
	return goCache.MatchString(path)
}
