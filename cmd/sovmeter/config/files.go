package config

import (
	"errors"
	"io/fs"
	"os"
	"syscall"

	"github.com/sovmeter/sovmeter/exporter"
)

// checkFiles looks at what the paths lead to. What is not there yet is no
// problem where the daemon makes it or waits for it, and neither is what this
// user may not see: the daemon runs as root.
func (c *Config) checkFiles(r *reader) {
	for i, s := range c.Servers {
		if IsAddress(s.Log) {
			continue
		}
		fits, want := fs.FileMode.IsRegular, "the log file itself"
		if c.takesFolder(s) {
			fits, want = isLog, "the log file itself, or the folder of dated logs"
		}
		r.checkKind(c.logKeys[i], s.Log, os.Stat, fits, want)
	}
	r.checkKind("store.path", c.Store, os.Stat, fs.FileMode.IsRegular, "the path of a file")
	r.checkKind("socket", c.Socket, os.Lstat, isSocket, "a path where nothing is but the daemon's socket")
	c.checkTariffFiles(r)
	c.checkMoneyFiles(r)
	c.checkSecretFiles(r)
	c.checkWebConfig(r)
}

func isLog(mode fs.FileMode) bool { return mode.IsRegular() || mode.IsDir() }

func isSocket(mode fs.FileMode) bool { return mode.Type() == fs.ModeSocket }

// checkKind reports a path that leads to another kind of thing than it should.
// An empty path was reported before.
func (r *reader) checkKind(key, path string, stat func(string) (fs.FileInfo, error), fits func(fs.FileMode) bool, want string) {
	if path == "" {
		return
	}
	info, err := stat(path)
	switch {
	case errors.Is(err, syscall.ENOTDIR):
		r.problemAt(key, "got %q, which leads through a file as if it were a folder, want %s", path, want)
	case err == nil && !fits(info.Mode()):
		r.problemAt(key, "got %q, which is %s, want %s", path, kind(info.Mode()), want)
	}
}

func kind(mode fs.FileMode) string {
	switch {
	case mode.IsDir():
		return "a folder"
	case mode.IsRegular():
		return "a file"
	case mode&fs.ModeDevice != 0:
		return "a device"
	case isSocket(mode):
		return "a socket"
	case mode&fs.ModeNamedPipe != 0:
		return "a pipe"
	case mode&fs.ModeSymlink != 0:
		return "a link"
	}
	return "no file"
}

// checkWebConfig reports a web configuration that the metrics server refuses,
// and one that protects nothing: whoever names one relies on it.
func (c *Config) checkWebConfig(r *reader) {
	if c.WebConfig == "" {
		return
	}
	const want = "want a file with TLS or passwords in the format of Prometheus' exporter-toolkit"
	err := exporter.CheckWebConfig(c.WebConfig)
	var named *fs.PathError
	switch {
	case err == nil:
	case errors.Is(err, fs.ErrPermission) && os.Geteuid() != 0:
	case errors.As(err, &named) && named.Path == c.WebConfig:
		r.problemAt("web_config", "got %q: %v, %s", c.WebConfig, named.Err, want)
	default:
		r.problemAt("web_config", "got %q: %v, %s", c.WebConfig, err, want)
	}
}
