package host

import (
	"context"
	"testing"
	"time"
)

// TestProcAgreesWithGopsutil holds our reader of /proc against gopsutil's: what
// it says lies between two readings of ours.
func TestProcAgreesWithGopsutil(t *testing.T) {
	ctx := context.Background()
	ours, err := ThisSystem()
	if err != nil {
		t.Fatal(err)
	}
	read := func(s System) map[identity]Process {
		procs, err := s.Processes(ctx)
		if err != nil {
			t.Fatal(err)
		}
		m := map[identity]Process{}
		for _, p := range procs {
			m[identity{pid: p.PID}] = p
		}
		return m
	}
	before, theirs, after := read(ours), read(gopsutilSystem{}), read(ours)
	compared := 0
	for id, p := range theirs {
		a, b := before[id], after[id]
		if a.PID == 0 || b.PID == 0 || !a.Start.Equal(b.Start) {
			continue // it began or ended meanwhile
		}
		compared++
		if a.Parent != p.Parent && b.Parent != p.Parent {
			t.Errorf("pid %d: parent %d, gopsutil says %d", id.pid, a.Parent, p.Parent)
		}
		// gopsutil has user and system time in ticks, each cut, and a boot
		// time in whole seconds.
		if p.CPU < a.CPU-2*tick || p.CPU > b.CPU+time.Millisecond {
			t.Errorf("pid %d: CPU %v to %v, gopsutil says %v", id.pid, a.CPU, b.CPU, p.CPU)
		}
		if d := a.Start.Sub(p.Start); d < -2*time.Second || d > 2*time.Second {
			t.Errorf("pid %d: start %v, gopsutil says %v", id.pid, a.Start, p.Start)
		}
	}
	if compared == 0 {
		t.Error("no process was compared")
	}
}

func TestSplitArgs(t *testing.T) {
	for in, want := range map[string]int{"python\x00-m\x00vllm\x00": 3, "a": 1, "a\x00\x00": 2} {
		if got := splitArgs([]byte(in)); len(got) != want {
			t.Errorf("%q: got %q, want %d", in, got, want)
		}
	}
}
