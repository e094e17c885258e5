package fake

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"

	mqtt "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/packets"
)

// BrokerOptions is what a broker is set to.
type BrokerOptions struct {
	// Listen opens what the broker listens on; nil means a free port of loopback.
	Listen func() (net.Listener, error)
	// User and Password are what clients must give; both empty: anybody may in.
	User, Password string
}

// Broker is an MQTT broker on loopback. It forgets what it had retained when it
// stops.
type Broker struct {
	options BrokerOptions

	mu      sync.Mutex
	server  *mqtt.Server // nil while it is stopped
	address string       // of the first start, and of all later ones
	deny    bool
}

// NewBroker returns a broker that has been started.
func NewBroker(o BrokerOptions) (*Broker, error) {
	b := &Broker{options: o}
	if err := b.Start(); err != nil {
		return nil, err
	}
	return b, nil
}

// URL is where the broker is, such as mqtt://127.0.0.1:1883.
func (b *Broker) URL() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return "mqtt://" + b.address
}

// Start starts the broker, again at its first address. It does nothing while
// the broker runs.
func (b *Broker) Start() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.server != nil {
		return nil
	}
	l, err := b.listen()
	if err != nil {
		return fmt.Errorf("fake broker: %w", err)
	}
	server := mqtt.New(&mqtt.Options{InlineClient: true, Logger: slog.New(slog.DiscardHandler), SysTopicResendInterval: 3600})
	err = errors.Join(server.AddHook(&brokerHook{broker: b}, nil), server.AddListener(newBrokerListener(l)), server.Serve())
	if err != nil {
		return errors.Join(fmt.Errorf("fake broker: %w", err), l.Close())
	}
	b.server, b.address = server, l.Addr().String()
	return nil
}

func (b *Broker) listen() (net.Listener, error) {
	switch {
	case b.options.Listen != nil:
		return b.options.Listen()
	case b.address != "":
		return net.Listen("tcp", b.address)
	}
	return net.Listen("tcp", "127.0.0.1:0")
}

// Stop throws all clients out and stops the broker.
func (b *Broker) Stop() error {
	b.mu.Lock()
	server := b.server
	b.server = nil
	b.mu.Unlock()
	if server == nil {
		return nil
	}
	return server.Close()
}

// Deny refuses or allows all subscriptions from now on.
func (b *Broker) Deny(deny bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.deny = deny
}

// Publish sends a message to all who subscribed to its topic, and keeps it for
// those to come when it is to be retained. It is lost while the broker is
// stopped, as a device's would be.
func (b *Broker) Publish(topic string, payload []byte, retain bool) error {
	b.mu.Lock()
	server := b.server
	b.mu.Unlock()
	if server == nil {
		return nil
	}
	return server.Publish(topic, payload, retain, 0)
}

// Clients is how many have signed in, the broker itself aside.
func (b *Broker) Clients() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.server == nil {
		return 0
	}
	return max(0, b.server.Clients.Len()-1)
}

// brokerHook decides who may in and who may read.
type brokerHook struct {
	mqtt.HookBase
	broker *Broker
}

// ID names the hook.
func (h *brokerHook) ID() string { return "fake" }

// Provides says which questions the hook answers.
func (h *brokerHook) Provides(b byte) bool {
	return b == mqtt.OnConnectAuthenticate || b == mqtt.OnACLCheck
}

// OnConnectAuthenticate checks user and password.
func (h *brokerHook) OnConnectAuthenticate(_ *mqtt.Client, pk packets.Packet) bool {
	o := h.broker.options
	return same(string(pk.Connect.Username), o.User) && same(string(pk.Connect.Password), o.Password)
}

// OnACLCheck lets everybody read until Deny, and nobody write: only the broker's
// own devices do.
func (h *brokerHook) OnACLCheck(_ *mqtt.Client, _ string, write bool) bool {
	h.broker.mu.Lock()
	defer h.broker.mu.Unlock()
	return !write && !h.broker.deny
}
