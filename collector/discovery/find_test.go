package discovery_test

import (
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/sovmeter/sovmeter/collector/discovery"
	"github.com/sovmeter/sovmeter/collector/host"
)

func at(s int) time.Time { return time.Unix(1_800_000_000+int64(s), 0).UTC() }

func exe(path string) host.Executable { return host.Executable{Path: path} }

// found is what the tests compare of a server.
type found struct {
	Name, Format string
	PID, Port    int
	Log, From    string
	Problem      string
}

// find runs discovery on a machine where only the given files exist.
func find(t *testing.T, f *host.Fake, files ...string) []found {
	t.Helper()
	servers, err := discovery.Find(t.Context(), discovery.Options{System: f, Stat: func(path string) (fs.FileInfo, error) {
		if slices.Contains(files, path) {
			return fstest.MapFS{"log": {}}.Stat("log")
		}
		if strings.HasPrefix(path, "/dev/") {
			return os.Stat(os.DevNull)
		}
		return nil, fs.ErrNotExist
	}})
	if err != nil {
		t.Fatal(err)
	}
	var out []found
	for _, s := range servers {
		if (s.Problem == "") != (s.Advice == "") {
			t.Errorf("%s: problem %q with advice %q", s.Name, s.Problem, s.Advice)
		}
		out = append(out, found{s.Name, s.Format, s.PID, s.Port, s.Log, s.From, s.Problem})
	}
	return out
}

func TestFind(t *testing.T) {
	const silent, none = "its log does not tell tokens", "it writes no log that can be found"
	tests := []struct {
		name  string
		setup func(*host.Fake)
		files []string
		want  []found
	}{
		{name: "nothing runs", setup: func(*host.Fake) {}},
		{
			name: "the Ollama app, its server, its runner and a client",
			setup: func(f *host.Fake) {
				f.Spawn(10, 1, at(1), exe("/Applications/Ollama.app/Contents/MacOS/Ollama"))
				f.Spawn(11, 10, at(2), exe("/Applications/Ollama.app/Contents/Resources/ollama"))
				f.Spawn(12, 11, at(3), exe("/Applications/Ollama.app/Contents/Resources/llama-server"))
				f.Spawn(13, 1, at(4), exe("/usr/local/bin/ollama"))
				f.Listen(11434, 11)
				f.Launched(11, host.Launch{Home: "/Users/a", Output: map[int]string{1: "/Users/a/.ollama/logs/server.log", 2: "/Users/a/.ollama/logs/server.log"}})
			},
			want: []found{{"ollama", "ollama", 11, 11434, "/Users/a/.ollama/logs/server.log", "its output goes there", ""}},
		},
		{
			name: "Ollama whose output is a terminal, with an old log of the app",
			setup: func(f *host.Fake) {
				f.Spawn(11, 1, at(2), exe("/usr/local/bin/ollama"))
				f.Listen(11434, 11)
				f.Launched(11, host.Launch{Home: "/Users/a"})
			},
			files: []string{"/Users/a/.ollama/logs/server.log"},
			want:  []found{{"ollama", "ollama", 11, 11434, "/Users/a/.ollama/logs/server.log", "its usual place", ""}},
		},
		{
			name: "two llama-servers, one of them without a log",
			setup: func(f *host.Fake) {
				f.Spawn(20, 1, at(2), exe("/opt/homebrew/bin/llama-server"))
				f.Spawn(21, 1, at(3), exe("/opt/homebrew/bin/llama-server"))
				f.Listen(8080, 20)
				f.Listen(8081, 21)
				f.Launched(20, host.Launch{Options: map[string]string{"--log-file": "/var/log/llama.log"}})
				f.Launched(21, host.Launch{Options: map[string]string{"--port": "8081"}})
			},
			want: []found{
				{"llama-server", "llamacpp", 20, 8080, "/var/log/llama.log", "its option --log-file", ""},
				{"llama-server-8081", "llamacpp", 21, 8081, "", "", none},
			},
		},
		{
			name: "a relative log file cannot be found",
			setup: func(f *host.Fake) {
				f.Spawn(20, 1, at(2), exe("/bin/llama-server"))
				f.Launched(20, host.Launch{Options: map[string]string{"--log-file": "llama.log"}})
			},
			want: []found{{"llama-server", "llamacpp", 20, 0, "", "", none}},
		},
		{
			name: "llama-swap and its children",
			setup: func(f *host.Fake) {
				f.Spawn(30, 1, at(1), exe("/opt/llama-swap"))
				f.Spawn(31, 30, at(2), exe("/bin/sh"))
				f.Spawn(32, 31, at(2), exe("/bin/llama-server"))
				f.Listen(9292, 30)
				f.Launched(30, host.Launch{Options: map[string]string{"-listen": "127.0.0.1:9292"}, Output: map[int]string{1: "/tmp/swap.log"}})
			},
			want: []found{{"llama-swap", "llamaswap", 30, 9292, "http://127.0.0.1:9292/api/metrics", "it answers there", ""}},
		},
		{
			name: "LM Studio's folder of logs; its helper listens",
			setup: func(f *host.Fake) {
				f.Spawn(40, 1, at(1), exe("/Applications/LM Studio.app/Contents/MacOS/LM Studio"))
				f.Spawn(41, 40, at(1), exe("/Applications/LM Studio.app/Contents/Frameworks/LM Studio Helper"))
				f.Listen(1234, 41)
				f.Launched(40, host.Launch{Home: "/Users/a", Output: map[int]string{1: "/tmp/electron.log"}})
			},
			files: []string{"/Users/a/.lmstudio/server-logs"},
			want:  []found{{"lmstudio", "lmstudio", 40, 1234, "/Users/a/.lmstudio/server-logs", "its usual place", ""}},
		},
		{
			name: "Python servers by their script or module",
			setup: func(f *host.Fake) {
				python := func(pid, start int, script string) {
					f.Spawn(pid, 1, at(start), host.Executable{Path: "/opt/homebrew/bin/python3", Script: script})
				}
				python(50, 1, "mlx_lm.server")
				python(51, 2, "vllm")
				python(52, 3, "litellm")
				python(53, 4, "manage.py")
				f.Listen(8000, 51)
				f.Launched(50, host.Launch{Options: map[string]string{"--port": "8085"}, Output: map[int]string{2: "/tmp/mlx.log"}})
				f.Launched(52, host.Launch{Output: map[int]string{1: "/tmp/litellm.log"}})
			},
			want: []found{
				{"mlx", "mlx", 50, 0, "/tmp/mlx.log", "its output goes there", silent},
				{"vllm", "vllm", 51, 8000, "", "", none},
				{"litellm", "litellm", 52, 0, "/tmp/litellm.log", "its output goes there", ""},
			},
		},
		{
			name: "a proxy before a server without tokens, and before one that has them",
			setup: func(f *host.Fake) {
				f.Spawn(50, 1, at(1), host.Executable{Path: "/usr/bin/python3", Script: "mlx_lm.server"})
				f.Spawn(51, 1, at(2), exe("/usr/local/bin/sovmeter"))
				f.Spawn(52, 1, at(3), exe("/bin/llama-server"))
				f.Spawn(53, 1, at(4), exe("/usr/local/bin/sovmeter"))
				f.Spawn(54, 1, at(5), exe("/usr/local/bin/sovmeter"))
				f.Spawn(55, 1, at(6), exe("/usr/local/bin/sovmeter"))
				f.Spawn(56, 1, at(7), exe("/usr/local/bin/ollama"))
				f.Listen(8080, 50)
				f.Listen(8081, 52)
				f.Listen(11434, 56)
				f.Launched(55, host.Launch{Options: map[string]string{"proxy": "--log", "--log": "/tmp/ollama.jsonl"}})
				f.Launched(50, host.Launch{Output: map[int]string{2: "/tmp/mlx.log"}})
				f.Launched(51, host.Launch{Options: map[string]string{"proxy": "--upstream", "--upstream": "http://127.0.0.1:8080/", "--log": "/tmp/proxy.jsonl"}})
				f.Launched(52, host.Launch{Options: map[string]string{"--port": "8081", "--log-file": "/tmp/llama.log"}})
				f.Launched(53, host.Launch{Options: map[string]string{"proxy": "--upstream", "--upstream": "http://127.0.0.1:8081", "--log": "/tmp/other.jsonl"}})
				f.Launched(54, host.Launch{Options: map[string]string{"--log": "/tmp/parsed.log"}}) // another command
			},
			want: []found{
				{"ollama", "jsonl", 56, 11434, "/tmp/ollama.jsonl", "the proxy in front of it writes it", ""},
				{"llama-server", "llamacpp", 52, 8081, "/tmp/llama.log", "its option --log-file", ""},
				{"mlx", "jsonl", 50, 8080, "/tmp/proxy.jsonl", "the proxy in front of it writes it", ""},
			},
		},
		{
			name: "standard output and error in files of their own: the log is where its kind writes it",
			setup: func(f *host.Fake) {
				apart := map[int]string{1: "/tmp/out.log", 2: "/tmp/err.log"}
				f.Spawn(20, 1, at(1), exe("/bin/llama-server"))
				f.Spawn(21, 1, at(2), exe("/bin/ollama"))
				f.Spawn(22, 1, at(3), host.Executable{Path: "/usr/bin/python3", Script: "vllm"})
				f.Launched(20, host.Launch{Output: apart})
				f.Launched(21, host.Launch{Output: apart})
				f.Launched(22, host.Launch{Output: apart})
			},
			want: []found{
				{"ollama", "ollama", 21, 0, "/tmp/err.log", "its output goes there", ""},
				{"llama-server", "llamacpp", 20, 0, "/tmp/err.log", "its output goes there", ""},
				{"vllm", "vllm", 22, 0, "/tmp/out.log", "its output goes there", silent},
			},
		},
		{
			name: "a llama-server that sends away what it does not log to",
			setup: func(f *host.Fake) {
				f.Spawn(20, 1, at(1), exe("/bin/llama-server"))
				f.Launched(20, host.Launch{Output: map[int]string{1: "/tmp/out.log"}})
			},
			want: []found{{"llama-server", "llamacpp", 20, 0, "", "", none}},
		},
		{
			name: "a log option that names the terminal",
			setup: func(f *host.Fake) {
				f.Spawn(20, 1, at(1), exe("/bin/llama-server"))
				f.Launched(20, host.Launch{Options: map[string]string{"--log-file": "/dev/stderr"}, Output: map[int]string{2: "/tmp/err.log"}})
			},
			want: []found{{"llama-server", "llamacpp", 20, 0, "/tmp/err.log", "its output goes there", ""}},
		},
		{
			name: "a llama-swap that listens on one address of the network",
			setup: func(f *host.Fake) {
				f.Spawn(30, 1, at(1), exe("/opt/llama-swap"))
				f.Listen(9292, 30)
				f.Launched(30, host.Launch{Options: map[string]string{"--listen": "192.168.1.5:9292"}})
			},
			want: []found{{"llama-swap", "llamaswap", 30, 9292, "http://192.168.1.5:9292/api/metrics", "it answers there", ""}},
		},
		{
			name: "three of a kind on one port, each on an address of its own",
			setup: func(f *host.Fake) {
				for pid := 20; pid < 23; pid++ {
					f.Spawn(pid, 1, at(pid), exe("/bin/llama-server"))
					f.Listen(8080, pid)
				}
			},
			want: []found{
				{"llama-server", "llamacpp", 20, 8080, "", "", none},
				{"llama-server-8080", "llamacpp", 21, 8080, "", "", none},
				{"llama-server-22", "llamacpp", 22, 8080, "", "", none},
			},
		},
		{
			name: "a proxy for another machine's server on the same port",
			setup: func(f *host.Fake) {
				f.Spawn(50, 1, at(1), host.Executable{Path: "/usr/bin/python3", Script: "mlx_lm.server"})
				f.Spawn(51, 1, at(2), exe("/usr/local/bin/sovmeter"))
				f.Listen(8080, 50)
				f.Launched(51, host.Launch{Options: map[string]string{"proxy": "--upstream", "--upstream": "http://192.168.1.7:8080", "--log": "/tmp/proxy.jsonl"}})
			},
			want: []found{{"mlx", "mlx", 50, 8080, "", "", none}},
		},
		{
			name: "two of a kind of which no port is known",
			setup: func(f *host.Fake) {
				f.Spawn(60, 1, at(1), exe("/bin/llama-server"))
				f.Spawn(61, 1, at(2), exe("/bin/llama-server"))
			},
			want: []found{
				{"llama-server", "llamacpp", 60, 0, "", "", none},
				{"llama-server-61", "llamacpp", 61, 0, "", "", none},
			},
		},
		{
			name: "a port option that is no port",
			setup: func(f *host.Fake) {
				f.Spawn(60, 1, at(1), exe("/bin/llama-server"))
				f.Listen(8080, 60)
				f.Launched(60, host.Launch{Options: map[string]string{"--port": "99999"}})
			},
			want: []found{{"llama-server", "llamacpp", 60, 8080, "", "", none}},
		},
		{
			name: "a stranger on the default port",
			setup: func(f *host.Fake) {
				f.Spawn(60, 1, at(1), exe("/bin/llama-server"))
				f.Spawn(70, 1, at(1), exe("/bin/tomcat"))
				f.Listen(8080, 70)
			},
			want: []found{{"llama-server", "llamacpp", 60, 0, "", "", none}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := host.NewFake(at(0))
			tt.setup(f)
			if diff := cmp.Diff(tt.want, find(t, f, tt.files...), cmpopts.EquateEmpty()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestPortLookupFails(t *testing.T) {
	f := host.NewFake(at(0))
	f.Spawn(60, 1, at(1), exe("/bin/llama-server"))
	f.ListenErr = errors.New("lsof is gone")
	if _, err := discovery.Find(t.Context(), discovery.Options{System: f}); !errors.Is(err, f.ListenErr) {
		t.Errorf("got %v, want the lookup's error", err)
	}
}

func TestKindsAreComplete(t *testing.T) {
	names, processes := map[string]bool{}, map[string]bool{}
	for _, k := range discovery.Kinds() {
		if k.Name == "" || k.Format == "" || k.Port == 0 || k.Advice == "" || len(k.Processes) == 0 {
			t.Errorf("incomplete: %+v", k)
		}
		if names[k.Name] {
			t.Errorf("%s is there twice", k.Name)
		}
		names[k.Name] = true
		for _, p := range k.Processes {
			if processes[p] {
				t.Errorf("process %s belongs to two kinds", p)
			}
			processes[p] = true
		}
		if len(k.Prints) == 0 && len(k.Logs) == 0 && k.Activity == "" && len(k.LogOptions) == 0 {
			t.Errorf("%s: no log can ever be found", k.Name)
		}
	}
}
