package host

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
)

// Meter measures what each server's process family and everything else used
// between two polls. Its methods may be called from several goroutines.
type Meter struct {
	system System

	sampling sync.Mutex // held through a whole Sample
	families families
	ports    portFinder
	gpu      gpuClock
	last     time.Time // of the last poll; zero before the first

	mu     sync.Mutex // guards what the readers below see
	starts map[string]time.Time
	gpuErr error
}

// Sample reads every process and returns the use since the previous call as
// the span from then to now. The first call only sets the base and returns
// ErrNoData. Every configured server has a row, sorted by name; the row of a
// server that is not running is zero. A *ServerError means that a server's use
// cannot be known; the next call starts from this one all the same.
func (m *Meter) Sample(ctx context.Context, now time.Time) (attribution.UsageSpan, error) {
	m.sampling.Lock()
	defer m.sampling.Unlock()

	// The GPU first: it is the slow one, and the process list should be no
	// older than what is compared with it.
	clients, gpuErr := m.system.GPUClients(ctx)
	procs, err := m.system.Processes(ctx)
	if err != nil {
		return attribution.UsageSpan{}, fmt.Errorf("list processes: %w", err)
	}
	if err := ctx.Err(); err != nil {
		return attribution.UsageSpan{}, fmt.Errorf("sample processes: %w", err)
	}
	m.families.update(procs, m.system.Executable)
	m.ports.find(ctx, m.system, &m.families, now)
	span, err := m.difference(now, clients, gpuErr)
	m.publish()
	return span, err
}

func (m *Meter) difference(now time.Time, clients []GPUClient, gpuErr error) (attribution.UsageSpan, error) {
	since := m.last
	m.last = now
	t := newTally(len(m.families.servers))
	err := t.addCPU(&m.families, since)
	gpuKnown := m.gpu.add(t, &m.families, clients, gpuErr, now.Sub(since))
	if err == nil {
		err = m.ports.unfindable(&m.families)
	}
	if err != nil {
		return attribution.UsageSpan{}, err
	}
	if since.IsZero() || !now.After(since) {
		return attribution.UsageSpan{}, ErrNoData
	}
	return attribution.UsageSpan{
		Start: since, End: now,
		Usage: t.usage(m.families.servers, gpuKnown),
	}, nil
}

// publish makes what the last poll found visible to other goroutines.
func (m *Meter) publish() {
	starts := m.families.starts()
	m.mu.Lock()
	defer m.mu.Unlock()
	m.starts, m.gpuErr = starts, m.gpu.err
}

// ServerStart returns when a server's main process started, as of the last
// Sample: the process that listens on its port or bears its name, not one of
// its children. After a restart it is the newest run. It is false when the
// server is not running or not configured.
func (m *Meter) ServerStart(server string) (time.Time, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	start, ok := m.starts[server]
	return start, ok
}

// GPUError says why the last Sample could not read GPU times; nil when it
// could.
func (m *Meter) GPUError() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.gpuErr
}
