package proxy_test

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/rs/zerolog"

	"github.com/sovmeter/sovmeter/collector/proxy"
)

// TestMistakes: each says what is wrong and how to mend it.
func TestMistakes(t *testing.T) {
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	folder := t.TempDir()
	log := filepath.Join(folder, "log")
	good := proxy.Config{Listen: "127.0.0.1:0", Upstream: "http://127.0.0.1:1", Log: log}
	for _, tt := range []struct {
		name   string
		change func(*proxy.Config)
		want   error
		says   string
	}{
		{"no upstream", func(c *proxy.Config) { c.Upstream = "" }, proxy.ErrUpstream, "http://"},
		{"upstream without scheme", func(c *proxy.Config) { c.Upstream = "127.0.0.1:11434" }, proxy.ErrUpstream, "write it as a URL"},
		{"upstream of another kind", func(c *proxy.Config) { c.Upstream = "unix:///x" }, proxy.ErrUpstream, "write it as a URL"},
		{"upstream with a path", func(c *proxy.Config) { c.Upstream = "http://h/v1" }, proxy.ErrUpstream, "scheme, host and port alone"},
		{"upstream with a password", func(c *proxy.Config) { c.Upstream = "http://u:p@h" }, proxy.ErrUpstream, "leave it out"},
		{"listen", func(c *proxy.Config) { c.Listen = "11435" }, proxy.ErrAddress, "host:port"},
		{"server", func(c *proxy.Config) { c.Server = "my server" }, proxy.ErrServerName, "letters"},
		{"no log", func(c *proxy.Config) { c.Log = "" }, proxy.ErrLog, "name a file"},
		{"log is a folder", func(c *proxy.Config) { c.Log = folder }, proxy.ErrLog, "name a file in it"},
		{"log in no folder", func(c *proxy.Config) { c.Log = filepath.Join(folder, "a", "b") }, fs.ErrNotExist, "make its folder"},
		{"port in use", func(c *proxy.Config) { c.Listen = busy.Addr().String() }, syscall.EADDRINUSE, "another one with --listen"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := good
			tt.change(&c)
			p, err := proxy.New(c)
			if err == nil {
				_, err = p.Listen(t.Context())
			}
			var hint interface{ Hint() string }
			if !errors.Is(err, tt.want) || !errors.As(err, &hint) || !strings.Contains(err.Error()+hint.Hint(), tt.says) {
				t.Errorf("%v", err)
			}
			if strings.Contains(err.Error(), "u:p@") {
				t.Errorf("the password is in the error: %v", err)
			}
		})
	}
}

// TestSelf: a proxy in front of itself would answer nothing, for ever.
func TestSelf(t *testing.T) {
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	free.Close()
	_, port, _ := net.SplitHostPort(free.Addr().String())
	for _, tt := range []struct {
		listen, upstream string
		self             bool
	}{
		{"127.0.0.1", "127.0.0.1", true},
		{"127.0.0.1", "localhost", true},
		{"localhost", "127.0.0.1", true},
		{"0.0.0.0", "127.0.0.1", true},
		{"", "127.0.0.1", true},
		{"127.0.0.1", "0.0.0.0", true},
		{"127.0.0.1", "127.0.0.2", false},
		{"127.0.0.1", "192.0.2.1", false},
	} {
		p, err := proxy.New(proxy.Config{
			Listen: net.JoinHostPort(tt.listen, port), Upstream: "http://" + net.JoinHostPort(tt.upstream, port),
			Log: filepath.Join(t.TempDir(), "log"), Logger: zerolog.Nop(),
		})
		if err != nil {
			t.Fatal(err)
		}
		_, err = p.Listen(t.Context())
		if errors.Is(err, proxy.ErrSelf) != tt.self || (err != nil) != tt.self {
			t.Errorf("%s in front of %s: %v", tt.listen, tt.upstream, err)
		}
		if err == nil { // end what has begun
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			if err := p.Run(ctx); err != nil {
				t.Error(err)
			}
		}
	}
}
