package systemmeter

import (
	"fmt"
	"math"
	"strings"

	"github.com/sovmeter/sovmeter/collector/energy"
)

// powerUnit is what one of a device's units is in watts.
type powerUnit energy.Watts

// energyUnit is what one of a device's units is in joules.
type energyUnit energy.Joules

// The units of meters that name none.
const (
	watt         powerUnit  = 1
	wattHour     energyUnit = 3600
	wattMinute   energyUnit = 60
	kilowattHour energyUnit = energy.JoulesPerKilowattHour
)

// unit is a name that devices print. Letters count as they are first: a
// megawatt is no milliwatt.
type unit struct {
	name  string
	value float64 // in watts or joules
}

func powerUnits() []unit {
	return []unit{
		{"W", 1}, {"kW", 1e3}, {"mW", 1e-3}, {"MW", 1e6}, {"GW", 1e9}, {"µW", 1e-6}, {"uW", 1e-6},
		{"watt", 1}, {"watts", 1}, {"J/s", 1}, {"TW", 1e12}, {"BTU/h", 0.29307107},
	}
}

func energyUnits() []unit {
	return []unit{
		{"J", 1}, {"kJ", 1e3}, {"mJ", 1e-3}, {"MJ", 1e6}, {"GJ", 1e9}, {"µJ", 1e-6}, {"uJ", 1e-6}, {"nJ", 1e-9},
		{"joule", 1}, {"joules", 1}, {"Ws", 1}, {"kWs", 1e3}, {"Wmin", 60}, {"kWmin", 60e3},
		{"Wh", 3600}, {"mWh", 3.6}, {"kWh", 3.6e6}, {"MWh", 3.6e9}, {"GWh", 3.6e12}, {"TWh", 3.6e15},
		{"cal", 4.184}, {"kcal", 4184}, {"Mcal", 4.184e6}, {"Gcal", 4.184e9},
	}
}

func parsePowerUnit(name string) (powerUnit, error) {
	v, err := findUnit(name, "power", powerUnits())
	return powerUnit(v), err
}

func parseEnergyUnit(name string) (energyUnit, error) {
	v, err := findUnit(name, "energy", energyUnits())
	return energyUnit(v), err
}

// findUnit takes a name as it is, or in other letters where only one unit is
// written so: KWH is clear, MW and mw are not the same.
func findUnit(name, what string, known []unit) (float64, error) {
	bare := strings.TrimSpace(name)
	var names []string
	folded := map[float64]bool{}
	value := 0.0
	for _, u := range known {
		if bare == u.name {
			return u.value, nil
		}
		if strings.EqualFold(bare, u.name) {
			folded[u.value], value = true, u.value
		}
		names = append(names, u.name)
	}
	if len(folded) == 1 {
		return value, nil
	}
	return 0, fmt.Errorf("%q is no unit of %s; known are %s", name, what, strings.Join(names, ", "))
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
