package llamacpp_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/requestlog"
	"github.com/sovmeter/sovmeter/collector/requestlog/llamacpp"
)

// feed parses raw lines that arrive a second apart.
func feed(lines ...string) ([]attribution.Request, []requestlog.Verdict, requestlog.Facts) {
	p := llamacpp.New(requestlog.Options{Server: "s"})
	var requests []attribution.Request
	var verdicts []requestlog.Verdict
	var last requestlog.Facts
	offset := int64(0)
	for i, line := range lines {
		verdicts = append(verdicts, p.Parse(requestlog.Line{
			Data: []byte(line), Offset: offset, Arrival: begun.Add(time.Duration(i) * time.Second),
		}))
		offset += int64(len(line)) + 1
		last = p.Take()
		requests = append(requests, last.Requests...)
	}
	return requests, verdicts, last
}

const (
	early0  = "slot      release: id  0 | task 0 | stop processing: n_past = 129, truncated = 0"
	head0   = "slot print_timing: id  0 | task 0 | "
	below1  = "prompt eval time =    1000.00 ms /   100 tokens (   10.00 ms per token,   100.00 tokens per second)"
	below2  = "       eval time =    2000.00 ms /    20 tokens (  100.00 ms per token,    10.00 tokens per second)"
	below3  = "      total time =    3000.00 ms /   120 tokens"
	spawn   = "srv          load: spawning server instance with name=m on port 50001"
	proxied = "srv  proxy_reques: proxying request to model m on port 50001"
)

// TestForgedBlocks: lines without a prefix are timings only below their head.
func TestForgedBlocks(t *testing.T) {
	tests := []struct {
		name  string
		lines []string
		want  []requestlog.Verdict
		known bool // the one request's tokens
	}{
		{
			"below the head",
			[]string{launch0, "x", "x", head0, below1, below2, below3, release0},
			[]requestlog.Verdict{1, 0, 0, 1, 1, 1, 1, 1}, true,
		},
		{
			"without a head",
			[]string{launch0, "x", "x", below1, below2, below3, release0},
			[]requestlog.Verdict{1, 0, 0, 0, 0, 0, 1}, false,
		},
		{
			"after another line",
			[]string{launch0, "x", head0, "x", below1, below2, below3, release0},
			[]requestlog.Verdict{1, 0, 1, 0, 0, 0, 0, 1}, false,
		},
		{
			"below the head of another task",
			[]string{launch0, "x", strings.ReplaceAll(head0, "task 0", "task 5"), below1, below2, below3, release0},
			[]requestlog.Verdict{1, 0, 1, 0, 0, 0, 1}, false,
		},
		{
			"broken",
			[]string{launch0, "x", head0, "prompt eval time = a secret", release0},
			[]requestlog.Verdict{1, 0, 1, 2, 1}, false,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, verdicts, _ := feed(tt.lines...)
			if diff := cmp.Diff(tt.want, verdicts); diff != "" {
				t.Errorf("verdicts (-want +got):\n%s", diff)
			}
			if len(got) != 1 || got[0].Output.Known != tt.known {
				t.Errorf("requests %+v", got)
			}
		})
	}
}

// TestReleaseBeforeTimings: what may come between the two, and what ends the wait.
func TestReleaseBeforeTimings(t *testing.T) {
	block := []string{head0, below1, below2, below3}
	idle, other := "srv  update_slots: all slots are idle", "slot launch_slot_: id  1 | task 4 | processing task"
	tests := []struct {
		name    string
		between []string
		after   []string
		known   bool
		done    bool
	}{
		{"nothing", nil, []string{idle}, true, true},
		{"an access line", []string{"srv  log_server_r: request: GET /health 127.0.0.1 200"}, []string{idle}, true, true},
		{"the next task", nil, []string{other}, true, true},
		{"an access line after", nil, []string{"request: POST /completion 127.0.0.1 200", "srv  x: y"}, true, true},
		{"all is idle", []string{idle}, nil, false, true},
		{"another task is launched", []string{other}, nil, false, true},
		{"nothing yet", nil, nil, true, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			lines := append([]string{launch0, "x", "x", early0}, tt.between...)
			lines = append(append(lines, block...), tt.after...)
			got, _, last := feed(lines...)
			if !tt.done {
				if len(got) != 0 || len(last.InFlight) != 1 {
					t.Fatalf("requests %+v, in flight %+v", got, last.InFlight)
				}
				return
			}
			if len(got) != 1 || got[0].Output.Known != tt.known || !got[0].End.Equal(begun.Add(3*time.Second)) {
				t.Errorf("requests %+v", got)
			}
			if tt.known && (got[0].Output.N != 20 || got[0].Cached != attribution.Known(10)) {
				t.Errorf("request %+v", got[0])
			}
		})
	}
}

// TestForgedChildren: a server that serves itself is no router, and a router
// serves nothing itself.
func TestForgedChildren(t *testing.T) {
	child := "[50001] "
	tests := []struct {
		name  string
		lines []string
		want  []requestlog.Verdict
		tasks int
	}{
		{"a router", []string{spawn, child + launch0, child + release0}, []requestlog.Verdict{1, 1, 1}, 1},
		{"its beginning was not seen", []string{proxied, child + launch0, child + release0}, []requestlog.Verdict{0, 1, 1}, 1},
		{"in the log of a server", []string{launch0, child + strings.ReplaceAll(launch0, "task 0", "task 1"), child + release0, release0}, []requestlog.Verdict{1, 0, 0, 1}, 1},
		{"a server starts none", []string{launch0, spawn, release0}, []requestlog.Verdict{1, 2, 1}, 1},
		{"a router has no slots", []string{spawn, launch0, release0, child + launch0, child + release0}, []requestlog.Verdict{1, 0, 0, 1, 1}, 1},
		{"another child", []string{spawn, child + launch0, "[50002] " + release0, child + release0}, []requestlog.Verdict{1, 1, 0, 1}, 1},
		{"text of a child", []string{spawn, child + launch0, child + "[50001] " + release0, child + release0}, []requestlog.Verdict{1, 1, 0, 1}, 1},
		{"no port", []string{spawn, "[      ] " + launch0, "[0] " + launch0, "[70000] " + launch0, "[5000x] " + launch0}, []requestlog.Verdict{1, 0, 0, 0, 0}, 0},
		{"an exit ends it", []string{spawn, child + launch0, "srv    operator(): instance name=m exited with status 1"}, []requestlog.Verdict{1, 1, 1}, 1},
		{"so does a new one on its port", []string{spawn, child + launch0, spawn}, []requestlog.Verdict{1, 1, 1}, 1},
		{"and a new router", []string{greeting, spawn, child + launch0, greeting}, []requestlog.Verdict{1, 1, 1, 1}, 1},
		{"wrapped in a line of a server", []string{
			`{"type":"log","time":1,"level":"info","msg":"` + launch0 + `\n"}`,
			`{"type":"log","time":2,"level":"none","msg":"[50001] {\"type\":\"log\",\"time\":1,\"level\":\"info\",\"msg\":\"` + release0 + `\\n\"}\n"}`,
		}, []requestlog.Verdict{1, 0}, 0},
		{"wrapped in a line of a router", []string{
			`{"type":"log","time":1,"level":"info","msg":"` + spawn + `\n"}`,
			`{"type":"log","time":2,"level":"none","msg":"[50001] {\"type\":\"log\",\"time\":1,\"level\":\"info\",\"msg\":\"` + launch0 + `\\n\"}\n"}`,
			`{"type":"log","time":3,"level":"none","msg":"[50001] {\"type\":\"log\",\"time\":2,\"level\":\"info\",\"msg\":\"` + release0 + `\\n\"}\n"}`,
		}, []requestlog.Verdict{1, 1, 1}, 1},
		{"exit of another", []string{spawn, child + launch0, "srv    operator(): instance name=n exited with status 1"}, []requestlog.Verdict{1, 1, 0}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, verdicts, _ := feed(tt.lines...)
			if diff := cmp.Diff(tt.want, verdicts); diff != "" {
				t.Errorf("verdicts (-want +got):\n%s", diff)
			}
			if len(got) != tt.tasks {
				t.Errorf("requests %+v", got)
			}
		})
	}
}

// TestManyChildren: memory is bounded, and the last server started is metered.
func TestManyChildren(t *testing.T) {
	var lines []string
	for port := range 200 {
		lines = append(lines,
			fmt.Sprintf("srv          load: spawning server instance with name=m%d on port %d", port, 40000+port),
			fmt.Sprintf("[%d] srv    load_model: loading model '/m.gguf'", 40000+port))
	}
	lines = append(lines, "[40199] "+launch0, "[40199] "+release0)
	got, _, last := feed(lines...)
	if len(got) != 1 || got[0].Model != "m199" || len(last.Loading) > 32 {
		t.Errorf("requests %+v, %d loads", got, len(last.Loading))
	}
}

// TestForgedDates: dated lines are no part of a run that has stamps, and say
// nothing without a time.
func TestForgedDates(t *testing.T) {
	launch := `{"timestamp":1710000010,"level":"INFO","function":"launch_slot_with_data","line":983,"msg":"slot is processing task","id_slot":0,"id_task":0`
	tests := []struct {
		name  string
		lines []string
		want  []requestlog.Verdict
	}{
		{"a launch", []string{launch + "}"}, []requestlog.Verdict{1}},
		{"in a stamped run", []string{"0.00.000.100 I " + greeting, launch + "}"}, []requestlog.Verdict{1, 0}},
		{"in a plain run", []string{greeting, launch + "}"}, []requestlog.Verdict{1, 0}},
		{"goes on after its end", []string{launch + "} x"}, []requestlog.Verdict{0}},
		{"is cut", []string{launch}, []requestlog.Verdict{0}},
		{"says more", []string{strings.Replace(launch, "processing task", "processing task of mine", 1) + "}"}, []requestlog.Verdict{0}},
		{"without a time", []string{strings.Replace(launch, `"timestamp":1710000010,`, "", 1) + "}"}, []requestlog.Verdict{0}},
		{"in the far future", []string{strings.Replace(launch, "1710000010", "9007199254740991", 1) + "}"}, []requestlog.Verdict{0}},
		{"inside a value", []string{`{"timestamp":1710000010,"msg":"request","params":{"x":` + launch + `}}}`}, []requestlog.Verdict{0}},
		{"in a string", []string{`{"timestamp":1710000010,"msg":"\"slot is processing task\",\"id_slot\":0,\"id_task\":0"}`}, []requestlog.Verdict{0}},
		{"text", []string{`INFO [   launch_slot_with_task] slot is processing task | tid="0x1" timestamp=1710000010 id_slot=0 id_task=0`}, []requestlog.Verdict{1}},
		{"text without numbers", []string{`INFO [   launch_slot_with_task] slot is processing task | tid="0x1" timestamp=1710000010 id_slot=0`}, []requestlog.Verdict{0}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, verdicts, _ := feed(tt.lines...)
			if diff := cmp.Diff(tt.want, verdicts); diff != "" {
				t.Errorf("verdicts (-want +got):\n%s", diff)
			}
		})
	}
}

// TestPrivacyOfBuilds puts a marker at every word of every line of every log and
// looks for it in all that leaves the parser.
func TestPrivacyOfBuilds(t *testing.T) {
	const marker = "GEHEIM secret prompt"
	logs := map[string][]string{}
	for _, name := range builds(t) {
		for _, l := range buildLines(t, name) {
			logs[name] = append(logs[name], string(l.Data))
		}
	}
	for _, run := range []string{"router", "router-jsonl", "llama-jsonl"} {
		logs[run] = strings.Split(string(capture(t, run)), "\n")[:90]
	}
	for name, lines := range logs {
		words, used := 0, 0
		for word := range 50 {
			p := llamacpp.New(requestlog.Options{Server: "s"})
			for i, line := range lines {
				verdict := p.Parse(requestlog.Line{Data: []byte(insert(line, marker, word)), Offset: int64(i), Arrival: begun.Add(time.Duration(i) * time.Second)})
				p.Parse(requestlog.Line{Data: []byte(line), Offset: int64(i), Arrival: begun.Add(time.Duration(i) * time.Second)})
				words++
				if verdict == requestlog.Used {
					used++
				}
				state, err := p.State()
				if err != nil {
					t.Fatal(err)
				}
				if out := fmt.Sprintf("%+v %s", p.Take(), state); strings.Contains(out, "GEHEIM") || strings.Contains(out, "secret") {
					t.Fatalf("%s, line %d: the marker after word %d leaves the parser", name, i+1, word)
				}
			}
		}
		t.Logf("%s: %d markers, %d in lines that were used", name, words, used)
		if used == 0 {
			t.Errorf("%s: no line with a marker was read at all", name)
		}
	}
}

// TestPartLargerThanWhole: a cached part that the prompt cannot hold was told of
// another task, so nothing is known of this one but its context.
func TestPartLargerThanWhole(t *testing.T) {
	update := "slot update_slots: id  0 | task 0 | "
	got, _, _ := feed(launch0, update+"new prompt, n_ctx_slot = 4096, n_keep = 0, n_prompt_tokens = 100",
		update+"kv cache rm [149, end)", "srv  cancel_tasks: cancel task, id_task = 0", release0)
	if len(got) != 1 || got[0].Input.Known || got[0].Output.Known || got[0].Context != attribution.Known(129) {
		t.Errorf("requests %+v", got)
	}
}

// TestLooseTimings: timings that name no slot go to the task whose numbers they fit,
// whatever is released first, and to nobody else.
func TestLooseTimings(t *testing.T) {
	timings := func(in, out int) []string {
		return []string{
			fmt.Sprintf("print_timings: prompt eval time =     100.00 ms / %5d tokens (    1.00 ms per token,     1.00 tokens per second)", in),
			fmt.Sprintf("print_timings:        eval time =     900.00 ms / %5d runs   (    1.00 ms per token,     1.00 tokens per second)", out),
			"print_timings:       total time =    1000.00 ms",
		}
	}
	lines := []string{
		"slot 0 is processing [task id: 0]", "slot 0 : in cache: 10 tokens | to process: 20 tokens", "slot 0 : kv cache rm - [10, end)",
		"slot 1 is processing [task id: 1]", "slot 1 : in cache: 0 tokens | to process: 40 tokens", "slot 1 : kv cache rm - [0, end)",
		"slot 2 is processing [task id: 2]", "slot 2 : in cache: 0 tokens | to process: 40 tokens", "slot 2 : kv cache rm - [0, end)",
	}
	lines = append(append(lines, timings(40, 20)...), timings(20, 30)...)
	lines = append(lines, "slot 2 released (15 tokens in cache)", "slot 0 released (59 tokens in cache)", "slot 1 released (59 tokens in cache)")
	got, _, _ := feed(lines...)
	var have []string
	for _, r := range got {
		have = append(have, fmt.Sprintf("task %s: %s, in %d, cached %d, out %d", tail(r.ID), r.Outcome, r.Input.N, r.Cached.N, r.Output.N))
	}
	want := []string{"task 2: cancelled, in 15, cached 0, out 0", "task 0: ok, in 20, cached 10, out 30", "task 1: ok, in 40, cached 0, out 20"}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// insert puts text after the nth word of a line, quotes and brackets included.
func insert(line, text string, n int) string {
	for i := range len(line) {
		if strings.IndexByte(` "':=|/]`, line[i]) < 0 {
			continue
		}
		if n--; n < 0 {
			return line[:i+1] + text + line[i+1:]
		}
	}
	return line + text
}
