package host

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strconv"
)

// lsofPorts finds listeners with lsof(8), which macOS ships.
type lsofPorts struct{ run runner }

func (l lsofPorts) Listeners(ctx context.Context, ports []int) (map[int][]int, error) {
	args := []string{"-nP", "-Fpn", "-sTCP:LISTEN"}
	for _, port := range ports {
		args = append(args, "-iTCP:"+strconv.Itoa(port))
	}
	out, err := l.run(ctx, "/usr/sbin/lsof", args...)
	// lsof exits with 1 and says nothing when nobody listens.
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) && exit.ExitCode() == 1 {
		err = nil
	}
	if err != nil {
		return nil, fmt.Errorf("run lsof: %w", err)
	}
	found := parseLsof(out)
	for port := range found {
		if !slices.Contains(ports, port) {
			delete(found, port)
		}
	}
	return found, nil
}

// parseLsof reads lsof's field output (-F pn): a line "p123" begins a process,
// each line "n*:8080" or "n[::1]:8080" after it is a socket. Other lines are
// passed over.
func parseLsof(b []byte) map[int][]int {
	found := map[int][]int{}
	pid := 0
	for line := range bytes.Lines(b) {
		line = bytes.TrimSpace(line)
		if len(line) < 2 {
			continue
		}
		switch value := string(line[1:]); line[0] {
		case 'p':
			pid, _ = strconv.Atoi(value)
		case 'n':
			port, ok := addressPort(value)
			if ok && pid > 0 && !slices.Contains(found[port], pid) {
				found[port] = append(found[port], pid)
			}
		}
	}
	return found
}

// addressPort takes the port off the end of *:8080, 127.0.0.1:8080 or
// [::1]:8080.
func addressPort(address string) (int, bool) {
	colon := bytes.LastIndexByte([]byte(address), ':')
	if colon < 0 {
		return 0, false
	}
	port, err := strconv.Atoi(address[colon+1:])
	return port, err == nil && port > 0 && port <= 65535
}
