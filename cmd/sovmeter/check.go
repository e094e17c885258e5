package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/sovmeter/sovmeter/cmd/sovmeter/config"
)

func newCheck(e env) *cobra.Command {
	c := &cobra.Command{
		Use:   "check",
		Short: "Check the config file, or print an example of one",
		Long: `Check reads the config file and prints every problem in it, with line, key, the
value got and what is allowed. It also reads the files of prices and of carbon that
the config names, and looks whether the request logs can be read. Exit code 0:
usable, 2: not.`,
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
		cfg, err := config.Load(*path, configFormats())
		if err != nil {
			return err
		}
		if err := cfg.CheckSecrets(); err != nil {
			return err
		}
		now := time.Now()
		money, err := loadEconomy(cfg, "", now, io.Discard)
		if err != nil {
			return &usageError{err}
		}
		return describe(e.stdout, cfg, money.doubts(now, true))
	}
	return c
}

// describe prints what a valid config comes to, with what stands in its way and
// the doubts about its money.
func describe(w io.Writer, cfg config.Config, doubts []string) error {
	fmt.Fprintf(w, "%s: ok\n", cfg.Path)
	if len(cfg.Servers) == 0 {
		fmt.Fprintln(w, "  servers: none named; those that run are found and metered (sovmeter doctor shows them)")
	}
	for _, s := range cfg.Servers {
		fmt.Fprintf(w, "  server %s: log %s (%s), %s\n", s.Name, s.Log, s.Format, readable(s.Log))
	}
	describeMeters(w, cfg)
	if cfg.Tariff == nil {
		fmt.Fprintln(w, "  tariff: none; energy is reported, money is not")
	} else {
		fmt.Fprintf(w, "  tariff: %s\n", cfg.Tariff)
	}
	for _, doubt := range doubts {
		fmt.Fprintln(w, "  but", doubt)
	}
	describeSocket(w, cfg)
	if cfg.WebConfig != "" {
		fmt.Fprintf(w, "  web_config: %s, %s\n", cfg.WebConfig, readable(cfg.WebConfig))
	}
	_, err := fmt.Fprintf(w, "  store %s, metrics on http://%s/metrics\n", cfg.Store, cfg.Listen)
	return err
}

// describeSocket says when the socket's folder is missing and the daemon will
// not make it with the store's.
func describeSocket(w io.Writer, cfg config.Config) {
	folder := filepath.Dir(cfg.Socket)
	inside, err := filepath.Rel(folder, filepath.Dir(cfg.Store))
	made := err == nil && filepath.IsLocal(inside)
	if _, err := os.Stat(folder); os.IsNotExist(err) && !made {
		fmt.Fprintf(w, "  socket %s: its folder does not exist: make it before the daemon starts\n", cfg.Socket)
	}
}

// readable says whether a log can be opened now. A log that is not there yet
// is no error: the server may not have been started.
func readable(path string) string {
	if config.IsAddress(path) {
		return "which the daemon asks every few seconds (sovmeter doctor tries it)"
	}
	f, err := os.Open(path)
	switch {
	case err == nil:
		defer f.Close()
		if info, err := f.Stat(); err == nil && info.IsDir() {
			if _, err := recogniseFolder(path); err != nil {
				return "a folder without a log in it that is known: is the path right?"
			}
		}
		return "readable"
	case os.IsNotExist(err):
		if _, err := os.Stat(filepath.Dir(path)); os.IsNotExist(err) {
			return "not there yet: the daemon waits for it, but its folder does not exist: is the path right?"
		}
		return "not there yet: the daemon waits for it"
	case os.IsPermission(err):
		return "no permission to read it: the daemon runs as root, this check does not"
	}
	return err.Error()
}
