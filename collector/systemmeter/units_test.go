package systemmeter

import (
	"math"
	"strings"
	"testing"
)

func TestUnits(t *testing.T) {
	power := map[string]float64{
		"W": 1, " w ": 1, "kW": 1e3, "KW": 1e3, "kw": 1e3, "mW": 1e-3, "MW": 1e6, "µW": 1e-6, "watts": 1, "J/s": 1,
	}
	joules := map[string]float64{
		"J": 1, "kJ": 1e3, "mJ": 1e-3, "MJ": 1e6, "Ws": 1, "Wmin": 60, "wmin": 60, "Wh": 3600, "wh": 3600, "WH": 3600,
		"kWh": 3.6e6, "KWH": 3.6e6, "kwh": 3.6e6, "MWh": 3.6e9, "mWh": 3.6, "kcal": 4184, "Joules": 1,
	}
	for name, want := range power {
		if got, err := parsePowerUnit(name); err != nil || math.Abs(float64(got)-want) > 1e-12*want {
			t.Errorf("%q: %v W, %v", name, got, err)
		}
	}
	for name, want := range joules {
		if got, err := parseEnergyUnit(name); err != nil || math.Abs(float64(got)-want) > 1e-12*want {
			t.Errorf("%q: %v J, %v", name, got, err)
		}
	}
}

func TestUnitsThatAreNone(t *testing.T) {
	for _, name := range []string{"", "mw", "Mw", "VA", "kWh", "A", "W h", "kilowatt"} {
		_, err := parsePowerUnit(name)
		if err == nil || !strings.Contains(err.Error(), "known are W, kW") {
			t.Errorf("power in %q: error %v lists no units", name, err)
		}
	}
	for _, name := range []string{"", "mwh", "mj", "W", "Ah", "m³", "kW"} {
		_, err := parseEnergyUnit(name)
		if err == nil || !strings.Contains(err.Error(), "Wh, mWh, kWh") {
			t.Errorf("energy in %q: error %v lists no units", name, err)
		}
	}
}
