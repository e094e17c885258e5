package host

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"howett.net/plist"
)

// runner runs a system tool and returns its standard output.
type runner func(ctx context.Context, name string, args ...string) ([]byte, error)

// ioregGPU reads the GPU user clients out of the I/O registry. It is
// world-readable, and the same counters fill Activity Monitor's GPU column.
type ioregGPU struct{ run runner }

func (g ioregGPU) GPUClients(ctx context.Context) ([]GPUClient, error) {
	out, err := g.run(ctx, "/usr/sbin/ioreg", "-a", "-r", "-c", "AGXDeviceUserClient")
	if err != nil {
		return nil, fmt.Errorf("read GPU clients: %w", err)
	}
	clients, err := parseGPUClients(out)
	if err != nil {
		return nil, fmt.Errorf("read GPU clients: %w", err)
	}
	return clients, nil
}

// parseGPUClients reads the property list that ioreg -a prints: an array of
// registry entries with IORegistryEntryID, IOUserClientCreator ("pid 7, name")
// and AppUsage, an array with an accumulatedGPUTime in ns for each API. ioreg
// prints nothing at all when no entry matches, as in a virtual machine.
//
// Entries that do not have that shape are left out one by one: the keys are
// not documented, and some clients have no AppUsage.
func parseGPUClients(b []byte) ([]GPUClient, error) {
	b = bytes.TrimSpace(b)
	if len(b) == 0 {
		return nil, ErrNoGPU
	}
	if b[0] != '<' {
		return nil, errors.New("ioreg printed no XML property list")
	}
	var root any
	if _, err := plist.Unmarshal(b, &root); err != nil {
		return nil, fmt.Errorf("decode ioreg's property list: %w", err)
	}
	entries, ok := root.([]any)
	if !ok {
		return nil, errors.New("ioreg's property list is not an array of entries")
	}
	return appendGPUClients(nil, entries), nil
}

func appendGPUClients(clients []GPUClient, entries []any) []GPUClient {
	for _, e := range entries {
		entry, ok := e.(map[string]any)
		if !ok {
			continue
		}
		if c, ok := gpuClient(entry); ok {
			clients = append(clients, c)
		}
		if children, ok := entry["IORegistryEntryChildren"].([]any); ok {
			clients = appendGPUClients(clients, children)
		}
	}
	return clients
}

func gpuClient(entry map[string]any) (GPUClient, bool) {
	creator, _ := entry["IOUserClientCreator"].(string)
	pid, ok := creatorPID(creator)
	if !ok {
		return GPUClient{}, false
	}
	uses, ok := entry["AppUsage"].([]any)
	if !ok {
		return GPUClient{}, false
	}
	var total uint64
	for _, u := range uses {
		use, _ := u.(map[string]any)
		ns, ok := counter(use["accumulatedGPUTime"])
		if !ok {
			continue
		}
		total += ns
		if total > uint64(maxGPUTime) {
			return GPUClient{}, false
		}
	}
	id, _ := counter(entry["IORegistryEntryID"])
	return GPUClient{ID: id, PID: pid, Time: time.Duration(total)}, true
}

// maxGPUTime is beyond any honest counter: ten years of one GPU. The registry
// holds negative numbers that print as numbers near 2^64.
const maxGPUTime = 10 * 366 * 24 * time.Hour

// counter takes a whole number in the range of a GPU counter or a registry id.
func counter(v any) (uint64, bool) {
	switch n := v.(type) {
	case uint64:
		if n < 1<<63 {
			return n, true
		}
	case int64:
		if n >= 0 {
			return uint64(n), true
		}
	}
	return 0, false
}

// creatorPID reads "pid 4245, python3.12". The name is cut at 16 bytes by the
// kernel and may hold anything, so only the pid is used.
func creatorPID(creator string) (int, bool) {
	number, _, _ := strings.Cut(strings.TrimPrefix(creator, "pid "), ",")
	pid, err := strconv.Atoi(number)
	return pid, err == nil && pid > 0 && strings.HasPrefix(creator, "pid ")
}
