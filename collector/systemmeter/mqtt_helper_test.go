package systemmeter

import (
	"context"
	"net"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/collector/systemmeter/fake"
)

// pipes is a network of one address within the test: a bubble of synctest
// cannot wait for a real one.
type pipes struct {
	mu       sync.Mutex
	listener *pipeListener // nil: nobody listens
}

type pipeListener struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func (p *pipes) listen() (net.Listener, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.listener = &pipeListener{conns: make(chan net.Conn), done: make(chan struct{})}
	return p.listener, nil
}

func (p *pipes) dial(ctx context.Context, network, _ string) (net.Conn, error) {
	p.mu.Lock()
	l := p.listener
	p.mu.Unlock()
	refused := &net.OpError{Op: "dial", Net: network, Err: syscall.ECONNREFUSED}
	if l == nil {
		return nil, refused
	}
	here, there := net.Pipe()
	select {
	case l.conns <- there:
		return here, nil
	case <-l.done:
		return nil, refused
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error   { l.once.Do(func() { close(l.done) }); return nil }
func (l *pipeListener) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1883} }

// mqttBench is a meter with the broker and device that it listens to.
type mqttBench struct {
	t      *testing.T
	net    *pipes
	broker *fake.Broker
	device *fake.MQTTDevice
	meter  Meter
	watts  energy.Watts
	joules energy.Joules
}

// newMQTTBench is to be called within a bubble. The device has published that
// it is there, and nothing else.
func newMQTTBench(t *testing.T, kind fake.MQTTKind, change func(*Config, *fake.BrokerOptions)) *mqttBench {
	t.Helper()
	b := &mqttBench{t: t, net: &pipes{}, watts: 47.1, joules: 7200 * 3600}
	c := mqttConfig(kind)
	o := fake.BrokerOptions{Listen: b.net.listen}
	if change != nil {
		change(&c, &o)
	}
	var err error
	if b.broker, err = fake.NewBroker(o); err != nil {
		t.Fatal(err)
	}
	b.device, err = fake.NewMQTTDevice(kind, fake.PlugFunc(func() (energy.Watts, energy.Joules) { return b.watts, b.joules }), b.broker, fake.Options{})
	if err != nil {
		t.Fatal(err)
	}
	b.must(b.device.Online(true))
	if b.meter, err = Open(c, Options{}); err != nil {
		t.Fatal(err)
	}
	b.link().dial = b.net.dial
	return b
}

func mqttConfig(kind fake.MQTTKind) Config {
	c := Config{Name: "plug", Kind: KindMQTT, URL: "mqtt://127.0.0.1"}
	switch kind {
	case fake.MQTTShelly1:
		c.Device, c.Topic = DeviceShellyGen1, "shellies/shellyplug-s-F45A01"
	case fake.MQTTShelly2:
		c.Device, c.Topic = DeviceShellyGen2, "shellyplusplugs-a4cf12f45a02"
	case fake.MQTTTasmota:
		c.Device, c.Topic = DeviceTasmota, "tasmota_F45A06"
	case fake.MQTTZigbee:
		c.Device, c.Topic = DeviceZigbee2MQTT, "zigbee2mqtt/mac"
	default:
		c.Power = ValuePlace{Place: "energy/mac#/values/power"}
		c.EnergyCounter = ValuePlace{Place: "energy/mac#/values/energy", Unit: "Wh"}
	}
	return c
}

func (b *mqttBench) link() *mqttLink { return b.meter.(*opened).Meter.(*mqttMeter).link }

// close ends everything; the bubble then finds goroutines that are left.
func (b *mqttBench) close() {
	b.t.Helper()
	b.must(b.meter.Close())
	b.must(b.broker.Stop())
}

// connect asks once, which connects, and waits until the topics are subscribed to.
func (b *mqttBench) connect() error {
	_, err := b.meter.Read(b.t.Context())
	synctest.Wait()
	return err
}

// publish has the device publish, and waits until the meter has it.
func (b *mqttBench) publish() {
	b.t.Helper()
	b.must(b.device.Publish(false))
	synctest.Wait()
}

func (b *mqttBench) read() Reading {
	b.t.Helper()
	r, err := b.meter.Read(b.t.Context())
	b.must(err)
	return r
}

func (b *mqttBench) fails() error {
	b.t.Helper()
	r, err := b.meter.Read(b.t.Context())
	if err == nil {
		b.t.Fatalf("got %+v, want an error", r)
	}
	if r != (Reading{}) {
		b.t.Errorf("got %+v with an error, want none", r)
	}
	return err
}

func (b *mqttBench) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

// pass lets time go by.
func pass(d time.Duration) { <-time.After(d) }
