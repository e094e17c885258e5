package discovery

import (
	"fmt"
	"io/fs"
	"net"
	"path/filepath"
	"strconv"
)

// server finds the candidate's log.
func (c *candidate) server(proxies map[int]string, stat func(string) (fs.FileInfo, error)) Server {
	s := Server{Kind: c.kind, Format: c.kind.Format, PID: c.PID, Port: c.port, Home: c.launch.Home}
	s.Log, s.From = c.log(stat)
	if path := proxies[c.port]; path != "" && c.port != 0 && (s.Log == "" || c.kind.Silent) {
		s.Log, s.From, s.Format = path, "the proxy in front of it writes it", proxyFormat
		return s
	}
	switch {
	case s.Log == "" && c.err != nil:
		s.Problem, s.Advice = "how it was started cannot be read", "run sovmeter as root"
	case s.Log == "":
		s.Problem, s.Advice = "it writes no log that can be found", c.kind.Advice
	case c.kind.Silent:
		s.Problem = "its log does not tell tokens"
		s.Advice = "put the proxy in front of it: sovmeter proxy --help"
	}
	return s
}

// log is where the candidate's requests can be read of, and how that was found.
func (c *candidate) log(stat func(string) (fs.FileInfo, error)) (log, from string) {
	for _, name := range c.kind.LogOptions {
		if path := c.launch.Options[name]; filepath.IsAbs(path) && !other(path, stat) {
			return path, "its option " + name
		}
	}
	if c.kind.Activity != "" && c.port != 0 {
		return fmt.Sprintf("http://%s%s", net.JoinHostPort(c.host(), strconv.Itoa(c.port)), c.kind.Activity), "it answers there"
	}
	for _, fd := range c.kind.Prints {
		if path := c.launch.Output[fd]; path != "" {
			return path, "its output goes there"
		}
	}
	for _, path := range c.kind.Logs {
		if !filepath.IsAbs(path) {
			if c.launch.Home == "" {
				continue
			}
			path = filepath.Join(c.launch.Home, path)
		}
		if _, err := stat(path); err == nil {
			return path, "its usual place"
		}
	}
	return "", ""
}

// other is true for what is there and is not a file, such as /dev/stderr.
func other(path string, stat func(string) (fs.FileInfo, error)) bool {
	info, err := stat(path)
	return err == nil && !info.Mode().IsRegular()
}
