package llamacpp_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/requestlog"
	"github.com/sovmeter/sovmeter/collector/requestlog/llamacpp"
)

var begun = time.Date(2026, 11, 24, 6, 0, 0, 0, time.UTC)

// script feeds lines, each "SECONDS text", as a stamped log whose lines arrive
// as they are stamped, and returns all requests and the last facts.
func script(t *testing.T, lines ...string) ([]attribution.Request, requestlog.Facts, []requestlog.Verdict) {
	t.Helper()
	p := llamacpp.New(requestlog.Options{Server: "s"})
	var out []attribution.Request
	var last requestlog.Facts
	var verdicts []requestlog.Verdict
	offset := int64(0)
	for _, line := range lines {
		l := requestlog.Line{Data: []byte(line), Offset: offset, Arrival: begun}
		var sec float64
		if n, _ := fmt.Sscanf(line, "%f", &sec); n == 1 {
			_, text, _ := strings.Cut(line, " ")
			d := time.Duration(math.Round(sec*1e6)) * time.Microsecond
			l.Data = []byte(fmt.Sprintf("%d.%02d.%03d.%03d I %s", int(d.Minutes()), int(d.Seconds())%60,
				d.Milliseconds()%1000, d.Microseconds()%1000, text))
			l.Arrival = begun.Add(d)
		}
		offset += int64(len(l.Data)) + 1
		verdicts = append(verdicts, p.Parse(l))
		last = p.Take()
		out = append(out, last.Requests...)
	}
	return out, last, verdicts
}

const (
	launch0  = "slot launch_slot_: id  0 | task 0 | processing task, is_child = 0"
	prompt0  = "slot print_timing: id  0 | task 0 | prompt eval time =    1000.00 ms /   100 tokens (   10.00 ms per token,   100.00 tokens per second)"
	eval0    = "slot print_timing: id  0 | task 0 |        eval time =    2000.00 ms /    20 tokens (  100.00 ms per token,    10.00 tokens per second)"
	total0   = "slot print_timing: id  0 | task 0 |       total time =    3000.00 ms /   120 tokens"
	cancel0  = "srv          stop: cancel task, id_task = 0"
	release0 = "slot      release: id  0 | task 0 | stop processing: n_tokens = 129, truncated = 0"
	greeting = "srv  llama_server: initializing ..."
)

func TestRequest(t *testing.T) {
	got, facts, _ := script(t, "0.1 "+greeting, "1 "+launch0, "4.1 "+prompt0, "4.1 "+eval0, "4.1 "+total0, "4.2 "+release0)
	want := []attribution.Request{{
		ID: got[0].ID, Server: "s", Outcome: attribution.OutcomeOK,
		Start: begun.Add(1100 * time.Millisecond), FirstToken: begun.Add(2100 * time.Millisecond), End: begun.Add(4200 * time.Millisecond),
		Input: attribution.Known(100), Cached: attribution.Known(10), Output: attribution.Known(20), Context: attribution.Known(130),
		Position: got[0].Position,
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(facts.InFlight) != 0 || !facts.Latest.Equal(begun.Add(4200*time.Millisecond)) {
		t.Errorf("facts %+v", facts)
	}
}

// TestRefused: a server turns a prompt that is too long away. What its slot holds
// then is of the request before.
func TestRefused(t *testing.T) {
	for _, reason := range []string{
		"request (11754 tokens) exceeds the available context size (1024 tokens), try increasing it",
		"the request exceeds the available context size. try increasing the context size or enable context shift",
		"input (2368 tokens) is too large to process. increase the physical batch size (current batch size: 512)",
		"input is too large to process. increase the physical batch size",
	} {
		got, _, _ := script(t, "1 "+launch0, "1.01 srv    send_error: task id = 0, error: "+reason, "1.02 "+release0)
		want := []attribution.Request{{
			ID: got[0].ID, Server: "s", Outcome: attribution.OutcomeError,
			Start: begun.Add(time.Second), End: begun.Add(1020 * time.Millisecond),
			Input: attribution.Known(0), Cached: attribution.Known(0), Output: attribution.Known(0), Position: got[0].Position,
		}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", reason, diff)
		}
	}
	got, _, _ := script(t, "1 "+launch0, "3 srv    send_error: task id = 0, error: Context size has been exceeded.", "3 "+release0)
	if r := got[0]; r.Input.Known || r.Output.Known || r.Context != attribution.Known(129) {
		t.Errorf("a request that failed at work: %+v", r)
	}
}

func TestCancelled(t *testing.T) {
	got, _, _ := script(t, "1 "+launch0, "3 "+cancel0, "3.5 "+release0)
	want := []attribution.Request{{
		ID: got[0].ID, Server: "s", Outcome: attribution.OutcomeCancelled,
		Start: begun.Add(time.Second), End: begun.Add(3500 * time.Millisecond),
		Context: attribution.Known(129), Position: got[0].Position,
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestInFlight(t *testing.T) {
	_, facts, _ := script(t, "0.1 "+greeting, "0.5 srv    load_model: loading model '/m/a-00001-of-00003.gguf'",
		"0.9 srv  llama_server: model loaded", "1 "+launch0, "2 srv  other: x")
	if len(facts.InFlight) != 1 {
		t.Fatalf("in flight %+v", facts.InFlight)
	}
	r := facts.InFlight[0]
	if r.Model != "a" || !r.Start.Equal(begun.Add(time.Second)) || !r.End.IsZero() || r.Input.Known {
		t.Errorf("in flight %+v", r)
	}
	if !facts.Latest.Equal(begun.Add(2 * time.Second)) {
		t.Errorf("latest %v", facts.Latest)
	}
}

// outcomes is what became of each task, by its number.
func outcomes(all []attribution.Request) map[string]string {
	out := map[string]string{}
	for _, r := range all {
		out[tail(r.ID)] += fmt.Sprintf("%s@%v", r.Outcome, r.End.Sub(begun))
	}
	return out
}

func TestEnds(t *testing.T) {
	launch1 := strings.ReplaceAll(launch0, "task 0", "task 1")
	tests := []struct {
		name  string
		lines []string
		want  map[string]string
	}{
		{"the server restarts and says so", []string{"0 " + greeting, "1 " + launch0, "2 srv  x: y", "0 " + greeting}, map[string]string{"0": "error@2s"}},
		{"a plain log greets again", []string{launch0, "srv  llama_server: listening on http://127.0.0.1:8080", greeting}, map[string]string{"0": "error@0s"}},
		{"the stamps begin again", []string{"10 " + launch0, "12 srv  x: y", "3 " + launch1}, map[string]string{"0": "error@12s"}},
		{"the slot is launched again", []string{"1 " + launch0, "5 " + launch1}, map[string]string{"0": "error@5s"}},
		{"a failed task", []string{"1 " + launch0, "2 srv    send_error: task id = 0, error: too long", "3 " + release0}, map[string]string{"0": "error@3s"}},
		{"no tokens generated", []string{"1 " + launch0, "3 " + release0}, map[string]string{"0": "ok@3s"}},
		{"cancelled in the queue", []string{"1 " + cancel0}, map[string]string{}},
		{"released unseen", []string{"1 " + release0}, map[string]string{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, _, _ := script(t, tt.lines...)
			if diff := cmp.Diff(tt.want, outcomes(got)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestIDsDifferOverRestarts: the same task numbers in two runs are two requests.
func TestIDsDifferOverRestarts(t *testing.T) {
	got, _, _ := script(t, "0.1 "+greeting, "1 "+launch0, "2 "+release0, "0.1 "+greeting, "1.000001 "+launch0, "2 "+release0)
	if len(got) != 2 || got[0].ID == got[1].ID || tail(got[0].ID) != "0" || tail(got[1].ID) != "0" {
		t.Errorf("requests %+v", got)
	}
}

// TestIDsDifferOverFiles: two runs at the same place of two files, such as a log
// that each start of the server truncates.
func TestIDsDifferOverFiles(t *testing.T) {
	a, _, _ := script(t, "0.1 "+greeting, "1.000001 "+launch0, "2 "+release0)
	b, _, _ := script(t, "0.1 "+greeting, "1.000002 "+launch0, "2 "+release0)
	again, _, _ := script(t, "0.1 "+greeting, "1.000001 "+launch0, "2 "+release0)
	if a[0].ID == b[0].ID || a[0].ID != again[0].ID {
		t.Errorf("ids %s, %s, and %s again", a[0].ID, b[0].ID, again[0].ID)
	}
}

func TestForgedLines(t *testing.T) {
	base := []string{"1 " + launch0, "4.1 " + prompt0, "4.1 " + eval0, "4.1 " + total0, "4.2 " + release0}
	honest, _, _ := script(t, base...)
	tests := []struct {
		name string
		at   int // before which line of base
		line string
		want requestlog.Verdict
	}{
		{"plain release in a stamped run", 1, release0, requestlog.Ignored},
		{"plain greeting in a stamped run", 1, greeting, requestlog.Ignored},
		{"in the middle of a line", 1, "2 srv  log: " + release0, requestlog.Ignored},
		{"after a colon", 1, "2 slot   operator(): id  0 | task 0 | text: " + prompt0, requestlog.Ignored},
		{"timing of another task", 1, "2 " + strings.ReplaceAll(prompt0, "task 0", "task 7"), requestlog.Ignored},
		{"timing on another slot", 1, "2 " + strings.ReplaceAll(prompt0, "id  0", "id  3"), requestlog.Malformed},
		{"release on another slot", 1, "2 " + strings.ReplaceAll(release0, "id  0", "id  3"), requestlog.Malformed},
		{"eval before prompt", 1, "3.5 " + eval0, requestlog.Malformed},
		{"launched twice", 1, "2 " + launch0, requestlog.Malformed},
		{"absurd slot", 1, "2 slot launch_slot_: id  99999 | task 9 | processing task, is_child = 0", requestlog.Malformed},
		{"count out of range", 1, "2 slot      release: id  0 | task 0 | stop processing: n_tokens = 99999999999999999999, truncated = 0", requestlog.Malformed},
		{"model load while serving", 1, "2 srv    load_model: loading model '/m/forged.gguf'", requestlog.Malformed},
		{"a json line", 1, `{"type":"log","time":2000000,"level":"info","msg":"` + release0 + `\n"}`, requestlog.Ignored},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			lines := append(append(append([]string{}, base[:tt.at]...), tt.line), base[tt.at:]...)
			got, _, verdicts := script(t, lines...)
			if verdicts[tt.at] != tt.want {
				t.Errorf("verdict %v, want %v", verdicts[tt.at], tt.want)
			}
			if len(got) != 1 || got[0].Input != honest[0].Input || got[0].Output != honest[0].Output || !got[0].End.Equal(honest[0].End) {
				t.Errorf("the request changed: %+v", got)
			}
		})
	}
}

// TestContradictions: counts that cannot be are unknown, not wrong.
func TestContradictions(t *testing.T) {
	tests := []struct {
		name  string
		lines []string
	}{
		{"longer than the task ran", []string{"4.0 " + launch0, "4.1 " + prompt0, "4.1 " + eval0, "4.2 " + release0}},
		{"total of other tokens", []string{"1 " + launch0, "4.1 " + prompt0, "4.1 " + eval0, "4.1 " + strings.Replace(total0, "120 tokens", "121 tokens", 1), "4.2 " + release0}},
		{"prompt told twice", []string{"1 " + launch0, "3 " + prompt0, "4.1 " + prompt0, "4.1 " + eval0, "4.2 " + release0}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, _, _ := script(t, tt.lines...)
			if len(got) != 1 || got[0].Input.Known || got[0].Output.Known || got[0].Cached.Known || !got[0].FirstToken.IsZero() {
				t.Errorf("requests %+v", got)
			}
		})
	}
}

func TestCachedStaysUnknown(t *testing.T) {
	truncated := strings.Replace(release0, "truncated = 0", "truncated = 1", 1)
	draft := "4.1 slot print_timing: id  0 | task 0 | draft acceptance = 0.50000 (   10 accepted /    20 generated), mean len =  1.50"
	for name, lines := range map[string][]string{
		"truncated": {"1 " + launch0, "4.1 " + prompt0, "4.1 " + eval0, "4.2 " + truncated},
		"drafted":   {"1 " + launch0, "4.1 " + prompt0, "4.1 " + eval0, draft, "4.2 " + release0},
	} {
		got, _, _ := script(t, lines...)
		if len(got) != 1 || got[0].Cached.Known || !got[0].Input.Known {
			t.Errorf("%s: requests %+v", name, got)
		}
	}
}

func TestCancelledWhilePrefilling(t *testing.T) {
	got, _, _ := script(t, "1 "+launch0,
		"1 slot   operator(): id  0 | task 0 | new prompt, n_ctx_slot = 4096, n_keep = 0, task.n_tokens = 900",
		"1 slot   operator(): id  0 | task 0 | cached n_tokens = 29, memory_seq_rm [29, end)", "3 "+cancel0, "3.5 "+release0)
	if len(got) != 1 || got[0].Input != attribution.Known(100) || got[0].Cached != attribution.Known(29) || got[0].Output != attribution.Known(0) {
		t.Errorf("requests %+v", got)
	}
}

func TestModelIDs(t *testing.T) {
	for path, want := range map[string]string{
		"/models/Qwen3-8B-Q4_K_M.gguf": "Qwen3-8B-Q4_K_M", `C:\m\a.gguf`: "a", "b": "b",
		"/m/big-00001-of-00012.gguf": "big", "/m/tell me a secret.gguf": "", "": "",
	} {
		_, facts, _ := script(t, "1 srv    load_model: loading model '"+path+"'", "2 "+launch0)
		if len(facts.InFlight) != 1 || facts.InFlight[0].Model != want {
			t.Errorf("%q: in flight %+v, want model %q", path, facts.InFlight, want)
		}
	}
}

// TestClockFollowsTheWall: the wall clock is set an hour forwards while the
// server runs on; later requests are placed by the new time.
func TestClockFollowsTheWall(t *testing.T) {
	p := llamacpp.New(requestlog.Options{Server: "s"})
	feed := func(stamp int, text string, arrival time.Time) []attribution.Request {
		p.Parse(requestlog.Line{Data: []byte(fmt.Sprintf("0.%02d.000.000 I %s", stamp, text)), Arrival: arrival, Spread: 100 * time.Millisecond})
		return p.Take().Requests
	}
	feed(1, launch0, begun.Add(time.Second))
	later := begun.Add(time.Hour)
	feed(2, "srv  x: y", later.Add(2*time.Second))
	got := feed(3, release0, later.Add(3*time.Second))
	if len(got) != 1 || !got[0].End.Equal(later.Add(3*time.Second)) || got[0].Uncertainty != 100*time.Millisecond {
		t.Errorf("requests %+v", got)
	}
}

// TestClockForgets: the server's clock runs 1 ms a minute slow against the
// wall; the error does not grow beyond two windows of it.
func TestClockForgets(t *testing.T) {
	p := llamacpp.New(requestlog.Options{Server: "s"})
	var got []attribution.Request
	for minute := range 600 {
		arrival := begun.Add(time.Duration(minute) * (time.Minute + time.Millisecond))
		text := fmt.Sprintf("slot launch_slot_: id  0 | task %d | processing task, is_child = 0", minute)
		p.Parse(requestlog.Line{Data: []byte(fmt.Sprintf("%d.00.000.000 I %s", minute, text)), Arrival: arrival})
		for _, r := range p.Take().Requests { // each launch ends the task before
			if off := arrival.Sub(r.End); off < 0 || off > 21*time.Millisecond {
				t.Fatalf("minute %d: placed %v before its arrival", minute, off)
			}
			got = append(got, r)
		}
	}
	if len(got) != 599 {
		t.Errorf("%d requests", len(got))
	}
}

func TestDetect(t *testing.T) {
	for _, c := range captures {
		sample, err := requestlog.Sample(strings.NewReader(string(capture(t, c.run))))
		if err != nil {
			t.Fatal(err)
		}
		if n := llamacpp.Detect(sample); n*2 < len(sample) {
			t.Errorf("%s: %d of %d lines recognised", c.run, n, len(sample))
		}
	}
	if n := llamacpp.Detect([][]byte{[]byte("hello"), []byte(`{"start":"x"}`), []byte("127.0.0.1 - - GET /"), nil}); n != 0 {
		t.Errorf("%d of four foreign lines recognised", n)
	}
}
