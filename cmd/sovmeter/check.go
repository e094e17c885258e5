package main

import (
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/sovmeter/sovmeter/cmd/sovmeter/config"
)

func newCheck(e env) *cobra.Command {
	c := &cobra.Command{
		Use:   "check",
		Short: "Check the config file, or print an example of one",
		Long: `Check reads the config file and prints every problem in it, with line, key, the
value got and what is allowed. It also looks whether the request logs can be
read. Exit code 0: usable, 2: not.`,
		Example: `  sovmeter check --config ./sovmeter.yaml
  sovmeter check --example > sovmeter.yaml`,
	}
	path := configFlag(c)
	example := c.Flags().Bool("example", false, "print a commented example instead")
	c.RunE = func(*cobra.Command, []string) error {
		if *example {
			_, err := io.WriteString(e.stdout, config.Example())
			return err
		}
		cfg, err := config.Load(*path, formatNames())
		if err != nil {
			return err
		}
		return describe(e.stdout, cfg)
	}
	return c
}

// describe prints what a valid config comes to, with what stands in its way.
func describe(w io.Writer, cfg config.Config) error {
	fmt.Fprintf(w, "%s: ok\n", cfg.Path)
	for _, s := range cfg.Servers {
		fmt.Fprintf(w, "  server %s: log %s (%s), %s\n", s.Name, s.Log, s.Format, readable(s.Log))
	}
	if cfg.Tariff == nil {
		fmt.Fprintln(w, "  tariff: none; energy is reported, money is not")
	} else {
		fmt.Fprintf(w, "  tariff: %s\n", cfg.Tariff.PricePerKWh)
	}
	_, err := fmt.Fprintf(w, "  store %s, metrics on http://%s/metrics\n", cfg.Store, cfg.Listen)
	return err
}

// readable says whether a log can be opened now. A log that is not there yet
// is no error: the server may not have been started.
func readable(path string) string {
	f, err := os.Open(path)
	switch {
	case err == nil:
		defer f.Close()
		if info, err := f.Stat(); err == nil && !info.Mode().IsRegular() {
			return "not a file: name the log file itself"
		}
		return "readable"
	case os.IsNotExist(err):
		return "not there yet: the daemon waits for it"
	case os.IsPermission(err):
		return "no permission to read it: the daemon runs as root, this check does not"
	}
	return err.Error()
}
