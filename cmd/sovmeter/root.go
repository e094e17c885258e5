package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/sovmeter/sovmeter/cmd/sovmeter/config"
)

// env is what every subcommand gets from main.
type env struct{ stdout, stderr io.Writer }

func newRoot(e env) *cobra.Command {
	root := &cobra.Command{
		Use:   "sovmeter",
		Short: "What one more call to your own model server costs",
		Long: `sovmeter meters the energy that a Mac spends on each request of a local model
server, books every joule once, and prices it.

See it work on a simulated Mac, on any system and without root:

  sovmeter demo`,
		Example: `  sovmeter demo                      a metered day in seconds
  sudo sovmeter service install      meter this Mac from now on
  sovmeter report                    what today's calls cost`,
		Version:       version(),
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.NoArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetOut(e.stdout)
	root.SetErr(e.stderr)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return &usageError{fmt.Errorf("%w (see %s --help)", err, cmd.CommandPath())}
	})
	root.AddCommand(
		newRun(e), newDemo(e), newAccuracy(e), newReplay(e), newParse(e), newReport(e),
		newProxy(e), newMeter(e), newCalibrate(e),
		newTariff(e), newPrices(e), newCarbon(e),
		newCheck(e), newDoctor(e), newService(e), newVersion(e),
	)
	usageFromArgs(root)
	return root
}

// usageFromArgs makes wrong arguments usage errors, as wrong flags are.
func usageFromArgs(c *cobra.Command) {
	check := c.Args
	if check == nil {
		check = cobra.NoArgs
	}
	c.Args = func(cmd *cobra.Command, args []string) error {
		if err := check(cmd, args); err != nil {
			return &usageError{fmt.Errorf("%w (see %s --help)", err, cmd.CommandPath())}
		}
		return nil
	}
	for _, sub := range c.Commands() {
		usageFromArgs(sub)
	}
}

// configFlag adds --config to c and returns where its value will be.
func configFlag(c *cobra.Command) *string {
	return c.Flags().String("config", config.DefaultPath, "config file")
}
