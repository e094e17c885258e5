package systemmeter

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
)

// mqttTopic is a topic to subscribe to, and who reads it.
type mqttTopic struct {
	name  string
	parse mqttParser
}

// mqttTopics returns the topics of a config. The error holds a KeyError for
// each of its faults.
func mqttTopics(c Config) ([]mqttTopic, error) {
	if err := checkMQTT(c); err != nil {
		return nil, err
	}
	topic := strings.Trim(c.Topic, "/")
	switch c.Device {
	case DeviceShellyGen1:
		return shelly1Topics(topic, c.Channel), nil
	case DeviceShellyGen2:
		return shelly2Topics(topic, c.Channel), nil
	case DeviceTasmota:
		return tasmotaTopics(topic, c.Channel), nil
	case DeviceZigbee2MQTT:
		return zigbeeTopics(topic, c.Channel), nil
	}
	return freeTopics(c)
}

// checkMQTT returns the faults that only a meter of MQTT can have, joined.
func checkMQTT(c Config) error {
	var faults []error
	if at, err := url.Parse(c.URL); err == nil && (at.Scheme == "ws" || at.Scheme == "wss") {
		faults = append(faults, &KeyError{"url", "is one of MQTT over WebSockets", "give the broker's own port, such as mqtt://192.168.1.2:1883, or mqtts:// and port 8883"})
	}
	places := c.Power.Place != "" || c.EnergyCounter.Place != ""
	switch {
	case !c.Device.known():
		faults = append(faults, &KeyError{"device", fmt.Sprintf("%q is not known", c.Device), "use one of " + list(devices()) + ", or leave it out and name the topics in power and energy"})
	case c.Device == "" && !places:
		faults = append(faults, &KeyError{"device", "is missing", "name who publishes, one of " + list(devices()) + ", with its topic; or the topics in power and energy"})
	case c.Device == "" && c.Topic != "":
		faults = append(faults, &KeyError{"topic", "is for a device that is known", "name the device too, or write the topics in power and energy"})
	case c.Device != "" && places:
		faults = append(faults, &KeyError{"power", "and energy are known for the device " + string(c.Device), "leave them out, or leave out device and topic"})
	case c.Device != "":
		faults = append(faults, checkTopic("topic", c.Topic))
	default:
		for _, p := range []struct{ key, place string }{{"power", c.Power.Place}, {"energy", c.EnergyCounter.Place}} {
			if p.place != "" {
				_, err := parseTopicPlace(p.key, p.place)
				faults = append(faults, err)
			}
		}
	}
	return errors.Join(faults...)
}

// checkTopic returns a KeyError for what is no topic of one device: one with a
// wildcard would let in what others publish.
func checkTopic(key, topic string) error {
	const fix = "write it like shellies/shellyplug-s-ABC123, tasmota_ABC123 or zigbee2mqtt/mac"
	switch {
	case strings.Trim(topic, "/") == "":
		return &KeyError{key, "names no topic", fix}
	case strings.ContainsAny(topic, "+#"):
		return &KeyError{key, fmt.Sprintf("%q holds a wildcard", topic), fix}
	case strings.ContainsRune(topic, 0), len(topic) > 1024:
		return &KeyError{key, "is no topic of MQTT", fix}
	}
	return nil
}

func devices() []Device {
	return []Device{DeviceShellyGen1, DeviceShellyGen2, DeviceTasmota, DeviceZigbee2MQTT}
}

// known is true for no device too: the config then names all topics.
func (d Device) known() bool {
	for _, k := range devices() {
		if d == k {
			return true
		}
	}
	return d == ""
}

// brokerAddress is host and port of a broker, and whether it wants TLS.
func brokerAddress(at *url.URL) (address string, secure bool) {
	secure = at.Scheme == "mqtts" || at.Scheme == "ssl" || at.Scheme == "tls"
	port := "1883"
	if secure {
		port = "8883"
	}
	return net.JoinHostPort(at.Hostname(), cmp.Or(at.Port(), port)), secure
}
