package systemmeter

import (
	"context"
	"crypto/tls"
	"fmt"
	"strings"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
)

// mqttPatience is how long a question waits for the very first value. It is
// less than a question may take.
const mqttPatience = 1500 * time.Millisecond

// mqttMeter listens to the topics of a device. It sends nothing: how often
// there is a value is up to the device.
//
// A reading is dated by the arrival of its message. What a broker kept (a
// retained message) is of unknown age and is refused; only of availability
// topics it counts. The connection is made with the first question, and made
// again whenever it breaks.
type mqttMeter struct {
	name   string
	scope  attribution.Scope
	maxAge time.Duration
	advice string // for when nothing comes
	link   *mqttLink
	// cancel ends the link, done is closed when it has ended; nil before the
	// first question.
	cancel context.CancelFunc
	done   chan struct{}
	closed bool
}

func newMQTT(c Config, o Options, client *client) (Meter, error) {
	topics, err := mqttTopics(c)
	if err != nil {
		return nil, err
	}
	c = c.WithDefaults()
	address, secure := brokerAddress(client.base)
	link := &mqttLink{
		broker: client.base, address: address, user: c.User, secret: c.Secret, topics: topics,
		dial: newDialer(c.AllowRemote, mqttHandshake).DialContext,
		now:  o.Now, log: o.Log, state: newMQTTState(),
	}
	if secure {
		link.tls = &tls.Config{ServerName: client.base.Hostname(), MinVersion: tls.VersionTLS12}
	}
	return &mqttMeter{name: c.Name, scope: defaultsOf(c.Kind).scope, maxAge: c.MaxAge, advice: mqttAdvice(c.Device), link: link}, nil
}

// mqttAdvice is what an operator can do when a device says nothing.
func mqttAdvice(d Device) string {
	switch d {
	case DeviceShellyGen1:
		return "check the topic, which is shellies/ and the device's id, and that MQTT is on in the device's settings"
	case DeviceShellyGen2:
		return "check the topic, which is the device's MQTT prefix, and that it sends status or RPC notifications over MQTT"
	case DeviceTasmota:
		return "check the topic, and set TelePeriod 10 on the device: it else speaks every 300 s only"
	case DeviceZigbee2MQTT:
		return "check the topic, which is zigbee2mqtt/ and the friendly name, and lower the device's reporting interval"
	}
	return "check the topics, and that the user may read them"
}

// Name is what the config calls the meter.
func (m *mqttMeter) Name() string { return m.name }

// Scope is what the values cover.
func (m *mqttMeter) Scope() attribution.Scope { return m.scope }

// Read returns the newest values. Before the first it waits a little.
func (m *mqttMeter) Read(ctx context.Context) (Reading, error) {
	if m.closed {
		return Reading{}, fmt.Errorf("broker %s: meter is closed: %w", m.link.address, ErrUnreachable)
	}
	m.start()
	patience := time.NewTimer(mqttPatience)
	defer patience.Stop()
	for {
		r, changed, err := m.look()
		if changed == nil {
			return r, err
		}
		select {
		case <-changed:
		case <-patience.C:
			return Reading{}, err
		case <-ctx.Done():
			return Reading{}, ctx.Err()
		}
	}
}

// look returns what there is now. A channel says that it is worth waiting for
// a change; the error then is for who does not.
func (m *mqttMeter) look() (Reading, <-chan struct{}, error) {
	s := m.link.state
	s.mu.Lock()
	defer s.mu.Unlock()
	now := m.link.now()
	if s.link != nil && !s.values.waiting() {
		return Reading{}, nil, s.link
	}
	if r, ok := s.values.next(now, m.maxAge); ok {
		return r, nil, nil
	}
	switch {
	case s.link != nil:
		return Reading{}, nil, s.link
	case !s.tried:
		return Reading{}, s.changed, fmt.Errorf("broker %s: connect: %w", m.link.address, ErrTimeout)
	case s.presence == presenceOffline:
		return Reading{}, nil, hint(fmt.Errorf("device of %s is offline, says the broker: %w", m.topic(), ErrUnavailable), "check that it has power and reaches the broker")
	case s.fault != nil:
		return Reading{}, nil, s.fault
	case s.values.last.At.IsZero():
		return Reading{}, s.changed, m.silent(s.retained)
	}
	return Reading{}, nil, hint(fmt.Errorf("nothing new on %s for %v: %w", m.topic(), now.Sub(s.values.last.At).Round(time.Second), ErrStale), "%s", m.advice)
}

// silent is for a device that was not heard yet, or not since it came back.
func (m *mqttMeter) silent(retained bool) error {
	if retained {
		return hint(fmt.Errorf("only a value that the broker had kept on %s, of unknown age: %w", m.topic(), ErrStale), "wait for the device to publish; %s", m.advice)
	}
	return hint(fmt.Errorf("nothing yet on %s: %w", m.topic(), ErrStale), "wait for the device to publish; %s", m.advice)
}

// topic names the first topics, for an error.
func (m *mqttMeter) topic() string {
	names := []string{m.link.topics[0].name}
	if len(m.link.topics) > 1 {
		names = append(names, m.link.topics[1].name)
	}
	return strings.Join(names, ", ")
}

func (m *mqttMeter) start() {
	if m.cancel != nil {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	m.cancel, m.done = cancel, make(chan struct{})
	go func() {
		defer close(m.done)
		m.link.run(ctx)
	}()
}

// Close leaves the broker and waits until that is done.
func (m *mqttMeter) Close() error {
	m.closed = true
	if m.cancel != nil {
		m.cancel()
		<-m.done
	}
	return nil
}
