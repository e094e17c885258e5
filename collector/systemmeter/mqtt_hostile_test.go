package systemmeter

import (
	"errors"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sovmeter/sovmeter/collector/systemmeter/fake"
)

// rawBroker answers each sign-in and each subscription with bytes of its own,
// and says how many clients came.
func rawBroker(t *testing.T, l net.Listener, connack, suback []byte) (clients *int, done <-chan struct{}) {
	t.Helper()
	clients, ended := new(int), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			*clients++
			answerRaw(c, connack, suback)
			c.Close()
		}
	}()
	return clients, ended
}

// answerRaw takes what comes as one packet a read, as a pipe hands it on.
func answerRaw(c net.Conn, answers ...[]byte) {
	for _, a := range answers {
		if _, err := c.Read(make([]byte, 4<<10)); err != nil {
			return
		}
		if _, err := c.Write(a); err != nil {
			return
		}
	}
}

// A broker may be broken, or somebody else's: nothing that it sends ends the
// process.
func TestMQTTHostileBroker(t *testing.T) {
	signedIn := []byte{0x20, 2, 0, 0}
	for _, tc := range []struct {
		name            string
		connack, suback []byte
	}{
		{"more answers than topics", signedIn, append([]byte{0x90, 20, 0, 1}, make([]byte, 18)...)},
		{"fewer answers than topics", signedIn, []byte{0x90, 2, 0, 1}},
		{"a sign-in refused for no reason", []byte{0x20, 2, 0, 200}, nil},
		{"a short sign-in", []byte{0x20, 0}, nil},
		{"a second sign-in", signedIn, signedIn},
		{"a message that asks for an answer", signedIn, []byte{0x34, 7, 0, 1, 'a', 0, 1, 'x', 'y'}},
		{"a packet for brokers", signedIn, []byte{0x82, 6, 0, 1, 0, 1, 'a', 0}},
		{"a packet of no type", signedIn, []byte{0xf0, 0}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newMQTTBench(t, fake.MQTTJSON, nil)
				b.must(b.broker.Stop())
				l, err := b.net.listen()
				b.must(err)
				_, done := rawBroker(t, l, tc.connack, tc.suback)
				if err := b.fails(); !errors.Is(err, ErrUnreachable) && !errors.Is(err, ErrTimeout) {
					t.Errorf("got %v, want ErrUnreachable or ErrTimeout", err)
				}
				pass(mqttHandshake)
				if err := b.fails(); !errors.Is(err, ErrUnreachable) {
					t.Errorf("later: %v, want ErrUnreachable", err)
				}
				b.must(b.meter.Close())
				b.must(l.Close())
				<-done
			})
		})
	}
}

// A broker that throws its clients out is not asked each second for ever.
func TestMQTTThrownOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newMQTTBench(t, fake.MQTTJSON, nil)
		b.must(b.broker.Stop())
		l, err := b.net.listen()
		b.must(err)
		clients, done := rawBroker(t, l, []byte{0x20, 2, 0, 0}, []byte{0x90, 3, 0, 1, 0})
		_ = b.connect()
		pass(time.Hour)
		synctest.Wait()
		if got := *clients; got > 70 {
			t.Errorf("%d connections in an hour", got)
		}
		b.must(b.meter.Close())
		b.must(l.Close())
		<-done
	})
}

// A device that left and came back has said nothing yet.
func TestMQTTBackWithoutAValue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newMQTTBench(t, fake.MQTTTasmota, nil)
		defer b.close()
		_ = b.connect()
		b.publish()
		pass(time.Minute)
		b.must(b.device.Online(false))
		synctest.Wait()
		b.must(b.device.Online(true))
		synctest.Wait()
		if err := b.fails(); !errors.Is(err, ErrStale) || !strings.Contains(err.Error(), "nothing yet") {
			t.Errorf("got %v, want ErrStale and no age", err)
		}
	})
}
