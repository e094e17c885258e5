package systemmeter

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"sync"

	mqtt "github.com/eclipse/paho.mqtt.golang"
	"github.com/eclipse/paho.mqtt.golang/packets"
)

// mqttSession is what one connection leaves behind.
type mqttSession struct {
	mu     sync.Mutex
	conn   net.Conn
	closed bool
	failed error      // of the dial, TLS included
	lost   chan error // holds why a connection that stood broke
}

// hold keeps a connection for hangUp.
func (s *mqttSession) hold(c net.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conn = c
	if s.closed {
		_ = c.Close() // whoever reads from it learns of it
	}
}

// hangUp closes the connection, and each that comes later.
func (s *mqttSession) hangUp() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	if s.conn != nil {
		_ = s.conn.Close() // whoever reads from it learns of it
	}
}

// options are those of one connection. The version is set: paho would else
// try an older one after each refusal, and count as two attempts.
func (l *mqttLink) options(ctx context.Context, s *mqttSession) *mqtt.ClientOptions {
	o := mqtt.NewClientOptions()
	o.Servers = []*url.URL{l.broker}
	o.SetProtocolVersion(4).SetCleanSession(true).SetAutoReconnect(false).SetConnectRetry(false)
	o.SetClientID("sovmeter-" + rand.Text()[:12]) // two with one name throw each other out
	o.SetUsername(l.user).SetPassword(l.secret.value)
	o.SetKeepAlive(mqttKeepAlive).SetPingTimeout(mqttHandshake).SetConnectTimeout(mqttHandshake).SetWriteTimeout(mqttHandshake)
	o.SetCustomOpenConnectionFn(func(*url.URL, mqtt.ClientOptions) (net.Conn, error) {
		c, err := l.open(ctx)
		if err != nil {
			s.failed = err
			return nil, err
		}
		s.hold(c)
		return newMQTTConn(c, len(l.topics), l.state.oversized), nil
	})
	o.SetConnectionLostHandler(func(_ mqtt.Client, err error) { s.lost <- err })
	return o
}

// open dials the broker; no proxy of the environment is asked.
func (l *mqttLink) open(ctx context.Context) (net.Conn, error) {
	limited, cancel := context.WithTimeout(ctx, mqttHandshake)
	defer cancel()
	c, err := l.dial(limited, "tcp", l.address)
	if err != nil || l.tls == nil {
		return c, err
	}
	secured := tls.Client(c, l.tls)
	if err := secured.HandshakeContext(limited); err != nil {
		_ = c.Close() // the handshake says what is wrong
		return nil, err
	}
	return secured, nil
}

// subscribe asks for all topics at quality 0: what cannot be delivered now is
// not wanted later, when its time would be wrong.
func (l *mqttLink) subscribe(client mqtt.Client) error {
	filters, parsers := map[string]byte{}, map[string]mqttParser{}
	for _, t := range l.topics {
		filters[t.name], parsers[t.name] = 0, t.parse
	}
	token := client.SubscribeMultiple(filters, func(_ mqtt.Client, m mqtt.Message) {
		l.receive(parsers[m.Topic()], m)
	})
	if !token.WaitTimeout(mqttHandshake) {
		return fmt.Errorf("broker %s: subscribe: %w", l.address, ErrTimeout)
	}
	if err := token.Error(); err != nil {
		return fmt.Errorf("broker %s: subscribe: %w: %w", l.address, ErrUnreachable, err)
	}
	granted, ok := token.(*mqtt.SubscribeToken)
	if !ok {
		return nil
	}
	refused := 0
	for _, code := range granted.Result() {
		if code == mqttRefused {
			refused++
		}
	}
	if refused == len(l.topics) {
		return hint(fmt.Errorf("broker %s: subscribe to %s: %w", l.address, l.topics[0].name, ErrUnauthorized),
			"allow the user to read the device's topics in the broker's access list")
	}
	return nil
}

const mqttRefused = 0x80 // of a SUBACK

// receive notes one message.
func (l *mqttLink) receive(parse mqttParser, m mqtt.Message) {
	if parse == nil {
		return // a topic that nobody asked for
	}
	if len(m.Payload()) > maxAnswer {
		l.state.oversized()
		return
	}
	at := l.now()
	u, err := parse(m.Payload())
	l.state.take(m.Topic(), u, err, m.Retained(), at)
}

// refused says why a connection was not made.
func (l *mqttLink) refused(err error, s *mqttSession) error {
	var untrusted x509.UnknownAuthorityError
	switch {
	case errors.Is(err, packets.ErrorRefusedBadUsernameOrPassword), errors.Is(err, packets.ErrorRefusedNotAuthorised):
		return hint(fmt.Errorf("broker %s: %w", l.address, ErrUnauthorized),
			"give a user and secret that the broker knows, and that may read the device's topics")
	case errors.Is(s.failed, ErrRemote):
		return fmt.Errorf("broker %s: %w", l.address, s.failed)
	case errors.As(s.failed, &untrusted):
		return hint(fmt.Errorf("broker %s: %w: %w", l.address, ErrUnreachable, s.failed),
			"let this machine trust the authority that signed the broker's certificate")
	case s.failed != nil && errors.Is(asTimeout(s.failed), ErrTimeout):
		return fmt.Errorf("broker %s: %w", l.address, ErrTimeout)
	case s.failed != nil:
		return fmt.Errorf("broker %s: %w: %w", l.address, ErrUnreachable, s.failed)
	case errors.Is(asTimeout(err), ErrTimeout):
		return hint(fmt.Errorf("broker %s: sign in: %w", l.address, ErrTimeout),
			"check that the port is the broker's, and that mqtts:// is used where it speaks TLS")
	}
	return hint(fmt.Errorf("broker %s: sign in: %w: %w", l.address, ErrUnreachable, err),
		"check that the port is the broker's, and that mqtts:// is used where it speaks TLS")
}

// await waits for what paho does elsewhere.
func await(t mqtt.Token) error {
	t.Wait()
	return t.Error()
}
