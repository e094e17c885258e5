package ollama_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/sovmeter/sovmeter/collector/requestlog"
	"github.com/sovmeter/sovmeter/collector/requestlog/ollama"
	"github.com/sovmeter/sovmeter/collector/requestlog/parsertest"
)

// contract allows a parser to keep 1 MiB of a fuzzed log.
func contract() parsertest.Contract {
	return parsertest.Contract{Format: ollama.Format(), Options: requestlog.Options{Server: "s"}, Begin: begun, MostState: 1 << 20}
}

// FuzzParser: no input makes the parser panic, give a request that cannot be, keep
// more than it may, or go on differently after a restart.
func FuzzParser(f *testing.F) {
	for _, file := range scripts(f) {
		f.Add(parsertest.Joined(readScript(f, file)), uint8(7))
	}
	for _, c := range recordings {
		data := capture(f, c.run)
		f.Add(data[len(data)/2:][:3000], uint8(3))
	}
	f.Add([]byte("\x1b[34m[GIN] 2026/11/20 - 10:00:06 |\x1b[97;42m 200 \x1b[0m|"), uint8(0))
	f.Add([]byte(launch0[:20]+gin+launch0[20:]+"\n"+release0), uint8(1))
	f.Fuzz(func(t *testing.T, data []byte, cut uint8) {
		contract().Agree(t, parsertest.Mixed(data, begun), int(cut))
	})
}

// FuzzRestore: no checkpoint makes the parser panic, then or later.
func FuzzRestore(f *testing.F) {
	var logs [][]requestlog.Line
	for _, file := range scripts(f) {
		logs = append(logs, readScript(f, file))
	}
	contract().FuzzRestore(f, 5, script(honest()...), logs...)
}

// TestPrivacy puts a marker into every kind of line, in the places where Ollama or
// a runner prints text, and looks for it in all that leaves the package.
func TestPrivacy(t *testing.T) {
	const marker = parsertest.Marker
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
	u, out := contract().Shown(t, lines)
	if u.Lines.Overlong != 1 || u.Lines.Used < 15 {
		t.Fatalf("the log was not read as meant: %+v", u)
	}
	parsertest.Hidden(t, out+contract().Told(t, lines))
}

// BenchmarkRecording measures a whole log as Ollama writes it by default: lines a
// second beside the bytes.
func BenchmarkRecording(b *testing.B) { benchmark(b, capture(b, "ollama-default")) }

// BenchmarkRunners measures a log of several runners.
func BenchmarkRunners(b *testing.B) { benchmark(b, capture(b, "tworunners")) }

// BenchmarkQuiet measures a log of access lines alone.
func BenchmarkQuiet(b *testing.B) { benchmark(b, bytes.Repeat([]byte(gin+"\n"), 1000)) }

func benchmark(b *testing.B, data []byte) { contract().Benchmark(b, bytes.Split(data, []byte("\n"))) }
