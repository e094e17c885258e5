package powermetrics_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/powermetrics"
)

// named is a Matcher of exact names.
type named struct{ names, groups []string }

func (n named) MatchesName(name string) bool   { return slices.Contains(n.names, name) }
func (n named) MatchesGroup(label string) bool { return slices.Contains(n.groups, label) }

// task writes a row of the tasks sampler; times in ms, none below 0.
func task(pid int, name string, cpu, gpu int) string {
	return fmt.Sprintf("<dict><key>pid</key><integer>%d</integer><key>name</key><string>%s</string>%s</dict>\n", pid, name, times(cpu, gpu))
}

func times(cpu, gpu int) string {
	out := ""
	if cpu >= 0 {
		out += fmt.Sprintf("<key>cputime_ns</key><integer>%d</integer>", cpu*1e6)
	}
	if gpu >= 0 {
		out += fmt.Sprintf("<key>gputime_ns</key><integer>%d</integer>", gpu*1e6)
	}
	return out
}

func flat(tasks ...string) string {
	return "<key>tasks</key><array>\n" + strings.Join(tasks, "") + "</array>\n"
}

func coalition(name string, cpu, gpu int, tasks ...string) string {
	return "<dict><key>name</key><string>" + name + "</string>" + times(cpu, gpu) + flat(tasks...) + "</dict>\n"
}

func coalitions(all ...string) string {
	return "<key>coalitions</key><array>\n" + strings.Join(all, "") + "</array>\n"
}

// listing is a sample of a second with tasks in it, whose GPU was busy for so
// many ms.
func listing(tasks string, gpuBusy int) doc {
	d := usual()
	d.extra = tasks
	d.gpuIdle = fmt.Sprint(float64(1000-gpuBusy) / 1000)
	return d
}

func ms(n int) time.Duration { return time.Duration(n) * time.Millisecond }

// used is the use by "srv" and by all others, in ms; GPU times below 0 are unknown.
func used(cpu, gpu, othersCPU, othersGPU int) *attribution.Usage {
	known := gpu >= 0
	if !known {
		gpu, othersGPU = 0, 0
	}
	return &attribution.Usage{
		Servers:  []attribution.ServerUse{{Server: "srv", Use: attribution.Use{CPU: ms(cpu), GPU: ms(gpu)}}},
		Others:   attribution.Use{CPU: ms(othersCPU), GPU: ms(othersGPU)},
		GPUKnown: known,
	}
}

func TestTaskMeter(t *testing.T) {
	llama := named{names: []string{"llama-server"}}
	ollama := named{names: []string{"ollama"}, groups: []string{"com.electron.ollama"}}
	terminal := func(gpu int) string {
		return coalition("com.apple.Terminal", 340, gpu, task(1, "Terminal", 20, -1), task(2, "llama-server", 300, -1), task(3, "clang", 20, -1))
	}
	app := func(gpu int) string {
		return coalition("com.electron.ollama", 450, gpu, task(10, "Ollama", 5, -1), task(11, "ollama", 45, -1), task(12, "runner", 400, -1))
	}
	window := func(gpu int) string {
		return coalition("com.apple.WindowServer", 100, gpu, task(20, "WindowServer", 100, -1))
	}
	tests := []struct {
		name  string
		match named
		docs  []doc
		want  []*attribution.Usage
	}{
		{"by name", llama, []doc{listing(flat(task(0, "kernel_task", 50, -1), task(7, "llama-server", 300, -1), task(-1, "DEAD_TASKS", 30, -1)), 0)}, []*attribution.Usage{used(300, -1, 80, -1)}},
		{"several of the name", llama, []doc{listing(flat(task(7, "llama-server", 300, -1), task(8, "llama-server", 40, -1)), 0)}, []*attribution.Usage{used(340, -1, 0, -1)}},
		{
			"an idle server is not listed", llama,
			[]doc{listing(flat(task(1, "launchd", 5, -1)), 0), listing(flat(task(7, "llama-server", 300, -1)), 0), listing(flat(task(1, "launchd", 6, -1)), 0)},
			[]*attribution.Usage{used(0, -1, 5, -1), used(300, -1, 0, -1), used(0, -1, 6, -1)},
		},
		{"never listed", llama, []doc{listing(flat(task(1, "launchd", 5, -1)), 0), usual()}, []*attribution.Usage{nil, nil}},
		{"rows that sum up are nobody's", named{names: []string{"DEAD_TASKS", "kernel_task"}}, []doc{listing(flat(task(-1, "DEAD_TASKS", 5, -1), task(0, "kernel_task", 5, -1)), 0)}, []*attribution.Usage{nil}},
		{"a sample without tasks", llama, []doc{usual(), listing(flat(task(7, "llama-server", 300, -1)), 0), listing(flat(), 0)}, []*attribution.Usage{nil, used(300, -1, 0, -1), nil}},
		{"a task of unknown time", llama, []doc{listing(flat(task(7, "llama-server", 300, -1), task(8, "x", -1, -1)), 0)}, []*attribution.Usage{nil}},
		{"a terminal is not the server's", llama, []doc{listing(coalitions(terminal(-1), window(-1)), 0)}, []*attribution.Usage{used(300, -1, 140, -1)}},
		{"the server's own coalition", ollama, []doc{listing(coalitions(app(-1), window(-1)), 0)}, []*attribution.Usage{used(450, -1, 100, -1)}},
		{
			"it stays that when its namesake is idle", ollama,
			[]doc{
				listing(coalitions(coalition("com.electron.ollama", 400, -1, task(12, "runner", 400, -1)), window(-1)), 0),
				listing(coalitions(app(-1)), 0),
			},
			[]*attribution.Usage{used(400, -1, 100, -1), used(450, -1, 0, -1)},
		},
		{"a coalition of the name without the server", named{groups: []string{"com.electron.ollama"}}, []doc{listing(coalitions(app(-1)), 0)}, []*attribution.Usage{nil}},
		{"a coalition that is named itself", named{names: []string{"com.electron.ollama"}}, []doc{listing(coalitions(app(-1), window(-1)), 0)}, []*attribution.Usage{used(450, -1, 100, -1)}},
		{"GPU time of coalitions", ollama, []doc{listing(coalitions(app(800), window(100)), 950)}, []*attribution.Usage{used(450, 800, 100, 100)}},
		{"too much of it is nobody's", ollama, []doc{listing(coalitions(app(500), window(100)), 950)}, []*attribution.Usage{used(450, -1, 100, -1)}},
		{"nobody is named on an idle GPU", ollama, []doc{listing(coalitions(app(-1), window(1)), 15)}, []*attribution.Usage{used(450, 0, 100, 1)}},
		{"no GPU times in the stream", ollama, []doc{listing(coalitions(app(-1), window(-1)), 15)}, []*attribution.Usage{used(450, -1, 100, -1)}},
		{"GPU time of a terminal", llama, []doc{listing(coalitions(terminal(800), window(100)), 950)}, []*attribution.Usage{used(300, -1, 140, -1)}},
		{"little of it", llama, []doc{listing(coalitions(terminal(10), window(100)), 115)}, []*attribution.Usage{used(300, 0, 140, 100)}},
		{"GPU time of tasks", llama, []doc{listing(flat(task(7, "llama-server", 300, 700), task(20, "WindowServer", 100, 200)), 950)}, []*attribution.Usage{used(300, 700, 100, 200)}},
		{
			"GPU time of tasks and of their coalition", ollama,
			[]doc{listing(coalitions(coalition("com.electron.ollama", 400, 800, task(11, "ollama", 400, 700)), coalition("x", 50, 100, task(9, "x", 50, 60))), 950), listing(coalitions(app(800), window(100)), 950)},
			[]*attribution.Usage{used(400, 800, 50, 100), used(450, 800, 100, 100)},
		},
		{"the GPU's busy time is unknown", llama, []doc{func() doc {
			d := listing(flat(task(7, "llama-server", 300, 700)), 950)
			d.gpuIdle = "nan"
			return d
		}()}, []*attribution.Usage{used(300, -1, 0, -1)}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := powermetrics.NewTaskMeter("srv", tt.match)
			if err := m.Scan(strings.NewReader(stream(tt.docs...))); err != nil {
				t.Fatal(err)
			}
			var got []*attribution.Usage
			for _, s := range decodeAll(t, strings.NewReader(stream(tt.docs...))) {
				got = append(got, m.Use(&s))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("usage (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTaskMeterWithoutScan(t *testing.T) {
	docs := []doc{
		listing(flat(task(1, "launchd", 5, -1)), 0),
		listing(flat(task(7, "llama-server", 300, -1)), 0),
		listing(flat(task(1, "launchd", 6, -1)), 0),
		usual(),
	}
	summary := listing(flat(task(7, "llama-server", 300, -1)), 0)
	summary.delta = "false"
	m := powermetrics.NewTaskMeter("srv", named{names: []string{"llama-server"}})
	var got []*attribution.Usage
	for _, s := range decodeAll(t, strings.NewReader(stream(append(docs, summary)...))) {
		got = append(got, m.Use(&s))
	}
	want := []*attribution.Usage{nil, used(300, -1, 0, -1), used(0, -1, 6, -1), nil, nil}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("usage (-want +got):\n%s", diff)
	}
	if got, want := m.Stats(), (powermetrics.TaskStats{Samples: 4, Tasks: 3, Server: 1}); got != want {
		t.Errorf("stats %+v, want %+v", got, want)
	}
}

func TestScanFails(t *testing.T) {
	m := powermetrics.NewTaskMeter("srv", named{})
	if err := m.Scan(errReader{os.ErrClosed}); !errors.Is(err, os.ErrClosed) {
		t.Errorf("%v from a reader that fails, want its error", err)
	}
	cut := usual().String()
	if err := m.Scan(strings.NewReader(cut + "\x00" + cut[:200])); err != nil {
		t.Errorf("%v for a document that is cut", err)
	}
}

// TestTaskMeterOnRecordings takes an application of each recording for the
// server: all CPU time is somebody's, and its own coalition is its family.
func TestTaskMeterOnRecordings(t *testing.T) {
	for _, tt := range []struct {
		file            string
		app, group      string
		listed, samples int64
		server          time.Duration // a sum made apart from this code, with Python's plistlib
	}{
		{"m1pro_macos15.3_24D81_show-all_i1000_x5.plist", "Code Helper (Plugin)", "com.microsoft.VSCode", 5, 5, 1027231611},
		{"m1pro_macos14.7_23H311_tasks-coalition_i99_x29.plist", "sublime_text", "com.sublimetext.4", 28, 29, 787773322},
	} {
		t.Run(tt.file, func(t *testing.T) {
			data := readFile(t, filepath.Join(capturesDir(t), "plist", tt.file))
			m := powermetrics.NewTaskMeter("srv", named{names: []string{tt.app}, groups: []string{tt.group}})
			if err := m.Scan(bytes.NewReader(data)); err != nil {
				t.Fatal(err)
			}
			var all, server, others time.Duration
			_, err := powermetrics.ReplayTasks(bytes.NewReader(data), func(s *powermetrics.Sample) *attribution.Usage {
				for _, task := range s.Tasks {
					all += task.CPU
				}
				return m.Use(s)
			}, func(x attribution.Measurement) error {
				server += x.Window.Usage.Servers[0].CPU
				others += x.Window.Usage.Others.CPU
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			if server != tt.server || server+others != all {
				t.Errorf("server %d, others %d of %d ns; want server %d", server, others, all, tt.server)
			}
			if got := m.Stats(); got.Samples != tt.samples || got.Tasks != tt.samples || got.Server != tt.listed {
				t.Errorf("stats %+v, want %d of %d", got, tt.listed, tt.samples)
			}
		})
	}
}
