package systemmeter

import (
	"cmp"
	"fmt"
	"strings"
)

// tasmotaTopics are those of Tasmota (tasmota.github.io/docs, "MQTT"): the
// telemetry that it sends each TelePeriod, which is 300 s unless told
// otherwise, and when the power changes by PowerDelta; the answer to Status 8,
// which somebody else may ask for; and its last will. The topic is the device's
// own, or a FullTopic with %prefix% in it.
func tasmotaTopics(topic string, channel int) []mqttTopic {
	if !strings.Contains(topic, "%prefix%") {
		topic = "%prefix%/" + topic
	}
	under := func(prefix, leaf string) string {
		return strings.ReplaceAll(topic, "%prefix%", prefix) + "/" + leaf
	}
	sensor := tasmotaParser(channel)
	return []mqttTopic{
		{name: under("tele", "SENSOR"), parse: sensor},
		{name: under("stat", "STATUS8"), parse: sensor},
		{name: under("stat", "STATUS10"), parse: sensor},
		{name: under("tele", "LWT"), parse: presenceParser},
	}
}

// tasmotaParser reads one outlet's values, as they stand in the telemetry, or
// below StatusSNS in an answer.
func tasmotaParser(channel int) mqttParser {
	type sensors struct {
		Energy *struct {
			Power tasmotaValues `json:"Power"`
			Total tasmotaValues `json:"Total"`
		} `json:"ENERGY"`
	}
	return func(payload []byte) (u mqttUpdate, err error) {
		var message struct {
			sensors
			Status sensors `json:"StatusSNS"`
		}
		if err := decode(payload, &message); err != nil {
			return mqttUpdate{}, err
		}
		e := cmp.Or(message.Energy, message.Status.Energy)
		if e == nil {
			return mqttUpdate{}, fmt.Errorf("no ENERGY among its sensors: %w", ErrUnavailable)
		}
		u.Reading, err = tasmotaReading(e.Power, e.Total, channel)
		return u, err
	}
}
