package systemmeter

import (
	"context"
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"net/url"
	"testing"
	"time"
)

func TestLocalAddresses(t *testing.T) {
	for address, want := range map[string]bool{
		"127.0.0.1": true, "127.255.0.9": true, "::1": true,
		"10.0.0.1": true, "172.16.0.1": true, "172.31.255.255": true, "192.168.1.20": true,
		"169.254.3.4": true, "fe80::1%en0": true, "fd12:3456::1": true, "fc00::1": true,
		"100.64.0.1": true, "100.127.255.255": true,
		"::ffff:192.168.1.20": true, "::ffff:100.64.1.1": true,

		"100.63.255.255": false, "100.128.0.0": false, "172.15.0.1": false, "172.32.0.1": false, "192.167.1.1": false,
		"93.184.216.34": false, "8.8.8.8": false, "0.0.0.0": false, "::": false, "224.0.0.1": false, "255.255.255.255": false,
		"2606:2800:220:1::1": false, "::ffff:93.184.216.34": false, "::93.184.216.34": false, "::192.168.1.20": false,
		"64:ff9b::c0a8:114": false, "2002:c0a8:114::1": false, "ff02::1": false, "fec0::1": false,
	} {
		if got := isLocal(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s: local %v, want %v", address, got, want)
		}
	}
}

func TestRemoteIsNotDialed(t *testing.T) {
	for _, host := range []string{"93.184.216.34", "[2606:2800:220:1::1]", "[::ffff:8.8.8.8]"} {
		c := clientFor(t, "http://"+host)
		if _, err := c.get(t.Context(), nil); !errors.Is(err, ErrRemote) {
			t.Errorf("%s: error %v, want %v", host, err, ErrRemote)
		}
	}
}

// The name of a meter is what the name server says at that moment.
func TestNameThatResolvesToAPublicAddress(t *testing.T) {
	server := nameServer(t, netip.MustParseAddr("93.184.216.34"))
	d := newDialer(false, time.Second)
	d.Resolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, server)
	}}
	c := newClient(&url.URL{Scheme: "http", Host: "plug.example."}, false, time.Now)
	transportOf(c).DialContext = d.DialContext
	if _, err := c.get(t.Context(), nil); !errors.Is(err, ErrRemote) {
		t.Errorf("error %v, want %v", err, ErrRemote)
	}
}

func TestRemoteIsDialedWhereItIsAllowed(t *testing.T) {
	d := newDialer(true, time.Second)
	if d.ControlContext != nil {
		t.Error("the rule holds where it was taken off")
	}
}

// nameServer answers each question for an IPv4 address with one, over UDP on
// the loopback.
func nameServer(t *testing.T, ip netip.Addr) string {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan bool)
	t.Cleanup(func() { conn.Close(); <-done })
	go func() {
		defer close(done)
		buffer := make([]byte, 512)
		for {
			n, from, err := conn.ReadFrom(buffer)
			if err != nil {
				return
			}
			end := 12
			for end < n && buffer[end] != 0 {
				end += int(buffer[end]) + 1
			}
			end += 5 // the root label, type and class
			if end > n {
				continue
			}
			answer := append([]byte(nil), buffer[:end]...)
			copy(answer[2:], []byte{0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0})
			if binary.BigEndian.Uint16(answer[end-4:]) == 1 {
				answer[7] = 1
				answer = append(answer, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4)
				answer = append(answer, ip.AsSlice()...)
			}
			conn.WriteTo(answer, from)
		}
	}()
	return conn.LocalAddr().String()
}
