package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/sovmeter/sovmeter/cmd/sovmeter/config"
)

// errFindings is returned by doctor when something is to be mended; what it is
// has been printed.
var errFindings = errors.New("something is to be mended")

func newDoctor(e env) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "doctor",
		Short: "Find the model servers that run here, and say what keeps them from being metered",
		Long: `Doctor finds the model servers that run on this machine by their processes,
ports and logs, reads the end of each log, and compares them with the config.
Each problem is printed with its fix. It changes nothing.

Exit codes: 0 nothing to mend, 1 problems found, 2 wrong arguments or config.`,
		Example: `  sudo sovmeter doctor
  sudo sovmeter doctor --json`,
	}
	path := configFlag(c)
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		d, err := examine(cmd.Context(), *path)
		if err != nil {
			return err
		}
		if err := d.write(e.stdout, asJSON); err != nil {
			return err
		}
		if n := d.problems(); n > 0 {
			return fmt.Errorf("%d of %d servers: %w", n, len(d.Servers), errFindings)
		}
		return nil
	}
	return c
}

// diagnosis is what doctor has found.
type diagnosis struct {
	Config  string         `json:"config"` // the file; empty: there is none
	Finds   bool           `json:"meters_what_it_finds"`
	Servers []serverReport `json:"servers"`
}

// serverReport is a server that runs, or that the config names.
type serverReport struct {
	Name       string     `json:"name"`
	Kind       string     `json:"kind,omitempty"` // empty: it does not run as a known kind
	PID        int        `json:"pid,omitempty"`
	Port       int        `json:"port,omitempty"`
	Log        string     `json:"log,omitempty"`
	LogFrom    string     `json:"log_found_by,omitempty"`
	Format     string     `json:"format,omitempty"`
	Configured string     `json:"configured_as,omitempty"`
	Sample     *logSample `json:"log_end,omitempty"`
	Problems   []finding  `json:"problems,omitempty"`

	processes []string // of its kind
}

// finding is something to mend.
type finding struct {
	Text string `json:"problem"`
	Fix  string `json:"fix"`
}

// examine looks at the machine and the config.
func examine(ctx context.Context, path string) (diagnosis, error) {
	cfg, err := config.Load(path, configFormats())
	var missing *config.MissingError
	if err != nil && !errors.As(err, &missing) {
		return diagnosis{}, err
	}
	found, err := findServers(ctx)
	if err != nil {
		return diagnosis{}, err
	}
	d := diagnosis{Config: cfg.Path, Finds: len(cfg.Servers) == 0, Servers: []serverReport{}}
	for _, s := range found {
		r := serverReport{
			Name: s.Name, Kind: s.Kind.Name, PID: s.PID, Port: s.Port,
			Log: s.Log, LogFrom: s.From, Format: s.Format, processes: s.Kind.Processes,
		}
		if s.Problem != "" {
			r.Problems = append(r.Problems, finding{s.Problem, s.Advice})
		}
		d.Servers = append(d.Servers, r)
	}
	d.compare(cfg)
	for i := range d.Servers {
		d.Servers[i].readLog(ctx)
	}
	return d, nil
}

// compare finds which servers the config names, and those it names that do not
// run.
func (d *diagnosis) compare(cfg config.Config) {
	used := make([]bool, len(cfg.Servers))
	for i := range d.Servers {
		r := &d.Servers[i]
		for j, s := range cfg.Servers {
			if used[j] || !r.isOf(s) {
				continue
			}
			used[j] = true
			r.configuredAs(s)
			break
		}
		if r.Configured == "" && !d.Finds {
			r.Problems = append(r.Problems, finding{
				"it runs and the config does not name it: its energy counts as that of other programs",
				fmt.Sprintf("add it to the servers of %s, or take that list out to meter all that are found", d.Config),
			})
		}
	}
	for j, s := range cfg.Servers {
		if !used[j] {
			r := serverReport{Port: s.Port}
			r.configuredAs(s)
			d.Servers = append(d.Servers, r)
		}
	}
}

// isOf says that a server that was found is the one of an entry of the config:
// by its log or port or, where one of the ports is not known, by a name of its
// processes.
func (r *serverReport) isOf(s config.Server) bool {
	if sameLog(s.Log, r.Log) || s.Port != 0 && s.Port == r.Port {
		return true
	}
	return (s.Port == 0 || r.Port == 0) && slices.ContainsFunc(s.Processes, func(p string) bool { return slices.Contains(r.processes, filepath.Base(p)) })
}

// configuredAs takes the config's word over what was found.
func (r *serverReport) configuredAs(s config.Server) {
	if !sameLog(r.Log, s.Log) {
		r.LogFrom = "the config names it"
		r.Problems = nil // they were about the log that was not found
	}
	r.Name, r.Configured, r.Log, r.Format = s.Name, s.Name, s.Log, s.Format
}

func (d *diagnosis) problems() int {
	n := 0
	for _, s := range d.Servers {
		if len(s.Problems) > 0 {
			n++
		}
	}
	return n
}

func (d *diagnosis) write(w io.Writer, asJSON bool) error {
	if !asJSON {
		return d.print(w)
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(d)
}
