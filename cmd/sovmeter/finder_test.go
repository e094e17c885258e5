package main

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"github.com/sovmeter/sovmeter/cmd/sovmeter/config"
	"github.com/sovmeter/sovmeter/collector/discovery"
)

// kindNamed returns a known kind of server.
func kindNamed(t *testing.T, name string) discovery.Kind {
	t.Helper()
	for _, k := range discovery.Kinds() {
		if k.Name == name {
			return k
		}
	}
	t.Fatalf("no kind %s", name)
	return discovery.Kind{}
}

// finderTest runs a finder, tick by tick, over what discovery finds at each.
type finderTest struct {
	tick   chan time.Time
	rounds chan []string // the names metered, each time metering begins
	found  chan []discovery.Server
	done   chan error
	stop   context.CancelFunc
}

func newFinderTest(t *testing.T, first []discovery.Server, fail error) *finderTest {
	ctx, stop := context.WithCancel(t.Context())
	f := &finderTest{tick: make(chan time.Time), rounds: make(chan []string), found: make(chan []discovery.Server, 1), done: make(chan error, 1), stop: stop}
	f.found <- first
	find := &finder{log: zerolog.Nop(), tick: f.tick, find: func(context.Context) ([]discovery.Server, error) { return <-f.found, nil }}
	go func() {
		f.done <- find.meter(ctx, func(ctx context.Context, servers []config.Server) error {
			names := []string{}
			for _, s := range servers {
				names = append(names, s.Name)
			}
			f.rounds <- names
			if fail != nil {
				return fail
			}
			<-ctx.Done()
			return nil
		})
	}()
	return f
}

// look makes the finder find these servers now.
func (f *finderTest) look(servers ...discovery.Server) {
	f.found <- servers
	f.tick <- time.Time{}
}

func (f *finderTest) metered(t *testing.T, want ...string) {
	t.Helper()
	if got := <-f.rounds; !cmp.Equal(got, append([]string{}, want...)) {
		t.Errorf("meters %q, want %q", got, want)
	}
}

func TestFinder(t *testing.T) {
	ollama := discovery.Server{Kind: kindNamed(t, "ollama"), Name: "ollama", Port: 11434, Log: "/o.log"}
	llama := discovery.Server{Kind: kindNamed(t, "llama-server"), Name: "llama-server", Log: "/l.log"}
	second := discovery.Server{Kind: kindNamed(t, "llama-server"), Name: "llama-server-8081", Port: 8081, Log: "/m.log"}
	listening := llama
	listening.Port = 8080

	f := newFinderTest(t, nil, nil)
	f.metered(t) // nothing runs: the machine is metered all the same
	f.look(ollama)
	f.look(ollama, llama) // not the same twice
	f.look(ollama, llama)
	f.metered(t, "llama-server", "ollama")
	f.look(ollama, llama) // nothing new
	f.look(llama)         // one has stopped: its log may not be read to the end
	f.look(llama)
	f.look(listening, second)
	f.look(listening, second)
	f.metered(t, "llama-server", "llama-server-8081", "ollama")
	f.stop()
	if err := <-f.done; err != nil {
		t.Error(err)
	}
}

func TestFinderPassesErrorsOn(t *testing.T) {
	broken := errors.New("powermetrics is gone")
	f := newFinderTest(t, nil, broken)
	<-f.rounds
	if err := <-f.done; !errors.Is(err, broken) {
		t.Errorf("got %v, want the metering's error", err)
	}
}

func TestConfiguredOfFound(t *testing.T) {
	llama := kindNamed(t, "llama-server")
	found := []discovery.Server{
		{Kind: kindNamed(t, "ollama"), Name: "ollama", Port: 11434, Format: "ollama", Log: "/o.log", Home: "/Users/a"},
		{Kind: llama, Name: "llama-server", Port: 8080, Format: "llamacpp", Log: "/l.log"},
		{Kind: llama, Name: "llama-server-8081", Port: 8081, Format: "llamacpp", Log: "/l.log"}, // both write one file
		{Kind: llama, Name: "llama-server-7", Log: "/n.log"},                                    // which processes are its own?
	}
	want := []config.Server{
		{Name: "ollama", Log: "/o.log", Format: "ollama", Processes: []string{"ollama"}, Port: 11434, Manifests: "/Users/a/.ollama/models/manifests"},
		{Name: "llama-server", Log: "/l.log", Format: "llamacpp", Processes: []string{"llama-server"}, Port: 8080},
		{Name: "llama-server-8081", Format: "llamacpp", Processes: []string{"llama-server"}, Port: 8081},
	}
	if diff := cmp.Diff(want, configured(found)); diff != "" {
		t.Error(diff)
	}
	if ports := portsOfOthers(want, want[0]); !cmp.Equal(ports, []int{8080}) {
		t.Errorf("ports metered elsewhere %v, want 8080 alone: the other has no log", ports)
	}
}
