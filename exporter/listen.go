package exporter

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strings"
	"syscall"

	"github.com/goccy/go-yaml"
)

// DefaultAddress is where the server listens unless told otherwise. Its port
// lies above 9100 to 9999, where nearly every port has an exporter already.
const DefaultAddress = "127.0.0.1:19191"

// checkAddress refuses what would expose the metrics by mistake.
func checkAddress(c ServerConfig) error {
	host, _, err := net.SplitHostPort(c.Address)
	if err != nil {
		return &HintError{
			Err:    fmt.Errorf("listen on %q: %w", c.Address, ErrAddress),
			Advice: "write it as host:port, such as " + DefaultAddress,
		}
	}
	if isLoopback(host) || c.AllowRemote || protects(c.WebConfigFile) {
		return nil
	}
	return &HintError{
		Err:    fmt.Errorf("listen on %s: %w", c.Address, ErrExposed),
		Advice: "listen on 127.0.0.1, or protect it with a web configuration file (TLS, basic auth), or allow remote access explicitly",
	}
}

// protects tells whether a web configuration asks for TLS or a password.
func protects(file string) bool {
	text, err := os.ReadFile(file)
	var c struct {
		TLS   map[string]any `yaml:"tls_server_config"`
		Users map[string]any `yaml:"basic_auth_users"`
	}
	return err == nil && yaml.Unmarshal(text, &c) == nil && len(c.TLS)+len(c.Users) > 0
}

func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}

// listen opens a TCP listener; what stands in its way comes with the fix.
func listen(ctx context.Context, address string) (net.Listener, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", address)
	if err == nil {
		return l, nil
	}
	_, port, _ := net.SplitHostPort(address)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, listenError(address, syscall.EADDRINUSE,
			fmt.Sprintf("another program, or another sovmeter, has the port: see lsof -nP -iTCP:%s -sTCP:LISTEN, or choose another port", port))
	case errors.Is(err, syscall.EACCES):
		return nil, listenError(address, syscall.EACCES, "choose a port above 1023")
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return nil, listenError(address, syscall.EADDRNOTAVAIL, "this machine does not have that address; choose 127.0.0.1 or one that ifconfig shows")
	}
	return nil, listenError(address, err, "check that the address is host:port with a port of 0 to 65535")
}

func listenError(address string, err error, advice string) error {
	return &HintError{Err: fmt.Errorf("listen on %s: %w", address, err), Advice: advice}
}
