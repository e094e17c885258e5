package systemmeter

import (
	"context"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/collector/systemmeter/fake"
)

// BenchmarkMQTTMessage is what a message costs once paho has it.
func BenchmarkMQTTMessage(b *testing.B) {
	shelly := &shelly2Parser{channel: "0"}
	for _, m := range []struct {
		name    string
		parse   mqttParser
		payload string
	}{
		{"shelly1", wattsParser, "41.25"},
		{"shelly2", shelly.notification, `{"src":"shellyplusplugs-a4cf12f45a02","dst":"shellyplusplugs-a4cf12f45a02/events","method":"NotifyStatus","params":{"ts":1767607200.25,"switch:0":{"id":0,"apower":41.3,"aenergy":{"total":7200.125,"by_minute":[700.1,690.2,688.9],"minute_ts":1767607140}}}}`},
		{"tasmota", tasmotaParser(0), `{"Time":"2026-01-05T10:00:00","ENERGY":{"TotalStartTime":"2025-01-01T00:00:00","Total":7.200,"Yesterday":0.9,"Today":0.2,"Power":41,"ApparentPower":42,"ReactivePower":8,"Factor":0.98,"Voltage":231,"Current":0.180}}`},
		{"zigbee2mqtt", zigbeeParser(0), `{"current":0.18,"energy":7.2,"linkquality":134,"power":41.3,"state":"ON","voltage":231}`},
	} {
		b.Run(m.name, func(b *testing.B) {
			state, payload := newMQTTState(), []byte(m.payload)
			at := time.Date(2026, 1, 5, 10, 0, 0, 0, time.UTC)
			b.ReportAllocs()
			for b.Loop() {
				at = at.Add(time.Second)
				u, err := m.parse(payload)
				state.take("topic", u, err, false, at)
			}
			if state.fault != nil || !state.values.waiting() {
				b.Fatalf("not taken: %v", state.fault)
			}
		})
	}
}

// BenchmarkHeldRead is what a question costs on both sides, over loopback.
func BenchmarkHeldRead(b *testing.B) {
	plug := fake.PlugFunc(func() (energy.Watts, energy.Joules) { return 41.3, 3.6e6 })
	ha, err := fake.NewHomeAssistant(plug, fake.HomeAssistantOptions{Token: secret})
	if err != nil {
		b.Fatal(err)
	}
	prom, err := fake.NewPrometheus(plug, fake.PrometheusOptions{})
	if err != nil {
		b.Fatal(err)
	}
	home, server := httptest.NewServer(ha), httptest.NewServer(prom)
	defer home.Close()
	defer server.Close()
	for _, c := range []Config{
		{Name: "homeassistant", Kind: KindHomeAssistant, URL: home.URL, Secret: NewSecret(secret), Power: ValuePlace{Place: fake.HAPower}, EnergyCounter: ValuePlace{Place: fake.HAEnergy}},
		{Name: "prometheus", Kind: KindPrometheus, URL: server.URL, Power: ValuePlace{Place: fake.PromPower}, EnergyCounter: ValuePlace{Place: fake.PromEnergy}},
	} {
		b.Run(c.Name, func(b *testing.B) {
			m, err := Open(c, Options{})
			if err != nil {
				b.Fatal(err)
			}
			defer m.Close()
			b.ReportAllocs()
			for b.Loop() {
				if _, err := m.Read(context.Background()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkMQTTRead is what a question costs: nothing is sent for it.
func BenchmarkMQTTRead(b *testing.B) {
	m := &mqttMeter{link: &mqttLink{state: newMQTTState(), now: time.Now, topics: []mqttTopic{{name: "a"}}}, maxAge: time.Hour, cancel: func() {}}
	m.link.state.connected(nil)
	m.link.state.take("a", mqttUpdate{Reading: Reading{Power: 5, HasPower: true}}, nil, false, time.Now())
	b.ReportAllocs()
	for b.Loop() {
		if _, err := m.Read(context.Background()); err != nil {
			b.Fatal(err)
		}
	}
}
