package jsonl

import (
	"bytes"
	"net/netip"
	"strings"
)

// remote is true for a call that was served elsewhere: the line says so, or it
// says nothing and the server's address is one that no machine at home has.
func (l *line) remote() bool {
	is, told := l.flag(fieldRemote)
	address := l.text(fieldAddress)
	if told {
		return is
	}
	return address != nil && isPublic(string(bytes.ToLower(address)))
}

// isPublic is true for an address or name, in lower case, of the public
// internet. A private one may be this machine's own, by its name in the
// network or from within a container.
func isPublic(address string) bool {
	address = strings.TrimSuffix(strings.Trim(address, "[]"), ".")
	if ip, err := netip.ParseAddr(address); err == nil {
		ip = ip.Unmap()
		return ip.IsGlobalUnicast() && !ip.IsPrivate() && !shared(ip)
	}
	dot := strings.LastIndexByte(address, '.')
	if dot < 1 || strings.ContainsAny(address, "/ :") {
		return false
	}
	if strings.HasSuffix(address, ".ts.net") {
		return false
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
