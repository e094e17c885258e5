package config

import (
	"errors"
	"net"
	"path/filepath"
	"strconv"
	"time"

	"github.com/goccy/go-yaml/ast"

	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/exporter"
	"github.com/sovmeter/sovmeter/exporter/api"
)

// read fills c from the document. This table is the file's whole schema.
func (c *Config) read(r *reader, root ast.Node, formats []Format) {
	money := map[string]ast.Node{} // read when the rest is
	later := func(n ast.Node, k string) { money[k] = n }
	ok := r.mapping(root, "", []field{
		{"servers", func(n ast.Node, k string) { c.readServers(r, n, k, formats) }},
		{"tariff", func(n ast.Node, k string) { c.Tariff = readTariff(r, n, k) }},
		{"exchange", later},
		{"cloud", later},
		{"hardware", later},
		{"carbon", later},
		{"meters", func(n ast.Node, k string) { c.readMeters(r, n, k) }},
		{"built_in_meters", func(n ast.Node, k string) { c.BuiltInMeters, _ = r.boolean(n, k) }},
		{"power", func(n ast.Node, k string) { c.readPower(r, n, k) }},
		{"store", func(n ast.Node, k string) {
			r.mapping(n, k, []field{
				{"path", r.absolute(&c.Store)},
				{"keep_requests", r.duration(&c.KeepRequests, time.Hour, 10*365*24*time.Hour)},
			})
		}},
		{"listen", func(n ast.Node, k string) { c.readListen(r, n, k) }},
		{"allowed_hosts", func(n ast.Node, k string) { c.AllowedHosts = r.texts(n, k, "a list of host names") }},
		{"web_config", r.absolute(&c.WebConfig)},
		{"socket", func(n ast.Node, k string) { c.readSocket(r, n, k) }},
		{"time_zone", func(n ast.Node, k string) {
			if zone := r.zone(n, k); zone != nil {
				c.Zone = zone
			}
		}},
	})
	if !ok {
		return // that it is no mapping says it all
	}
	if c.Tariff != nil && c.Tariff.Zone == nil {
		c.Tariff.Zone = c.Zone
	}
	c.readMoney(r, money)
	c.checkListen(r)
	if filepath.Clean(c.Socket) == filepath.Clean(c.Store) {
		r.problemAt("socket", "got %q, which is store.path too, want a path of its own", c.Socket)
	}
}

func (c *Config) readPower(r *reader, n ast.Node, key string) {
	r.mapping(n, key, []field{
		{"interval", r.duration(&c.Interval, 100*time.Millisecond, time.Minute)},
		{"tasks", func(n ast.Node, k string) { c.Tasks, _ = r.boolean(n, k) }},
		{"assumed_baseline_watts", func(n ast.Node, k string) {
			const want = "a power in watts above 0, at most 500"
			v, ok := r.number(n, k, want)
			if ok && !(v > 0 && v <= 500) {
				r.problem(n, k, "got %s, want %s", describe(n), want)
			}
			c.AssumedBaseline = energy.Watts(v)
		}},
	})
}

func (c *Config) readListen(r *reader, n ast.Node, key string) {
	const want = "host:port, such as " + DefaultListen
	v, ok := r.text(n, key, want)
	if !ok {
		return
	}
	_, port, err := net.SplitHostPort(v)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		r.problem(n, key, "got %q, want %s", v, want)
		return
	}
	c.Listen = v
}

// checkListen refuses an address that others can reach and nothing protects.
// Whether a web_config does is a question to its file, for checkFiles.
func (c *Config) checkListen(r *reader) {
	if r.given("web_config") || !errors.Is(exporter.CheckAddress(c.Listen, ""), exporter.ErrExposed) {
		return
	}
	r.problemAt("listen", "got %q, which others can reach, want an address of this machine alone, such as %s, or a web_config with TLS or passwords", c.Listen, DefaultListen)
}

func (c *Config) readSocket(r *reader, n ast.Node, key string) {
	r.absolute(&c.Socket)(n, key)
	if len(c.Socket) > api.MaxPath {
		r.problem(n, key, "got %q of %d bytes, want at most %d: more do not fit into the address of a unix socket", c.Socket, len(c.Socket), api.MaxPath)
	}
}
