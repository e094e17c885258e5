package fake

import (
	"maps"
	"net/http"

	"github.com/sovmeter/sovmeter/collector/energy"
)

// shellyID is the device's name, which is also its realm.
func shellyID(kind Kind) string {
	switch kind {
	case ShellyPM:
		return "shellypmminig3-a4cf12f45a03"
	case ShellyEM1:
		return "shellyproem50-a4cf12f45a04"
	case ShellyEM:
		return "shellypro3em-a4cf12f45a05"
	case ShellyGen1, ShellyGen1EM:
		return "shellyplug-s-F45A01"
	}
	return "shellyplusplugs-a4cf12f45a02"
}

// shellyGen2 are the answers of a Plus Plug S, a PM Mini Gen3, a Pro EM-50 and a
// Pro 3EM with firmware 1.4. The counter of the first two moves on all the time,
// in thousandths of a watt-hour; those of the others by the minute, in hundredths.
func (d *Device) shellyGen2() map[string]func(*http.Request) (any, error) {
	routes := map[string]func(*http.Request) (any, error){
		"/shelly":               func(*http.Request) (any, error) { return d.shellyInfo(), nil },
		"/rpc/Shelly.GetStatus": func(*http.Request) (any, error) { return d.shellyStatus(), nil },
	}
	for method, key := range map[string]string{
		"Switch": "switch:0", "PM1": "pm1:0", "EM1": "em1:0", "EM1Data": "em1data:0", "EM": "em:0", "EMData": "emdata:0",
	} {
		if _, ok := d.shellyComponents(d.meter.look())[key]; !ok {
			continue
		}
		routes["/rpc/"+method+".GetStatus"] = func(r *http.Request) (any, error) {
			if r.URL.Query().Get("id") != "0" {
				return object{"code": -105, "message": "Argument 'id', value " + r.URL.Query().Get("id") + " not found!"}, nil
			}
			return d.shellyComponents(d.lookAt())[key], nil
		}
	}
	return routes
}

func (d *Device) shellyInfo() object {
	info := object{
		"name": nil, "id": shellyID(d.kind), "mac": "A4CF12F45A02", "slot": 1, "model": "SNPL-00112EU", "gen": 2,
		"fw_id": "20241011-114449/1.4.4-g6d2a586", "ver": "1.4.4", "app": "PlusPlugS",
		"auth_en": d.options.Password != "", "auth_domain": nil,
	}
	if d.options.Password != "" {
		info["auth_domain"] = shellyID(d.kind)
	}
	switch d.kind {
	case ShellyPM:
		info["gen"], info["model"], info["app"] = 3, "S3PM-001PCEU16", "MiniPMG3"
	case ShellyEM1:
		info["model"], info["app"], info["profile"] = "SPEM-002CEBEU50", "ProEM50", "monophase"
	case ShellyEM:
		info["model"], info["app"], info["profile"] = "SPEM-003CEBEU", "Pro3EM", "triphase"
	}
	return info
}

// shellyStatus is that of the whole device.
func (d *Device) shellyStatus() object {
	l := d.lookAt()
	status := object{
		"ble": object{}, "cloud": object{"connected": false}, "mqtt": object{"connected": false}, "ws": object{"connected": false},
		"wifi": object{"sta_ip": "192.168.1.21", "status": "got ip", "ssid": "home", "rssi": -58},
		"sys": object{
			"mac": "A4CF12F45A02", "restart_required": false, "time": l.at.Format("15:04"), "unixtime": l.at.Unix(),
			"uptime": int64(l.uptime.Seconds()), "ram_size": 246256, "ram_free": 133432, "fs_size": 393216, "fs_free": 102400,
			"cfg_rev": 10, "kvs_rev": 0, "schedule_rev": 0, "webhook_rev": 0, "available_updates": object{}, "reset_reason": 3,
		},
	}
	maps.Copy(status, d.shellyComponents(l))
	return status
}

// shellyComponents are the components that measure, and a relay that does not.
func (d *Device) shellyComponents(l look) object {
	switch d.kind {
	case ShellyPM:
		part := object{"id": 0, "voltage": rounded{volts, 1}, "freq": rounded{50, 1}, "ret_aenergy": perMinute(look{minute: l.minute})}
		return object{"pm1:0": d.shellyMeasured(part, l)}
	case ShellyEM1:
		return object{
			"em1:0": d.shellyEM1(l, 0), "em1:1": d.shellyEM1(look{}, 1),
			"em1data:0": object{"id": 0, "total_act_energy": fixed{l.stepped.WattHours(), 2}, "total_act_ret_energy": rounded{0, 2}},
			"em1data:1": object{"id": 1, "total_act_energy": rounded{0, 2}, "total_act_ret_energy": rounded{0, 2}},
			"switch:0":  object{"id": 0, "source": "init", "output": false, "temperature": object{"tC": 46.4, "tF": 115.5}},
		}
	case ShellyEM:
		return d.shelly3EM(l)
	}
	part := object{
		"id": 0, "source": "init", "output": true, "voltage": rounded{volts, 1}, "pf": rounded{0.98, 2},
		"temperature": object{"tC": 41.2, "tF": 106.2},
	}
	return object{"switch:0": d.shellyMeasured(part, l)}
}

// shellyMeasured adds what a switch and a power meter have in common.
func (d *Device) shellyMeasured(part object, l look) object {
	part["apower"], part["current"], part["aenergy"] = rounded{float64(l.watts), 1}, rounded{amps(l.watts), 3}, perMinute(l)
	switch d.fault {
	case Unavailable:
		part["apower"], part["errors"] = nil, []string{"power_meter_failure"}
	case NoPowerField:
		delete(part, "apower")
	}
	return part
}

func perMinute(l look) object {
	return object{
		"total":     fixed{l.total.WattHours(), 3},
		"by_minute": []any{milliwattHours(l.minutes[0]), milliwattHours(l.minutes[1]), milliwattHours(l.minutes[2])},
		"minute_ts": l.minute.Unix(),
	}
}

func milliwattHours(j energy.Joules) rounded { return rounded{float64(j) / 3.6, 3} }

func (d *Device) shellyEM1(l look, id int) object {
	part := object{
		"id": id, "current": rounded{amps(l.watts), 3}, "voltage": rounded{volts, 1}, "act_power": rounded{float64(l.watts), 1},
		"aprt_power": rounded{float64(l.watts) * 1.02, 1}, "pf": rounded{0.98, 2}, "freq": rounded{50, 1}, "calibration": "factory",
	}
	switch d.fault {
	case Unavailable:
		part["act_power"], part["errors"] = nil, []string{"power_meter_failure"}
	case NoPowerField:
		delete(part, "act_power")
	}
	return part
}

// shelly3EM has the plug on the first phase and nothing on the others.
func (d *Device) shelly3EM(l look) object {
	live := object{
		"id": 0, "n_current": nil, "total_current": rounded{amps(l.watts), 3}, "total_act_power": rounded{float64(l.watts), 3},
		"total_aprt_power": rounded{float64(l.watts) * 1.02, 3}, "user_calibrated_phase": []string{},
	}
	data := object{"id": 0, "total_act": fixed{l.stepped.WattHours(), 2}, "total_act_ret": rounded{0, 2}}
	for i, phase := range []string{"a", "b", "c"} {
		at := look{}
		if i == 0 {
			at = l
		}
		live[phase+"_current"], live[phase+"_voltage"] = rounded{amps(at.watts), 3}, rounded{volts, 1}
		live[phase+"_act_power"], live[phase+"_aprt_power"] = rounded{float64(at.watts), 1}, rounded{float64(at.watts) * 1.02, 1}
		live[phase+"_pf"], live[phase+"_freq"] = rounded{0.98, 2}, rounded{50, 1}
		data[phase+"_total_act_energy"], data[phase+"_total_act_ret_energy"] = fixed{at.stepped.WattHours(), 2}, rounded{0, 2}
	}
	switch d.fault {
	case Unavailable:
		live["total_act_power"], live["errors"] = nil, []string{"power_meter_failure"}
	case NoPowerField:
		delete(live, "total_act_power")
	}
	return object{"em:0": live, "emdata:0": data}
}
