package systemmeter

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/collector/systemmeter/fake"
)

// listening is a meter and its broker on the machine's own network.
func listening(t *testing.T, listen func() (net.Listener, error), scheme string) (Meter, *fake.Broker, *fake.MQTTDevice) {
	t.Helper()
	broker, err := fake.NewBroker(fake.BrokerOptions{Listen: listen, User: "sovmeter", Password: secret})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { broker.Stop() })
	plug := fake.PlugFunc(func() (energy.Watts, energy.Joules) { return 47.1, 3.6e6 })
	device, err := fake.NewMQTTDevice(fake.MQTTShelly2, plug, broker, fake.Options{})
	if err != nil {
		t.Fatal(err)
	}
	c := mqttConfig(fake.MQTTShelly2)
	c.URL, c.User, c.Secret = scheme+strings.TrimPrefix(broker.URL(), "mqtt"), "sovmeter", NewSecret(secret)
	m, err := Open(c, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return m, broker, device
}

// waitMQTT asks until the link is as wanted; each round waits for a change.
func waitMQTT(t *testing.T, m Meter, until func(*mqttState) bool) {
	t.Helper()
	s := m.(*opened).Meter.(*mqttMeter).link.state
	for {
		s.mu.Lock()
		done, changed := until(s), s.changed
		s.mu.Unlock()
		if done {
			return
		}
		select {
		case <-changed:
		case <-t.Context().Done():
			t.Fatal("the link never came to be so")
		}
	}
}

func TestMQTTOverTCP(t *testing.T) {
	m, _, device := listening(t, nil, "mqtt")
	checkListens(t, m, device)
}

func TestMQTTOverTLS(t *testing.T) {
	// The certificate of httptest is for 127.0.0.1 and signed by itself.
	server := httptest.NewTLSServer(nil)
	defer server.Close()
	listen := func() (net.Listener, error) {
		return tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: server.TLS.Certificates})
	}
	m, _, device := listening(t, listen, "mqtts")
	trusted := x509.NewCertPool()
	trusted.AddCert(server.Certificate())
	m.(*opened).Meter.(*mqttMeter).link.tls.RootCAs = trusted
	checkListens(t, m, device)

	m, _, _ = listening(t, listen, "mqtts")
	m.(*opened).Meter.(*mqttMeter).start()
	waitMQTT(t, m, func(s *mqttState) bool { return s.tried })
	_, err := m.Read(t.Context())
	if !errors.Is(err, ErrUnreachable) || !strings.Contains(err.Error(), "trust") {
		t.Errorf("with a certificate that nobody trusts: %v, want ErrUnreachable and what to do", err)
	}
}

func TestMQTTNoTLSThere(t *testing.T) {
	m, _, _ := listening(t, nil, "mqtts")
	m.(*opened).Meter.(*mqttMeter).start()
	waitMQTT(t, m, func(s *mqttState) bool { return s.tried })
	if _, err := m.Read(t.Context()); !errors.Is(err, ErrUnreachable) {
		t.Errorf("got %v, want ErrUnreachable", err)
	}
}

func checkListens(t *testing.T, m Meter, device *fake.MQTTDevice) {
	t.Helper()
	m.(*opened).Meter.(*mqttMeter).start()
	waitMQTT(t, m, func(s *mqttState) bool { return s.tried })
	if err := device.Publish(false); err != nil {
		t.Fatal(err)
	}
	waitMQTT(t, m, func(s *mqttState) bool { return s.values.waiting() || s.link != nil })
	r, err := m.Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if r.Power != 47.1 || r.Energy != 3.6e6 {
		t.Errorf("got %+v, want 47.1 W and 3.6 MJ", r)
	}
}

// The rule of the local network holds for a broker too, and for the address
// behind a name.
func TestMQTTLocalOnly(t *testing.T) {
	c := mqttConfig(fake.MQTTJSON)
	c.URL = "mqtt://203.0.113.7:1883"
	m, err := Open(c, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	if _, err := m.Read(context.Background()); !errors.Is(err, ErrRemote) || !strings.Contains(err.Error(), "allow_remote") {
		t.Errorf("got %v, want ErrRemote and what to do", err)
	}
}
