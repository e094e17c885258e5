package host

import (
	"context"
	"testing"
	"time"
)

func TestClientSeenAgainAddsNoHistory(t *testing.T) {
	now := time.Date(2026, 5, 1, 8, 0, 0, 0, time.UTC)
	f := NewFake(now.Add(-2 * time.Hour))
	f.Spawn(10, 1, now.Add(-time.Hour), Executable{Path: "/bin/llama-server"})
	m, _ := New(Options{Servers: []Server{{Name: "llama", Processes: []string{"llama-server"}}}, System: f})
	f.BurnGPU(10, 7, time.Hour)
	m.Sample(context.Background(), now)
	f.CloseGPU(7) // ioreg's entry lacks AppUsage in this one poll
	m.Sample(context.Background(), now.Add(5*time.Second))
	f.BurnGPU(10, 7, time.Hour)
	s, err := m.Sample(context.Background(), now.Add(10*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	if g := s.Usage.Servers[0].GPU; g > 5*time.Second {
		t.Errorf("GPU time %v in a span of 5s", g)
	}
}
