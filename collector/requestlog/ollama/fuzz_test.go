package ollama_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sovmeter/sovmeter/collector/requestlog"
	"github.com/sovmeter/sovmeter/collector/requestlog/ollama"
)

// mostState bounds what a parser may keep of a fuzzed log, in bytes.
const mostState = 1 << 20

// FuzzParser: no input makes the parser panic, give a request that cannot be, keep
// more than it may, or go on differently after a restart.
func FuzzParser(f *testing.F) {
	for _, file := range scripts(f) {
		var lines [][]byte
		for _, l := range readScript(f, file) {
			lines = append(lines, l.Data)
		}
		f.Add(bytes.Join(lines, []byte("\n")), uint8(7))
	}
	for _, c := range recordings {
		data := capture(f, c.run)
		f.Add(data[len(data)/2:][:3000], uint8(3))
	}
	f.Add([]byte("\x1b[34m[GIN] 2026/11/20 - 10:00:06 |\x1b[97;42m 200 \x1b[0m|"), uint8(0))
	f.Add([]byte(launch0[:20]+gin+launch0[20:]+"\n"+release0), uint8(1))
	f.Fuzz(func(t *testing.T, data []byte, cut uint8) {
		a, b := ollama.New(requestlog.Options{Server: "s"}), ollama.New(requestlog.Options{Server: "s"})
		for i, line := range bytes.Split(data, []byte("\n")) {
			l := requestlog.Line{Data: line, Offset: int64(i), Arrival: begun.Add(time.Duration(i) * time.Second)}
			if i%3 == 1 {
				l.Spread = requestlog.SpreadUnknown
			}
			va, vb := a.Parse(l), b.Parse(l)
			fa, fb := a.Take(), b.Take()
			if va != vb || !reflect.DeepEqual(fa, fb) {
				t.Fatalf("after a restart line %d gives %v, not %v:\n%s", i, vb, va, cmp.Diff(fa, fb))
			}
			possible(t, fa)
			if i == int(cut) {
				b = restart(t, b)
			}
		}
		if state, err := a.State(); err != nil || len(state) > mostState {
			t.Fatalf("a state of %d bytes, %v", len(state), err)
		}
	})
}

func possible(t *testing.T, f requestlog.Facts) {
	t.Helper()
	for _, r := range f.Requests {
		if r.End.Before(r.Start) || r.Input.N < 0 || r.Cached.N < 0 || r.Output.N < 0 || r.Uncertainty < 0 || r.Outcome == "" || r.ID == "" {
			t.Fatalf("impossible request %+v", r)
		}
		if !r.FirstToken.IsZero() && (r.FirstToken.Before(r.Start) || r.FirstToken.After(r.End)) {
			t.Fatalf("first token outside its request %+v", r)
		}
	}
	for _, l := range f.Loads {
		if l.End.Before(l.Start) {
			t.Fatalf("impossible load %+v", l)
		}
	}
}

// FuzzRestore: no checkpoint makes the parser panic, then or later.
func FuzzRestore(f *testing.F) {
	for _, file := range scripts(f) {
		p := ollama.New(requestlog.Options{Server: "s"})
		for i, l := range readScript(f, file) {
			p.Parse(l)
			if i%5 == 0 {
				state, err := p.State()
				if err != nil {
					f.Fatal(err)
				}
				f.Add(state)
			}
		}
	}
	f.Fuzz(func(_ *testing.T, state []byte) {
		p := ollama.New(requestlog.Options{Server: "s"})
		if p.Restore(state) != nil {
			return
		}
		for _, l := range script(honest()...) {
			p.Parse(l)
		}
		p.Take()
	})
}

// TestPrivacy puts a marker into every kind of line, in the places where Ollama or
// a runner prints text, and looks for it in all that leaves the package.
func TestPrivacy(t *testing.T) {
	const marker = "GEHEIM secret prompt"
	lines := []string{
		config, strings.ReplaceAll(config, "map[]", marker), strings.ReplaceAll(config, "server config", marker),
		startA, ready + marker, strings.ReplaceAll(startA, "-np 2", "-np 2 "+marker),
		strings.ReplaceAll(startB, "/m/blobs/sha256-"+digestB, "/m/"+marker+".gguf"),
		strings.ReplaceAll(mlx, "x/mlx", `"`+marker+`"`),
		`time=2026-11-20T10:00:02.000Z level=INFO source=images.go:381 msg="template selection" model="` + marker + `" x=1`,
		`time=2026-11-20T10:00:02.000Z level=INFO source=sched.go:728 msg="loaded runners" count=` + marker,
		`time=2026-11-20T10:00:02.000Z level=DEBUG source=routes.go:1 msg="chat request" prompt="` + marker + `"`,
		`time=2026-11-20T10:00:02.000Z level=ERROR source=sched.go:1 msg="error loading llama server" error="` + marker + `"`,
		startA, ready, launch0 + marker, whole0 + marker, cached0 + " " + marker,
		"slot   operator(): id  0 | task 0 | " + marker, prompt0 + marker,
		"slot print_timing: id  0 | task 0 | prompt eval time = " + marker,
		"slot print_timing: id  0 | task 0 | " + marker[:9] + gin, marker,
		"slot      release: id  0 | task 0 | stop " + gin, marker,
		"srv    send_error: task id = 0, error: " + marker, "srv    send_error: task id = 0, error: " + marker + gin,
		release0 + marker, "srv    load_model: loading model '/m/" + marker + ".gguf'",
		strings.ReplaceAll(gin, "127.0.0.1", marker), strings.ReplaceAll(gin, "/api/chat", "/api/chat?"+marker),
		strings.ReplaceAll(gin, "/api/chat", "/"+marker), strings.ReplaceAll(gin, "200", marker),
		marker + strings.Repeat("x", 1<<17), "srv  " + marker, "slot " + marker, "[GIN] " + marker, "time=" + marker, "2026/" + marker, marker,
		launch0,
	}
	path := filepath.Join(t.TempDir(), "server.log")
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := requestlog.NewSource(requestlog.SourceOptions{
		Path: path, Format: ollama.FormatName, Parser: ollama.New(requestlog.Options{Server: "s"}),
	})
	defer s.Close()
	u, err := s.Poll(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if u.Lines.Overlong != 1 || u.Lines.Used < 15 || len(u.Checkpoint) == 0 {
		t.Fatalf("the log was not read as meant: %+v", u)
	}
	out := fmt.Sprintf("%+v %s", u, u.Checkpoint)
	if err := s.Restore(u.Checkpoint[:len(u.Checkpoint)/2]); err == nil {
		t.Error("half a checkpoint was restored")
	} else {
		out += err.Error()
	}
	p := ollama.New(requestlog.Options{Server: "s"})
	for _, l := range script(lines...) { // in between too
		p.Parse(l)
		state, err := p.State()
		if err != nil {
			t.Fatal(err)
		}
		out += fmt.Sprintf("%+v %s", p.Take(), state)
	}
	for _, word := range strings.Fields(marker) {
		if strings.Contains(out, word) {
			t.Errorf("%q leaves the parser", word)
		}
	}
}

// BenchmarkRecording measures a whole log as Ollama writes it by default: lines a
// second beside the bytes.
func BenchmarkRecording(b *testing.B) { benchmark(b, capture(b, "ollama-default")) }

// BenchmarkRunners measures a log of several runners.
func BenchmarkRunners(b *testing.B) { benchmark(b, capture(b, "tworunners")) }

// BenchmarkQuiet measures a log of access lines alone.
func BenchmarkQuiet(b *testing.B) { benchmark(b, bytes.Repeat([]byte(gin+"\n"), 1000)) }

func benchmark(b *testing.B, data []byte) {
	lines := bytes.Split(data, []byte("\n"))
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	p := ollama.New(requestlog.Options{Server: "s"})
	for b.Loop() {
		for i, line := range lines {
			p.Parse(requestlog.Line{Data: line, Offset: int64(i), Arrival: begun})
		}
		p.Take()
	}
	b.ReportMetric(float64(len(lines))*float64(b.N)/b.Elapsed().Seconds(), "lines/s")
}
