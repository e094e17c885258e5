package host

import (
	"context"
	"fmt"
	"slices"

	gopsnet "github.com/shirou/gopsutil/v3/net"
)

// socketListeners finds listeners through the system's socket tables. It walks
// every open file of every process, which is why it is called rarely.
func socketListeners(ctx context.Context, ports []int) (map[int][]int, error) {
	conns, err := gopsnet.ConnectionsWithContext(ctx, "tcp")
	if err != nil {
		return nil, fmt.Errorf("list sockets: %w", err)
	}
	found := map[int][]int{}
	for _, c := range conns {
		port, pid := int(c.Laddr.Port), int(c.Pid)
		if c.Status != "LISTEN" || pid == 0 || !slices.Contains(ports, port) {
			continue
		}
		if !slices.Contains(found[port], pid) {
			found[port] = append(found[port], pid)
		}
	}
	return found, nil
}
