package exporter

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// hostGuard answers only requests whose Host header names this server. A web
// page can make a browser connect here under a name of the page's own (DNS
// rebinding); the Host header then still carries that name.
type hostGuard struct {
	names map[string]bool // in lower case
	next  http.Handler
}

func newHostGuard(extra []string, next http.Handler) *hostGuard {
	g := &hostGuard{names: map[string]bool{"localhost": true, "127.0.0.1": true, "::1": true}, next: next}
	for _, name := range extra {
		g.names[hostName(name)] = true
	}
	return g
}

// ServeHTTP implements http.Handler.
func (g *hostGuard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !g.allows(r) {
		http.Error(w, fmt.Sprintf("host %.100q is not served here; add it to the exporter's allowed hosts", r.Host), http.StatusForbidden)
		return
	}
	w.Header().Set("X-Content-Type-Options", "nosniff")
	g.next.ServeHTTP(w, r)
}

func (g *hostGuard) allows(r *http.Request) bool {
	name := hostName(r.Host)
	return g.names[name] || name == localAddress(r)
}

// localAddress is the address that the client connected to. No name server can
// put it into a Host header.
func localAddress(r *http.Request) string {
	addr, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if !ok {
		return ""
	}
	ap, err := netip.ParseAddrPort(addr.String())
	if err != nil {
		return ""
	}
	return ap.Addr().Unmap().String()
}

// hostName is a host without its port, brackets and final dot, in lower case.
func hostName(hostport string) string {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = strings.TrimSuffix(strings.TrimPrefix(hostport, "["), "]")
	}
	return strings.ToLower(strings.TrimSuffix(host, "."))
}
