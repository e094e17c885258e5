package host_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sovmeter/sovmeter/collector/host"
)

// owners burns a different time in each process and reads back whose it was.
func owners(t *testing.T, f *host.Fake, m *host.Meter, now time.Time, pids ...int) map[int]string {
	t.Helper()
	got := map[int]string{}
	for i, pid := range pids {
		f.Burn(pid, time.Second, 1)
		u := sample(t, m, now.Add(time.Duration(i)*time.Millisecond)).Usage
		var found []string
		for _, s := range u.Servers {
			if s.CPU == time.Second {
				found = append(found, s.Server)
			}
		}
		if u.Others.CPU == time.Second {
			found = append(found, "others")
		}
		if len(found) != 1 {
			t.Fatalf("pid %d: burned in %v", pid, found)
		}
		got[pid] = found[0]
	}
	return got
}

func TestFamilies(t *testing.T) {
	mlx := host.Server{Name: "mlx", Processes: []string{"mlx_lm.server"}}
	byPort := host.Server{Name: "port", Port: 8080}
	a := host.Server{Name: "a", Processes: []string{"llama-server"}, Port: 8081}
	b := host.Server{Name: "b", Processes: []string{"llama-server"}, Port: 8082}
	studio := host.Server{Name: "studio", Processes: []string{"LM Studio Helper"}}
	pathed := host.Server{Name: "pathed", Processes: []string{"/opt/b/llama-server"}}

	tests := []struct {
		name    string
		servers []host.Server
		before  func(*host.Fake) // before the first sample
		after   func(*host.Fake) // between it and the second
		want    map[int]string
	}{
		{
			name: "children and grandchildren", servers: []host.Server{llama},
			before: func(f *host.Fake) {
				f.Spawn(30, 20, at(3), exe("/bin/sh")) // listed before its parent
				f.Spawn(20, 10, at(2), exe("/bin/sh"))
				f.Spawn(10, 1, at(1), exe("/bin/llama-server"))
				f.Spawn(40, 1, at(1), exe("/bin/sh"))
			},
			want: map[int]string{10: "llama", 20: "llama", 30: "llama", 40: "others"},
		},
		{
			name: "a runner of Ollama is Ollama's", servers: []host.Server{llama, ollama},
			before: func(f *host.Fake) {
				f.Spawn(10, 1, at(1), exe("/usr/local/bin/ollama"))
				f.Spawn(11, 10, at(2), exe("/usr/local/lib/ollama/llama-server"))
				f.Spawn(12, 1, at(2), exe("/bin/llama-server"))
			},
			want: map[int]string{10: "ollama", 11: "ollama", 12: "llama"},
		},
		{
			name: "an orphan keeps its family", servers: []host.Server{llama},
			before: func(f *host.Fake) {
				f.Spawn(10, 1, at(1), exe("/bin/llama-server"))
				f.Spawn(20, 10, at(2), exe("/bin/worker"))
			},
			after: func(f *host.Fake) { f.Exit(10) },
			want:  map[int]string{20: "llama"},
		},
		{
			name: "a stranger with the parent's pid", servers: []host.Server{llama},
			before: func(f *host.Fake) { f.Spawn(20, 10, at(2), exe("/bin/sh")) },
			after:  func(f *host.Fake) { f.Spawn(10, 1, at(102), exe("/bin/llama-server")) },
			want:   map[int]string{10: "llama", 20: "others"},
		},
		{
			name: "children that appear later", servers: []host.Server{llama},
			before: func(f *host.Fake) { f.Spawn(10, 1, at(1), exe("/bin/llama-server")) },
			after:  func(f *host.Fake) { f.Spawn(20, 10, at(102), exe("/bin/worker")) },
			want:   map[int]string{10: "llama", 20: "llama"},
		},
		{
			name: "a shell that becomes the server", servers: []host.Server{llama},
			before: func(f *host.Fake) { f.Spawn(10, 1, at(1), exe("/bin/sh")) },
			after:  func(f *host.Fake) { f.Exec(10, exe("/bin/llama-server")) },
			want:   map[int]string{10: "llama"},
		},
		{
			name: "script of an interpreter", servers: []host.Server{mlx},
			before: func(f *host.Fake) {
				f.Spawn(10, 1, at(1), host.Executable{Path: "/opt/Python", Script: "mlx_lm.server"})
				f.Spawn(20, 1, at(1), host.Executable{Path: "/opt/Python", Script: "manage.py"})
			},
			want: map[int]string{10: "mlx", 20: "others"},
		},
		{
			name: "names as long as the kernel's limit", servers: []host.Server{studio},
			before: func(f *host.Fake) {
				f.Spawn(10, 1, at(1), exe("/a/LM Studio Helper"))
				f.Spawn(20, 1, at(1), exe("/a/LM Studio Helper (GPU)"))
			},
			want: map[int]string{10: "studio", 20: "others"},
		},
		{
			name: "a name with a slash is a path", servers: []host.Server{pathed},
			before: func(f *host.Fake) {
				f.Spawn(10, 1, at(1), exe("/opt/a/llama-server"))
				f.Spawn(20, 1, at(1), exe("/opt/b/llama-server"))
			},
			want: map[int]string{10: "others", 20: "pathed"},
		},
		{
			name: "by port alone, with children", servers: []host.Server{byPort},
			before: func(f *host.Fake) {
				f.Spawn(10, 1, at(1), exe("/bin/something"))
				f.Spawn(20, 10, at(2), exe("/bin/worker"))
				f.Spawn(30, 1, at(2), exe("/bin/sh"))
				f.Listen(8080, 10)
			},
			want: map[int]string{10: "port", 20: "port", 30: "others"},
		},
		{
			name: "the port tells namesakes apart", servers: []host.Server{b, a},
			before: func(f *host.Fake) {
				f.Spawn(10, 1, at(1), exe("/bin/llama-server"))
				f.Spawn(20, 1, at(2), exe("/bin/llama-server"))
				f.Spawn(21, 20, at(2), exe("/bin/llama-server"))
				f.Spawn(30, 1, at(3), exe("/bin/llama-server"))
				f.Listen(8081, 10)
				f.Listen(8082, 20)
			},
			want: map[int]string{10: "a", 20: "b", 21: "b", 30: "others"},
		},
		{
			name: "a namesake on another port", servers: []host.Server{a},
			before: func(f *host.Fake) {
				f.Spawn(10, 1, at(1), exe("/bin/llama-server"))
				f.Spawn(11, 10, at(1), exe("/bin/worker"))
				f.Spawn(20, 1, at(2), exe("/bin/llama-server"))
				f.Spawn(21, 20, at(2), exe("/bin/worker"))
				f.Listen(8081, 10)
				f.Listen(9999, 20)
			},
			after: func(f *host.Fake) { f.Spawn(30, 1, at(102), exe("/bin/llama-server")) },
			want:  map[int]string{10: "a", 11: "a", 20: "others", 21: "others", 30: "others"},
		},
		{
			name: "an application whose helper listens", servers: []host.Server{{
				Name: "studio", Processes: []string{"LM Studio"}, Port: 1234,
			}},
			before: func(f *host.Fake) {
				f.Spawn(10, 1, at(1), exe("/a/LM Studio"))
				f.Spawn(11, 10, at(1), exe("/a/LM Studio Helper"))
				f.Spawn(12, 10, at(1), exe("/a/llmworker"))
				f.Spawn(20, 1, at(2), exe("/b/LM Studio"))
				f.Listen(1234, 11)
			},
			want: map[int]string{10: "studio", 11: "studio", 12: "studio", 20: "others"},
		},
		{
			name: "namesakes that nothing tells apart", servers: []host.Server{a, b},
			before: func(f *host.Fake) { f.Spawn(10, 1, at(1), exe("/bin/llama-server")) },
			want:   map[int]string{10: "others"},
		},
		{
			name: "nobody listens yet", servers: []host.Server{a},
			before: func(f *host.Fake) {
				f.Spawn(10, 1, at(1), exe("/bin/llama-server"))
				f.Spawn(20, 1, at(2), exe("/bin/llama-server"))
			},
			want: map[int]string{10: "a", 20: "a"},
		},
		{
			name: "the port takes a child out of a family", servers: []host.Server{ollama, byPort},
			before: func(f *host.Fake) {
				f.Spawn(10, 1, at(1), exe("/bin/ollama"))
				f.Spawn(20, 10, at(2), exe("/bin/worker"))
				f.Spawn(30, 20, at(3), exe("/bin/worker"))
				f.Listen(8080, 20)
			},
			want: map[int]string{10: "ollama", 20: "port", 30: "port"},
		},
		{
			name: "launchd holds the socket", servers: []host.Server{byPort},
			before: func(f *host.Fake) {
				f.Listen(8080, 1)
				f.Spawn(10, 1, at(1), exe("/bin/sh"))
			},
			want: map[int]string{1: "others", 10: "others"},
		},
		{
			name: "processes that parent each other", servers: []host.Server{llama},
			before: func(f *host.Fake) {
				f.Spawn(10, 20, at(1), exe("/bin/llama-server"))
				f.Spawn(20, 10, at(1), exe("/bin/sh"))
			},
			want: map[int]string{10: "llama", 20: "llama"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := host.NewFake(boot)
			tt.before(f)
			m := newMeter(t, f, tt.servers...)
			base(t, m, at(100))
			if tt.after != nil {
				tt.after(f)
				sample(t, m, at(105))
			}
			var pids []int
			for pid := range tt.want {
				pids = append(pids, pid)
			}
			if diff := cmp.Diff(tt.want, owners(t, f, m, at(110), pids...)); diff != "" {
				t.Errorf("owners (-want +got):\n%s", diff)
			}
		})
	}
}

func TestNewRejectsBadServers(t *testing.T) {
	_, err := host.New(host.Options{System: host.NewFake(boot), Servers: []host.Server{
		{Name: "", Port: 1},
		{Name: "none"},
		{Name: "none", Port: 70000, Processes: []string{""}},
		{Name: "x", Processes: []string{"llama-server"}},
		{Name: "y", Processes: []string{"llama-server"}, Port: 80},
		{Name: "z", Port: 80},
	}})
	want := `process stats: server without a name
server "none": neither a process name nor a port
server "none": configured twice
server "none": port 70000: must be 1 to 65535
server "none": empty process name
server "z": port 80 is another server's too
server "x": process name "llama-server" is another server's too: add its port`
	if err == nil {
		t.Fatal("no error")
	}
	if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(err.Error(), "\n")); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

func TestMeterKeepsItsServersApartFromTheCallers(t *testing.T) {
	f := host.NewFake(boot)
	servers := []host.Server{ollama, llama}
	newMeter(t, f, servers...)
	if servers[0].Name != "ollama" {
		t.Error("New reordered the caller's servers")
	}
}
