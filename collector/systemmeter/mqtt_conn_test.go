package systemmeter

import (
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"testing"
	"testing/iotest"
)

// streamConn is a connection that only reads, from a stream.
type streamConn struct {
	net.Conn
	r io.Reader
}

func (c streamConn) Read(p []byte) (int, error) { return c.r.Read(p) }

// mqttPacket fills a packet with what begins it.
func mqttPacket(first byte, body int) []byte {
	p := binary.AppendUvarint([]byte{first}, uint64(body))
	return append(p, bytes.Repeat([]byte{first}, body)...)
}

func TestMQTTConnDropsLongMessages(t *testing.T) {
	short, long := mqttPacket(mqttPublish<<4, 300), mqttPacket(mqttPublish<<4, maxMQTTPacket+1)
	ping := mqttPacket(0xd0, 0)
	stream := bytes.Join([][]byte{short, long, ping, long, short}, nil)
	dropped := 0
	c := newMQTTConn(streamConn{r: iotest.OneByteReader(bytes.NewReader(stream))}, 1, func() { dropped++ })
	got, err := io.ReadAll(c)
	if err != nil {
		t.Fatal(err)
	}
	if want := bytes.Join([][]byte{short, ping, short}, nil); !bytes.Equal(got, want) || dropped != 2 {
		t.Errorf("%d bytes and %d dropped, want %d and 2", len(got), dropped, len(want))
	}
}

func TestMQTTConnRefuses(t *testing.T) {
	for name, stream := range map[string][]byte{
		"long packet of another type": mqttPacket(0x90, maxMQTTPacket+1),
		"answer for two topics":       mqttPacket(0x90, 4),
		"answer for none":             mqttPacket(0x90, 2),
		"long sign-in":                mqttPacket(0x20, 3),
		"ping with something in it":   mqttPacket(0xd0, 1),
		"message of quality 1":        mqttPacket(0x32, 10),
		"message of quality 2":        mqttPacket(0x34, 10),
		"packet for brokers":          mqttPacket(0x82, 6),
		"length without an end":       {0x30, 0xff, 0xff, 0xff, 0xff, 0x01},
	} {
		c := newMQTTConn(streamConn{r: bytes.NewReader(stream)}, 1, func() {})
		if got, err := io.ReadAll(c); err == nil || len(got) > 0 {
			t.Errorf("%s: %d bytes and %v, want an error", name, len(got), err)
		}
	}
}

func FuzzMQTTConn(f *testing.F) {
	f.Add(mqttPacket(0x30, 10))
	f.Add([]byte{0x30, 0xff, 0xff, 0x7f})
	f.Fuzz(func(t *testing.T, stream []byte) {
		c := newMQTTConn(streamConn{r: bytes.NewReader(stream)}, 1, func() {})
		got, _ := io.ReadAll(c)
		if len(got) > len(stream) || !bytes.HasPrefix(stream, got) && len(stream) < maxMQTTPacket {
			t.Errorf("%d bytes of %d, and others than came", len(got), len(stream))
		}
	})
}
