package llamaswap_test

import (
	"strings"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/requestlog"
	"github.com/sovmeter/sovmeter/collector/requestlog/llamaswap"
	"github.com/sovmeter/sovmeter/collector/requestlog/parsertest"
)

const whole = `[INFO] Request 127.0.0.1 "POST /v1/chat/completions HTTP/1.1" 200 2200 "agent" 4s`

func TestVerdicts(t *testing.T) {
	swap := func(old, with string) string { return strings.Replace(whole, old, with, 1) }
	tests := []struct {
		name, line string
		want       requestlog.Verdict
	}{
		{"whole", whole, requestlog.Used},
		{"carriage return", whole + "\r", requestlog.Used},
		{"no agent", swap("agent", ""), requestlog.Used},
		{"size unknown", swap("2200", "-1"), requestlog.Used},
		{"other method", swap("POST", "GET"), requestlog.Ignored},
		{"other path", swap("/v1/chat/completions", "/api/models/unload"), requestlog.Ignored},
		{"path below", swap("/v1/chat/completions", "/v1/chat/completions/x"), requestlog.Ignored},
		{"path with spaces", swap("/v1/chat/completions", "/a b"), requestlog.Ignored},
		{"other level", swap("INFO", "WARN"), requestlog.Ignored},
		{"other message", swap("Request", "Requests"), requestlog.Ignored},
		{"in a sentence", "he wrote (" + whole, requestlog.Ignored},
		{"behind a word", "hello " + whole, requestlog.Ignored},
		{"behind no date", "Mon Oct 35 14:00:30 2026 " + whole, requestlog.Ignored},
		{"in a quote", `"` + whole, requestlog.Ignored},
		{"far to the right", strings.Repeat("x", 60) + whole, requestlog.Ignored},
		{"cut in the path", whole[:40], requestlog.Malformed},
		{"cut before the duration", strings.TrimSuffix(whole, " 4s"), requestlog.Malformed},
		{"no unit", swap("4s", "4"), requestlog.Malformed},
		{"negative", swap("4s", "-4s"), requestlog.Malformed},
		{"absurd", swap("4s", "200h"), requestlog.Malformed},
		{"status", swap(" 200 ", " abc "), requestlog.Malformed},
		{"status negative", swap(" 200 ", " -5 "), requestlog.Malformed},
		// What a client can write: a header that is taken for its address, the
		// path, its agent. None of it can look like the rest of the line.
		{"forged by the address", swap("127.0.0.1", `1.1.1.1 "POST /v1/completions HTTP/1.1" 200 5 "x" 3h`), requestlog.Malformed},
		{"forged by the path", swap("/v1/chat/completions", `/v1/completions HTTP/1.1" 200 5 "x" 3h`), requestlog.Malformed},
		{"forged by the agent", swap("agent", `x" 3h "y`), requestlog.Malformed},
		{"forged by the end", swap("4s", `4s" 3h`), requestlog.Malformed},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := contract().New()
			if got := p.Parse(requestlog.Line{Data: []byte(tt.line), Arrival: at(9)}); got != tt.want {
				t.Errorf("%v, want %v", got, tt.want)
			}
			if n := len(p.Take().Requests); (n == 1) != (tt.want == requestlog.Used) {
				t.Errorf("%d requests", n)
			}
		})
	}
}

// TestTimes: without a stamp the line's arrival is all there is.
func TestTimes(t *testing.T) {
	tests := []struct {
		name string
		line requestlog.Line
		end  time.Time
		off  time.Duration
	}{
		{"exact", requestlog.Line{Arrival: at(9)}, at(9), 0},
		{"since the last look", requestlog.Line{Arrival: at(9), Spread: 2 * time.Second}, at(8), time.Second},
		{"from before", requestlog.Line{Arrival: at(9), Spread: requestlog.SpreadUnknown}, time.Time{}, 0},
		{"nothing", requestlog.Line{}, time.Time{}, 0},
		{"a stamp alone", requestlog.Line{Data: []byte("2026-10-05T12:00:09.5Z "), Spread: requestlog.SpreadUnknown}, at(9.5), 0},
		{"seconds alone", requestlog.Line{Data: []byte("Mon, 05 Oct 2026 14:00:09 PDT ")}, at(9.5), 500 * time.Millisecond},
		{"seconds and an arrival", requestlog.Line{Data: []byte("Mon Oct  5 14:00:09 XYZ 2026 "), Arrival: at(9.5), Spread: 2 * time.Second}, at(9.25), 250 * time.Millisecond},
		{"minutes", requestlog.Line{Data: []byte("05 Oct 26 14:00 CEST "), Arrival: at(9.5)}, at(9.5), 0},
		{"no date", requestlog.Line{Data: []byte("2:00PM "), Arrival: at(9.5)}, at(9.5), 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := contract().New()
			tt.line.Data = append(tt.line.Data, whole...)
			p.Parse(tt.line)
			r := p.Take().Requests[0]
			if !r.End.Equal(tt.end) || r.Uncertainty != tt.off || !tt.end.IsZero() && r.End.Sub(r.Start) != 4*time.Second {
				t.Errorf("ends %v ± %v, begins %v", r.End, r.Uncertainty, r.Start)
			}
		})
	}
}

// FuzzParser: no input makes the parser panic, give a request that cannot be, or
// go on differently after a restart.
func FuzzParser(f *testing.F) {
	for _, name := range names() {
		f.Add(parsertest.Read(f, name+".log"), uint8(3))
	}
	f.Add([]byte(`[INFO] Request 1 "POST /upstream/v1/chat/completions HTTP/1.1" 0 0 "" 0s`), uint8(0))
	f.Fuzz(func(t *testing.T, data []byte, cut uint8) {
		contract().Agree(t, parsertest.Mixed(data, noon), int(cut))
	})
}

// FuzzRestore: no checkpoint makes a parser or an Activity panic, then or later.
func FuzzRestore(f *testing.F) {
	p := contract().New()
	p.Parse(requestlog.Line{Data: []byte(whole), Arrival: at(1)})
	state, err := p.State()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(state)
	a := activity(f, llamaswap.ActivityOptions{Transport: static(parsertest.Read(f, "activity.json"))})
	f.Add(look(f, a, at(200)).Checkpoint)
	list := parsertest.Read(f, "activity.json")
	f.Fuzz(func(t *testing.T, state []byte) {
		p := contract().New()
		if p.Restore(state) == nil {
			p.Parse(requestlog.Line{Data: []byte(whole)})
			p.Take()
		}
		a := activity(t, llamaswap.ActivityOptions{Transport: static(list)})
		if a.Restore(state) == nil {
			look(t, a, at(200))
		}
	})
}

// FuzzActivity: no answer makes an Activity panic or give a request that cannot
// be, and what was told once is not told again.
func FuzzActivity(f *testing.F) {
	for _, name := range []string{"activity.json", "activity2025.json"} {
		f.Add(parsertest.Read(f, name))
	}
	for _, s := range []string{"null", "[]", "[{}]", `[{"id": 1e9, "tokens": null}]`, `[{"id":9223372036854775807,"timestamp":"2026-10-05T12:00:00Z","duration_ms":1}]`,
		`{"page": 1, "data": [{"id": 1, "timestamp": "2026-10-05T12:00:00Z", "duration_ms": 1}], "total": 1}`, `{"data": null}`, `{"data": [1], "data": []`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		a := activity(t, llamaswap.ActivityOptions{Transport: static(body)})
		u, err := tryLook(a, at(200))
		if err != nil {
			return
		}
		contract().Possible(t, requestlog.Facts{Requests: u.Requests, Remote: u.Remote})
		if u, err = tryLook(a, at(203)); err != nil || len(u.Requests)+len(u.Remote) > 0 || u.Unplaced > 0 {
			t.Fatalf("told twice: %+v, %v", u, err)
		}
	})
}

// TestPrivacy puts a marker wherever a client or a server can put text, and looks
// for it in all that leaves the package.
func TestPrivacy(t *testing.T) {
	const marker = parsertest.Marker
	lines := []string{
		strings.Replace(whole, "agent", marker, 1), whole,
		strings.Replace(whole, "127.0.0.1", marker, 1),
		strings.Replace(whole, "/v1", "/"+marker, 1),
		strings.Replace(whole, "/v1", "/upstream/"+marker+"/v1", 1),
		strings.Replace(whole, "4s", marker, 1), marker, "[WARN] " + marker, marker + whole, whole,
	}
	u, out := contract().Shown(t, lines)
	if len(u.Requests) != 1 || u.Lines.Used != 4 || u.Lines.Malformed != 2 || u.Unplaced != 3 {
		t.Fatalf("the log was not read as meant: %+v", u)
	}
	parsertest.Hidden(t, out+contract().Told(t, lines))
}

// BenchmarkLines measures a log as it is: access lines among others.
func BenchmarkLines(b *testing.B) { contract().Benchmark(b, parsertest.Texts(linesOf(b, "access"))) }
