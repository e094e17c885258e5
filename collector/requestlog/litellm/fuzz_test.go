package litellm_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/requestlog"
	"github.com/sovmeter/sovmeter/collector/requestlog/litellm"
	"github.com/sovmeter/sovmeter/collector/requestlog/parsertest"
)

// FuzzParser: no input makes the parser panic, give a call that cannot be, or go
// on differently after a restart.
func FuzzParser(f *testing.F) {
	for _, r := range recordings() {
		f.Add(parsertest.Read(f, r.name+".log"), uint8(3))
	}
	f.Add([]byte("{\n    \"a\": {\n        \"b\": [\n\n}"), uint8(1))
	f.Add([]byte(`{"metadata": "{\"user_api_key_alias\": \"\\", "startTime": "2026-01-01T00:00:00"}`), uint8(0))
	f.Fuzz(func(t *testing.T, data []byte, cut uint8) {
		contract(requestlog.Options{Server: "s"}).Agree(t, parsertest.Arriving(data, time.Time{}), int(cut))
	})
}

// FuzzOneLine: what is read of an object is what a JSON decoder reads of it.
func FuzzOneLine(f *testing.F) {
	for _, l := range linesOf(f, "lines") {
		f.Add(l.Data)
	}
	f.Add(line(`messages:["\\", "\\\"", {"a": [[{}], "]"]}]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var o map[string]any
		if bytes.ContainsAny(data, "\n") || bytes.Contains(data, []byte(`\u`)) || json.Unmarshal(data, &o) != nil {
			return
		}
		p := litellm.New(requestlog.Options{Server: "s"})
		v := p.Parse(requestlog.Line{Data: data})
		for _, c := range wanted(p.Take()) {
			n, ok := o["completion_tokens"].(float64)
			if c.Output != nil && (!ok || *c.Output != int64(n)) {
				t.Fatalf("%v: output %d, want %v", v, *c.Output, o["completion_tokens"])
			}
			if c.Start.IsZero() || o["call_type"] == nil || o["message"] != nil && !strings.HasPrefix(fmt.Sprint(o["message"]), "{") {
				t.Fatalf("a call from what is no payload: %+v", c)
			}
		}
	})
}

// FuzzRestore: no checkpoint makes the parser panic, then or later.
func FuzzRestore(f *testing.F) {
	var logs [][]requestlog.Line
	for _, r := range recordings() {
		logs = append(logs, linesOf(f, r.name))
	}
	after := strings.Join([]string{`    "startTime": 5,`, `        "x": {`, "}", string(line())}, "\n")
	contract(requestlog.Options{Server: "s"}).FuzzRestore(f, 20, parsertest.Arriving([]byte(after), time.Time{}), logs...)
}

// TestPrivacy puts a marker into every string, and every key that has none, and
// looks for it in all that leaves the package.
func TestPrivacy(t *testing.T) {
	const marker = parsertest.Marker
	var text []string
	for _, r := range recordings() {
		for _, l := range linesOf(t, r.name) {
			text = append(text, string(l.Data))
			if v := mark(l.Data, marker); v != "" {
				text = append(text, v)
			}
		}
	}
	text = append(text, marker, strings.Repeat(marker, 9999), `{"`+marker+`": 1}`, "{", `    "api_base": "http://localhost/`+marker+`",`)
	c := contract(requestlog.Options{Server: "s"})
	u, out := c.Shown(t, text)
	if len(u.Requests) < 5 || len(u.Remote) < 5 || u.Lines.Overlong != 1 || u.Lines.Malformed == 0 {
		t.Fatalf("the log was not read as meant: %d requests, %d calls, %+v", len(u.Requests), len(u.Remote), u.Lines)
	}
	parsertest.Hidden(t, out+c.Told(t, text), "88dc28d0f030c55", "sk-1234567890", "maria@example.org")
}

// mark returns an object with the marker behind each of its strings but those
// that say what kind of call it is.
func mark(line []byte, marker string) string {
	var o map[string]any
	if json.Unmarshal(line, &o) != nil {
		return ""
	}
	for key, value := range o {
		if s, ok := value.(string); ok && key != "call_type" && key != "status" && key != "startTime" && key != "endTime" {
			o[key] = s + marker
		}
	}
	for _, object := range []string{"metadata", "response", "hidden_params"} {
		if m, ok := o[object].(map[string]any); ok {
			for key, value := range m {
				if s, ok := value.(string); ok {
					m[key] = s + marker
				}
			}
		}
	}
	out, err := json.Marshal(o)
	if err != nil {
		return ""
	}
	return string(out)
}

// BenchmarkLines measures payloads on one line, of 1.7 kB each.
func BenchmarkLines(b *testing.B) { benchmark(b, "lines") }

// BenchmarkPrinted measures payloads over many lines.
func BenchmarkPrinted(b *testing.B) { benchmark(b, "printed") }

func benchmark(b *testing.B, name string) {
	contract(requestlog.Options{Server: "s"}).Benchmark(b, parsertest.Texts(linesOf(b, name)))
}
