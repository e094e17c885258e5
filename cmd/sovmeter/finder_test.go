package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"github.com/sovmeter/sovmeter/cmd/sovmeter/config"
	"github.com/sovmeter/sovmeter/collector/discovery"
	"github.com/sovmeter/sovmeter/collector/host"
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
	rounds chan []string // the names and logs metered, each time metering begins
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
				names = append(names, s.Name+" "+s.Log)
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
	f.metered(t, "llama-server /l.log", "ollama /o.log")
	f.look(ollama, llama) // nothing new
	f.look(llama)         // one has stopped: its log may not be read to the end
	f.look(llama)
	f.look(listening, second)
	f.look(listening, second)
	f.metered(t, "llama-server /l.log", "llama-server-8081 /m.log", "ollama /o.log")
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

// Of two of a kind, each keeps its name when the older one stops, and the log of
// the one that stopped is read on.
func TestFinderKeepsNames(t *testing.T) {
	llama := kindNamed(t, "llama-server")
	server := func(name string, port int) discovery.Server {
		return discovery.Server{Kind: llama, Name: name, Port: port, Log: fmt.Sprintf("/%d.log", port)}
	}
	f := newFinderTest(t, []discovery.Server{server("llama-server", 8080), server("llama-server-8081", 8081)}, nil)
	f.metered(t, "llama-server /8080.log", "llama-server-8081 /8081.log")
	f.look(server("llama-server", 8081)) // 8080 has stopped, so 8081 is the first
	f.look(server("llama-server", 8081))
	both := []discovery.Server{server("llama-server", 8082), server("llama-server-8081", 8081), server("llama-server-8080", 8080)}
	f.look(both...)
	f.look(both...)
	f.metered(t, "llama-server /8080.log", "llama-server-8081 /8081.log", "llama-server-8082 /8082.log")
	f.stop()
	if err := <-f.done; err != nil {
		t.Error(err)
	}
}

// Servers that come and go for months do not pile up: what has not run since the
// metering last began is forgotten when it begins again.
func TestFinderForgetsTheStopped(t *testing.T) {
	server := func(i int) discovery.Server {
		k := kindNamed(t, "llama-server")
		return discovery.Server{Kind: k, Name: fmt.Sprint("llama-server-", 9000+i), Port: 9000 + i, Log: fmt.Sprintf("/%d.log", 9000+i)}
	}
	entry := func(i int) string { return fmt.Sprintf("llama-server-%d /%[1]d.log", 9000+i) }
	f := newFinderTest(t, []discovery.Server{server(0)}, nil)
	f.metered(t, entry(0))
	for i := range 5 {
		f.look(server(i))
		f.look(server(i + 1))
		f.look(server(i + 1))
		f.metered(t, entry(i), entry(i+1))
	}
	f.stop()
	if err := <-f.done; err != nil {
		t.Error(err)
	}
}

func TestConfiguredOfFound(t *testing.T) {
	llama := kindNamed(t, "llama-server")
	found := []discovery.Server{
		{Kind: kindNamed(t, "ollama"), Name: "ollama", Port: 11434, Format: "ollama", Log: "/o.log", Home: "/Users/a"},
		{Kind: llama, Name: "llama-server", Port: 8080, Format: "llamacpp", Log: "/l.log"},
		{Kind: llama, Name: "llama-server-8081", Port: 8081, Format: "llamacpp", Log: "/l.log"}, // both write one file
		{Kind: llama, Name: "llama-server-7", PID: 7, Log: "/n.log"},                            // which processes are its own?
		{Kind: llama, Name: "llama-server-8080", PID: 8, Port: 8080, Log: "/o2.log"},            // the port on another address
	}
	want := []config.Server{
		{Name: "ollama", Log: "/o.log", Format: "ollama", Processes: []string{"ollama"}, Port: 11434, Manifests: "/Users/a/.ollama/models/manifests"},
		{Name: "llama-server", Log: "/l.log", Format: "llamacpp", Processes: []string{"llama-server"}, Port: 8080},
		{Name: "llama-server-8081", Format: "llamacpp", Processes: []string{"llama-server"}, Port: 8081},
	}
	if diff := cmp.Diff(want, configured(found)); diff != "" {
		t.Error(diff)
	}
	if _, err := host.New(host.Options{Servers: families(configured(found)), System: host.NewFake(time.Unix(0, 0))}); err != nil {
		t.Errorf("the process stats refuse what was found: %v", err)
	}
	if ports := portsOfOthers(want, want[0]); !cmp.Equal(ports, []int{8080}) {
		t.Errorf("ports metered elsewhere %v, want 8080 alone: the other has no log", ports)
	}
	named := []config.Server{{Name: "gateway", Log: "/g.log"}, {Name: "o", Log: "/o.log", Processes: []string{"/usr/local/bin/ollama"}}, {Name: "x", Log: "/x.log", Processes: []string{"mine"}}}
	if ports := portsOfOthers(named, named[0]); !cmp.Equal(ports, []int{11434}) {
		t.Errorf("ports metered elsewhere %v, want the usual one of a server configured by name", ports)
	}
}

// Processes that nothing tells apart, such as an Ollama on a port of which
// discovery does not know and its command-line clients, are one server.
func TestConfiguredOfTwins(t *testing.T) {
	kind := kindNamed(t, "ollama")
	tests := []struct {
		name string
		logs []string
		want []string
	}{
		{"one log", []string{"/o.log", "/o.log"}, []string{"/o.log"}},
		{"no log", []string{"", ""}, []string{""}},
		{"one of them has a log", []string{"", "/o.log"}, []string{"/o.log"}},
		{"two logs: whose requests would use which process?", []string{"/o.log", "/p.log"}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var found []discovery.Server
			for i, log := range tt.logs {
				found = append(found, discovery.Server{Kind: kind, Name: fmt.Sprint("ollama-", i), PID: 10 + i, Log: log})
			}
			var logs []string
			for _, s := range configured(found) {
				logs = append(logs, s.Log)
			}
			if diff := cmp.Diff(tt.want, logs); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// On a Mac /tmp is a link: a log has two names, and is read once.
func TestConfiguredOfALogWithTwoNames(t *testing.T) {
	real, kind := t.TempDir(), kindNamed(t, "llama-server")
	link := filepath.Join(t.TempDir(), "link")
	if err := errors.Join(os.WriteFile(filepath.Join(real, "l.log"), nil, 0o600), os.Symlink(real, link)); err != nil {
		t.Fatal(err)
	}
	got := configured([]discovery.Server{
		{Kind: kind, Name: "a", Port: 1, Log: filepath.Join(real, "l.log")},
		{Kind: kind, Name: "b", Port: 2, Log: filepath.Join(link, "l.log")},
	})
	if len(got) != 2 || got[1].Log != "" {
		t.Errorf("got %+v", got)
	}
}
