package systemmeter

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/url"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"
	"github.com/rs/zerolog"
)

const (
	mqttHandshake = 5 * time.Second
	mqttKeepAlive = 20 * time.Second
	mqttGoodbye   = 250 // milliseconds that the broker gets to see a DISCONNECT
	mqttRetry     = time.Second
	mqttRetryMax  = time.Minute
)

// mqttLink keeps a connection to a broker, with its topics subscribed to, and
// writes what comes to a mqttState. It makes a new client of paho for each
// connection and waits between them itself: paho's own reconnection cannot be
// stopped while it waits.
type mqttLink struct {
	broker  *url.URL
	address string
	tls     *tls.Config // nil: none
	user    string
	secret  Secret
	topics  []mqttTopic
	dial    func(ctx context.Context, network, address string) (net.Conn, error)
	now     func() time.Time
	log     zerolog.Logger
	state   *mqttState
}

// run connects again and again until ctx ends, and waits longer each time that
// the connection does not last.
func (l *mqttLink) run(ctx context.Context) {
	wait := mqttRetry
	for {
		begun := time.Now()
		err := l.session(ctx)
		if ctx.Err() != nil {
			return
		}
		l.state.connected(err)
		l.log.Debug().Err(err).Msg("no connection to the broker")
		if time.Since(begun) > mqttRetryMax { // it stood
			wait = mqttRetry
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return
		}
		wait = min(2*wait, mqttRetryMax)
	}
}

// session is one connection from dial to loss.
func (l *mqttLink) session(ctx context.Context) error {
	s := &mqttSession{lost: make(chan error, 1)}
	client := mqtt.NewClient(l.options(ctx, s))
	stop := context.AfterFunc(ctx, s.hangUp) // ends a handshake that hangs
	defer stop()
	if err := await(client.Connect()); err != nil {
		return l.refused(err, s)
	}
	defer s.hangUp()
	defer client.Disconnect(mqttGoodbye)
	if err := l.subscribe(client); err != nil {
		return err
	}
	l.state.connected(nil)
	l.log.Debug().Str("broker", l.address).Msg("connected to the broker")
	select {
	case err := <-s.lost:
		return fmt.Errorf("broker %s: connection lost: %w: %w", l.address, ErrUnreachable, err)
	case <-ctx.Done():
		return ctx.Err()
	}
}
