package systemmeter

import (
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
)

// Kind is what a meter is.
type Kind string

// The kinds of meters.
const (
	KindShelly        Kind = "shelly"        // plug of any generation, asked over HTTP
	KindTasmota       Kind = "tasmota"       // plug with Tasmota
	KindHomeAssistant Kind = "homeassistant" // entities of Home Assistant
	KindHomeWizard    Kind = "homewizard"    // energy socket with the local API
	KindPrometheus    Kind = "prometheus"    // queries of a Prometheus server
	KindHTTP          Kind = "http"          // any JSON over HTTP
	KindMQTT          Kind = "mqtt"          // topics of a broker
	KindSMC           Kind = "smc"           // this Mac's system management controller
	KindBattery       Kind = "battery"       // this Mac's battery telemetry
)

// Config says where a meter is and how it is asked. What a kind does not use
// must be empty.
type Config struct {
	Name string // unique; in metrics and reports
	Kind Kind
	// URL is the device's, such as http://192.168.1.20; of MQTT the broker's,
	// such as mqtt://192.168.1.2:1883. Empty for KindSMC and KindBattery.
	URL     string
	Channel int // of a device with several; 0 is the first
	// User is for HTTP basic or digest auth and for MQTT. Secret is the
	// password, or the token where the kind takes one.
	User   string
	Secret Secret

	// Power and EnergyCounter say where the values are: entities of Home
	// Assistant, queries of Prometheus, JSON pointers (RFC 6901) of HTTP, and
	// topics of MQTT, a topic followed by # and a JSON pointer where it holds
	// JSON. One of them is needed there, and both are better; Tasmota and Shelly
	// on MQTT need only Topic.
	Power, EnergyCounter ValuePlace
	// Topic is the device's on MQTT: Device's usual topics lie below it.
	Topic  string
	Device Device // on MQTT: who publishes; empty: Power and EnergyCounter say all

	Header map[string]Secret // of KindHTTP, sent with each question

	Every    time.Duration // between two questions; 0: the kind's own
	Lag      time.Duration // how late the values are beyond what the device says; 0: unknown
	MaxAge   time.Duration // readings older than this are refused; 0: the kind's own
	MaxWatts energy.Watts  // more than this cannot be true; 0 means DefaultMaxWatts
	// Accuracy bounds the relative error of the device, 0 to 1; 0: the kind's own.
	Accuracy float64
	// AllowRemote lets the meter be elsewhere than on this machine or its local
	// network.
	AllowRemote bool
}

// ValuePlace is where a value is, and its unit.
type ValuePlace struct {
	Place string  // empty: there is none
	Unit  string  // such as W, kW, J, Wh, kWh, Wmin; empty: what the source says, else W or kWh
	Scale float64 // 0 means 1; the value is multiplied by it
}

// Device is who publishes on MQTT.
type Device string

// The devices whose topics are known.
const (
	DeviceShellyGen1  Device = "shelly1"
	DeviceShellyGen2  Device = "shelly2"
	DeviceTasmota     Device = "tasmota"
	DeviceZigbee2MQTT Device = "zigbee2mqtt"
)

// Secret is a password or token. It prints as ***, and is never in an error.
type Secret struct{ value string }

// NewSecret returns a secret with a value; the empty value is no secret.
func NewSecret(value string) Secret { return Secret{value} }

// String hides the value.
func (s Secret) String() string { return "***" }

// GoString hides the value.
func (s Secret) GoString() string { return "***" }

// MarshalText hides the value.
func (s Secret) MarshalText() ([]byte, error) { return []byte("***"), nil }

// Known is false for no secret.
func (s Secret) Known() bool { return s.value != "" }

// DefaultMaxWatts is more than any Mac draws: a Mac Pro's supply gives 1280 W.
const DefaultMaxWatts energy.Watts = 1500
