package ollama_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/requestlog"
	"github.com/sovmeter/sovmeter/collector/requestlog/llamacpp"
	"github.com/sovmeter/sovmeter/collector/requestlog/ollama"
)

const (
	config   = `time=2026-11-20T10:00:00.000Z level=INFO source=routes.go:1951 msg="server config" env="map[]"`
	digestA  = "a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1"
	digestB  = "b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2"
	startA   = `time=2026-11-20T10:00:01.000Z level=INFO source=llama_server.go:433 msg="starting llama-server" cmd="/x/llama-server --model /m/blobs/sha256-` + digestA + ` --port 40001 -c 8192 -np 2"`
	startB   = `time=2026-11-20T10:00:01.000Z level=INFO source=llama_server.go:433 msg="starting llama-server" cmd="/x/llama-server --model /m/blobs/sha256-` + digestB + ` --port 40002 -c 8192 -np 2"`
	ready    = `time=2026-11-20T10:00:02.000Z level=INFO source=llama_server.go:1362 msg="llama-server started in 1.00 seconds"`
	mlx      = `time=2026-11-20T10:00:01.000Z level=INFO source=client.go:318 msg="starting mlx runner subprocess" model=x/mlx port=40003`
	launch0  = "slot launch_slot_: id  0 | task 0 | processing task, is_child = 0"
	whole0   = "slot   operator(): id  0 | task 0 | new prompt, n_ctx_slot = 4096, n_keep = 4, task.n_tokens = 110"
	cached0  = "slot   operator(): id  0 | task 0 | cached n_tokens = 10, memory_seq_rm [10, end)"
	prompt0  = "slot print_timing: id  0 | task 0 | prompt eval time =    1000.00 ms /   100 tokens (   10.00 ms per token,   100.00 tokens per second)"
	eval0    = "slot print_timing: id  0 | task 0 |        eval time =    2000.00 ms /    20 tokens (  100.00 ms per token,    10.00 tokens per second)"
	total0   = "slot print_timing: id  0 | task 0 |       total time =    3000.00 ms /   120 tokens"
	release0 = "slot      release: id  0 | task 0 | stop processing: n_tokens = 129, truncated = 0"
	gin      = `[GIN] 2026/11/20 - 10:00:06 | 200 |  3.500000000s |       127.0.0.1 | POST     "/api/chat"`
)

func honest() []string {
	return []string{
		"@0 " + config, "@1 " + startA, "@2 " + ready, "@3 " + launch0, "@3 " + whole0, "@3 " + cached0,
		"@6.1 " + prompt0, "@6.1 " + eval0, "@6.1 " + total0, "@6.2 " + release0, "@6.3 " + gin,
	}
}

func TestForgedLines(t *testing.T) {
	want, _ := read(t, ollama.New(requestlog.Options{Server: "s"}), script(honest()...))
	if len(want.Requests) != 1 || !want.Requests[0].Output.Known {
		t.Fatalf("the honest log gives %+v", want.Requests)
	}
	tests := []struct {
		name string
		line string // before the prompt's timing
		want requestlog.Verdict
	}{
		{"timing of another task", strings.ReplaceAll(prompt0, "task 0", "task 7"), requestlog.Ignored},
		{"timing on another slot", strings.ReplaceAll(prompt0, "id  0", "id  1"), requestlog.Ignored},
		{"release on another slot", strings.ReplaceAll(release0, "id  0", "id  1"), requestlog.Ignored},
		{"eval before prompt", eval0, requestlog.Malformed},
		{"launched twice", launch0, requestlog.Malformed},
		{"a slot that the runner has not", "slot launch_slot_: id  7 | task 9 | processing task, is_child = 0", requestlog.Malformed},
		{"absurd slot", "slot launch_slot_: id  99999 | task 9 | processing task, is_child = 0", requestlog.Malformed},
		{"count out of range", "slot      release: id  0 | task 0 | stop processing: n_tokens = 99999999999999999999, truncated = 0", requestlog.Malformed},
		{"in a quoted message", `time=2026-11-20T10:00:03.000Z level=DEBUG source=routes.go:1 msg="x ` + release0 + `"`, requestlog.Ignored},
		{"a start in a message", `time=2026-11-20T10:00:03.000Z level=DEBUG source=routes.go:1 msg="x msg=\"server config\""`, requestlog.Ignored},
		{"a config of another file", strings.ReplaceAll(config, "routes.go", "prompt.go"), requestlog.Ignored},
		{"a runner without a model", `time=2026-11-20T10:00:03.000Z level=INFO source=server.go:433 msg="starting runner" cmd="/x/ollama runner --ollama-engine --port 5"`, requestlog.Ignored},
		{"a call of a path that runs nothing", strings.ReplaceAll(gin, "/api/chat", "/api/chatter"), requestlog.Ignored},
		{"a call in somebody's words", "he said: " + strings.ReplaceAll(gin, "[GIN] 2026/11/20", "[GIN] 2026/99/99"), requestlog.Ignored},
		{"a call with no duration", strings.ReplaceAll(gin, "3.500000000s", "soon"), requestlog.Ignored},
		{"a call beside the runner's", gin, requestlog.Used},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			lines := honest()
			lines = append(lines[:6:6], append([]string{"@4 " + tt.line}, lines[6:]...)...)
			got, verdicts := read(t, ollama.New(requestlog.Options{Server: "s"}), script(lines...))
			if verdicts[6] != tt.want {
				t.Errorf("verdict %v, want %v", verdicts[6], tt.want)
			}
			if len(got.Requests) != 1 {
				t.Fatalf("%d requests", len(got.Requests))
			}
			r := got.Requests[0]
			r.Position = want.Requests[0].Position
			if diff := cmp.Diff(want.Requests[0], r); diff != "" {
				t.Errorf("the request changed (-want +got):\n%s", diff)
			}
		})
	}
}

// TestSameNumbers: two runners have the same slot and task in flight at once. What
// each was told of its prompt tells their timings apart; nothing tells whose they
// are.
func TestSameNumbers(t *testing.T) {
	other := func(line string) string {
		for _, r := range [][2]string{
			{"n_tokens = 110", "n_tokens = 50"}, {"cached n_tokens = 10", "cached n_tokens = 0"}, {"/   100 tokens", "/    50 tokens"},
			{"/    20 tokens", "/     5 tokens"}, {"/   120 tokens", "/    55 tokens"}, {"n_tokens = 129", "n_tokens = 54"},
		} {
			line = strings.ReplaceAll(line, r[0], r[1])
		}
		return line
	}
	lines := []string{"@0 " + config, "@1 " + startA, "@1 " + startB, "@2 " + ready, "@2 " + ready}
	for _, l := range []string{launch0, whole0, cached0} {
		lines = append(lines, "@3 "+l, "@3 "+other(l))
	}
	for _, l := range []string{prompt0, eval0, total0, release0} {
		lines = append(lines, "@6.1 "+other(l))
	}
	for _, l := range []string{prompt0, eval0, total0, release0} {
		lines = append(lines, "@6.2 "+l)
	}
	got, _ := read(t, ollama.New(requestlog.Options{Server: "s"}), script(lines...))
	type counts struct {
		Model                 string
		Input, Cached, Output attribution.Count
	}
	var have []counts
	for _, r := range got.Requests {
		have = append(have, counts{r.Model, r.Input, r.Cached, r.Output})
	}
	want := []counts{
		{"", attribution.Known(50), attribution.Known(0), attribution.Known(5)},
		{"", attribution.Known(100), attribution.Known(10), attribution.Known(20)},
	}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestCopiedAndTruncated: calls at one place in a log that was copied and truncated
// are two requests.
func TestCopiedAndTruncated(t *testing.T) {
	p := ollama.New(requestlog.Options{Server: "s"})
	for _, line := range []string{gin, strings.ReplaceAll(gin, "10:00:06", "10:30:06")} {
		p.Parse(requestlog.Line{Data: []byte(line)})
	}
	got := p.Take().Requests
	if len(got) != 2 || got[0].ID == got[1].ID {
		t.Errorf("requests %+v", got)
	}
}

// TestSpeaksAtEnd: a log promises a horizon once it has shown a launch, but not
// while a runner is up that shows none.
func TestSpeaksAtEnd(t *testing.T) {
	p := ollama.New(requestlog.Options{Server: "s"})
	lines := []string{config, startA, ready, launch0, mlx, strings.ReplaceAll(mlx, "starting mlx runner subprocess", "stopping mlx runner subprocess"), config}
	want := []bool{true, true, true, false, true, false, true}
	for i, l := range script(lines...) {
		p.Parse(l)
		if p.SpeaksAtEnd() != want[i] {
			t.Errorf("after %q: %v, want %v", l.Data, p.SpeaksAtEnd(), want[i])
		}
	}
}

func TestInFlight(t *testing.T) {
	got, _ := read(t, ollama.New(requestlog.Options{Server: "s"}), script(honest()[:4]...))
	want := []attribution.Request{{ID: got.InFlight[0].ID, Server: "s", Model: "sha256-a1a1a1a1a1a1", Start: begun.Add(3 * time.Second)}}
	if diff := cmp.Diff(want, got.InFlight); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	all, _ := read(t, ollama.New(requestlog.Options{Server: "s"}), script(honest()...))
	if len(all.Requests) != 1 || all.Requests[0].ID != got.InFlight[0].ID {
		t.Errorf("the request ends under another id: %+v", all.Requests)
	}
	loading, _ := read(t, ollama.New(requestlog.Options{Server: "s"}), script(honest()[:2]...))
	if len(loading.Loading) != 1 || loading.Loading[0].Model != "sha256-a1a1a1a1a1a1" {
		t.Errorf("loading %+v", loading.Loading)
	}
}

// TestLateReading: launch and end are read at the same time, up to 5 s late. The
// timings say when the work began.
func TestLateReading(t *testing.T) {
	lines := script(honest()...)
	for i := range lines {
		if i > 2 {
			lines[i].Arrival, lines[i].Spread = begun.Add(7*time.Second), 5*time.Second
		}
	}
	got, _ := read(t, ollama.New(requestlog.Options{Server: "s"}), lines)
	if len(got.Requests) != 1 {
		t.Fatalf("requests %+v", got.Requests)
	}
	r := got.Requests[0]
	if took := r.End.Sub(r.Start); took != 3*time.Second || r.FirstToken.Sub(r.Start) != time.Second || r.Uncertainty != 5*time.Second {
		t.Errorf("%v long, first token after %v, uncertain by %v", took, r.FirstToken.Sub(r.Start), r.Uncertainty)
	}
}

func TestZone(t *testing.T) {
	line := `[GIN] 2026/11/20 - 10:00:06 | 200 |  3.500000000s |       127.0.0.1 | POST     "/api/chat"`
	east := time.FixedZone("", 2*3600)
	for name, c := range map[string]struct {
		opt   requestlog.Options
		lines []string
		want  time.Time
	}{
		"none":            {requestlog.Options{}, nil, begun},
		"configured":      {requestlog.Options{Zone: east}, nil, begun.Add(-2 * time.Hour)},
		"shown":           {requestlog.Options{Zone: east}, []string{strings.ReplaceAll(config, "Z level", "-03:30 level")}, begun.Add(3*time.Hour + 30*time.Minute)},
		"colours, a pipe": {requestlog.Options{}, []string{"\x1b[97;42m | \x1b[0m"}, begun},
	} {
		got, _ := read(t, ollama.New(c.opt), script(append(c.lines, line)...))
		if want := c.want.Add(6500 * time.Millisecond); len(got.Requests) != 1 || got.Requests[0].End.Sub(want).Abs() > time.Microsecond {
			t.Errorf("%s: requests %+v, want an end at %v", name, got.Requests, want)
		}
	}
}

func TestColours(t *testing.T) {
	line := "[GIN] 2026/11/20 - 10:00:06 |\x1b[97;42m 200 \x1b[0m|  3.500000000s |       127.0.0.1 |\x1b[97;46m POST    \x1b[0m \"/api/chat\""
	if got, _ := read(t, ollama.New(requestlog.Options{}), script(line)); len(got.Requests) != 1 {
		t.Errorf("requests %+v", got.Requests)
	}
}

func TestDetect(t *testing.T) {
	formats := []requestlog.Format{llamacpp.Format(), ollama.Format()}
	for _, c := range recordings {
		sample, err := requestlog.Sample(strings.NewReader(string(capture(t, c.run))))
		if err != nil {
			t.Fatal(err)
		}
		if f, ok := requestlog.Choose(formats, sample); !ok || f.Name != ollama.FormatName {
			t.Errorf("%s: chosen %q", c.run, f.Name)
		}
	}
	if n := ollama.Detect([][]byte{[]byte("hello"), []byte(launch0), []byte(`time=2026-11-20T10:00:00.000Z level=INFO msg=hello`), nil}); n != 0 {
		t.Errorf("%d of four foreign lines recognised", n)
	}
}

// TestMoreCachedThanPrompt: counts that cannot be are unknown, not negative.
func TestMoreCachedThanPrompt(t *testing.T) {
	lines := append(honest()[:4:4], "@3 "+strings.ReplaceAll(whole0, "110", "7"), "@3 "+cached0,
		"@4 srv          stop: cancel task, id_task = 0", "@5 "+release0)
	got, _ := read(t, ollama.New(requestlog.Options{Server: "s"}), script(lines...))
	if len(got.Requests) != 1 || got.Requests[0].Input.Known || got.Requests[0].Outcome != attribution.OutcomeCancelled {
		t.Errorf("requests %+v", got.Requests)
	}
}
