package fake

// messages are what the device says at its interval, as it says it:
// Shelly Plug S 1.14 two bare numbers; Plus Plug S 1.4 its status on a topic of
// its own and as a notification; Tasmota 14 its sensors; Zigbee2MQTT 2 the whole
// state of a plug with a tenth of a watt and a hundredth of a kilowatt-hour.
func (d *MQTTDevice) messages(l look) []message {
	topic := d.Topic()
	switch d.kind {
	case MQTTShelly1:
		return []message{
			{topic + "/relay/0/power", d.value(rounded{float64(l.watts), 2})},
			{topic + "/relay/0/energy", d.value(fixed{float64(l.stepped) / 60, 0})},
			{topic + "/temperature", rounded{28.61, 2}},
		}
	case MQTTShelly2:
		status := d.shelly2Status(l)
		changed := object{"id": 0, "aenergy": perMinute(l)}
		if p, ok := status["apower"]; ok {
			changed["apower"] = p
		}
		return []message{
			{topic + "/status/switch:0", status},
			{topic + "/events/rpc", d.notification(l, changed)},
		}
	case MQTTTasmota:
		sensors := object{"Time": l.at.Format("2006-01-02T15:04:05"), "TempUnit": "C"}
		if d.device.fault != Unavailable {
			sensors["ENERGY"] = d.device.tasmotaEnergy(l)
		}
		return []message{
			{"tele/" + topic + "/STATE", object{"Time": sensors["Time"], "POWER": "ON"}},
			{"tele/" + topic + "/SENSOR", sensors},
		}
	case MQTTZigbee:
		return []message{{topic, d.zigbeeState(l)}}
	}
	values := object{"energy": d.value(fixed{l.total.WattHours(), 3}), "power": d.value(rounded{float64(l.watts), 1})}
	if d.device.fault == NoPowerField {
		delete(values, "power")
	}
	return []message{{topic, object{"values": values}}}
}

// value is null while the device has none.
func (d *MQTTDevice) value(v any) any {
	if d.device.fault == Unavailable {
		return nil
	}
	return v
}

func (d *MQTTDevice) shelly2Status(l look) object {
	status := object{
		"id": 0, "source": "init", "output": true, "apower": rounded{float64(l.watts), 1}, "voltage": rounded{volts, 1},
		"current": rounded{amps(l.watts), 3}, "aenergy": perMinute(l), "temperature": object{"tC": 31.4, "tF": 88.5},
	}
	switch d.device.fault {
	case NoPowerField:
		delete(status, "apower")
	case Unavailable:
		status["errors"] = []string{"power_meter_failure"}
	}
	return status
}

// notification tells what changed of the relay.
func (d *MQTTDevice) notification(l look, changed object) object {
	if d.device.fault == Unavailable {
		changed["errors"] = []string{"power_meter_failure"}
	}
	id := d.Topic()
	return object{
		"src": id, "dst": id + "/events", "method": "NotifyStatus",
		"params": object{"ts": rounded{float64(l.at.UnixMilli()) / 1e3, 2}, "switch:0": changed},
	}
}

func (d *MQTTDevice) zigbeeState(l look) object {
	state := object{
		"current": rounded{amps(l.watts), 2}, "energy": d.value(fixed{l.total.KilowattHours(), 2}), "linkquality": 134,
		"power": d.value(rounded{float64(l.watts), 1}), "state": "ON", "voltage": rounded{volts, 0},
	}
	if d.device.fault == NoPowerField {
		delete(state, "power")
	}
	return state
}
