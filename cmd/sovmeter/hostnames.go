package main

import (
	"net"
	"os"
	"strings"
)

// hostNames are the names and addresses by which callers on the network reach
// this machine, as far as it knows them itself.
func hostNames() []string {
	var names []string
	if name, err := os.Hostname(); err == nil {
		short, _, _ := strings.Cut(name, ".")
		names = append(names, name, short, short+".local")
	}
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return names
	}
	for _, a := range addresses {
		if n, ok := a.(*net.IPNet); ok && !n.IP.IsLoopback() {
			names = append(names, n.IP.String())
		}
	}
	return names
}
