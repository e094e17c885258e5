package proxy

import (
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/sovmeter/sovmeter/collector/proxy/usage"
)

// check fills the defaults in and returns the upstream's address.
func (c *Config) check() (*url.URL, error) {
	if c.Listen == "" {
		c.Listen = DefaultListen
	}
	if c.Drain <= 0 {
		c.Drain = DefaultDrain
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if _, _, err := net.SplitHostPort(c.Listen); err != nil {
		return nil, &HintError{fmt.Errorf("listen on %q: %w", c.Listen, ErrAddress), "write it as host:port, such as " + DefaultListen}
	}
	if usage.ID([]byte(c.Server)) != c.Server {
		return nil, &HintError{fmt.Errorf("server %q: %w", c.Server, ErrServerName), "use letters, digits and . _ - : / @ + = #, at most 128"}
	}
	if c.Log == "" {
		return nil, &HintError{fmt.Errorf("log: %w: no path", ErrLog), "name a file for the requests, such as requests.jsonl"}
	}
	return parseUpstream(c.Upstream)
}

func parseUpstream(address string) (*url.URL, error) {
	refuse := func(problem, advice string) (*url.URL, error) {
		return nil, &HintError{fmt.Errorf("upstream: %w: %s", ErrUpstream, problem), advice}
	}
	u, err := url.Parse(address)
	switch {
	case err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "":
		return refuse("it does not begin with http:// or https:// and a host", "write it as a URL, such as "+DefaultUpstream)
	case u.User != nil:
		return refuse("it holds a password", "leave it out: clients send their own")
	case strings.Trim(u.Path, "/") != "", u.RawQuery != "", u.Fragment != "":
		return refuse("it has a path", "give scheme, host and port alone: paths are passed on as clients send them")
	}
	return &url.URL{Scheme: u.Scheme, Host: u.Host}, nil
}
