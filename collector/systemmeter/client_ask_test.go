package systemmeter

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"testing"
	"testing/synctest"
	"time"
)

// What it takes to find the device, on bad Wi-Fi, says nothing of its values.
func TestConnectingIsNotPartOfTheQuestion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient(&url.URL{Scheme: "http", Host: "192.168.1.20"}, false, time.Now)
		transportOf(c).DialContext = func(context.Context, string, string) (net.Conn, error) {
			<-time.After(time.Second)
			ours, theirs := net.Pipe()
			go func() {
				defer theirs.Close()
				if _, err := http.ReadRequest(bufio.NewReader(theirs)); err == nil {
					<-time.After(200 * time.Millisecond)
					io.WriteString(theirs, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
				}
			}()
			return ours, nil
		}
		begun := time.Now()
		got, err := c.get(t.Context(), nil)
		if at := got.At.Sub(begun); err != nil || at != 1100*time.Millisecond || got.RoundTrip != 200*time.Millisecond {
			t.Errorf("at %v, with a round trip of %v, error %v", at, got.RoundTrip, err)
		}
		c.close()
	})
}

func TestRefusalWithoutAnEndIsCutOff(t *testing.T) {
	const most = 64 << 20
	sent := make(chan int, 1)
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("WWW-Authenticate", `Digest qop="auth", realm="x", nonce="1", algorithm=SHA-256`)
		w.WriteHeader(http.StatusUnauthorized)
		sum, page := 0, make([]byte, 1<<16)
		for sum < most {
			n, err := w.Write(page)
			if sum += n; err != nil {
				break
			}
		}
		select {
		case sent <- sum:
		default:
		}
	})
	c := clientFor(t, s.URL)
	c.digest("admin", NewSecret("x"))
	if _, err := c.get(t.Context(), nil); !errors.Is(err, ErrUnauthorized) {
		t.Errorf("error %v, want %v", err, ErrUnauthorized)
	}
	if n := <-sent; n >= most {
		t.Errorf("%d bytes of a refusal were taken", n)
	}
}

func TestHostOfTheHeader(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.Host) })
	c := clientFor(t, s.URL)
	c.header.Set("Host", "plug.example")
	if got, err := c.get(t.Context(), nil); err != nil || string(got.Body) != "plug.example" {
		t.Errorf("asked for host %q, error %v", got.Body, err)
	}
}

// A device that needs nearly two seconds for each answer is still read.
func TestSlowShelly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient(&url.URL{Scheme: "http", Host: "192.168.1.20"}, false, time.Now)
		transportOf(c).DialContext = func(context.Context, string, string) (net.Conn, error) {
			ours, theirs := net.Pipe()
			go func() {
				defer theirs.Close()
				for in := bufio.NewReader(theirs); ; {
					r, err := http.ReadRequest(in)
					if err != nil {
						return
					}
					body := map[string]string{
						"/shelly": `{"mac":"A4CF12F45A02","gen":2}`, "/rpc/Shelly.GetStatus": `{"switch:0":{"apower":40}}`, "/rpc/Switch.GetStatus": `{"apower":40}`,
					}[r.URL.Path]
					<-time.After(1900 * time.Millisecond)
					if _, err := fmt.Fprintf(theirs, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(body), body); err != nil {
						return
					}
				}
			}()
			return ours, nil
		}
		m, err := newShelly(Config{Name: "plug"}, Options{}, c)
		if err != nil {
			t.Fatal(err)
		}
		meter := &opened{Meter: m}
		for range 2 { // it tells what it is
			if _, err := meter.Read(t.Context()); !errors.Is(err, ErrTimeout) {
				t.Errorf("error %v, want a timeout", err)
			}
		}
		begun := time.Now()
		r, err := meter.Read(t.Context())
		if err != nil || r.Power != 40 || r.At.Sub(begun) != 950*time.Millisecond || r.Lag != 950*time.Millisecond {
			t.Errorf("%+v, error %v", r, err)
		}
		meter.Close()
	})
}
