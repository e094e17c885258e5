package llamacpp_test

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
	"github.com/sovmeter/sovmeter/collector/requestlog/llamacpp"
)

// FuzzParser: no input makes the parser panic, give a request that cannot be,
// or go on differently after a restart.
func FuzzParser(f *testing.F) {
	for _, c := range captures {
		data := capture(f, c.run)
		f.Add(data[len(data)/2:][:1500], uint8(3))
	}
	f.Add([]byte(launch0+"\n"+prompt0+"\n"+eval0+"\n"+total0+"\n"+release0+"\n"), uint8(2))
	f.Add([]byte("\x1b[34m0.00.000.000\x1b[0m \x1b[32mI \x1b[0m"+launch0), uint8(0))
	f.Add([]byte(`{"type":"log","time":1,"level":"info","msg":"srv    load_model: loading model '\"x'\n"}`), uint8(1))
	f.Fuzz(func(t *testing.T, data []byte, cut uint8) {
		lines := bytes.Split(data, []byte("\n"))
		a, b := llamacpp.New(requestlog.Options{Server: "s"}), llamacpp.New(requestlog.Options{Server: "s"})
		for i, line := range lines {
			l := requestlog.Line{Data: line, Offset: int64(i), Arrival: begun.Add(time.Duration(i) * time.Second)}
			if i%3 == 1 {
				l.Spread = requestlog.SpreadUnknown
			}
			va, vb := a.Parse(l), b.Parse(l)
			fa, fb := a.Take(), b.Take()
			if va != vb || !reflect.DeepEqual(fa, fb) {
				t.Fatalf("after a restart line %d gives %v, not %v:\n%s", i, vb, va, cmp.Diff(fa, fb))
			}
			for _, r := range fa.Requests {
				if r.End.Before(r.Start) || r.Input.N < 0 || r.Cached.N < 0 || r.Output.N < 0 || r.Outcome == "" {
					t.Fatalf("impossible request %+v", r)
				}
				if !r.FirstToken.IsZero() && (r.FirstToken.Before(r.Start) || r.FirstToken.After(r.End)) {
					t.Fatalf("first token outside its request %+v", r)
				}
			}
			if i == int(cut) {
				b = restarted(t, b)
			}
		}
	})
}

func restarted(t testing.TB, p *llamacpp.Parser) *llamacpp.Parser {
	t.Helper()
	state, err := p.State()
	if err != nil {
		t.Fatal(err)
	}
	q := llamacpp.New(requestlog.Options{Server: "s"})
	if err := q.Restore(state); err != nil {
		t.Fatal(err)
	}
	return q
}

// FuzzRestore: no checkpoint makes the parser panic, then or later.
func FuzzRestore(f *testing.F) {
	p := llamacpp.New(requestlog.Options{Server: "s"})
	for i, line := range bytes.Split(capture(f, "slow-overlap"), []byte("\n")) {
		p.Parse(requestlog.Line{Data: line, Offset: int64(i), Arrival: begun, Spread: requestlog.SpreadUnknown})
		if i%40 == 0 {
			state, err := p.State()
			if err != nil {
				f.Fatal(err)
			}
			f.Add(state)
		}
	}
	f.Fuzz(func(_ *testing.T, state []byte) {
		p := llamacpp.New(requestlog.Options{Server: "s"})
		if p.Restore(state) != nil {
			return
		}
		for _, line := range []string{launch0, "0.10.000.000 I " + launch0, "0.12.000.000 I " + release0, release0} {
			p.Parse(requestlog.Line{Data: []byte(line), Arrival: begun})
		}
		p.Take()
	})
}

// TestPrivacy puts a marker into every kind of line, in the places where a
// server prints text, and looks for it in all that leaves the package.
func TestPrivacy(t *testing.T) {
	const marker = "GEHEIM secret prompt"
	lines := []string{
		"0.00.000.001 I " + greeting + marker,
		"0.00.000.002 I srv    load_model: loading model '/m/" + marker + ".gguf'",
		"0.00.000.003 E srv    load_model: failed to load model, '" + marker + "'",
		"0.00.000.004 I srv  llama_server: model loaded " + marker,
		"0.00.100.000 I " + launch0 + marker,
		"0.00.200.000 D slot   operator(): id  0 | task 0 | new prompt, n_ctx_slot = 4096, n_keep = 0, task.n_tokens = 9" + marker,
		"0.00.200.000 D slot   operator(): id  0 | task 0 | cached n_tokens = 0, memory_seq_rm [0, end) " + marker,
		"0.00.200.000 D slot   operator(): id  0 | task 0 | " + marker,
		"0.00.300.000 I " + prompt0 + marker,
		"0.00.300.000 I slot print_timing: id  0 | task 0 | prompt eval time = " + marker,
		"0.00.300.000 E srv    send_error: task id = 0, error: " + marker,
		"0.00.400.000 I srv          stop: cancel task, id_task = 0 " + marker,
		"0.00.500.000 I " + release0 + marker,
		"0.00.600.000 I " + launch0,
		`{"type":"log","time":700000,"level":"info","msg":"` + marker + `"}`,
		marker + strings.Repeat("x", 1<<17), "srv  " + marker, "slot " + marker, marker,
	}
	path := filepath.Join(t.TempDir(), "server.log")
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := source(path, requestlog.FollowerOptions{})
	defer s.Close()
	u, err := s.Poll(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if u.Lines.Overlong != 1 || u.Lines.Used < 5 || len(u.InFlight) != 1 || len(u.Checkpoint) == 0 {
		t.Fatalf("the log was not read as meant: %+v", u)
	}
	out := fmt.Sprintf("%+v %s", u, u.Checkpoint)
	if err := s.Restore(u.Checkpoint[:len(u.Checkpoint)/2]); err == nil {
		t.Error("half a checkpoint was restored")
	} else {
		out += err.Error()
	}
	for _, word := range strings.Fields(marker) {
		if strings.Contains(out, word) {
			t.Errorf("%q leaves the parser", word)
		}
	}
}

// BenchmarkIgnored measures lines that say nothing: a log at -lv 4 mostly.
func BenchmarkIgnored(b *testing.B) {
	var lines [][]byte
	for _, line := range bytes.Split(capture(b, "llama-verbose"), []byte("\n")) {
		if p := llamacpp.New(requestlog.Options{}); p.Parse(requestlog.Line{Data: line}) == requestlog.Ignored {
			lines = append(lines, line)
		}
	}
	benchmark(b, lines)
}

// BenchmarkRequests measures a log of nothing but requests.
func BenchmarkRequests(b *testing.B) {
	benchmark(b, bytes.Split(capture(b, "llama-parallel4"), []byte("\n")))
}

func benchmark(b *testing.B, lines [][]byte) {
	size := 0
	for _, line := range lines {
		size += len(line) + 1
	}
	b.SetBytes(int64(size))
	b.ReportAllocs()
	p := llamacpp.New(requestlog.Options{Server: "s"})
	for b.Loop() {
		for i, line := range lines {
			p.Parse(requestlog.Line{Data: line, Offset: int64(i), Arrival: begun})
		}
		p.Take()
	}
}

// BenchmarkFollow measures a Source on a file: reading, splitting, parsing.
func BenchmarkFollow(b *testing.B) {
	data := bytes.Repeat(capture(b, "llama-verbose"), 100)
	path := copyLog(b, data, begun)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		s := source(path, requestlog.FollowerOptions{})
		if _, err := s.Poll(begun); err != nil {
			b.Fatal(err)
		}
		s.Close()
	}
}
