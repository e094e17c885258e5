package jsonl

import (
	"bytes"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// remote is true for a call that was served elsewhere: the line says so, or it
// says nothing and the server's address is one that no machine at home has.
func (l *line) remote(hosts []string) bool {
	is, told := l.flag(fieldRemote)
	address := l.text(fieldAddress)
	if told {
		return is
	}
	return address != nil && isPublic(hostOf(string(bytes.ToLower(address))), hosts)
}

// hostOf is an address without what writers put around it: a scheme and a path,
// a port, brackets.
func hostOf(address string) string {
	if u, err := url.Parse(address); err == nil && u.Host != "" {
		address = u.Host
	}
	if host, _, err := net.SplitHostPort(address); err == nil {
		address = host
	}
	return strings.TrimSuffix(strings.Trim(address, "[]"), ".")
}

// isPublic is true for an address or name, in lower case, of the public
// internet, unless it is one of hosts, which are this machine's. A private one
// may be this machine's own too, by its name in the network or from within a
// container.
func isPublic(address string, hosts []string) bool {
	if slices.Contains(hosts, address) {
		return false
	}
	if ip, err := netip.ParseAddr(address); err == nil {
		ip = ip.Unmap()
		return ip.IsGlobalUnicast() && !ip.IsPrivate() && !shared(ip) && !slices.Contains(hosts, ip.String())
	}
	dot := strings.LastIndexByte(address, '.')
	if dot < 1 || strings.ContainsAny(address, "/ :") {
		return false
	}
	if strings.HasSuffix(address, ".ts.net") {
		return false
	}
	if last := address[dot+1:]; last == "" || last[0] >= '0' && last[0] <= '9' {
		return false // a short or bad IPv4 address, such as 127.1
	}
	switch address[dot+1:] {
	case "local", "localhost", "internal", "lan", "home", "arpa", "localdomain", "test", "invalid", "example":
		return false
	}
	return true
}

// shared is true for an address of 100.64.0.0/10 (RFC 6598), which overlay
// networks such as Tailscale give to one's own machines; their names end in
// ts.net.
func shared(ip netip.Addr) bool {
	b := ip.AsSlice()
	return len(b) == 4 && b[0] == 100 && b[1]&0xc0 == 64
}
