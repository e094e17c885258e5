package host_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/host"
)

func TestServerStart(t *testing.T) {
	f := host.NewFake(boot)
	m := newMeter(t, f, llama, ollama)
	base(t, m, at(100))
	check := func(server string, want time.Time) {
		t.Helper()
		got, ok := m.ServerStart(server)
		if ok != !want.IsZero() || !got.Equal(want) {
			t.Errorf("start of %s: %v, %v; want %v", server, got, ok, want)
		}
	}
	check("llama", time.Time{})
	check("nobody", time.Time{})

	f.Spawn(10, 1, at(101), exe("/bin/llama-server"))
	f.Spawn(11, 10, at(103), exe("/bin/llama-server")) // its child, not a newer run
	sample(t, m, at(105))
	check("llama", at(101))

	f.Spawn(20, 1, at(106), exe("/bin/llama-server")) // the new run, the old still ending
	sample(t, m, at(107))
	check("llama", at(106))
	f.Exit(10)
	f.Exit(11)
	sample(t, m, at(108))
	check("llama", at(106))
	f.Exit(20)
	sample(t, m, at(109))
	check("llama", time.Time{})

	f.Spawn(29, 1, at(115), exe("/bin/ollama")) // listed first
	f.Spawn(30, 1, at(110), exe("/bin/ollama"))
	f.Spawn(31, 1, at(120), exe("/bin/ollama")) // `ollama run` in a terminal
	f.Listen(11434, 30)
	sample(t, m, at(200))
	check("ollama", at(110))
}

func TestServerStartIsTheListeners(t *testing.T) {
	f := host.NewFake(boot)
	f.Spawn(10, 1, at(1), exe("/a/LM Studio"))
	f.Spawn(11, 10, at(50), exe("/a/LM Studio Helper"))
	f.Spawn(12, 11, at(60), exe("/a/LM Studio Helper"))
	f.Spawn(20, 1, at(70), exe("/b/LM Studio"))
	f.Listen(1234, 12) // a worker that inherited the socket
	f.Listen(1234, 11)
	m := newMeter(t, f, host.Server{Name: "studio", Processes: []string{"LM Studio"}, Port: 1234})
	base(t, m, at(100))
	if got, ok := m.ServerStart("studio"); !ok || !got.Equal(at(50)) {
		t.Errorf("start %v, %v; want %v", got, ok, at(50))
	}
}

func TestProcessesAreResolvedOnce(t *testing.T) {
	f := host.NewFake(boot)
	for pid := 10; pid < 60; pid++ {
		f.Spawn(pid, 1, at(1), exe(fmt.Sprintf("/bin/p%d", pid)))
	}
	m := newMeter(t, f, llama)
	base(t, m, at(100))
	if f.Resolved != 50 {
		t.Errorf("resolved %d processes first, want 50", f.Resolved)
	}
	f.Exec(10, exe("/bin/zsh"))
	f.Exit(11)
	f.Spawn(11, 1, at(101), exe("/bin/p11")) // a new process with an old pid and name
	f.Resolved = 0
	for i := range 10 {
		sample(t, m, at(105+i))
	}
	if f.Resolved != 2 {
		t.Errorf("resolved %d processes later, want the 2 that changed", f.Resolved)
	}
}

func TestPortLookupsAreRare(t *testing.T) {
	f := host.NewFake(boot)
	m := newMeter(t, f, host.Server{Name: "port", Port: 8080})
	base(t, m, at(100))
	for i := 1; i < 12; i++ {
		sample(t, m, at(100+5*i)) // up to 55 s later
	}
	if f.Lookups != 1 {
		t.Errorf("%d lookups in the first minute, want 1", f.Lookups)
	}
	f.Spawn(10, 1, at(157), exe("/bin/x"))
	f.Listen(8080, 10)
	sample(t, m, at(160))
	for i := range 100 {
		sample(t, m, at(200+60*i)) // the listener is known
	}
	if f.Lookups != 2 {
		t.Errorf("%d lookups in all, want 2", f.Lookups)
	}
	f.Exit(10)
	sample(t, m, at(9000))
	if f.Lookups != 3 {
		t.Errorf("%d lookups after the listener ended, want 3", f.Lookups)
	}
	if _, err := m.Sample(context.Background(), at(50)); !errors.Is(err, host.ErrNoData) || f.Lookups != 4 {
		t.Errorf("error %v and %d lookups after the clock went back, want ErrNoData and 4", err, f.Lookups)
	}
}

func TestNamesNeedNoPortLookup(t *testing.T) {
	f := host.NewFake(boot)
	f.Spawn(10, 1, at(1), exe("/bin/ollama"))
	m := newMeter(t, f, ollama)
	base(t, m, at(100))
	if f.Lookups != 0 {
		t.Errorf("%d lookups, want none", f.Lookups)
	}
}

func TestFailedPortLookup(t *testing.T) {
	f := host.NewFake(boot)
	f.ListenErr = errors.New("lsof: not found")
	f.Spawn(10, 1, at(1), exe("/bin/ollama"))
	m := newMeter(t, f, ollama, host.Server{Name: "port", Port: 8080})
	_, err := m.Sample(context.Background(), at(100))
	var unknown *host.ServerError
	if !errors.As(err, &unknown) || !errors.Is(err, f.ListenErr) {
		t.Fatalf("got error %v, want a ServerError for the lookup", err)
	}
	if want := "server port: find the process that listens on port 8080: lsof: not found"; err.Error() != want {
		t.Errorf("got error %q, want %q", err, want)
	}
}
