package proxy

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"net/url"
)

// isSelf reports whether the upstream leads to the address that the proxy
// listens on.
func isSelf(ctx context.Context, upstream *url.URL, listening net.Addr) bool {
	own, err := netip.ParseAddrPort(listening.String())
	if err != nil || portOf(upstream) != fmt.Sprint(own.Port()) {
		return false
	}
	addresses, err := net.DefaultResolver.LookupNetIP(ctx, "ip", upstream.Hostname())
	if err != nil {
		return false // a name that is not known yet is not ours
	}
	for _, a := range addresses {
		if reaches(a.Unmap(), own.Addr().Unmap()) {
			return true
		}
	}
	return false
}

// reaches reports whether a connection to an address arrives at a listener.
func reaches(to, listener netip.Addr) bool {
	switch {
	case to == listener:
		return true
	case to.IsUnspecified(): // connecting to 0.0.0.0 is connecting to this machine
		return listener.IsLoopback() || listener.IsUnspecified()
	case !listener.IsUnspecified():
		return false
	}
	return to.IsLoopback() || isLocal(to)
}

// isLocal reports whether an address is one of this machine's.
func isLocal(a netip.Addr) bool {
	all, err := net.InterfaceAddrs()
	if err != nil {
		return false
	}
	for _, own := range all {
		if p, err := netip.ParsePrefix(own.String()); err == nil && p.Addr().Unmap() == a {
			return true
		}
	}
	return false
}

func portOf(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case u.Scheme == "https":
		return "443"
	}
	return "80"
}

// isRemote reports whether the upstream is another machine. A name that leads
// nowhere is taken to be one of this machine's that is yet to come.
func isRemote(ctx context.Context, upstream *url.URL) bool {
	addresses, err := net.DefaultResolver.LookupNetIP(ctx, "ip", upstream.Hostname())
	if err != nil {
		return false
	}
	for _, a := range addresses {
		if a = a.Unmap(); a.IsLoopback() || a.IsUnspecified() || isLocal(a) {
			return false
		}
	}
	return len(addresses) > 0
}
