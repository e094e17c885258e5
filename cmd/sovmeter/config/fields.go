package config

import (
	"math"
	"net"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/exporter/cost"
)

// read fills c from the document. This table is the file's whole schema.
func (c *Config) read(r *reader, root ast.Node, formats []string) {
	servers := false
	if _, ok := root.(ast.MapNode); !ok {
		servers = true // that it is no mapping says it all
	}
	r.mapping(root, "", []field{
		{"servers", func(n ast.Node, k string) { servers = true; c.readServers(r, n, k, formats) }},
		{"tariff", func(n ast.Node, k string) { c.Tariff = readTariff(r, n, k) }},
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
		{"socket", r.absolute(&c.Socket)},
		{"time_zone", func(n ast.Node, k string) { c.readZone(r, n, k) }},
	})
	if !servers {
		r.problems = append(r.problems, Problem{Key: "servers", Text: "missing, want at least one model server with name and log"})
	}
}

func (c *Config) readServers(r *reader, n ast.Node, key string, formats []string) {
	r.sequence(n, key, "a list of model servers", func(n ast.Node, key string) {
		s := Server{Format: "auto"}
		r.mapping(n, key, []field{
			{"name", func(n ast.Node, k string) { s.Name = r.label(n, k) }},
			{"log", r.absolute(&s.Log)},
			{"format", func(n ast.Node, k string) { s.Format = r.oneOf(n, k, append([]string{"auto"}, formats...)) }},
			{"model", func(n ast.Node, k string) { s.Model, _ = r.text(n, k, "a model name") }},
			{"processes", func(n ast.Node, k string) { s.Processes = r.texts(n, k, "a list of executable names") }},
			{"port", func(n ast.Node, k string) { s.Port = r.port(n, k) }},
		})
		c.addServer(r, n, key, s)
	})
	if len(c.Servers) == 0 && len(r.problems) == 0 {
		r.problem(n, key, "got an empty list, want at least one model server")
	}
}

// addServer checks what concerns more than one key.
func (c *Config) addServer(r *reader, n ast.Node, key string, s Server) {
	if _, ok := n.(ast.MapNode); !ok {
		return
	}
	has := func(name string) bool {
		for it := n.(ast.MapNode).MapRange(); it.Next(); {
			if it.Key().String() == name {
				return true
			}
		}
		return false
	}
	if !has("name") {
		r.problem(n, key+".name", "missing, want a short name for metrics and reports, such as llama")
	}
	if !has("log") {
		r.problem(n, key+".log", "missing, want the absolute path of the server's request log")
	}
	if !has("processes") && !has("port") {
		r.problem(n, key, "has neither processes nor port, want at least one: without it nobody knows whose CPU and GPU time is the server's")
	}
	if s.Name != "" && slices.ContainsFunc(c.Servers, func(o Server) bool { return o.Name == s.Name }) {
		r.problem(n, key+".name", "got %q a second time, want a name of its own for each server", s.Name)
	}
	if s.Log != "" && slices.ContainsFunc(c.Servers, func(o Server) bool { return o.Log == s.Log }) {
		r.problem(n, key+".log", "got %q a second time, want each log once: it would be booked twice", s.Log)
	}
	c.Servers = append(c.Servers, s)
}

func readTariff(r *reader, n ast.Node, key string) *cost.Flat {
	price, currency := -1.0, ""
	r.mapping(n, key, []field{
		{"price_per_kwh", func(n ast.Node, k string) {
			const want = "a price for one kWh, 0 or more, such as 0.30"
			v, ok := r.number(n, k, want)
			if ok && (v < 0 || math.IsNaN(v) || math.IsInf(v, 0)) {
				r.problem(n, k, "got %s, want %s", describe(n), want)
			}
			price = v
		}},
		{"currency", func(n ast.Node, k string) {
			const want = "a currency code of ISO 4217, such as EUR"
			v, ok := r.text(n, k, want)
			if _, err := cost.ParseCurrency(v); ok && err != nil {
				r.problem(n, k, "got %q, want %s", v, want)
			}
			currency = v
		}},
	})
	if len(r.problems) > 0 {
		return nil
	}
	if price < 0 || currency == "" {
		r.problem(n, key, "wants both price_per_kwh and currency")
		return nil
	}
	flat, err := cost.NewFlat(price, currency)
	if err != nil {
		r.problem(n, key, "%v", err)
		return nil
	}
	return &flat
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
	}
	c.Listen = v
}

func (c *Config) readZone(r *reader, n ast.Node, key string) {
	const want = "a time zone name, such as Europe/Berlin"
	v, ok := r.text(n, key, want)
	if !ok {
		return
	}
	zone, err := time.LoadLocation(v)
	if err != nil || v == "" {
		r.problem(n, key, "got %q, want %s", v, want)
		return
	}
	c.Zone = zone
}

// labelShape keeps names usable as metric labels, file names and table cells.
var labelShape = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$`)

func (r *reader) label(n ast.Node, key string) string {
	const want = "a name of up to 40 letters, digits, dots, dashes and underscores"
	v, ok := r.text(n, key, want)
	if ok && !labelShape.MatchString(v) {
		r.problem(n, key, "got %q, want %s", v, want)
	}
	return v
}

// absolute reads an absolute path into to.
func (r *reader) absolute(to *string) func(ast.Node, string) {
	return func(n ast.Node, key string) {
		const want = "an absolute path"
		v, ok := r.text(n, key, want)
		if ok && !filepath.IsAbs(v) {
			r.problem(n, key, "got %q, want %s: the daemon has no working directory of its own", v, want)
		}
		*to = v
	}
}

// duration reads a length of time such as 5s or 90d into to.
func (r *reader) duration(to *time.Duration, least, most time.Duration) func(ast.Node, string) {
	return func(n ast.Node, key string) {
		want := "a time from " + days(least) + " to " + days(most) + ", such as " + days(*to)
		v, ok := r.text(n, key, want)
		if !ok {
			return
		}
		d, err := parseDuration(v)
		if err != nil || d < least || d > most {
			r.problem(n, key, "got %q, want %s", v, want)
			return
		}
		*to = d
	}
}

func parseDuration(v string) (time.Duration, error) {
	if n, ok := strings.CutSuffix(v, "d"); ok {
		d, err := strconv.ParseUint(n, 10, 16)
		return time.Duration(d) * 24 * time.Hour, err
	}
	return time.ParseDuration(v)
}

// days writes d the way parseDuration reads it.
func days(d time.Duration) string {
	const day = 24 * time.Hour
	if d >= day && d%day == 0 {
		return strconv.Itoa(int(d/day)) + "d"
	}
	text := d.String()
	text = strings.TrimSuffix(text, "m0s")
	if strings.HasSuffix(text, "h0") {
		return strings.TrimSuffix(text, "0")
	}
	if text != d.String() {
		return text + "m"
	}
	return text
}

func (r *reader) port(n ast.Node, key string) int {
	const want = "a TCP port from 1 to 65535"
	v, ok := r.number(n, key, want)
	if ok && (v != math.Trunc(v) || v < 1 || v > 65535) {
		r.problem(n, key, "got %s, want %s", describe(n), want)
		return 0
	}
	return int(v)
}

func (r *reader) oneOf(n ast.Node, key string, allowed []string) string {
	want := "one of " + strings.Join(allowed, ", ")
	v, ok := r.text(n, key, want)
	if ok && !slices.Contains(allowed, v) {
		r.problem(n, key, "got %q, want %s", v, want)
	}
	return v
}

func (r *reader) texts(n ast.Node, key, want string) []string {
	var list []string
	r.sequence(n, key, want, func(n ast.Node, key string) {
		if v, ok := r.text(n, key, "a name"); ok {
			if v == "" {
				r.problem(n, key, "got \"\", want a name")
			}
			list = append(list, v)
		}
	})
	return list
}
