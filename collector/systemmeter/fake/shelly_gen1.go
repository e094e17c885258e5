package fake

import (
	"net/http"

	"github.com/sovmeter/sovmeter/collector/energy"
)

// object is a JSON object.
type object = map[string]any

// shellyGen1 are the answers of a Plug S with firmware 1.14, and of an EM. The
// counter of a plug moves on with each whole minute, in whole watt-minutes; its
// time stamp is local time in the form of Unix time, here UTC.
func (d *Device) shellyGen1() map[string]func(*http.Request) (any, error) {
	em := d.kind == ShellyGen1EM
	kind, meters := "SHPLG-S", 1
	if em {
		kind, meters = "SHEM", 2
	}
	return map[string]func(*http.Request) (any, error){
		"/shelly": func(*http.Request) (any, error) {
			return object{
				"type": kind, "mac": "A4CF12F45A01", "auth": d.options.Password != "",
				"fw": "20230913-113421/v1.14.0-gcb84623", "discoverable": false, "longid": 1,
				"num_outputs": 1, "num_meters": meters,
			}, nil
		},
		"/status": func(*http.Request) (any, error) {
			l := d.lookAt()
			status := shellyGen1Status(l)
			if em {
				status["emeters"] = d.shellyEMeters(l)
			} else {
				status["meters"] = []any{d.shellyMeter(l)}
			}
			return status, nil
		},
	}
}

func shellyGen1Status(l look) object {
	return object{
		"wifi_sta":    object{"connected": true, "ssid": "home", "ip": "192.168.1.20", "rssi": -61},
		"cloud":       object{"enabled": false, "connected": false},
		"mqtt":        object{"connected": false},
		"time":        l.at.Format("15:04"),
		"unixtime":    l.at.Unix(),
		"serial":      1,
		"has_update":  false,
		"mac":         "A4CF12F45A01",
		"relays":      []any{object{"ison": true, "has_timer": false, "timer_started": 0, "timer_duration": 0, "timer_remaining": 0, "overpower": false, "source": "http"}},
		"temperature": 28.61, "overtemperature": false,
		"tmp":       object{"tC": 28.61, "tF": 83.5, "is_valid": true},
		"update":    object{"status": "idle", "has_update": false, "new_version": "", "old_version": "20230913-113421/v1.14.0-gcb84623"},
		"ram_total": 52056, "ram_free": 38996, "fs_size": 233681, "fs_free": 166664,
		"uptime": int64(l.uptime.Seconds()),
	}
}

func (d *Device) shellyMeter(l look) object {
	m := object{
		"power": rounded{float64(l.watts), 2}, "overpower": rounded{0, 2}, "is_valid": d.fault != Unavailable,
		"timestamp": l.at.Unix(), "total": fixed{float64(l.stepped) / 60, 0},
		"counters": []any{wattMinutes(l.minutes[0]), wattMinutes(l.minutes[1]), wattMinutes(l.minutes[2])},
	}
	if d.fault == NoPowerField {
		delete(m, "power")
	}
	return m
}

func wattMinutes(j energy.Joules) rounded { return rounded{float64(j) / 60, 3} }

// shellyEMeters has the plug on the first clamp and nothing on the second.
func (d *Device) shellyEMeters(l look) []any {
	first, second := d.shellyEMeter(l), d.shellyEMeter(look{})
	if d.fault == NoPowerField {
		delete(first, "power")
	}
	return []any{first, second}
}

func (d *Device) shellyEMeter(l look) object {
	return object{
		"power": rounded{float64(l.watts), 2}, "reactive": rounded{0, 2}, "pf": rounded{1, 2}, "voltage": rounded{volts, 2},
		"is_valid": d.fault != Unavailable, "total": fixed{l.stepped.WattHours(), 1}, "total_returned": rounded{0, 1},
	}
}
