package lmstudio_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/requestlog"
	"github.com/sovmeter/sovmeter/collector/requestlog/lmstudio"
)

// day is the day of the scripts, and noon where they begin.
var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// stamped turns "SECONDS text" into an entry's first line, and leaves other lines
// as they are.
func stamped(script string) string {
	sec, text, _ := strings.Cut(script, " ")
	var n int
	if _, err := fmt.Sscanf(sec, "%d", &n); err != nil || fmt.Sprint(n) != sec {
		return script
	}
	return noon.Add(time.Duration(n)*time.Second).Format("[2006-01-02 15:04:05]") + text
}

// play feeds a script and returns what it tells, each request as
// "outcome start-end in/cached/out/context", seconds after noon.
func play(t *testing.T, p *lmstudio.Parser, script ...string) []string {
	t.Helper()
	var out []string
	for _, l := range lines([]byte(strings.Join(mapped(script), "\n"))) {
		p.Parse(l)
		for _, r := range p.Take().Requests {
			out = append(out, brief(r))
		}
	}
	return out
}

func mapped(script []string) []string {
	all := make([]string, len(script))
	for i, s := range script {
		all[i] = stamped(s)
	}
	return all
}

func brief(r attribution.Request) string {
	n := func(c attribution.Count) string {
		if !c.Known {
			return "?"
		}
		return fmt.Sprint(c.N)
	}
	return fmt.Sprintf("%s %s %g-%g %s/%s/%s/%s", r.Model, r.Outcome, r.Start.Sub(noon).Seconds(), r.End.Sub(noon).Seconds(),
		n(r.Input), n(r.Cached), n(r.Output), n(r.Context))
}

func TestOverlap(t *testing.T) {
	const (
		gone  = "[INFO][LM STUDIO SERVER] Client disconnected. Stopping generation..."
		timed = "[DEBUG] slot print_timing: id  %d | task %d | prompt eval time =    1000.00 ms /   %d tokens (x)"
	)
	running := func(sec int, model string) []string {
		return []string{fmt.Sprintf("%d [INFO][%s] Running chat completion on conversation with 1 messages.", sec, model),
			fmt.Sprintf("%d [INFO][%s] Streaming response...", sec, model)}
	}
	launch := func(sec, slot, task int) string {
		return fmt.Sprintf("%d [DEBUG] slot launch_slot_: id  %d | task %d | processing task, is_child = 0", sec, slot, task)
	}
	done := func(sec, slot, task, in, out int) []string {
		return []string{
			fmt.Sprintf("%d "+timed, sec, slot, task, in),
			fmt.Sprintf("slot print_timing: id  %d | task %d |        eval time =    1000.00 ms /   %d tokens (x)", slot, task, out),
			fmt.Sprintf("slot print_timing: id  %d | task %d |       total time =    2000.00 ms /   %d tokens", slot, task, in+out),
			fmt.Sprintf("slot      release: id  %d | task %d | stop processing: n_tokens = %d, truncated = 0", slot, task, in+out-1),
		}
	}
	end := func(sec int, model string) string {
		return fmt.Sprintf("%d [INFO][%s] Finished streaming response", sec, model)
	}
	join := func(parts ...any) []string {
		var all []string
		for _, p := range parts {
			switch p := p.(type) {
			case string:
				all = append(all, p)
			case []string:
				all = append(all, p...)
			}
		}
		return all
	}
	tests := []struct {
		name   string
		script []string
		want   []string
	}{
		{
			"one task each, bound as they begin",
			join(running(0, "a"), launch(0, 0, 1), running(2, "b"), launch(2, 1, 2), done(8, 1, 2, 7, 3), end(8, "b"), done(9, 0, 1, 5, 4), end(9, "a")),
			[]string{"b ok 6.5-8.5 7/0/3/10", "a ok 7.5-9.5 5/0/4/9"},
		},
		{
			"one model: the stream that ends is the one whose task has",
			join(running(0, "a"), launch(0, 0, 1), running(2, "a"), launch(2, 1, 2), done(8, 1, 2, 7, 3), end(8, "a"), done(9, 0, 1, 5, 4), end(9, "a")),
			[]string{"a ok 6.5-8.5 7/0/3/10", "a ok 7.5-9.5 5/0/4/9"},
		},
		{
			"one model: the response is the one to its prompt",
			[]string{
				"0 [INFO][a] Running chat completion on conversation with 1 messages.",
				"0 [DEBUG] [coordinator][INFO]: Prompt cache restore: cached_tokens=4 uncached_tokens=6 x",
				"3 [INFO][a] Running chat completion on conversation with 1 messages.",
				"3 [DEBUG] [coordinator][INFO]: Prompt cache restore: cached_tokens=8 uncached_tokens=12 x",
				"8 [INFO][a] Generated prediction: {", `  "usage": {`, `    "prompt_tokens": 21,`, `    "completion_tokens": 3`, "  }", "}",
				"9 [INFO][a] Generated prediction: {", `  "usage": {`, `    "prompt_tokens": 11,`, `    "completion_tokens": 3`, "  }", "}",
			},
			[]string{"a ok 3.5-8.5 13/8/3/24", "a ok 0.5-9.5 7/4/3/14"},
		},
		{
			"two begin at once: told by what has ended when a stream does",
			join(running(0, "a"), running(0, "b"), launch(1, 0, 1), launch(1, 1, 2), done(8, 1, 2, 7, 3), end(8, "b"), done(9, 0, 1, 5, 4), end(9, "a")),
			[]string{"b ok 6.5-8.5 7/0/3/10", "a ok 7.5-9.5 5/0/4/9"},
		},
		{
			"two begin and end at once: nobody can tell",
			join(running(0, "a"), running(0, "b"), launch(1, 0, 1), launch(1, 1, 2), done(8, 1, 2, 7, 3), done(8, 0, 1, 5, 4), end(8, "b"), end(8, "a")),
			[]string{"b ok 0.5-8.5 ?/?/?/?", "a ok 0.5-8.5 ?/?/?/?"},
		},
		{
			"a task of the app's own between those of the server",
			join(running(0, "a"), launch(0, 0, 1), launch(1, 1, 2), done(4, 1, 2, 7, 3), done(9, 0, 1, 5, 4), end(9, "a")),
			[]string{" ok 2.5-4.5 7/0/3/10", "a ok 7.5-9.5 5/0/4/9"},
		},
		{
			"two models' servers number their tasks alike",
			join(running(0, "a"), launch(0, 0, 1), running(1, "b"), launch(1, 1, 1), done(8, 0, 1, 5, 4), end(8, "a"), done(9, 1, 1, 7, 3), end(9, "b")),
			[]string{"a ok 0.5-8.5 ?/?/?/?", "b ok 1.5-9.5 ?/?/?/?"},
		},
		{
			"a server that died is not taken for the next",
			join(launch(0, 0, 0), "5 [DEBUG] LlamaV4::load called with model path: /m/x.gguf", running(9, "x"), launch(9, 1, 0), done(12, 1, 0, 5, 4), end(12, "x")),
			[]string{"x ok 10.5-12.5 5/0/4/9"},
		},
		{
			"the client that went is the one whose stream ends next",
			join(running(0, "a"), running(0, "b"), "5 "+gone, end(5, "b"), end(30, "a")),
			[]string{"b cancelled 0.5-5.5 ?/?/?/?", "a ok 0.5-30.5 ?/?/?/?"},
		},
		{
			"or the one that is left",
			join(running(0, "a"), running(0, "b"), "5 "+gone, end(25, "b"), end(30, "a")),
			[]string{"b ok 0.5-25.5 ?/?/?/?", "a cancelled 0.5-30.5 ?/?/?/?"},
		},
		{
			"the client of a request that had ended closes its connection",
			join(running(0, "a"), running(0, "b"), end(25, "b"), "25 "+gone, end(30, "a")),
			[]string{"b ok 0.5-25.5 ?/?/?/?", "a ok 0.5-30.5 ?/?/?/?"},
		},
		{
			"cancelled in prefill: its task goes on to the end of the batch",
			join(running(0, "a"), launch(0, 0, 1), "3 "+gone, end(3, "a"), "6 [DEBUG] srv          stop: cancel task, id_task = 1",
				"slot      release: id  0 | task 1 | stop processing: n_tokens = 2048, truncated = 0"),
			[]string{"a cancelled 0.5-3.5 ?/?/?/2048"},
		},
		{
			"cancelled, and its task never let go",
			join(running(0, "a"), launch(0, 0, 1), "3 "+gone, end(3, "a"), running(14, "b"), launch(14, 1, 2), done(20, 1, 2, 7, 3), end(20, "b")),
			[]string{"a cancelled 0.5-3.5 ?/?/?/?", "b ok 18.5-20.5 7/0/3/10"},
		},
		{
			"what may be another's is not left for the last",
			join(running(0, "a"), running(0, "b"), launch(0, 0, 1), running(1, "c"), launch(1, 1, 2),
				done(8, 0, 1, 5, 4), done(8, 1, 2, 7, 3), end(8, "a"), end(8, "c"), end(8, "b")),
			[]string{"a ok 0.5-8.5 ?/?/?/?", "c ok 1.5-8.5 ?/?/?/?", "b ok 0.5-8.5 ?/?/?/?"},
		},
		{
			"nor is a task of the app's own taken while another waits to be told",
			join(running(0, "a"), running(0, "b"), launch(0, 0, 1), "1 [ERROR][a] Streaming error: x", end(1, "a"), launch(2, 1, 2),
				done(8, 0, 1, 5, 4), end(8, "b"), done(9, 1, 2, 7, 3)),
			[]string{"a error 0.5-1.5 ?/?/?/?", "b ok 6.5-8.5 5/0/4/9"},
		},
		{
			"two prompts of MLX: told by the response",
			join(running(0, "a"), "0 [INFO][a] Running chat completion on conversation with 1 messages.",
				"1 [DEBUG] [coordinator][INFO]: Prompt cache restore: cached_tokens=4 uncached_tokens=6 x",
				"1 [DEBUG] [coordinator][INFO]: Prompt cache restore: cached_tokens=8 uncached_tokens=12 x",
				end(5, "a"), "9 [INFO][a] Generated prediction: {", `  "usage": {`, `    "prompt_tokens": 21,`, `    "completion_tokens": 3`, "  }", "}"),
			[]string{"a ok 0.5-5.5 ?/?/?/?", "a ok 0.5-9.5 13/8/3/24"},
		},
		{
			"a request that gives no sign of life",
			join(running(0, "a"), running(14410, "a"), end(14411, "a")),
			[]string{"a error 0.5-0.5 ?/?/?/?", "a ok 14410.5-14411.5 ?/?/?/?"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := play(t, lmstudio.New(requestlog.Options{}), tt.script...)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s\n%s", diff, strings.Join(tt.script, "\n"))
			}
		})
	}
}

// TestEmbeddings: what is told twice at DEBUG is one request.
func TestEmbeddings(t *testing.T) {
	got := play(t, lmstudio.New(requestlog.Options{}),
		"0 [DEBUG] Received request: POST to /v1/embeddings with body {", "}", "0 [INFO] Received request to embed multiple: [",
		"5 [DEBUG] Received request: POST to /v1/embeddings with body {", "}", "5 [INFO] Received request to embed multiple: [",
		"6 [INFO] Returning embeddings (not shown in logs)", "7 [INFO] Returning embeddings (not shown in logs)",
		"8 [INFO] Returning embeddings (not shown in logs)")
	if diff := cmp.Diff([]string{" ok 0.5-6.5 ?/?/?/?", " ok 5.5-7.5 ?/?/?/?"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestInFlight(t *testing.T) {
	p := lmstudio.New(requestlog.Options{Server: "s"})
	play(t, p, "0 [INFO][JIT] Requested model (a/b) is not loaded. Loading \"a/b\" now...")
	f := p.Take()
	if len(f.Loading) != 1 || f.Loading[0].Model != "a/b" || f.Loading[0].Start != noon.Add(500*time.Millisecond) {
		t.Errorf("loading %+v", f.Loading)
	}
	play(t, p, "9 [INFO][a/b] Running chat completion on conversation with 1 messages.", "9 [INFO][a/b] Prompt processing progress: 100.0%")
	var loads []attribution.ModelLoad
	f = p.Take()
	if loads = f.Loads; len(f.Loading) > 0 || len(f.InFlight) != 1 || !f.InFlight[0].End.IsZero() || f.InFlight[0].Model != "a/b" ||
		!f.InFlight[0].FirstToken.Equal(f.Latest) {
		t.Errorf("in flight %+v, loads %+v", f.InFlight, loads)
	}
}

func TestLoads(t *testing.T) {
	p := lmstudio.New(requestlog.Options{Server: "s"})
	var got []attribution.ModelLoad
	for _, l := range append(lines(read(t, "testdata/stamped.log")), lines(read(t, "testdata/other.log"))...) {
		p.Parse(l)
		got = append(got, p.Take().Loads...)
	}
	at := func(s string) time.Time {
		v, err := time.Parse(time.DateTime, s)
		if err != nil {
			t.Fatal(err)
		}
		return v.Add(500 * time.Millisecond)
	}
	want := []attribution.ModelLoad{
		{Server: "s", Model: "MiniCPM5-1B-F16", Start: at("2026-07-19 13:02:00"), End: at("2026-07-19 13:02:15")},
		{Server: "s", Model: "qwen/qwen3-vl-4b", Start: at("2026-08-09 12:57:00"), End: at("2026-08-09 12:57:10")},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestOptions(t *testing.T) {
	tokyo := time.FixedZone("JST", 9*3600)
	p := lmstudio.New(requestlog.Options{Server: "s", Model: "m", Zone: tokyo, NoCache: true})
	got := play(t, p, "0 [INFO][a] Running chat completion on conversation with 1 messages.",
		"9 [INFO][a] Generated prediction:  {", `  "usage": {`, `    "prompt_tokens": 5,`, `    "completion_tokens": 2,`, `  }`, `}`)
	want := []string{"m ok -32399.5--32390.5 5/0/2/7"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestArrival: a line that is seen as it is written is placed within its second.
func TestArrival(t *testing.T) {
	p := lmstudio.New(requestlog.Options{})
	feed := func(sec float64, text string, spread time.Duration) {
		arrival := noon.Add(time.Duration(sec * float64(time.Second)))
		p.Parse(requestlog.Line{Data: []byte(stamped(fmt.Sprintf("%d %s", int(sec), text))), Arrival: arrival, Spread: spread})
	}
	feed(0.8, "[INFO][a] Running chat completion on conversation with 1 messages.", 100*time.Millisecond)
	feed(9.25, "[INFO][a] Finished streaming response", 0)
	got := p.Take().Requests
	if len(got) != 1 || got[0].Start != noon.Add(750*time.Millisecond) || got[0].End != noon.Add(9250*time.Millisecond) ||
		got[0].Uncertainty != 50*time.Millisecond {
		t.Errorf("requests %+v", got)
	}
}

// TestClockChangeQuiet: nothing is logged in the first of the two hours that look
// alike, or not enough to tell them apart; when the lines arrive does.
func TestClockChangeQuiet(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for _, first := range []string{"2026-10-25 01:50:00", "2026-10-25 02:10:00"} {
		p := lmstudio.New(requestlog.Options{Zone: berlin})
		second := time.Date(2026, 10, 25, 1, 30, 0, 0, time.UTC) // 02:30 for the second time
		before := second.Add(-80 * time.Minute)
		p.Parse(requestlog.Line{Data: []byte("[" + first + "][INFO][m] Streaming response..."), Arrival: before})
		for i, text := range []string{"Running chat completion on conversation with 1 messages.", "Streaming response...", "Finished streaming response"} {
			at := second.Add(time.Duration(i) * 10 * time.Second)
			line := at.In(berlin).Format("[2006-01-02 15:04:05]") + "[INFO][m] " + text
			p.Parse(requestlog.Line{Data: []byte(line), Offset: int64(100 * i), Arrival: at.Add(500 * time.Millisecond), Spread: time.Second})
		}
		done := p.Take().Requests
		if len(done) != 1 || done[0].Start.Sub(second).Abs() > time.Second || done[0].End.Sub(second.Add(20*time.Second)).Abs() > time.Second {
			t.Errorf("after %s: %+v", first, done)
		}
	}
}

// TestClockSetBack: a line that arrives when it says is believed at once, though
// the one before it says later.
func TestClockSetBack(t *testing.T) {
	p := lmstudio.New(requestlog.Options{})
	for i, l := range []struct {
		at   int
		text string
	}{{100, "Running chat completion on conversation with 1 messages."}, {101, "Streaming response..."}, {41, "Finished streaming response"}} {
		at := noon.Add(time.Duration(l.at) * time.Second)
		line := requestlog.Line{Data: []byte(at.Format("[2006-01-02 15:04:05]") + "[INFO][m] " + l.text), Offset: int64(i), Arrival: at.Add(300 * time.Millisecond), Spread: time.Second}
		if v := p.Parse(line); v != requestlog.Used {
			t.Errorf("%s: verdict %d", l.text, v)
		}
	}
	if f := p.Take(); len(f.Requests) != 1 || len(f.InFlight) != 0 {
		t.Errorf("told %+v", f)
	}
}

// TestClockChange: the hour that the clocks show twice is read once each, and one
// that is set back for good is believed before long.
func TestClockChange(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	p := lmstudio.New(requestlog.Options{Zone: berlin})
	var got []string
	for _, text := range []string{
		"[2026-10-25 02:30:00][INFO][a] Running chat completion on conversation with 1 messages.",
		"[2026-10-25 02:59:59][INFO][a] Finished streaming response",
		"[2026-10-25 02:00:01][INFO][a] Running chat completion on conversation with 1 messages.",
		"[2026-10-25 02:30:00][INFO][a] Finished streaming response",
	} {
		p.Parse(requestlog.Line{Data: []byte(text), Spread: requestlog.SpreadUnknown})
		for _, r := range p.Take().Requests {
			got = append(got, r.Start.Format(time.TimeOnly)+" "+r.End.Format(time.TimeOnly))
		}
	}
	if diff := cmp.Diff([]string{"00:30:00 00:59:59", "01:00:01 01:30:00"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	q := contract(requestlog.Options{Zone: berlin}).Restarted(t, p)
	q.Parse(requestlog.Line{Data: []byte("[2026-10-25 04:00:00][INFO][a] Running chat completion on conversation with 1 messages.")})
	if got := q.Take().InFlight[0].Start.Format(time.TimeOnly); got != "03:00:00" {
		t.Errorf("after a restart a request at 04:00:00 in Berlin begins at %s", got)
	}
	p = lmstudio.New(requestlog.Options{})
	script := []string{"7200 [INFO][a] Running chat completion on conversation with 1 messages."}
	for i := range 20 {
		script = append(script, fmt.Sprintf("%d [INFO][a] Prompt processing progress: 1.0%%", i))
	}
	if got := play(t, p, append(script, "21 [INFO][a] Finished streaming response")...); len(got) != 1 {
		t.Errorf("after the clock was set back: %v", got)
	}
}
