package systemmeter

import (
	"encoding/json"
	"fmt"
	"strconv"
)

// zigbeeTopics are those of a device of Zigbee2MQTT (zigbee2mqtt.io, "MQTT
// topics and messages"; availability as versions 1 and 2 publish it). The topic
// is zigbee2mqtt/ and the friendly name.
//
// After its own start Zigbee2MQTT publishes what it remembers of each device as
// if it were new; cache_state_send_on_startup: false in its settings ends that.
func zigbeeTopics(topic string, channel int) []mqttTopic {
	return []mqttTopic{
		{name: topic, parse: zigbeeParser(channel)},
		{name: topic + "/availability", parse: presenceParser},
	}
}

// zigbeeParser reads power in W and energy in kWh, as Zigbee2MQTT names them
// for all plugs; a plug of several outlets has them as power_l1, power_l2 and
// so on. A message of something else, such as a button, says nothing.
func zigbeeParser(channel int) mqttParser {
	suffix := "_l" + strconv.Itoa(channel+1)
	return func(payload []byte) (u mqttUpdate, err error) {
		var state map[string]json.RawMessage
		if err := decode(payload, &state); err != nil {
			return mqttUpdate{}, err
		}
		power, err := zigbeeNumber(state, "power", suffix, channel)
		if err != nil {
			return mqttUpdate{}, err
		}
		if power != "" {
			if err := u.setPower(power, watt); err != nil {
				return mqttUpdate{}, err
			}
		}
		counter, err := zigbeeNumber(state, "energy", suffix, channel)
		if err != nil {
			return mqttUpdate{}, err
		}
		if counter != "" {
			if err := u.setEnergy(counter, kilowattHour); err != nil {
				return mqttUpdate{}, err
			}
		}
		return u, nil
	}
}

// zigbeeNumber returns a number as printed, and empty where there is none yet.
func zigbeeNumber(state map[string]json.RawMessage, name, suffix string, channel int) (string, error) {
	raw, ok := state[name+suffix]
	if !ok && channel == 0 {
		raw, ok = state[name]
	}
	if !ok || string(raw) == "null" {
		return "", nil
	}
	var n json.Number
	if err := json.Unmarshal(raw, &n); err != nil {
		return "", fmt.Errorf("%s is no number: %w", name, ErrFormat)
	}
	return n.String(), nil
}
