package llamacpp_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/sovmeter/sovmeter/collector/requestlog"
	"github.com/sovmeter/sovmeter/collector/requestlog/llamacpp"
	"github.com/sovmeter/sovmeter/collector/requestlog/parsertest"
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
		contract().Agree(t, parsertest.Mixed(data, begun), int(cut))
	})
}

func contract() parsertest.Contract {
	return parsertest.Contract{Format: llamacpp.Format(), Options: requestlog.Options{Server: "s"}, Begin: begun, MostState: 1 << 20}
}

// FuzzRestore: no checkpoint makes the parser panic, then or later.
func FuzzRestore(f *testing.F) {
	var log []requestlog.Line
	for i, line := range bytes.Split(capture(f, "slow-overlap"), []byte("\n")) {
		log = append(log, requestlog.Line{Data: line, Offset: int64(i), Arrival: begun, Spread: requestlog.SpreadUnknown})
	}
	after := strings.Join([]string{launch0, "0.10.000.000 I " + launch0, "0.12.000.000 I " + release0, release0}, "\n")
	contract().FuzzRestore(f, 40, parsertest.Arriving([]byte(after), begun), log)
}

// TestPrivacy puts a marker into every kind of line, in the places where a
// server prints text, and looks for it in all that leaves the package.
func TestPrivacy(t *testing.T) {
	const marker = parsertest.Marker
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
	u, out := contract().Shown(t, lines)
	if u.Lines.Overlong != 1 || u.Lines.Used < 5 || len(u.InFlight) != 1 {
		t.Fatalf("the log was not read as meant: %+v", u)
	}
	parsertest.Hidden(t, out+contract().Told(t, lines))
}

// BenchmarkIgnored measures lines that say nothing: a log at -lv 4 mostly.
func BenchmarkIgnored(b *testing.B) {
	var lines [][]byte
	for _, line := range bytes.Split(capture(b, "llama-verbose"), []byte("\n")) {
		if p := llamacpp.New(requestlog.Options{}); p.Parse(requestlog.Line{Data: line}) == requestlog.Ignored {
			lines = append(lines, line)
		}
	}
	contract().Benchmark(b, lines)
}

// BenchmarkRequests measures a log of nothing but requests.
func BenchmarkRequests(b *testing.B) {
	contract().Benchmark(b, bytes.Split(capture(b, "llama-parallel4"), []byte("\n")))
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
