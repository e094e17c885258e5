package ollama_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sovmeter/sovmeter/collector/requestlog"
	"github.com/sovmeter/sovmeter/collector/requestlog/ollama"
)

// started is a runner's start and the end of its load.
func started(digest string, port, context, slots int) []string {
	cmd := fmt.Sprintf("/x/llama-server --model /m/blobs/sha256-%s --port %d -c %d -np %d", strings.Repeat(digest, 64), port, context*slots, slots)
	return []string{
		`@1 time=2026-11-20T10:00:01.000Z level=INFO source=llama_server.go:433 msg="starting llama-server" cmd="` + cmd + `"`,
		"@2 " + ready,
	}
}

// job is a task's lines from launch to release.
type job struct {
	slot, task, context, prompt, cached, output int
	held                                        int // what the slot is said to hold; -1: not said
	cancelled                                   bool
}

func (j job) launch() []string {
	var out []string
	if j.held >= 0 {
		out = append(out, fmt.Sprintf("@3 slot get_availabl: id %2d | task -1 | selected slot by LRU, n_tokens = %d, t_last = 9", j.slot, j.held))
	}
	who := fmt.Sprintf("id %2d | task %d |", j.slot, j.task)
	return append(out, "@3 slot launch_slot_: "+who+" processing task, is_child = 0",
		fmt.Sprintf("@3 slot   operator(): %s new prompt, n_ctx_slot = %d, n_keep = 4, task.n_tokens = %d", who, j.context, j.prompt),
		fmt.Sprintf("@3 slot   operator(): %s cached n_tokens = %d, memory_seq_rm [%d, end)", who, j.cached, j.cached))
}

func (j job) end() []string {
	who := fmt.Sprintf("id %2d | task %d |", j.slot, j.task)
	release := fmt.Sprintf("@6 slot      release: %s stop processing: n_tokens = %d, truncated = 0", who, j.prompt+j.output-1)
	if j.cancelled {
		return []string{fmt.Sprintf("@6 srv          stop: cancel task, id_task = %d", j.task), release}
	}
	return []string{
		fmt.Sprintf("@6 slot print_timing: %s prompt eval time =    1000.00 ms / %5d tokens", who, j.prompt-j.cached),
		fmt.Sprintf("@6 slot print_timing: %s        eval time =    1000.00 ms / %5d tokens", who, j.output),
		fmt.Sprintf("@6 slot print_timing: %s       total time =    2000.00 ms / %5d tokens", who, j.prompt-j.cached+j.output),
		release,
	}
}

func (j job) all() []string { return append(j.launch(), j.end()...) }

func concat(parts ...[]string) []string {
	lines := []string{"@0 " + config}
	for _, p := range parts {
		lines = append(lines, p...)
	}
	return lines
}

// TestTellsRunnersApart has one case for each thing that tells runners apart, and
// for each that is forgotten when a runner may have done more than is known.
func TestTellsRunnersApart(t *testing.T) {
	a, b := started("a", 1, 4096, 2), started("b", 2, 4096, 2)
	plain := job{context: 4096, prompt: 50, output: 10, held: -1}
	with := func(change func(*job)) job {
		j := plain
		change(&j)
		return j
	}
	tests := []struct {
		name  string
		lines []string
		want  string // model and outcome of each request
	}{
		{"size of the context", concat(a, started("b", 2, 8192, 2), with(func(j *job) { j.context = 8192 }).all()), "b ok"},
		{"number of slots", concat(a, started("b", 2, 4096, 4), with(func(j *job) { j.slot = 3 }).all()), "b ok"},
		{"nothing", concat(a, b, plain.all()), " ok"},
		{
			"launched in the other order than numbered, as what waited for slots is",
			concat(a, with(func(j *job) { j.cancelled = true }).launch(), with(func(j *job) { j.slot, j.task = 1, 1 }).launch(),
				with(func(j *job) { j.cancelled = true }).end(), with(func(j *job) { j.slot, j.task, j.cancelled = 1, 1, true }).end(),
				with(func(j *job) { j.slot, j.task = 1, 9 }).launch(), with(func(j *job) { j.task = 8 }).launch(),
				with(func(j *job) { j.slot, j.task = 1, 9 }).end(), with(func(j *job) { j.task = 8 }).end()),
			"a cancelled, a cancelled, a ok, a ok",
		},
		{"nothing, and one model", concat(a, started("a", 2, 4096, 2), plain.all()), "a ok"},
		{"a number before the last", concat(a, plain.all(), b, plain.all()), "a ok, b ok"},
		{
			"a number that an idle runner cannot have reached",
			concat(a, plain.all(), b, plain.all(), with(func(j *job) { j.task = 400 }).launch(), with(func(j *job) { j.slot, j.task = 1, 11 }).all()),
			"a ok, b ok,  ok",
		},
		{
			"what the slot holds",
			concat(a, plain.all(), b, with(func(j *job) { j.prompt = 70 }).all(), with(func(j *job) { j.task, j.held = 12, 79 }).all()),
			"a ok, b ok, b ok",
		},
		{
			"a slot that is not free",
			concat(a, plain.launch(), b, with(func(j *job) { j.task = 5 }).all()),
			"b ok",
		},
		{
			"two of one number, told by their prompts",
			concat(a, plain.launch(), b, with(func(j *job) { j.prompt = 90 }).launch(), with(func(j *job) { j.prompt = 90 }).end(), plain.end()),
			"b ok, a ok",
		},
		{
			"two of one number and one prompt",
			concat(a, plain.launch(), b, plain.launch(), plain.end(), plain.end()),
			" ok,  ok",
		},
		{
			"one of two of one number cancelled, the first",
			concat(a, plain.launch(), b, with(func(j *job) { j.prompt = 90 }).launch(), with(func(j *job) { j.cancelled, j.output = true, 3 }).end(), with(func(j *job) { j.prompt = 90 }).end()),
			" cancelled,  ok",
		},
		{
			"one of two of one number cancelled, the second, and the first is done before",
			concat(a, plain.launch(), b, with(func(j *job) { j.prompt = 90 }).launch(),
				with(func(j *job) { j.cancelled, j.prompt = true, 90 }).end()[:1], plain.end(), with(func(j *job) { j.cancelled, j.prompt = true, 90 }).end()[1:]),
			" ok,  cancelled",
		},
		{
			"a runner that was started before the log began",
			concat(a, []string{`@2 time=2026-11-20T10:00:02.000Z level=INFO source=sched.go:728 msg="loaded runners" count=2`}, plain.all()),
			" ok",
		},
		{
			"a runner that is the only one",
			concat(b, a, []string{`@2 time=2026-11-20T10:00:02.000Z level=INFO source=sched.go:728 msg="loaded runners" count=1`}, plain.all()),
			"a ok",
		},
		{
			"a runner that was started again",
			concat(a, plain.launch(), b, a),
			"a error",
		},
		{
			"numbers after a task of either",
			concat(a, started("b", 2, 4096, 1), plain.all(), with(func(j *job) { j.slot, j.task = 1, 20 }).all(), with(func(j *job) { j.task = 500 }).all()),
			" ok, a ok, b ok",
		},
		{
			"numbers after a cancelled task and another",
			concat(a, with(func(j *job) { j.cancelled, j.output, j.prompt, j.cached = true, -1000, 5000, 9 }).all(), with(func(j *job) { j.task = 20 }).all(),
				b, plain.all(), with(func(j *job) { j.task = 20 }).launch(), with(func(j *job) { j.slot, j.task = 1, 500 }).all()),
			"a cancelled, a ok, b ok, b ok",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			name := func(digest string) string { return digest[:1] }
			got, _ := read(t, ollama.New(requestlog.Options{Server: "s", ModelName: name}), script(tt.lines...))
			var have []string
			for _, r := range got.Requests {
				have = append(have, r.Model+" "+string(r.Outcome))
			}
			if diff := cmp.Diff(tt.want, strings.Join(have, ", ")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
