package fake

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"
)

// MQTTKind is a device that publishes over MQTT.
type MQTTKind string

// The kinds of devices on MQTT.
const (
	MQTTShelly1 MQTTKind = "shelly1"     // Plug S: two topics with bare numbers
	MQTTShelly2 MQTTKind = "shelly2"     // Plus Plug S: status, and notifications of changes
	MQTTTasmota MQTTKind = "tasmota"     // one channel
	MQTTZigbee  MQTTKind = "zigbee2mqtt" // a plug behind Zigbee2MQTT
	MQTTJSON    MQTTKind = "json"        // one topic with JSON: values/power in W, values/energy in Wh
)

// MQTTKinds lists all kinds of devices on MQTT.
func MQTTKinds() []MQTTKind {
	return []MQTTKind{MQTTShelly1, MQTTShelly2, MQTTTasmota, MQTTZigbee, MQTTJSON}
}

// MQTTDevice publishes what a plug measures through a Broker.
type MQTTDevice struct {
	kind   MQTTKind
	broker *Broker
	device *Device
}

// NewMQTTDevice returns a device that has not published yet.
func NewMQTTDevice(kind MQTTKind, plug Plug, b *Broker, o Options) (*MQTTDevice, error) {
	like, ok := map[MQTTKind]Kind{
		MQTTShelly1: ShellyGen1, MQTTShelly2: Shelly, MQTTTasmota: Tasmota, MQTTZigbee: JSON, MQTTJSON: JSON,
	}[kind]
	if !ok {
		return nil, fmt.Errorf("fake device: kind %q is not known", kind)
	}
	d, err := New(like, plug, o)
	if err != nil {
		return nil, err
	}
	return &MQTTDevice{kind: kind, broker: b, device: d}, nil
}

// Topic is what a meter's config gives as the device's topic. For MQTTJSON it
// is the one topic.
func (d *MQTTDevice) Topic() string {
	switch d.kind {
	case MQTTShelly1:
		return "shellies/" + shellyID(ShellyGen1)
	case MQTTShelly2:
		return shellyID(Shelly)
	case MQTTTasmota:
		return "tasmota_F45A06"
	case MQTTZigbee:
		return "zigbee2mqtt/mac"
	}
	return "energy/mac"
}

// SetFault gives the device a fault: of Unavailable, WrongUnit, NotANumber,
// Garbage, Endless and NoPowerField; the others are those of HTTP.
func (d *MQTTDevice) SetFault(f Fault) { d.device.SetFault(f) }

// Publish sends what the device sends at its interval. A broker that is to
// retain it gives it to all who come later.
func (d *MQTTDevice) Publish(retain bool) error {
	d.device.mu.Lock()
	messages := d.messages(d.device.lookAt())
	fault := d.device.fault
	d.device.mu.Unlock()
	return d.send(messages, fault, retain)
}

// PublishChange sends what the device sends when its power changes, which on a
// Shelly of a later generation is the power alone.
func (d *MQTTDevice) PublishChange() error {
	d.device.mu.Lock()
	l, fault := d.device.lookAt(), d.device.fault
	messages := d.messages(l)
	switch d.kind {
	case MQTTShelly2:
		messages = []message{{d.Topic() + "/events/rpc", d.notification(l, object{"id": 0, "apower": rounded{float64(l.watts), 1}})}}
	case MQTTShelly1:
		messages = messages[:1]
	}
	d.device.mu.Unlock()
	return d.send(messages, fault, false)
}

// Online publishes that the device is there, or, as its last will, that it is
// not. Brokers retain both.
func (d *MQTTDevice) Online(online bool) error {
	topic, words := d.Topic()+"/online", [2]string{"false", "true"}
	switch d.kind {
	case MQTTTasmota:
		topic, words = "tele/"+d.Topic()+"/LWT", [2]string{"Offline", "Online"}
	case MQTTZigbee:
		topic, words = d.Topic()+"/availability", [2]string{`{"state":"offline"}`, `{"state":"online"}`}
	case MQTTJSON:
		return nil
	}
	word := words[0]
	if online {
		word = words[1]
	}
	return d.broker.Publish(topic, []byte(word), true)
}

// Run publishes at an interval until the context ends, and returns nil then.
func (d *MQTTDevice) Run(ctx context.Context, every time.Duration) error {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		if err := errors.Join(d.Online(true), d.Publish(false)); err != nil {
			return fmt.Errorf("fake device: %w", err)
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// message is a topic, and a value for its JSON.
type message struct {
	topic string
	value any
}

func (d *MQTTDevice) send(messages []message, fault Fault, retain bool) error {
	for _, m := range messages {
		payload, err := json.Marshal(m.value)
		if err != nil {
			return fmt.Errorf("fake device: %w", err)
		}
		switch fault {
		case NotANumber:
			payload = spoil(payload)
		case Garbage:
			payload = []byte("<html>")
		case Endless:
			payload = []byte(strconv.Quote(string(make([]byte, 1<<20))))
		}
		if err := d.broker.Publish(m.topic, payload, retain); err != nil {
			return err
		}
	}
	return nil
}
