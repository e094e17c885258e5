package discovery

import (
	"fmt"
	"io/fs"
	"path/filepath"
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
		if path := c.launch.Options[name]; filepath.IsAbs(path) {
			return path, "its option " + name
		}
	}
	if c.kind.Activity != "" && c.port != 0 {
		return fmt.Sprintf("http://127.0.0.1:%d%s", c.port, c.kind.Activity), "it answers there"
	}
	if c.kind.Prints && len(c.launch.Output) > 0 {
		return c.launch.Output[0], "its output goes there"
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
