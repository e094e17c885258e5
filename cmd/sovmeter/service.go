package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/sovmeter/sovmeter/cmd/sovmeter/config"
	"github.com/sovmeter/sovmeter/launchd"
)

func newService(e env) *cobra.Command {
	c := &cobra.Command{
		Use:     "service",
		Short:   "Install and steer the daemon under launchd (macOS)",
		Example: "  sudo sovmeter service install --config /usr/local/etc/sovmeter/sovmeter.yaml",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	service := func() launchd.Service {
		return launchd.Service{Report: func(step string) { fmt.Fprintln(e.stdout, step) }}
	}
	c.AddCommand(newInstall(service))
	for _, do := range []struct {
		name, short string
		run         func(launchd.Service, context.Context) error
	}{
		{"uninstall", "Stop the daemon and remove its launchd job", launchd.Service.Uninstall},
		{"start", "Start the installed daemon", launchd.Service.Start},
		{"stop", "Stop the daemon until the next start or boot", launchd.Service.Stop},
		{"restart", "Stop and start the daemon", launchd.Service.Restart},
	} {
		c.AddCommand(&cobra.Command{Use: do.name, Short: do.short, RunE: func(cmd *cobra.Command, _ []string) error {
			return do.run(service(), cmd.Context())
		}})
	}
	c.AddCommand(newStatus(e, service))
	return c
}

// newInstall checks the config before it touches launchd: a daemon that fails
// at each start is worse than an error now.
func newInstall(service func() launchd.Service) *cobra.Command {
	c := &cobra.Command{Use: "install", Short: "Install the daemon as a launchd job and start it"}
	path := configFlag(c)
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		s := service()
		var err error
		if s.Config, err = filepath.Abs(*path); err != nil {
			return err
		}
		if s.Executable, err = os.Executable(); err != nil {
			return fmt.Errorf("find this binary: %w", err)
		}
		if runtime.GOOS == "darwin" { // elsewhere Install says what to do instead
			if _, err := config.Load(s.Config, configFormats()); err != nil {
				return err
			}
		}
		return s.Install(cmd.Context())
	}
	return c
}

func newStatus(e env, service func() launchd.Service) *cobra.Command {
	return &cobra.Command{Use: "status", Short: "Say whether the daemon is installed and loaded", RunE: func(cmd *cobra.Command, _ []string) error {
		status, err := service().Status(cmd.Context())
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(e.stdout, status)
		return err
	}}
}
