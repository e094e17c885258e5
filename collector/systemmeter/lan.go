package systemmeter

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"time"
)

// newDialer returns a dialer that keeps the rule of the local network. The rule
// holds for the address that is really dialed, after the name was resolved, so
// neither a name nor a redirect gets around it.
func newDialer(allowRemote bool, timeout time.Duration) *net.Dialer {
	d := &net.Dialer{Timeout: timeout, KeepAlive: 30 * time.Second}
	if allowRemote {
		return d
	}
	d.ControlContext = func(_ context.Context, _, address string, _ syscall.RawConn) error {
		return checkLocal(address)
	}
	return d
}

// checkLocal returns ErrRemote for an address and port outside of this machine
// and its local networks.
func checkLocal(address string) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("address %q: %w", address, ErrRemote)
	}
	if isLocal(at.Addr()) {
		return nil
	}
	return hint(fmt.Errorf("%s: %w", at.Addr(), ErrRemote),
		"give the meter's address in the local network, or set allow_remote: true for this meter")
}

// isLocal holds for loopback, link-local and private addresses, and for those
// of carrier-grade NAT (RFC 6598), which VPNs such as Tailscale use.
func isLocal(ip netip.Addr) bool {
	ip = ip.Unmap().WithZone("")
	if ip.IsLoopback() || ip.IsPrivate() || ip.IsLinkLocalUnicast() {
		return true
	}
	return netip.PrefixFrom(netip.AddrFrom4([4]byte{100, 64, 0, 0}), 10).Contains(ip)
}
