package host_test

import (
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"runtime"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/host"
)

// rusageGrain covers that getrusage cuts user and system time of each process
// to whole microseconds.
const rusageGrain = 10 * time.Microsecond

// bracket takes a sample between two accounts of the helpers' own use: the
// figures in the sample lie between them.
func bracket(take func(), helpers ...helper) (low, high time.Duration) {
	for _, h := range helpers {
		low += h.order("").CPU
	}
	take()
	for _, h := range helpers {
		high += h.order("").CPU
	}
	return low, high
}

func realMeter(t *testing.T, servers ...host.Server) *host.Meter {
	t.Helper()
	m, err := host.New(host.Options{Servers: servers})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestRealFamilyIsMetered(t *testing.T) {
	server, worker, _ := spawnFamily(t, "tiny-server")
	bystander, _ := spawn(t, "bystander", []string{helperEnv + "=child"})
	family := []helper{server, worker}
	m := realMeter(t, host.Server{Name: "tiny", Processes: []string{"tiny-server"}})

	now := time.Now()
	low0, high0 := bracket(func() { base(t, m, now) }, family...)
	otherHigh0 := bystander.order("").CPU
	server.order("60ms")
	worker.order("90ms")
	bystander.order("40ms")
	otherLow1 := bystander.order("").CPU
	var span attribution.UsageSpan
	low1, high1 := bracket(func() { span = sample(t, m, now.Add(time.Second)) }, family...)

	got, low, high := span.Usage.Servers[0].CPU, low1-high0-rusageGrain, high1-low0+rusageGrain
	t.Logf("family used %v, getrusage says %v to %v; others %v", got, low, high, span.Usage.Others.CPU)
	if low < 150*time.Millisecond {
		t.Fatalf("the helpers burned %v, want 150ms at least", low)
	}
	if got < low || got > high {
		t.Errorf("family used %v, want %v to %v", got, low, high)
	}
	if others, least := span.Usage.Others.CPU, otherLow1-otherHigh0-rusageGrain; others < least {
		t.Errorf("others used %v, want at least the bystander's %v", others, least)
	}
	if span.Usage.GPUKnown || span.Usage.CPUEnergyKnown {
		t.Errorf("GPU known %v, CPU energy known %v: there is no such source here", span.Usage.GPUKnown, span.Usage.CPUEnergyKnown)
	}
}

func TestRealOrphanStaysInItsFamily(t *testing.T) {
	server, worker, cmd := spawnFamily(t, "tiny-server")
	server.order("")
	worker.order("") // both run
	m := realMeter(t, host.Server{Name: "tiny", Processes: []string{"tiny-server"}})
	now := time.Now()
	base(t, m, now)
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err == nil {
		t.Fatal("the server ended well, want killed")
	}
	sample(t, m, now.Add(time.Second))
	if start, ok := m.ServerStart("tiny"); ok {
		t.Errorf("start %v of a server of which only a child is left", start)
	}
	worker.order("50ms")
	if got := sample(t, m, now.Add(2*time.Second)).Usage.Servers[0].CPU; got < 50*time.Millisecond-rusageGrain {
		t.Errorf("the orphan's family used %v, want 50ms at least", got)
	}
}

func TestRealChildThatAppearsLater(t *testing.T) {
	// This test process is the server: it listens, and what it starts is its.
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close() //nolint:errcheck // nothing was written
	before := time.Now()
	m := realMeter(t, host.Server{Name: "self", Port: listener.Addr().(*net.TCPAddr).Port})
	base(t, m, before)
	start, ok := m.ServerStart("self")
	if !ok || start.After(before) || before.Sub(start) > 24*time.Hour {
		t.Errorf("start %v, %v; want this process's", start, ok)
	}
	child, _ := spawn(t, "late", []string{helperEnv + "=child"})
	used := child.order("50ms").CPU
	if got := sample(t, m, time.Now()).Usage.Servers[0].CPU; got < used-rusageGrain {
		t.Errorf("family used %v, want at least the child's %v", got, used)
	}
}

func TestReadFacts(t *testing.T) {
	facts, err := host.ReadFacts(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if !facts.Boot.Before(time.Now()) || facts.Boot.Year() < 2000 {
		t.Errorf("boot time %v", facts.Boot)
	}
	if facts.OS != runtime.GOOS || facts.Cores < 1 {
		t.Errorf("facts %+v", facts)
	}
}

// BenchmarkSample polls a machine with 500 processes.
func BenchmarkSample(b *testing.B) {
	const processes = 500
	entries, err := os.ReadDir("/proc")
	if err != nil {
		b.Fatal(err)
	}
	running := 0
	for _, e := range entries {
		if c := e.Name()[0]; c >= '0' && c <= '9' {
			running++
		}
	}
	for range max(0, processes-running) {
		cmd := exec.Command("sleep", "600")
		if err := cmd.Start(); err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() {
			_ = cmd.Process.Kill() // a sleep that nobody waits for
			_ = cmd.Wait()
		})
	}
	m, err := host.New(host.Options{Servers: []host.Server{{Name: "llama", Processes: []string{"llama-server"}}}})
	if err != nil {
		b.Fatal(err)
	}
	now := time.Now()
	if _, err := m.Sample(context.Background(), now); !errors.Is(err, host.ErrNoData) {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		now = now.Add(time.Second)
		if _, err := m.Sample(context.Background(), now); err != nil {
			b.Fatal(err)
		}
	}
}
