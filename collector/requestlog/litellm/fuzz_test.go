package litellm_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sovmeter/sovmeter/collector/requestlog"
	"github.com/sovmeter/sovmeter/collector/requestlog/litellm"
)

// FuzzParser: no input makes the parser panic, give a call that cannot be, or go
// on differently after a restart.
func FuzzParser(f *testing.F) {
	for _, r := range recordings() {
		f.Add(read(f, r.name+".log"), uint8(3))
	}
	f.Add([]byte("{\n    \"a\": {\n        \"b\": [\n\n}"), uint8(1))
	f.Add([]byte(`{"metadata": "{\"user_api_key_alias\": \"\\", "startTime": "2026-01-01T00:00:00"}`), uint8(0))
	f.Fuzz(func(t *testing.T, data []byte, cut uint8) {
		opt := requestlog.Options{Server: "s"}
		a, b := litellm.New(opt), litellm.New(opt)
		for i, line := range bytes.Split(data, []byte("\n")) {
			l := requestlog.Line{Data: line, Offset: int64(i)}
			va, vb := a.Parse(l), b.Parse(l)
			fa, fb := a.Take(), b.Take()
			if va != vb || !reflect.DeepEqual(fa, fb) {
				t.Fatalf("after a restart line %d gives %v, not %v:\n%s", i, vb, va, cmp.Diff(fa, fb))
			}
			for _, w := range wanted(fa) {
				if w.End.Before(w.Start) || w.Outcome == "" || !w.First.IsZero() && (w.First.Before(w.Start) || w.First.After(w.End)) {
					t.Fatalf("impossible call %+v", w)
				}
				for _, n := range []*int64{w.Input, w.Cached, w.Output, w.Context, w.CacheWrite, w.Spend} {
					if n != nil && *n < 0 {
						t.Fatalf("a count below zero: %+v", w)
					}
				}
			}
			if i == int(cut) {
				b = restarted(t, b, opt)
			}
		}
	})
}

// FuzzOneLine: what is read of an object is what a JSON decoder reads of it.
func FuzzOneLine(f *testing.F) {
	for _, l := range linesOf(f, "lines") {
		f.Add(l)
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
	for _, r := range recordings() {
		p := litellm.New(r.opt)
		for i, l := range linesOf(f, r.name) {
			p.Parse(requestlog.Line{Data: l})
			if i%20 == 0 {
				state, err := p.State()
				if err != nil {
					f.Fatal(err)
				}
				f.Add(state)
			}
		}
	}
	f.Fuzz(func(_ *testing.T, state []byte) {
		p := litellm.New(requestlog.Options{Server: "s"})
		if p.Restore(state) != nil {
			return
		}
		for _, l := range []string{`    "startTime": 5,`, `        "x": {`, "}", string(line())} {
			p.Parse(requestlog.Line{Data: []byte(l)})
		}
		p.Take()
	})
}

// TestPrivacy puts a marker into every string, and every key that has none, and
// looks for it in all that leaves the package.
func TestPrivacy(t *testing.T) {
	const marker = "GEHEIM secret prompt"
	var text []string
	for _, r := range recordings() {
		for _, l := range linesOf(t, r.name) {
			text = append(text, string(l))
			if v := mark(l, marker); v != "" {
				text = append(text, v)
			}
		}
	}
	text = append(text, marker, strings.Repeat(marker, 9999), `{"`+marker+`": 1}`)
	path := filepath.Join(t.TempDir(), "litellm.log")
	if err := os.WriteFile(path, []byte(strings.Join(text, "\n")+"\n{\n    \"api_base\": \"http://localhost/"+marker+"\",\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := requestlog.NewSource(requestlog.SourceOptions{Path: path, Format: litellm.FormatName, Parser: litellm.New(requestlog.Options{Server: "s"})})
	defer s.Close()
	u, err := s.Poll(time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	if len(u.Requests) < 5 || len(u.Remote) < 5 || u.Lines.Overlong != 1 || u.Lines.Malformed == 0 || len(u.Checkpoint) == 0 {
		t.Fatalf("the log was not read as meant: %d requests, %d calls, %+v", len(u.Requests), len(u.Remote), u.Lines)
	}
	out := fmt.Sprintf("%+v %s", u, u.Checkpoint)
	if err := s.Restore(u.Checkpoint[:len(u.Checkpoint)/2]); err == nil {
		t.Error("half a checkpoint was restored")
	} else {
		out += err.Error()
	}
	for _, word := range append(strings.Fields(marker), "88dc28d0f030c55", "sk-1234567890", "maria@example.org") {
		if strings.Contains(out, word) {
			t.Errorf("%q leaves the parser", word)
		}
	}
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
	lines, size := linesOf(b, name), 0
	for _, l := range lines {
		size += len(l) + 1
	}
	b.SetBytes(int64(size))
	b.ReportAllocs()
	p, n := litellm.New(requestlog.Options{Server: "s"}), 0
	for b.Loop() {
		for _, l := range lines {
			p.Parse(requestlog.Line{Data: l})
		}
		p.Take()
		n += len(lines)
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "lines/s")
}
