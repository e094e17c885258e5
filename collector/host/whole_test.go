package host_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/host"
)

func python(script string) host.Executable {
	return host.Executable{Path: "/opt/homebrew/Frameworks/Python.app/Contents/MacOS/Python", Script: script}
}

// TestWholeFamilies follows the processes of real servers through what happens
// to them. Each step is one poll; want is whose each process is at the end.
func TestWholeFamilies(t *testing.T) {
	tests := []struct {
		name   string
		server host.Server
		steps  []func(*host.Fake)
		want   map[int]string
	}{
		{
			name:   "Ollama loads one model in another's place",
			server: host.Server{Name: "srv", Processes: []string{"ollama"}},
			steps: []func(*host.Fake){
				func(f *host.Fake) {
					f.Spawn(10, 1, at(1), exe("/Applications/Ollama.app/Contents/MacOS/Ollama"))
					f.Spawn(11, 10, at(2), exe("/Applications/Ollama.app/Contents/Resources/ollama"))
					f.Spawn(12, 11, at(3), exe("/Applications/Ollama.app/Contents/Resources/llama-server"))
				},
				func(f *host.Fake) {
					f.Exit(12)
					f.Spawn(13, 11, at(102), exe("/Applications/Ollama.app/Contents/Resources/llama-server"))
					f.Spawn(14, 11, at(103), exe("/Applications/Ollama.app/Contents/Resources/llama-server"))
				},
			},
			want: map[int]string{10: "others", 11: "srv", 13: "srv", 14: "srv"},
		},
		{
			name:   "Ollama is killed and its runner lives on",
			server: host.Server{Name: "srv", Processes: []string{"ollama"}},
			steps: []func(*host.Fake){
				func(f *host.Fake) {
					f.Spawn(11, 1, at(2), exe("/usr/local/bin/ollama"))
					f.Spawn(12, 11, at(3), exe("/usr/local/lib/llama-server"))
				},
				func(f *host.Fake) { f.Exit(11) },
				func(f *host.Fake) {
					f.Spawn(11, 1, at(110), exe("/usr/bin/yes"))          // the pid is used again
					f.Spawn(15, 12, at(111), exe("/bin/helper"))          // the orphan's child
					f.Spawn(16, 1, at(112), exe("/usr/local/bin/ollama")) // the next run
				},
			},
			want: map[int]string{11: "others", 12: "srv", 15: "srv", 16: "srv"},
		},
		{
			name:   "a runner whose parent ended before anyone looked",
			server: host.Server{Name: "srv", Processes: []string{"ollama"}},
			steps: []func(*host.Fake){
				func(f *host.Fake) { f.Spawn(11, 1, at(2), exe("/usr/local/bin/ollama")) },
				func(f *host.Fake) {
					f.Spawn(12, 11, at(102), exe("/usr/local/lib/llama-server"))
					f.Exit(11)
				},
			},
			want: map[int]string{12: "others"},
		},
		{
			name:   "MLX spawns workers",
			server: host.Server{Name: "srv", Processes: []string{"mlx_lm.server"}},
			steps: []func(*host.Fake){
				func(f *host.Fake) {
					f.Spawn(20, 1, at(1), host.Executable{Path: "/opt/homebrew/bin/python3.12", Script: "mlx_lm.server"})
					f.Spawn(30, 1, at(1), python("manage.py"))
				},
				func(f *host.Fake) {
					f.Exec(20, python("mlx_lm.server")) // the framework's launcher starts the application
					f.Spawn(21, 20, at(102), python(""))
					f.Spawn(22, 21, at(103), python(""))
				},
			},
			want: map[int]string{20: "srv", 21: "srv", 22: "srv", 30: "others"},
		},
		{
			name:   "LM Studio works in a node process of a helper",
			server: host.Server{Name: "srv", Processes: []string{"LM Studio"}},
			steps: []func(*host.Fake){func(f *host.Fake) {
				f.Spawn(40, 1, at(1), exe("/Applications/LM Studio.app/Contents/MacOS/LM Studio"))
				f.Spawn(41, 40, at(2), exe("/Applications/LM Studio.app/Contents/Frameworks/LM Studio Helper (Plugin).app/Contents/MacOS/LM Studio Helper (Plugin)"))
				f.Spawn(42, 41, at(3), host.Executable{Path: "/Users/x/.lmstudio/.internal/utils/node", Script: "llmworker.js"})
				f.Spawn(43, 1, at(3), host.Executable{Path: "/opt/homebrew/bin/node", Script: "server.js"})
			}},
			want: map[int]string{40: "srv", 41: "srv", 42: "srv", 43: "others"},
		},
		{
			name:   "vLLM's engine outlives its API server",
			server: host.Server{Name: "srv", Processes: []string{"vllm"}, Port: 8000},
			steps: []func(*host.Fake){
				func(f *host.Fake) {
					f.Spawn(50, 1, at(1), python("vllm"))
					f.Listen(8000, 50)
				},
				func(f *host.Fake) {
					f.Spawn(51, 50, at(102), python(""))
					f.Spawn(52, 51, at(103), python(""))
				},
				func(f *host.Fake) { f.Exec(51, exe("/opt/VLLM::EngineCore")) }, // it gives itself a title
				func(f *host.Fake) { f.Exit(50) },
			},
			want: map[int]string{51: "srv", 52: "srv"},
		},
		{
			name:   "a process that cannot be read while it starts",
			server: host.Server{Name: "srv", Processes: []string{"mlx_lm.server"}},
			steps: []func(*host.Fake){
				func(f *host.Fake) {
					f.Refuse = 2 // pid 1 is not asked for
					f.Spawn(20, 1, at(1), python("mlx_lm.server"))
					f.Spawn(30, 1, at(1), python("manage.py"))
				},
				func(*host.Fake) {},
			},
			want: map[int]string{20: "srv", 30: "others"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := host.NewFake(boot)
			m := newMeter(t, f, tt.server)
			base(t, m, at(100))
			for i, step := range tt.steps {
				step(f)
				sample(t, m, at(105+5*i))
			}
			var pids []int
			for pid := range tt.want {
				pids = append(pids, pid)
			}
			if diff := cmp.Diff(tt.want, owners(t, f, m, at(200), pids...)); diff != "" {
				t.Errorf("owners (-want +got):\n%s", diff)
			}
		})
	}
}

// TestUnreadableExecutablesAreLeftAlone bounds how often they are asked for.
func TestUnreadableExecutablesAreLeftAlone(t *testing.T) {
	f := host.NewFake(boot)
	f.Spawn(20, 1, at(1), exe("/usr/sbin/other"))
	f.Refuse = 1000
	m := newMeter(t, f, llama)
	base(t, m, at(100))
	for i := range 20 {
		sample(t, m, at(105+5*i))
	}
	if f.Resolved != 3 {
		t.Errorf("asked %d times for an executable that cannot be read, want 3", f.Resolved)
	}
}

// TestShortLivedChildren says what is lost of children that come and go: all of
// one that no poll saw, and the last of one that was seen. Nobody gets it.
func TestShortLivedChildren(t *testing.T) {
	f := host.NewFake(boot)
	f.Spawn(10, 1, at(1), exe("/bin/llama-server"))
	m := newMeter(t, f, llama)
	base(t, m, at(100))

	f.Spawn(11, 10, at(101), exe("/bin/probe"))
	f.Burn(11, 2*time.Second, 6)
	f.Exit(11)
	f.Spawn(12, 10, at(102), exe("/bin/worker"))
	f.Burn(12, time.Second, 3)
	f.Burn(10, 500*time.Millisecond, 1)
	got := []attribution.Use{sample(t, m, at(105)).Usage.Servers[0].Use}
	f.Burn(12, time.Second, 3)
	f.Exit(12)
	f.Spawn(12, 1, at(107), exe("/bin/stranger")) // between two polls, with the pid
	f.Burn(12, 4*time.Second, 12)
	span, err := m.Sample(context.Background(), at(110))
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, span.Usage.Servers[0].Use, span.Usage.Others)
	want := []attribution.Use{use(1500*time.Millisecond, 0, 4), {}, use(4*time.Second, 0, 12)}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("server, server later, others later (-want +got):\n%s", diff)
	}
}
