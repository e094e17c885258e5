package jsonl_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/requestlog"
	"github.com/sovmeter/sovmeter/collector/requestlog/jsonl"
)

const times = `"start":"2026-11-24T06:00:00.25Z","end":"2026-11-24T06:00:03Z"`

var start = time.Date(2026, 11, 24, 6, 0, 0, 250e6, time.UTC)

func TestWrite(t *testing.T) {
	c := attribution.Charge{
		Request: attribution.Request{
			ID: "s/1/7", Server: "s", Model: "qwen3-8b", Start: start, FirstToken: start.Add(time.Second), End: start.Add(2 * time.Second),
			Input: attribution.Known(312), Cached: attribution.Known(500), Output: attribution.Known(120), Context: attribution.Known(932),
			Outcome: attribution.OutcomeOK, Position: 99,
		},
		Prefill: 1.5, Decode: 2, Error: 0.25, Driver: attribution.DriverSharing, EnergyKnown: true, Covered: 1, Tier: attribution.TierShared,
	}
	got, err := jsonl.Append(nil, jsonl.FromCharge(c))
	if err != nil {
		t.Fatal(err)
	}
	want := `{"id":"s/1/7","server":"s","gen_ai.request.model":"qwen3-8b",` +
		`"start":"2026-11-24T06:00:00.25Z","first_token":"2026-11-24T06:00:01.25Z","end":"2026-11-24T06:00:02.25Z","outcome":"ok",` +
		`"gen_ai.usage.input_tokens":812,"gen_ai.usage.cache_read.input_tokens":500,"gen_ai.usage.output_tokens":120,"context_tokens":932,` +
		`"energy_joules":3.5,"prefill_joules":1.5,"decode_joules":2,"error_joules":0.25,"error_driver":"sharing","tier":"shared","covered_ratio":1}` + "\n"
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestUnknownIsAbsent(t *testing.T) {
	r := attribution.Request{ID: "a", Start: start, End: start, Outcome: attribution.OutcomeError}
	got, err := jsonl.Append(nil, jsonl.FromCharge(attribution.Charge{Request: r, Tier: attribution.TierEstimated, Prefill: 3}))
	if err != nil {
		t.Fatal(err)
	}
	want := `{"id":"a","start":"2026-11-24T06:00:00.25Z","end":"2026-11-24T06:00:00.25Z","outcome":"error","error.type":"_OTHER","tier":"estimated","covered_ratio":0}` + "\n"
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTimeWithoutForm(t *testing.T) {
	_, err := jsonl.Append(nil, jsonl.Record{Request: attribution.Request{Start: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)}})
	if !errors.Is(err, jsonl.ErrTime) {
		t.Errorf("the year 10000: %v", err)
	}
}

func TestRoundTrip(t *testing.T) {
	schema := newChecker(t, jsonl.Schema())
	rapid.Check(t, func(t *rapid.T) {
		want := drawRecord(t)
		line, err := jsonl.Append(nil, want)
		if err != nil {
			t.Fatal(err)
		}
		if !schema.line(line) {
			t.Fatalf("the schema refuses what was written: %s", line)
		}
		got, err := jsonl.Decode(line)
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%s (-want +got):\n%s", line, diff)
		}
	})
}

func TestRead(t *testing.T) {
	base := attribution.Request{Start: start, End: start.Add(2750 * time.Millisecond), Outcome: attribution.OutcomeOK}
	with := func(change func(*attribution.Request)) attribution.Request {
		r := base
		change(&r)
		return r
	}
	tests := []struct {
		name, fields string
		want         attribution.Request
	}{
		{"nothing but times", ``, base},
		{"another zone", `,"first_token":"2026-11-24T07:30:01.5+01:30"`, with(func(r *attribution.Request) { r.FirstToken = start.Add(1250 * time.Millisecond) })},
		{"extra fields", `,"prompt":"secret","messages":[{"x":1}],"gen_ai.provider.name":"llama.cpp","server.port":"x","server.port":1`, base},
		{"cached given", `,"gen_ai.usage.input_tokens":10,"gen_ai.usage.cache_read.input_tokens":4`, with(func(r *attribution.Request) {
			r.Input, r.Cached = attribution.Known(6), attribution.Known(4)
		})},
		{"cached unknown", `,"gen_ai.usage.input_tokens":10,"gen_ai.usage.output_tokens":5`, with(func(r *attribution.Request) {
			r.Output, r.Context = attribution.Known(5), attribution.Known(15)
		})},
		{"fresh given", `,"sovmeter.usage.fresh_input_tokens":0`, with(func(r *attribution.Request) { r.Input = attribution.Known(0) })},
		{"input and fresh given", `,"gen_ai.usage.input_tokens":10,"sovmeter.usage.fresh_input_tokens":3`, with(func(r *attribution.Request) {
			r.Input, r.Cached = attribution.Known(3), attribution.Known(7)
		})},
		{"an error by its type", `,"error.type":"timeout"`, with(func(r *attribution.Request) { r.Outcome = attribution.OutcomeError })},
		{"a model that is a sentence", `,"gen_ai.request.model":"tell me a secret"`, base},
		{"tags", `,"client":"editor","project":"a/b","sovmeter.usage.estimated":true`, with(func(r *attribution.Request) {
			r.Client, r.Project, r.TokensEstimated = "editor", "a/b", true
		})},
		{"tags of other shapes", `,"client":"Mrs Miller","project":"","sovmeter.usage.estimated":false`, base},
		{"the model that answered", `,"gen_ai.response.model":"m-2026"`, with(func(r *attribution.Request) { r.Model = "m-2026" })},
		{"the model asked for", `,"gen_ai.response.model":"m-2026","gen_ai.request.model":"m"`, with(func(r *attribution.Request) { r.Model = "m" })},
		{"escapes", `,"gen_ai.request\u002emodel":"a\/b\u003a1"`, with(func(r *attribution.Request) { r.Model = "a/b:1" })},
		{"an operation", `,"gen_ai.operation.name":"text_completion","gen_ai.response.finish_reasons":["stop","length"]`, base},
		{"a finish that is an error", `,"gen_ai.response.finish_reasons":["error"]`, with(func(r *attribution.Request) { r.Outcome = attribution.OutcomeError })},
		{"an error that went well", `,"error.type":"x","outcome":"ok"`, base},
		{"written to a cache", `,"gen_ai.usage.input_tokens":10,"gen_ai.usage.cache_read.input_tokens":4,"gen_ai.usage.cache_write.input_tokens":6`, with(func(r *attribution.Request) {
			r.Input, r.Cached = attribution.Known(6), attribution.Known(4)
		})},
		{"exponents", `,"gen_ai.usage.output_tokens":1.2e1,"uncertainty_seconds":25e-2`, with(func(r *attribution.Request) {
			r.Output, r.Uncertainty = attribution.Known(12), 250*time.Millisecond
		})},
		{"deep and odd extra fields", `,"a":[[[{"b":"\"]"}]]],"":null,"a":{"start":1}`, base},
		{"nulls", `,"gen_ai.usage.input_tokens":null,"outcome":null`, base},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := jsonl.Decode([]byte(`{` + times + tt.fields + `}`))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(jsonl.Record{Request: tt.want}, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestMalformed(t *testing.T) {
	tests := []struct{ name, line, want string }{
		{"not json", `hello`, "not a JSON object"},
		{"cut", `{` + times, "not a JSON object"},
		{"an array", `[1]`, "not a JSON object"},
		{"NaN", `{` + times + `,"gen_ai.usage.output_tokens":NaN}`, "not a JSON object"},
		{"a text count", `{` + times + `,"gen_ai.usage.output_tokens":"5"}`, "gen_ai.usage.output_tokens: not a number"},
		{"beyond float64", `{` + times + `,"energy_joules":1e999}`, "energy_joules: too large"},
		{"trailing", `{` + times + `}}`, "not a JSON object"},
		{"a comma too many", `{` + times + `,}`, "not a JSON object"},
		{"no comma", `{` + times + `"a":1}`, "not a JSON object"},
		{"a leading zero", `{` + times + `,"context_tokens":05}`, "not a JSON object"},
		{"a plus", `{` + times + `,"context_tokens":+5}`, "not a JSON object"},
		{"no digits after the point", `{` + times + `,"context_tokens":5.}`, "not a JSON object"},
		{"hexadecimal", `{` + times + `,"context_tokens":0x5}`, "not a JSON object"},
		{"an extra field that is no JSON", `{` + times + `,"a":[1,}`, "not a JSON object"},
		{"a raw line feed", `{` + times + `,"a":"` + "\n" + `"}`, "not a JSON object"},
		{"a bad escape", `{` + times + `,"a":"\x41"}`, "not a JSON object"},
		{"a field twice", `{` + times + `,"outcome":"ok","outcome":"error"}`, "outcome: given twice"},
		{"a field twice under an escape", `{` + times + `,"gen_ai.usage.output_tokens":1,"gen_ai.usage.output\u005ftokens":null}`, "gen_ai.usage.output_tokens: given twice"},
		{"beyond 2^53", `{` + times + `,"context_tokens":9007199254740993}`, "context_tokens: too large"},
		{"a fraction that float64 drops", `{` + times + `,"context_tokens":100000000000.00000001}`, "context_tokens: not a whole number"},
		{"a text flag", `{` + times + `,"sovmeter.usage.estimated":"true"}`, "sovmeter.usage.estimated: not true or false"},
		{"a number for a name", `{` + times + `,"client":5}`, "client: not a string"},
		{"finish reason in a word", `{` + times + `,"gen_ai.response.finish_reasons":"stop"}`, "gen_ai.response.finish_reasons: not a list of strings"},
		{"written twice", `{` + times + `,"gen_ai.usage.cache_write.input_tokens":1,"gen_ai.usage.cache_creation.input_tokens":2}`, "gen_ai.usage.cache_creation.input_tokens: not the same as gen_ai.usage.cache_write.input_tokens"},
		{"more written than fresh", `{` + times + `,"gen_ai.usage.input_tokens":5,"gen_ai.usage.cache_read.input_tokens":3,"gen_ai.usage.cache_creation.input_tokens":3}`, "gen_ai.usage.cache_creation.input_tokens: more than what did not come from the cache"},
		{"spend", `{` + times + `,"sovmeter.remote":true,"sovmeter.spend_usd":1e10}`, "sovmeter.spend_usd: too large"},
		{"energy elsewhere", `{` + times + `,"sovmeter.remote":true,"covered_ratio":1}`, "sovmeter.remote: there with energy, which no call took here that was served elsewhere"},
		{"empty", `{` + times + `,"first_token":""}`, "first_token: not an RFC 3339 time"},
		{"no end", `{"start":"2026-11-24T06:00:00Z"}`, "end: missing"},
		{"a time in words", `{"start":"yesterday","end":"today"}`, "start: not an RFC 3339 time"},
		{"before computers", `{"start":"0001-01-01T00:00:00Z","end":"2026-11-24T06:00:00Z"}`, "start: not in the years 1970 to 2199"},
		{"end before start", `{"start":"2026-11-24T06:00:01Z","end":"2026-11-24T06:00:00Z"}`, "end: before start"},
		{"start never set", `{"start":"1970-01-01T00:00:00Z","end":"2026-11-24T06:00:00Z"}`, "end: more than a week after start"},
		{"tokens that no line can tell again", `{` + times + `,"sovmeter.usage.fresh_input_tokens":1e12,"gen_ai.usage.cache_read.input_tokens":1}`, "gen_ai.usage.output_tokens: more than 10^12 tokens with the prompt"},
		{"a context beyond all", `{` + times + `,"gen_ai.usage.input_tokens":1e12,"gen_ai.usage.output_tokens":1}`, "gen_ai.usage.output_tokens: more than 10^12 tokens with the prompt"},
		{"first token outside", `{` + times + `,"first_token":"2026-11-24T06:00:04Z"}`, "first_token: not between start and end"},
		{"negative", `{` + times + `,"gen_ai.usage.output_tokens":-1}`, "gen_ai.usage.output_tokens: negative"},
		{"fraction", `{` + times + `,"context_tokens":1.5}`, "context_tokens: not a whole number"},
		{"absurd", `{` + times + `,"gen_ai.usage.input_tokens":1e18}`, "gen_ai.usage.input_tokens: too large"},
		{"more cached than input", `{` + times + `,"gen_ai.usage.input_tokens":1,"gen_ai.usage.cache_read.input_tokens":2}`, "gen_ai.usage.cache_read.input_tokens: more than input_tokens, which include them"},
		{"sum does not add up", `{` + times + `,"gen_ai.usage.input_tokens":5,"gen_ai.usage.cache_read.input_tokens":2,"sovmeter.usage.fresh_input_tokens":4}`, "sovmeter.usage.fresh_input_tokens: not input_tokens less the cached ones"},
		{"fresh above input", `{` + times + `,"gen_ai.usage.input_tokens":5,"sovmeter.usage.fresh_input_tokens":6}`, "sovmeter.usage.fresh_input_tokens: more than input_tokens"},
		{"outcome", `{` + times + `,"outcome":"maybe"}`, "outcome: not ok, cancelled or error"},
		{"tier", `{` + times + `,"tier":"gold"}`, "tier: not measured, shared or estimated"},
		{"driver", `{` + times + `,"energy_joules":3,"prefill_joules":1,"decode_joules":2,"error_joules":1,"error_driver":"me"}`, "error_driver: not amount, sharing, sensor or gap"},
		{"driver of nothing", `{` + times + `,"error_driver":"gap"}`, "error_driver: there without energy_joules"},
		{"covered", `{` + times + `,"covered_ratio":1.1}`, "covered_ratio: too large"},
		{"half an energy", `{` + times + `,"energy_joules":1}`, "prefill_joules: there without energy_joules, or the other way round"},
		{"negative energy", `{` + times + `,"energy_joules":-1}`, "energy_joules: negative"},
		{"negative uncertainty", `{` + times + `,"uncertainty_seconds":-1}`, "uncertainty_seconds: negative"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := jsonl.Decode([]byte(tt.line))
			var fe *jsonl.FieldError
			if !errors.As(err, &fe) || err.Error() != tt.want {
				t.Errorf("error %v, want %s", err, tt.want)
			}
			p := jsonl.New(requestlog.Options{})
			if v := p.Parse(requestlog.Line{Data: []byte(tt.line)}); v != requestlog.Malformed || len(p.Take().Requests) != 0 {
				t.Errorf("verdict %v", v)
			}
		})
	}
}

func TestParser(t *testing.T) {
	p := jsonl.New(requestlog.Options{Server: "mine", Model: "m", NoCache: true})
	line := `{` + times + `,"server":"theirs","gen_ai.usage.input_tokens":10}`
	if v := p.Parse(requestlog.Line{Data: []byte(line), Offset: 42}); v != requestlog.Used {
		t.Fatalf("verdict %v", v)
	}
	if v := p.Parse(requestlog.Line{Data: []byte("  ")}); v != requestlog.Ignored {
		t.Errorf("an empty line: %v", v)
	}
	want := requestlog.Facts{Latest: start.Add(2750 * time.Millisecond), Requests: []attribution.Request{{
		ID: fmt.Sprintf("mine/%d/42", start.Add(2750*time.Millisecond).UnixMilli()), Server: "mine", Model: "m",
		Start: start, End: start.Add(2750 * time.Millisecond), Outcome: attribution.OutcomeOK,
		Input: attribution.Known(10), Cached: attribution.Known(0), Position: 42,
	}}}
	if diff := cmp.Diff(want, p.Take()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if !p.SpeaksAtEnd() {
		t.Error("the format speaks of requests before their end")
	}
}

// TestNumberedAnew: a writer that starts again begins its numbers again, and the
// ids must differ all the same, or the engine takes two requests for one. A line
// that stands there twice, or was read and written before, is the same request.
func TestNumberedAnew(t *testing.T) {
	first := `{"id":"1",` + times + `}`
	lines := []string{first, `{"id":"1","start":"2026-11-24T06:00:01Z","end":"2026-11-24T06:00:04Z"}`, first, `{"id":"s/1/1795500003000",` + times + `}`}
	p := jsonl.New(requestlog.Options{Server: "s"})
	for i, l := range lines {
		p.Parse(requestlog.Line{Data: []byte(l), Offset: int64(i)})
	}
	var ids []string
	for _, r := range p.Take().Requests {
		ids = append(ids, r.ID)
	}
	want := []string{"s/1/1795500003000", "s/1/1795500004000", "s/1/1795500003000", "s/1/1795500003000"}
	if diff := cmp.Diff(want, ids); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestPrivacy: text in any field a writer may put it never leaves the parser.
func TestPrivacy(t *testing.T) {
	const marker = "GEHEIM secret prompt"
	lines := []string{marker, `{"prompt":"` + marker + `"}`, `{` + times + `,"outcome":"` + marker + `"}`, `{"start":"` + marker + `","end":"x"}`, `{` + times + `,"gen_ai.usage.output_tokens":"` + marker + `"}`}
	for _, field := range append(fieldsOf(t), "prompt", "gen_ai.input.messages", marker) {
		for _, value := range []string{`"` + marker + `"`, `["` + marker + `"]`, `{"` + marker + `":"` + marker + `"}`, `"` + strings.ReplaceAll(marker, "G", "\\u0047") + `"`} {
			lines = append(lines, line(field, value), line("sovmeter.remote", "true", field, value))
		}
	}
	p := jsonl.New(requestlog.Options{})
	for _, line := range lines {
		p.Parse(requestlog.Line{Data: []byte(line)})
		_, err := jsonl.Decode([]byte(line))
		state, stateErr := p.State()
		rec, _ := jsonl.Decode([]byte(line))
		written, _ := jsonl.Append(nil, rec)
		out := fmt.Sprintf("%+v %v %s %v %s", p.Take(), err, state, stateErr, written)
		if strings.Contains(out, "GEHEIM") || strings.Contains(out, "secret") {
			t.Errorf("the marker leaves the parser: %s", out)
		}
	}
}

func TestDetect(t *testing.T) {
	good, err := jsonl.Append(nil, jsonl.Record{Request: attribution.Request{ID: "a", Start: start, End: start, Outcome: attribution.OutcomeOK}})
	if err != nil {
		t.Fatal(err)
	}
	if n := jsonl.Detect([][]byte{good, []byte(`{"type":"log","time":1}`), []byte("x"), nil}); n != 1 {
		t.Errorf("%d of four lines recognised, want 1", n)
	}
}

// FuzzDecode: no line makes the reader panic, and what it accepts survives
// being written and read again.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{` + times + `,"gen_ai.usage.input_tokens":10,"gen_ai.usage.output_tokens":5}`))
	f.Add([]byte(`{` + times + `,"id":"a","outcome":"cancelled","energy_joules":3,"prefill_joules":1,"decode_joules":2,"error_joules":0,"error_driver":"gap","tier":"measured","covered_ratio":0.5,"late":true}`))
	f.Add([]byte(`{"start":"0000-01-01T00:00:00Z","end":"9999-12-31T23:59:59.999999999-23:59"}`))
	f.Add([]byte(`{` + times + `,"sovmeter.usage.fresh_input_tokens":1e12,"gen_ai.usage.cache_read.input_tokens":1e12,"gen_ai.usage.output_tokens":1e12}`))
	f.Add([]byte(`{` + times + `,"uncertainty_seconds":0.1,"sovmeter.usage.fresh_input_tokens":3}`))
	f.Add([]byte(`{` + times + `,"sovmeter.remote":true,"sovmeter.spend_usd":1.25e-5,"gen_ai.provider.name":"openai","gen_ai.usage.input_tokens":9,"gen_ai.usage.cache_creation.input_tokens":3}`))
	f.Add([]byte(`{` + times + `,"client":"a","project":"b","sovmeter.usage.estimated":true,"server.address":"::1","x":[{"y":"\u00e9"}]}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		p := jsonl.New(requestlog.Options{Server: "s"})
		p.Parse(requestlog.Line{Data: line})
		p.Take()
		want, err := jsonl.Decode(line)
		if err != nil {
			return
		}
		again, err := jsonl.Append(nil, want)
		if err != nil {
			t.Fatal(err)
		}
		got, err := jsonl.Decode(again)
		if err != nil {
			t.Fatalf("%s became %s: %v", line, again, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%s became %s (-want +got):\n%s", line, again, diff)
		}
	})
}
