package systemmeter

import (
	"bufio"
	"fmt"
	"io"
	"net"
)

// maxMQTTPacket is a payload of 256 KiB and the longest topic.
const maxMQTTPacket = 256<<10 + 64<<10

// The packets that a broker sends to who subscribes at quality 0 (MQTT 3.1.1,
// section 2.2.1), and which bits tell that quality.
const (
	mqttConnack  = 2
	mqttPublish  = 3
	mqttSuback   = 9
	mqttPingresp = 13
	mqttQuality  = 0x06
)

// mqttConn hands on the packets of a broker one after the other. What no broker
// may send here ends the connection: of an answer to more topics than were asked
// for, paho makes a panic, and messages of a higher quality it keeps until it is
// told otherwise. Messages that are longer than maxMQTTPacket are dropped: paho
// would take up to 256 MiB of memory for one.
type mqttConn struct {
	net.Conn
	in      *bufio.Reader
	header  []byte // of the packet being handed on, what is left of it
	body    int    // bytes of it that are left
	topics  int    // that are subscribed to
	dropped func() // called for each message that is dropped
}

func newMQTTConn(c net.Conn, topics int, dropped func()) *mqttConn {
	return &mqttConn{Conn: c, in: bufio.NewReader(c), topics: topics, dropped: dropped}
}

// Read reads of one packet at most.
func (c *mqttConn) Read(p []byte) (int, error) {
	for len(p) > 0 {
		if len(c.header) > 0 {
			n := copy(p, c.header)
			c.header = c.header[n:]
			return n, nil
		}
		if c.body > 0 {
			n, err := c.in.Read(p[:min(len(p), c.body)])
			c.body -= n
			return n, err
		}
		if err := c.next(); err != nil {
			return 0, err
		}
	}
	return 0, nil
}

// next reads the fixed header of a packet (MQTT 3.1.1, section 2.2): the type,
// and the length of the rest in up to four bytes of seven bits.
func (c *mqttConn) next() error {
	first, err := c.in.ReadByte()
	if err != nil {
		return err
	}
	header, length := []byte{first}, 0
	for shift := 0; ; shift += 7 {
		if shift > 21 {
			return fmt.Errorf("length of a packet: %w", ErrFormat)
		}
		b, err := c.in.ReadByte()
		if err != nil {
			return err
		}
		header = append(header, b)
		length |= int(b&0x7f) << shift
		if b&0x80 == 0 {
			break
		}
	}
	if !c.allowed(first, length) {
		return fmt.Errorf("packet of type %d with %d bytes: %w", first>>4, length, ErrFormat)
	}
	if length <= maxMQTTPacket {
		c.header, c.body = header, length
		return nil
	}
	if _, err := io.CopyN(io.Discard, c.in, int64(length)); err != nil {
		return err
	}
	c.dropped()
	return nil
}

// allowed is whether a broker may send such a packet.
func (c *mqttConn) allowed(first byte, length int) bool {
	switch first >> 4 {
	case mqttPublish:
		return first&mqttQuality == 0
	case mqttConnack:
		return length == 2
	case mqttSuback:
		return length == 2+c.topics
	case mqttPingresp:
		return length == 0
	}
	return false
}
