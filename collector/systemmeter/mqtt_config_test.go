package systemmeter

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMQTTConfig(t *testing.T) {
	base := Config{Name: "plug", Kind: KindMQTT, URL: "mqtt://192.168.1.2", Secret: NewSecret(secret)}
	for _, tc := range []struct {
		name   string
		change func(*Config)
		want   string // in the error; empty: none
	}{
		{"shelly", func(c *Config) { c.Device, c.Topic = DeviceShellyGen2, "plug" }, ""},
		{"free", func(c *Config) { c.Power.Place = "a/b" }, ""},
		{"nothing", func(*Config) {}, "device: is missing"},
		{"unknown device", func(c *Config) { c.Device, c.Topic = "esphome", "plug" }, `device: "esphome" is not known`},
		{"no topic", func(c *Config) { c.Device = DeviceTasmota }, "topic: names no topic"},
		{"wildcard", func(c *Config) { c.Device, c.Topic = DeviceTasmota, "tasmota_+" }, "holds a wildcard"},
		{"all topics", func(c *Config) { c.Power.Place = "#" }, "power: names no topic"},
		{"wildcard in a place", func(c *Config) { c.EnergyCounter.Place = "a/+/b#/c" }, "energy: \"a/+/b\" holds a wildcard"},
		{"pointer", func(c *Config) { c.Power.Place = "a#b" }, `power: "b" is no JSON pointer`},
		{"topic without device", func(c *Config) { c.Topic, c.Power.Place = "plug", "a" }, "topic: is for a device that is known"},
		{"both", func(c *Config) { c.Device, c.Topic, c.Power.Place = DeviceTasmota, "plug", "a" }, "power: and energy are known for the device tasmota"},
		{"websockets", func(c *Config) { c.URL, c.Power.Place = "ws://192.168.1.2/mqtt", "a" }, "WebSockets"},
		{"unit", func(c *Config) { c.Power = ValuePlace{Place: "a", Unit: "V"} }, "power.unit"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := base
			tc.change(&c)
			m, err := Open(c, Options{})
			if tc.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				m.Close()
				return
			}
			if !errors.Is(err, ErrConfig) || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want ErrConfig with %q", err, tc.want)
			}
			if err != nil && strings.Contains(err.Error(), secret) {
				t.Errorf("the error holds the password: %v", err)
			}
		})
	}
}

func TestMQTTTopics(t *testing.T) {
	for _, tc := range []struct {
		name   string
		config Config
		want   []string
	}{
		{"shelly1", Config{Device: DeviceShellyGen1, Topic: "shellies/x/", Channel: 1}, []string{"shellies/x/relay/1/power", "shellies/x/relay/1/energy", "shellies/x/online"}},
		{"tasmota", Config{Device: DeviceTasmota, Topic: "plug"}, []string{"tele/plug/SENSOR", "stat/plug/STATUS8", "stat/plug/STATUS10", "tele/plug/LWT"}},
		{"tasmota with a full topic", Config{Device: DeviceTasmota, Topic: "home/plug/%prefix%"}, []string{"home/plug/tele/SENSOR", "home/plug/stat/STATUS8", "home/plug/stat/STATUS10", "home/plug/tele/LWT"}},
		{"zigbee", Config{Device: DeviceZigbee2MQTT, Topic: "zigbee2mqtt/office/mac"}, []string{"zigbee2mqtt/office/mac", "zigbee2mqtt/office/mac/availability"}},
		{"one topic for both", Config{Power: ValuePlace{Place: "a#/p"}, EnergyCounter: ValuePlace{Place: "a#/e"}}, []string{"a"}},
		{"two topics", Config{Power: ValuePlace{Place: "a"}, EnergyCounter: ValuePlace{Place: "b"}}, []string{"a", "b"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			topics, err := mqttTopics(tc.config)
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, topic := range topics {
				names = append(names, topic.name)
			}
			if diff := cmp.Diff(tc.want, names); diff != "" {
				t.Errorf("topics (-want +got):\n%s", diff)
			}
		})
	}
}

func TestBrokerAddress(t *testing.T) {
	for _, tc := range []struct {
		url, want string
		secure    bool
	}{
		{"mqtt://192.168.1.2", "192.168.1.2:1883", false},
		{"tcp://192.168.1.2:2883", "192.168.1.2:2883", false},
		{"mqtts://broker.local", "broker.local:8883", true},
		{"ssl://[fd00::1]:9000", "[fd00::1]:9000", true},
	} {
		got, secure := brokerAddress(mustParse(t, tc.url))
		if got != tc.want || secure != tc.secure {
			t.Errorf("%s: %s and %v, want %s and %v", tc.url, got, secure, tc.want, tc.secure)
		}
	}
}
