package fake

import (
	"net/http"

	"github.com/sovmeter/sovmeter/collector/energy"
)

// tasmota answers Status 8 as Tasmota 14 on a plug with a BL0937: whole watts,
// and thousandths of a kilowatt-hour, which is its default. A wrong password
// gets a warning and 401.
func (d *Device) tasmota(r *http.Request) (any, error) {
	query := r.URL.Query()
	known := same(query.Get("user"), d.options.User) && same(query.Get("password"), d.options.Password)
	if d.options.Password != "" && !known {
		return object{"WARNING": "Need user=<username>&password=<password>"}, errUnauthorized
	}
	if query.Get("cmnd") != "Status 8" {
		return object{"Command": "Unknown"}, nil
	}
	l := d.lookAt()
	sensors := object{"Time": l.at.Format("2006-01-02T15:04:05"), "TempUnit": "C"}
	if d.fault != Unavailable {
		sensors["ENERGY"] = d.tasmotaEnergy(l)
	}
	return object{"StatusSNS": sensors}, nil
}

func (d *Device) tasmotaEnergy(l look) object {
	today := fixed{l.total.KilowattHours(), 3}
	e := object{
		"TotalStartTime": d.meter.started.Format("2006-01-02T15:04:05"), "Total": today, "Yesterday": rounded{0, 3}, "Today": today,
		"Power": whole(l.watts), "ApparentPower": whole(l.watts * 1.02), "ReactivePower": whole(l.watts * 0.2),
		"Factor": rounded{0.98, 2}, "Voltage": rounded{volts, 0}, "Current": rounded{amps(l.watts), 3},
	}
	if d.kind == TasmotaStrip || d.kind == TasmotaSplit { // the second socket has something else in it
		e["Power"], e["ApparentPower"], e["ReactivePower"] = []any{whole(l.watts), 12}, []any{whole(l.watts * 1.02), 13}, []any{whole(l.watts * 0.2), 4}
		e["Factor"], e["Current"] = []any{rounded{0.98, 2}, rounded{0.92, 2}}, []any{rounded{amps(l.watts), 3}, rounded{0.056, 3}}
		e["Frequency"] = 50
	}
	if d.kind == TasmotaStrip {
		all := fixed{(l.total + energy.Watts(12).For(l.uptime)).KilowattHours(), 3}
		e["Total"], e["Today"] = all, all
	}
	if d.kind == TasmotaSplit {
		other := rounded{7.5, 3}
		e["Total"], e["Today"], e["Yesterday"] = []any{today, other}, []any{today, other}, []any{rounded{0, 3}, rounded{0, 3}}
	}
	if d.fault == NoPowerField {
		delete(e, "Power")
	}
	return e
}

func whole(w energy.Watts) rounded { return rounded{float64(w), 0} }
