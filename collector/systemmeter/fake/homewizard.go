package fake

import (
	"net/http"
	"strconv"
)

// homeWizard answers /api/v1/data as an Energy Socket (HWE-SKT) with firmware 4,
// or as a P1 meter.
func (d *Device) homeWizard(*http.Request) (any, error) {
	l := d.lookAt()
	kWh := l.total.KilowattHours()
	data := object{
		"wifi_ssid": "home", "wifi_strength": 84,
		"total_power_import_kwh": fixed{kWh, 3}, "total_power_import_t1_kwh": fixed{kWh, 3},
		"total_power_export_kwh": rounded{0, 3}, "total_power_export_t1_kwh": rounded{0, 3},
		"active_power_w": rounded{float64(l.watts), 3}, "active_power_l1_w": rounded{float64(l.watts), 3},
		"active_voltage_v": rounded{volts, 3}, "active_current_a": rounded{amps(l.watts), 3},
		"active_voltage_l1_v": rounded{volts, 3}, "active_current_l1_a": rounded{amps(l.watts), 3},
		"active_frequency_hz": rounded{50, 3}, "active_power_factor": rounded{0.98, 5},
	}
	if d.kind == HomeWizardP1 {
		delete(data, "total_power_import_kwh") // firmware before 4 says the tariffs alone
		delete(data, "total_power_export_kwh")
		data["total_power_import_t1_kwh"], data["total_power_import_t2_kwh"] = fixed{kWh, 3}, rounded{1000, 3}
		data["total_power_export_t2_kwh"] = rounded{0, 3}
		data["smr_version"], data["meter_model"], data["active_tariff"] = 50, "ISKRA  2M550T-1012", 1
	}
	switch d.fault {
	case Unavailable:
		for _, key := range []string{
			"active_power_w", "total_power_import_kwh", "total_power_import_t1_kwh", "total_power_import_t2_kwh",
		} {
			data[key] = nil
		}
	case NoPowerField:
		delete(data, "active_power_w")
	}
	return data, nil
}

// anyJSON is a device that nobody has heard of.
func (d *Device) anyJSON(*http.Request) (any, error) {
	l := d.lookAt()
	state := object{"power": rounded{float64(l.watts), 2}, "energy_wh": strconv.FormatFloat(l.total.WattHours(), 'f', 3, 64)}
	if d.fault == Unavailable {
		state = object{"power": nil, "energy_wh": "unavailable"}
	}
	if d.fault == NoPowerField {
		delete(state, "power")
	}
	return object{"devices": []any{object{"name": "a/b", "state": state}}}, nil
}
