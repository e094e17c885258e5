package main

import "github.com/spf13/cobra"

func newMeter(e env) *cobra.Command {
	c := &cobra.Command{
		Use:   "meter",
		Short: "Look at the meters of the whole machine: plugs at the wall and the Mac's own sensors",
		Long: `A meter of the whole machine says what the chip's rails do not: memory, fans, disk,
display and the loss of the power supply. The config names meters in order of trust;
behind them stand the sensors that a Mac has in it.

  wall     a plug: Shelly, Tasmota, HomeWizard, or what Home Assistant, Prometheus,
           an MQTT broker or any JSON over HTTP knows of one
  smc      the Mac's system management controller, behind the power supply
  battery  a laptop's battery telemetry, behind the power supply`,
		Example: `  sovmeter meter list
  sovmeter meter test --kind shelly --url http://192.168.1.20`,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	c.AddCommand(newMeterList(e), newMeterTest(e))
	return c
}
