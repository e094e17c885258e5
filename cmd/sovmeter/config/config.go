// Package config reads sovmeter's YAML file into a Config that the rest of the
// command can trust.
//
// Reading is strict: an unknown key, a key given twice or a value that is not
// allowed is an error with file, line, key, the value got and what is allowed,
// and all problems of a file are reported at once. A key that is left out has
// its default, which works on a stock Mac. Example returns a commented file
// with every key.
package config

import (
	"errors"
	"io/fs"
	"os"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/collector/systemmeter"
	"github.com/sovmeter/sovmeter/exporter"
	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/exporter/cost/tariff"
)

// The defaults of the file's keys.
const (
	DefaultPath         = "/usr/local/etc/sovmeter/sovmeter.yaml"
	DefaultStore        = "/usr/local/var/sovmeter/sovmeter.db"
	DefaultSocket       = "/usr/local/var/sovmeter/sovmeter.sock"
	DefaultListen       = exporter.DefaultAddress
	DefaultInterval     = time.Second
	DefaultKeepRequests = 90 * 24 * time.Hour
)

// Format is a log format as the config needs to know it.
type Format struct {
	Name    string
	Folder  bool // the log may be a folder of dated files
	Address bool // the log may be an address that answers about requests
}

// Server is one model server and its request log.
type Server struct {
	Name      string   // the label in metrics and reports
	Log       string   // absolute path of its request log, or an address
	Format    string   // of the log: one of the formats, or auto
	Model     string   // overrides what the log says; empty: as the log says
	Processes []string // names of its executables
	Port      int      // TCP port it listens on; 0: found by name only
	// NoCache is true for a server without a prompt cache: what its log does
	// not say of cached tokens is then known to be none.
	NoCache bool
	// Manifests is the folder of an Ollama's model manifests; empty: beside its
	// log, if it is there.
	Manifests string
	// TokenFile holds the secret that an address asks for; empty: it asks for none.
	TokenFile string
}

// Config is a whole, valid configuration.
type Config struct {
	Path    string       // the file it was read from
	Servers []Server     // empty: those that are found running
	Tariff  *tariff.Spec // nil: the price of electricity is unknown
	// Exchange is into the tariff's currency, and nil when none is given.
	Exchange *cost.Exchange
	Cloud    *Cloud    // nil: nothing is said about what to compare with
	Hardware *Hardware // nil: not told
	Carbon   *Carbon   // nil: emissions are unknown
	// Meters are those of the whole machine, in order of trust. Their secrets are
	// missing until ReadSecrets.
	Meters          []systemmeter.Config
	BuiltInMeters   bool          // also those that a Mac has in it, behind the others
	Interval        time.Duration // between power samples
	Tasks           bool          // also run powermetrics' tasks sampler
	AssumedBaseline energy.Watts  // until a quiet window was seen; 0: the built-in value
	Store           string        // path of the database
	KeepRequests    time.Duration
	Listen          string   // host:port of /metrics
	AllowedHosts    []string // Host headers that are answered besides the loopback names
	WebConfig       string   // exporter-toolkit's file for TLS and passwords; empty: none
	Socket          string   // path of the unix socket that the command line asks
	Zone            *time.Location

	logKeys []string // where each server's log was read, such as servers[0].log
	formats []Format
	secrets []secretPlace // of the meters
}

// Load reads and checks the file at path, and looks at the files it names. The
// error is a MissingError, an UnreadableError or, with every problem of the
// file in it, an InvalidError. formats are the log formats that exist.
func Load(path string, formats []Format) (Config, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Config{}, &MissingError{Path: path}
	}
	if err != nil {
		return Config{}, &UnreadableError{Path: path, Err: err}
	}
	c, r := parse(path, data, formats)
	c.checkFiles(r)
	return r.result(c)
}

// Parse is Load of a file's content without a look at other files; path is for
// messages only.
func Parse(path string, data []byte, formats []Format) (Config, error) {
	c, r := parse(path, data, formats)
	return r.result(c)
}

func parse(path string, data []byte, formats []Format) (Config, *reader) {
	r := &reader{path: path, places: map[string]place{}}
	c := Config{
		Path: path, Interval: DefaultInterval, Store: DefaultStore, KeepRequests: DefaultKeepRequests,
		Listen: DefaultListen, Socket: DefaultSocket, Zone: time.Local,
		BuiltInMeters: true,
	}
	if root := r.root(data); root != nil {
		c.read(r, root, formats)
	}
	c.formats = formats
	return c, r
}

func (r *reader) result(c Config) (Config, error) {
	if len(r.problems) > 0 {
		return Config{}, &InvalidError{Path: r.path, Problems: r.sorted()}
	}
	return c, nil
}
