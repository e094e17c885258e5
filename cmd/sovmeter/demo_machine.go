package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/sovmeter/sovmeter/collector"
	"github.com/sovmeter/sovmeter/collector/sim"
	"github.com/sovmeter/sovmeter/collector/systemmeter/fake"
)

// demoPlugs are the devices that a demo can be metered by.
func demoPlugs() map[string]fake.Kind {
	return map[string]fake.Kind{
		"shelly": fake.Shelly, "shelly1": fake.ShellyGen1, "tasmota": fake.Tasmota, "homewizard": fake.HomeWizard,
		"homeassistant": simHomeAssistant, "prometheus": simPrometheus,
	}
}

func demoMeters() []string { return slices.Sorted(maps.Keys(demoPlugs())) }

// demoMachines names the Macs that a demo can simulate.
func demoMachines() []string {
	var names []string
	for _, m := range sim.Machines() {
		names = append(names, m.Name)
	}
	return names
}

// checkMachine refuses a plug or a Mac that there is not.
func (d *demo) checkMachine() error {
	if _, ok := demoPlugs()[d.meter]; d.meter != "" && !ok {
		return fmt.Errorf("--meter %q: want one of %s", d.meter, strings.Join(demoMeters(), ", "))
	}
	if d.machine != "" && !slices.Contains(demoMachines(), d.machine) {
		return fmt.Errorf("--machine %q: want one of %s", d.machine, strings.Join(demoMachines(), ", "))
	}
	return nil
}

// machineDay is a day of the wanted Mac. The mini of the default day stands on
// the same board as the other one.
func (d *demo) machineDay() sim.Scenario {
	for _, m := range sim.Machines() {
		if m.Name == d.machine {
			return m.Scenario
		}
	}
	s := sim.DefaultDay()
	if d.meter != "" {
		s.Wall = miniWall()
	}
	return s
}

// miniWall is what a Mac mini draws beyond its chip.
func miniWall() sim.Wall {
	for _, m := range sim.Machines() {
		if m.Name == "mini" {
			return m.Scenario.Wall
		}
	}
	return sim.Wall{}
}

// openMeters has the meters of the scenario's machine measure it: its plug, and
// its battery telemetry.
func (d *demo) openMeters(s sim.Scenario, cfg *collector.Config) error {
	if d.meter == "" && s.Wall.Battery.Capacity == 0 {
		return nil
	}
	meters, err := newSimMeters(s, demoPlugs()[d.meter], func(ctx context.Context, r collector.Reading) { d.read(ctx, r) })
	if err != nil {
		return err
	}
	d.meters, cfg.Scope = meters, meters.scopes(s)
	return nil
}

// closeMeters closes what openMeters opened.
func (d *demo) closeMeters() error {
	if d.meters == nil {
		return nil
	}
	m := d.meters
	d.meters = nil
	return m.Close()
}
