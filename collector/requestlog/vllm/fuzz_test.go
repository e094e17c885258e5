package vllm_test

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/requestlog"
	"github.com/sovmeter/sovmeter/collector/requestlog/vllm"
)

// FuzzParser: no input makes the parser panic, give a request that cannot be,
// keep ever more, or go on differently after a restart.
func FuzzParser(f *testing.F) {
	for _, name := range goldens {
		var data []byte
		for _, l := range logLines(f, name) {
			data = append(append(data, l.Data...), '\n')
		}
		f.Add(data, uint8(3))
		f.Add(data, uint8(9))
	}
	f.Fuzz(func(t *testing.T, data []byte, cut uint8) {
		a, b := requestlog.Parser(vllm.New(requestlog.Options{Server: "s"})), requestlog.Parser(vllm.New(requestlog.Options{Server: "s"}))
		for i, line := range bytes.Split(data, []byte("\n")) {
			l := requestlog.Line{Data: line, Offset: int64(i), Arrival: base.Add(time.Duration(i) * time.Second)}
			if i%5 == 1 {
				l.Spread = requestlog.SpreadUnknown
			}
			va, vb := a.Parse(l), b.Parse(l)
			fa, fb := a.Take(), b.Take()
			if va != vb || !reflect.DeepEqual(fa, fb) {
				t.Fatalf("after a restart line %d gives %v, not %v:\n%s", i, vb, va, cmp.Diff(fa, fb))
			}
			for _, r := range fa.Requests {
				check(t, r)
			}
			if i == int(cut) {
				b = restarted(t, b)
			}
		}
		if state, err := a.State(); err != nil || len(state) > 1<<18 {
			t.Fatalf("state of %d bytes, %v", len(state), err)
		}
	})
}

func check(t *testing.T, r attribution.Request) {
	t.Helper()
	if r.Outcome == "" || r.ID == "" || r.Input.N < 0 || r.Cached.N < 0 || r.Output.N < 0 || r.Reused.Of < 0 || r.Reused.Of > 1 {
		t.Fatalf("impossible request %+v", r)
	}
	if r.End.IsZero() {
		return
	}
	if r.End.Before(r.Start) || !r.FirstToken.IsZero() && (r.FirstToken.Before(r.Start) || r.FirstToken.After(r.End)) {
		t.Fatalf("impossible times %+v", r)
	}
}

// FuzzRestore: no checkpoint makes the parser panic, then or later.
func FuzzRestore(f *testing.F) {
	var lines []requestlog.Line
	for _, name := range goldens {
		p := vllm.New(requestlog.Options{Server: "s"})
		lines = append(lines, logLines(f, name)...)
		for i, l := range logLines(f, name) {
			p.Parse(l)
			state, err := p.State()
			if err != nil {
				f.Fatal(err)
			}
			if i%3 == 0 {
				f.Add(state)
			}
		}
	}
	f.Fuzz(func(_ *testing.T, state []byte) {
		p := vllm.New(requestlog.Options{Server: "s"})
		if p.Restore(state) != nil {
			return
		}
		for _, l := range lines {
			p.Parse(l)
		}
		p.Take()
	})
}

// TestPrivacy puts a marker into every place where a server could print text,
// and looks for it in all that leaves the parser.
func TestPrivacy(t *testing.T) {
	const marker = "GEHEIM secret prompt"
	var lines []string
	for _, name := range goldens {
		for _, l := range logLines(t, name) {
			s := string(l.Data)
			lines = append(lines, s+marker, marker+s, strings.Replace(s, "] ", "] "+marker, 1),
				strings.Replace(s, "chatcmpl-", "chatcmpl-"+marker, 1), strings.Replace(s, "cmpl-", "cmpl-GEHEIM", 1),
				strings.Replace(s, "output: '", "output: '"+marker, 1), strings.Replace(s, "'model': '", "'model': '"+marker, 1),
				strings.Replace(s, "127.0.0.1", marker, 1), strings.Replace(s, "/Users/x/", "/Users/"+marker+"/", 1),
				strings.Replace(s, "HTTP/1.1", marker, 1), strings.Replace(s, "SamplingParams(", "SamplingParams("+marker, 1))
			words := strings.Fields(s)
			for i, word := range words {
				words[i] = marker
				lines = append(lines, strings.Join(words, " "))
				words[i] = word
			}
		}
	}
	out := &bytes.Buffer{}
	halves := 0
	p := vllm.New(requestlog.Options{Server: "s"})
	for i, s := range lines {
		p.Parse(requestlog.Line{Data: []byte(s), Offset: int64(i), Arrival: base.Add(time.Duration(i) * time.Second)})
		state, err := p.State()
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(out, "%+v %s", p.Take(), state)
		if i%100 != 0 {
			continue
		}
		err = vllm.New(requestlog.Options{}).Restore(state[:len(state)/2])
		if err == nil {
			t.Fatal("half a state was restored")
		}
		out.WriteString(err.Error())
		halves++
	}
	if halves == 0 {
		t.Error("no error was looked at")
	}
	if !strings.Contains(out.String(), "Qwen/Qwen3-0.6B") {
		t.Error("the model, which may leave the parser, does not")
	}
	for _, word := range append(strings.Fields(marker), "Users", "chatcmpl") {
		if strings.Contains(out.String(), word) {
			t.Errorf("%q leaves the parser", word)
		}
	}
}

// TestBounded: a log of beginnings without ends, and one of cache lines that no
// request follows, keep no more than a bounded number.
func TestBounded(t *testing.T) {
	for name, line := range map[string]string{
		"received": "INFO 11-24 10:00:10 [logger.py:40] Received request chatcmpl-%d: params: SamplingParams(n=1, x",
		"added":    "INFO 11-24 10:00:10 [async_llm.py:40] Added request chatcmpl-%d.",
		"deltas":   "INFO 11-24 10:00:10 [logger.py:40] Generated response chatcmpl-%d (streaming delta): output: 'x', output_token_ids: [1], finish_reason: None",
		"finished": "INFO 11-24 10:00:10 [a.py:40] Finished request %d.",
	} {
		p := vllm.New(requestlog.Options{Server: "s"})
		most := 0
		for i := range 5000 {
			p.Parse(requestlog.Line{Data: fmt.Appendf(nil, line, i), Offset: int64(i), Arrival: base})
			if i%500 == 499 {
				if f := p.Take(); len(f.InFlight) > 1024 || len(f.Loading) > 16 {
					t.Fatalf("%s: %d requests, %d loads in flight", name, len(f.InFlight), len(f.Loading))
				}
				state, err := p.State()
				if err != nil {
					t.Fatal(err)
				}
				most = max(most, len(state))
			}
		}
		if most > 1<<17 || most < 40 {
			t.Errorf("%s: state grew to %d bytes", name, most)
		}
	}
}

// BenchmarkIgnored measures lines that say nothing.
func BenchmarkIgnored(b *testing.B) {
	benchmark(b, []string{
		"(APIServer pid=4286) INFO 11-24 10:00:10 [launcher.py:46] Route: /v1/responses/{response_id}, Methods: GET",
		"(EngineCore_DP0 pid=4300) INFO 11-24 10:00:10 [kv_cache_utils.py:849] GPU KV cache size: 922,496 tokens",
		`(APIServer pid=4286) INFO:     127.0.0.1:50400 - "GET /metrics HTTP/1.1" 200 OK`,
		"Loading safetensors checkpoint shards: 100% Completed | 1/1 [00:00<00:00,  2.10it/s]",
	})
}

// BenchmarkRequests measures logs of nothing but requests.
func BenchmarkRequests(b *testing.B) {
	for _, name := range goldens {
		b.Run(name, func(b *testing.B) {
			var lines []string
			for _, l := range logLines(b, name) {
				lines = append(lines, string(l.Data))
			}
			benchmark(b, lines)
		})
	}
}

func benchmark(b *testing.B, text []string) {
	size := 0
	var lines [][]byte
	for _, s := range text {
		lines = append(lines, []byte(s))
		size += len(s) + 1
	}
	b.SetBytes(int64(size))
	b.ReportAllocs()
	p := vllm.New(requestlog.Options{Server: "s"})
	for b.Loop() {
		for i, line := range lines {
			p.Parse(requestlog.Line{Data: line, Offset: int64(i), Arrival: base})
		}
		p.Take()
	}
	b.ReportMetric(float64(len(lines))*float64(b.N)/b.Elapsed().Seconds(), "lines/s")
}
