package vllm_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/requestlog"
	"github.com/sovmeter/sovmeter/collector/requestlog/vllm"
)

// script feeds lines, each "SECONDS text", that arrive as they are stamped;
// those of uvicorn begin with "INFO:".
func script(t *testing.T, opt requestlog.Options, lines ...string) ([]attribution.Request, []attribution.Request) {
	t.Helper()
	p := vllm.New(opt)
	var done, inFlight []attribution.Request
	for i, line := range lines {
		var sec float64
		if _, err := fmt.Sscanf(line, "%f", &sec); err != nil {
			t.Fatal(err)
		}
		_, text, _ := strings.Cut(line, " ")
		at := base.Add(time.Duration(sec * float64(time.Second)))
		if !strings.HasPrefix(text, "INFO:") {
			text = "INFO " + at.Format("01-02 15:04:05") + " [x.py:1] " + text
		}
		p.Parse(requestlog.Line{Data: []byte(text), Offset: int64(i), Arrival: at})
		f := p.Take()
		done, inFlight = append(done, f.Requests...), f.InFlight
	}
	return done, inFlight
}

const (
	comes  = "Received request chatcmpl-%s: params: SamplingParams(n=1, x"
	taken  = "Added request chatcmpl-%s."
	answer = `INFO:     127.0.0.1:50400 - "POST /v1/chat/completions HTTP/1.1" 200 OK`
)

func whole(sec, id string) []string {
	return []string{sec + " " + fmt.Sprintf(comes, id), sec + " " + fmt.Sprintf(taken, id)}
}

func stream(sec, id string) []string {
	return []string{sec + " " + fmt.Sprintf(comes, id), sec + " " + answer, sec + " " + fmt.Sprintf(taken, id)}
}

func stats(sec, prompt, output string, running, waiting int) string {
	return fmt.Sprintf("%s Engine 000: Avg prompt throughput: %s tokens/s, Avg generation throughput: %s tokens/s, Running: %d reqs, Waiting: %d reqs, GPU", sec, prompt, output, running, waiting)
}

func join(parts ...[]string) []string {
	var out []string
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}

func spans(all []attribution.Request) string {
	var out []string
	for _, r := range all {
		end := "?"
		if !r.End.IsZero() {
			end = fmt.Sprint(r.End.Sub(base).Seconds())
		}
		out = append(out, fmt.Sprintf("%v-%s±%v %s", r.Start.Sub(base).Seconds(), end, r.Uncertainty.Seconds(), r.Outcome))
	}
	return strings.Join(out, ", ")
}

func TestInFlight(t *testing.T) {
	for _, tt := range []struct {
		name     string
		lines    []string
		done     string
		inFlight string
	}{
		{"two answers in one piece end one after the other", join(whole("1", "a"), whole("2", "b"), []string{"5 " + answer}), "1-5±0 ok", "2-?±0 "},
		{"a stream is not ended by an answer", join(stream("1", "a"), whole("2", "b"), []string{"5 " + answer}), "2-5±0 ok", "1-?±0 "},
		{"streams beyond the number running have ended", join(stream("1", "a"), stream("2", "b"), []string{stats("8", "5.0", "9.0", 1, 0)}), "1-4.5±3.5 ok", "2-?±0 "},
		{"the stats narrow the end", join(stream("1", "a"), []string{stats("8", "5.0", "9.0", 1, 0), stats("18", "0.0", "9.0", 0, 0)}), "1-13±5 ok", ""},
		{"waiting is in flight", join(stream("1", "a"), stream("2", "b"), []string{stats("8", "5.0", "9.0", 1, 1)}), "", "1-?±0 , 2-?±0 "},
		{"a first step that takes long", join([]string{stats("1", "5.0", "9.0", 0, 0)}, stream("2", "a"), []string{stats("11", "0.0", "0.0", 0, 0)}), "", "2-?±0 "},
		{"tokens of one before it", join([]string{stats("1", "5.0", "9.0", 0, 0)}, stream("2", "a"), []string{stats("11", "0.0", "3.0", 0, 0)}), "", "2-?±0 "},
		{"a cached prompt, tokens all its own", join([]string{stats("1", "5.0", "9.0", 0, 0)}, stream("2", "a"), []string{stats("11", "0.0", "0.0", 1, 0), stats("21", "0.0", "3.0", 0, 0)}), "2-16±5 ok", ""},
		{"one in one piece runs beside a stream", join(whole("1", "a"), stream("2", "b"), []string{stats("8", "5.0", "9.0", 2, 0), stats("18", "0.0", "9.0", 1, 0)}), "2-13±5 ok", "1-?±0 "},
		{"a client that left without an answer", join(whole("1", "a"), []string{stats("8", "5.0", "9.0", 1, 0), stats("18", "0.0", "9.0", 0, 0)}), "1-13±5 cancelled", ""},
		{"several engines count apart", join(stream("1", "a"), []string{strings.Replace(stats("8", "5.0", "9.0", 0, 0), "000", "001", 1), stats("8", "5.0", "9.0", 0, 0)}), "1-?±0 ok", ""},
		{"several engines, an answer in one piece", join([]string{strings.Replace(stats("1", "5.0", "9.0", 0, 0), "000", "001", 1)}, whole("2", "a"), stream("3", "b"), []string{"5 " + answer}), "3-?±0 ok, 2-5±0 ok", ""},
		{"several engines, and their answers logged", join([]string{"1 non-default args: {'enable_log_outputs': True}"}, stream("2", "a"), []string{
			strings.Replace(stats("8", "5.0", "9.0", 0, 0), "000", "001", 1), "9 Generated response chatcmpl-a (streaming complete): output: 'x', output_token_ids: None, finish_reason: x",
		}), "2-9±0 ok", ""},
		{"engines added up", join(stream("1", "a"), []string{strings.Replace(stats("8", "5.0", "9.0", 0, 0), "Engine 000", "2 Engines Aggregated", 1)}), "1-4.5±3.5 ok", ""},
		{"no access lines", join([]string{"1 non-default args: {'model': 'm', 'disable_uvicorn_access_log': True}"}, whole("2", "a"), whole("3", "b"), []string{
			stats("8", "5.0", "9.0", 1, 0), stats("18", "0.0", "9.0", 0, 0),
		}), "2-5±3 ok, 3-13±5 ok", ""},
		{"no access lines, by uvicorn's level", join([]string{"1 non-default args: {'uvicorn_log_level': 'error'}"}, whole("2", "a"), []string{
			stats("8", "5.0", "9.0", 1, 0), stats("18", "0.0", "9.0", 0, 0),
		}), "2-13±5 ok", ""},
		{"no access lines and no stats", join([]string{"1 non-default args: {'disable_uvicorn_access_log': True, 'disable_log_stats': True}"}, whole("2", "a"), whole("3", "b")), "2-?±0 ok, 3-?±0 ok", ""},
		{"stats that never come", join(stream("1", "a"), whole("500", "b"), stream("700", "c")), "1-?±0 ok", "500-?±0 , 700-?±0 "},
		{"added alone", []string{"1 Added request cmpl-x-0.", "3 Request cmpl-x aborted."}, "1-3±0 cancelled", ""},
		{"added alone, and never heard of again", []string{"1 Added request chatcmpl-a.", stats("8", "5.0", "9.0", 0, 0)}, "1-4.5±3.5 ok", ""},
		{"added alone, and answered", []string{"1 Added request chatcmpl-a.", "3 " + answer}, "1-3±0 ok", ""},
		{"added after its client had gone", join([]string{"1 " + fmt.Sprintf(comes, "a"), "1 Request chatcmpl-a aborted.", "1 Added request chatcmpl-a-89abcdef."}), "1-1±0 cancelled", ""},
		{"several aborted at once", join(whole("1", "a"), whole("2", "b"), []string{"3 Aborted request(s) chatcmpl-a,chatcmpl-b."}), "1-3±0 cancelled, 2-3±0 cancelled", ""},
		{"ended by name, then answered", join(whole("1", "a"), whole("2", "b"), []string{"3 Finished request chatcmpl-a.", "3 " + answer}), "1-3±0 ok", "2-?±0 "},
		{"two ended by name, then answered", join(whole("1", "a"), whole("1", "b"), whole("2", "c"), []string{
			"3 Finished request chatcmpl-a.", "3 Request chatcmpl-b failed.", "4 " + answer, "4 " + answer,
		}), "1-3±0 ok, 1-3±0 error", "2-?±0 "},
		{"a stream ended by name owes no answer", join(stream("1", "a"), whole("2", "b"), []string{"3 Finished request chatcmpl-a.", "4 " + answer}), "1-3±0 ok, 2-4±0 ok", ""},
		{"an access line nobody waits for", join(whole("1", "a"), []string{"2 Request chatcmpl-a failed.", "2 " + answer, "3 " + answer}), "1-2±0 error", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			done, inFlight := script(t, requestlog.Options{Server: "s"}, tt.lines...)
			if got := spans(done); got != tt.done {
				t.Errorf("done %q, want %q", got, tt.done)
			}
			if got := spans(inFlight); got != tt.inFlight {
				t.Errorf("in flight %q, want %q", got, tt.inFlight)
			}
		})
	}
}

// TestNumberInFlight: whichever request an access line was of, as many are in
// flight as truly are.
func TestNumberInFlight(t *testing.T) {
	var lines []string
	var want []int
	for i := range 50 {
		lines = append(lines, whole(fmt.Sprint(i+1), fmt.Sprint("r", i))...)
		want = append(want, i+1, i+1)
	}
	for i := range 50 {
		lines = append(lines, fmt.Sprintf("%d %s", 60+i, answer))
		want = append(want, 49-i)
	}
	for i := range lines {
		if _, inFlight := script(t, requestlog.Options{}, lines[:i+1]...); len(inFlight) != want[i] {
			t.Fatalf("after line %d: %d in flight, not %d", i, len(inFlight), want[i])
		}
	}
}

// TestYear: a stamp has no year; it is the last before the line arrived.
func TestYear(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skip(err)
	}
	for _, tt := range []struct {
		name, stamp string
		zone        *time.Location
		arrival     time.Time
		want        time.Time
	}{
		{"now", "11-24 10:00:00", nil, base, base},
		{"local", "11-24 11:00:00", berlin, base, base},
		{"new year's eve", "12-31 23:59:59", nil, time.Date(2027, 1, 1, 0, 0, 0, 5e8, time.UTC), time.Date(2026, 12, 31, 23, 59, 59, 0, time.UTC)},
		{"new year, the clock a little behind", "01-01 00:00:01", nil, time.Date(2026, 12, 31, 23, 59, 59, 0, time.UTC), time.Date(2027, 1, 1, 0, 0, 1, 0, time.UTC)},
		{"a leap day", "02-29 10:00:00", nil, base, time.Date(2024, 2, 29, 10, 0, 0, 0, time.UTC)},
		{"the hour after the clock went back", "10-25 02:30:00", berlin, time.Date(2026, 10, 25, 1, 30, 0, 5e8, time.UTC), time.Date(2026, 10, 25, 1, 30, 0, 0, time.UTC)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := vllm.New(requestlog.Options{Zone: tt.zone})
			p.Parse(requestlog.Line{Data: []byte("INFO " + tt.stamp + " [a.py:1] Added request chatcmpl-1."), Arrival: tt.arrival})
			f := p.Take()
			if len(f.InFlight) != 1 || f.InFlight[0].Start.Sub(tt.want).Abs() > time.Second {
				t.Errorf("in flight %+v, want %v", f.InFlight, tt.want)
			}
		})
	}
}

// TestBacklog: a log found old is placed by its stamps, and the lines without
// one by those above.
func TestBacklog(t *testing.T) {
	p := vllm.New(requestlog.Options{Server: "s"})
	for i, line := range []string{
		"INFO 11-24 10:00:10 [logger.py:40] " + fmt.Sprintf(comes, "a"), "INFO 11-24 10:00:10 [x.py:1] " + fmt.Sprintf(taken, "a"),
		"INFO 11-24 10:00:20 [x.py:1] something else", answer,
	} {
		p.Parse(requestlog.Line{Data: []byte(line), Offset: int64(i), Arrival: base.Add(48 * time.Hour), Spread: requestlog.SpreadUnknown})
	}
	if got := spans(p.Take().Requests); got != "10.5-20.5±10.5 ok" {
		t.Errorf("got %s", got)
	}
	q := vllm.New(requestlog.Options{Server: "s"})
	for _, line := range []string{"INFO 11-24 10:00:10 [x.py:1] " + fmt.Sprintf(taken, "a"), answer} {
		q.Parse(requestlog.Line{Data: []byte(line)})
	}
	if got := q.Take().Requests; len(got) != 1 || !got[0].Start.IsZero() || !got[0].End.IsZero() {
		t.Errorf("without arrivals: %+v", got)
	}
}

// TestForged: a line of the right shape counts only where it fits.
func TestForged(t *testing.T) {
	for _, tt := range []struct {
		name, line string
		want       requestlog.Verdict
	}{
		{"an end without a beginning", "INFO 11-24 10:00:10 [a.py:1] Finished request cmpl-x.", requestlog.Ignored},
		{"an answer without a request", "INFO 11-24 10:00:10 [a.py:1] Generated response x: output: 'y', output_token_ids: [1], finish_reason: stop", requestlog.Ignored},
		{"stats cut short", "INFO 11-24 10:00:10 [a.py:1] Engine 000: Avg prompt throughput: 1.0 tokens/s", requestlog.Malformed},
		{"a number too large", "INFO 11-24 10:00:10 [a.py:1] Engine 99999999999999999999: Avg prompt throughput: 1.0 tokens/s", requestlog.Malformed},
		{"a day that is none", "INFO 13-24 10:00:10 [a.py:1] Added request x.", requestlog.Ignored},
		{"no place", "INFO 11-24 10:00:10 Added request x.", requestlog.Ignored},
		{"text before it", "hello INFO 11-24 10:00:10 [a.py:1] Added request x.", requestlog.Ignored},
		{"another method", `INFO:     127.0.0.1:1 - "GET /v1/chat/completions HTTP/1.1" 200 OK`, requestlog.Ignored},
		{"no status", `INFO:     127.0.0.1:1 - "POST /v1/chat/completions HTTP/1.1" 20 OK`, requestlog.Ignored},
		{"no request of a model", `INFO:     127.0.0.1:1 - "POST /tokenize HTTP/1.1" 200 OK`, requestlog.Ignored},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := vllm.New(requestlog.Options{Server: "s"})
			if got := p.Parse(requestlog.Line{Data: []byte(tt.line), Arrival: base}); got != tt.want {
				t.Errorf("verdict %v, want %v", got, tt.want)
			}
			if f := p.Take(); len(f.Requests)+len(f.InFlight) != 0 {
				t.Errorf("facts %+v", f)
			}
		})
	}
}

func TestColoursAndModel(t *testing.T) {
	p := vllm.New(requestlog.Options{Server: "s", Model: "mine"})
	for i, line := range []string{
		"\x1b[0;36m(APIServer pid=1)\x1b[0;0m INFO 11-24 10:00:00 [async_llm.py:1] " + fmt.Sprintf(taken, "a"),
		"\x1b[32mINFO\x1b[0m:     127.0.0.1:50400 - \"POST /v1/chat/completions HTTP/1.1\" 200 OK",
	} {
		p.Parse(requestlog.Line{Data: []byte(line), Offset: int64(i), Arrival: base.Add(time.Duration(i) * time.Second)})
	}
	if got := p.Take().Requests; len(got) != 1 || got[0].Model != "mine" || !got[0].End.Equal(base.Add(time.Second)) {
		t.Errorf("got %+v", got)
	}
}

func TestTokensCutShort(t *testing.T) {
	done, _ := script(t, requestlog.Options{}, append(append([]string{"0 non-default args: {'model': 'm', 'max_log_len': 10, 'enable_log_outputs': True}"},
		whole("1", "a")...), "2 Generated response chatcmpl-a: output: 'x', output_token_ids: [1, 2], finish_reason: stop")...)
	if len(done) != 1 || done[0].Output.Known || done[0].Model != "m" {
		t.Errorf("got %+v", done)
	}
}
