package jsonl_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/requestlog"
	"github.com/sovmeter/sovmeter/collector/requestlog/jsonl"
)

func decodeFields(t *testing.T, fields ...string) jsonl.Record {
	t.Helper()
	r, err := jsonl.Decode([]byte(line(fields...)))
	if err != nil {
		t.Fatalf("%v: %v", fields, err)
	}
	return r
}

// TestElsewhere: which lines are calls that were served on another machine.
func TestElsewhere(t *testing.T) {
	for address, want := range map[string]bool{
		"127.0.0.1": false, "127.1.2.3": false, "::1": false, "[::1]": false, "0.0.0.0": false, "::": false, "localhost": false, "LocalHost.": false,
		"10.1.2.3": false, "172.16.0.9": false, "192.168.1.5": false, "169.254.3.4": false, "fd00::1": false, "fe80::1%en0": false, "100.64.0.1": false, "100.127.255.255": false,
		"studio": false, "studio.local": false, "host.docker.internal": false, "mac.lan": false, "mini.tail1234.ts.net": false, "/var/run/llm.sock": false, "": false, "a sentence. with dots": false,
		"api.openai.com": true, "API.Anthropic.com.": true, "8.8.8.8": true, "100.128.0.1": true, "::ffff:8.8.8.8": true, "2606:4700::1111": true, "llm.example.com": true,
		"api.openai.com:443": true, "https://api.openai.com/v1": true, "http://8.8.8.8:80": true, "[2606:4700::1111]:443": true,
		"localhost:8080": false, "http://127.0.0.1:8080/v1": false, "[::1]:80": false, "192.168.1.5:8080": false, "unix:/var/run/llm.sock": false,
		"127.1": false, "300.1.2.3": false, "a..": false,
	} {
		if got := decodeFields(t, "server.address", `"`+address+`"`).Remote != nil; got != want {
			t.Errorf("server.address %q: elsewhere %v, want %v", address, got, want)
		}
	}
	if decodeFields(t, "server.address", `"api.openai.com"`, "sovmeter.remote", "false").Remote != nil {
		t.Error("the line says that the call was served here")
	}
	if decodeFields(t, "server.address", `"127.0.0.1"`, "sovmeter.remote", "true").Remote == nil {
		t.Error("the line says that the call was served elsewhere")
	}
	if decodeFields(t, "gen_ai.provider.name", `"openai"`).Remote != nil {
		t.Error("a provider's name is that of an interface too, and does not tell where")
	}
}

// TestHosts: a name or address of this machine is here, public or not.
func TestHosts(t *testing.T) {
	for address, elsewhere := range map[string]bool{
		"mac.corp.example.com": false, "MAC.corp.example.com.:8080": false, "2001:db8::5": false, "[2001:db8:0::5]:80": false,
		"other.corp.example.com": true, "2001:db8::6": true,
	} {
		p := jsonl.New(requestlog.Options{Server: "s", Hosts: []string{"Mac.corp.example.com", "2001:db8::5"}})
		p = restoredWith(t, p)
		p.Parse(requestlog.Line{Data: []byte(line("server.address", `"`+address+`"`))})
		if f := p.Take(); len(f.Remote)+len(f.Requests) != 1 || len(f.Remote) == 1 != elsewhere {
			t.Errorf("%s: elsewhere %v, want %v", address, len(f.Remote) == 1, elsewhere)
		}
	}
}

// restoredWith puts p's own state back, as a daemon does that starts again.
func restoredWith(t *testing.T, p *jsonl.Parser) *jsonl.Parser {
	t.Helper()
	state, err := p.State()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Restore(state); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestSpend(t *testing.T) {
	for text, want := range map[string]attribution.NanoUSD{
		"0": 0, "-0.0": 0, "1": 1e9, "0.1": 1e8, "0.017475": 17_475_000, "3.05e-5": 30_500, "1.5E3": 1500e9, "1e-9": 1, "1000000": 1e15,
		"900719.925474099301":  900_719_925_474_099,
		"0.0000000005":         1, // half a billionth is rounded up
		"0.00000000049999":     0,
		"0.012345678949999999": 12_345_679, // as a sum of float64 is printed
		"123e-11":              1,
		"1e-300":               0,
	} {
		c := decodeFields(t, "sovmeter.remote", "true", "sovmeter.spend_usd", text).Remote
		if c.Spend != want || !c.SpendKnown {
			t.Errorf("%s is %d (known: %v), want %d", text, c.Spend, c.SpendKnown, want)
		}
	}
	if decodeFields(t, "sovmeter.remote", "true").Remote.SpendKnown {
		t.Error("no spend is told, and so it is not known")
	}
}

func TestRemoteTokens(t *testing.T) {
	known, unknown := attribution.Known, attribution.Count{}
	for name, tt := range map[string]struct {
		fields                       []string
		input, cached, write, output attribution.Count
	}{
		"nothing":       {nil, unknown, unknown, unknown, unknown},
		"all":           {[]string{"gen_ai.usage.input_tokens", "10", "gen_ai.usage.cache_read.input_tokens", "4", "gen_ai.usage.cache_write.input_tokens", "5", "gen_ai.usage.output_tokens", "2"}, known(1), known(4), known(5), known(2)},
		"no parts":      {[]string{"gen_ai.usage.input_tokens", "10"}, known(10), unknown, unknown, unknown},
		"read only":     {[]string{"gen_ai.usage.input_tokens", "10", "gen_ai.usage.cache_read.input_tokens", "10"}, known(0), known(10), unknown, unknown},
		"former name":   {[]string{"gen_ai.usage.input_tokens", "10", "gen_ai.usage.cache_creation.input_tokens", "7"}, known(3), unknown, known(7), unknown},
		"both names":    {[]string{"gen_ai.usage.cache_write.input_tokens", "7", "gen_ai.usage.cache_creation.input_tokens", "7"}, unknown, unknown, known(7), unknown},
		"fresh":         {[]string{"sovmeter.usage.fresh_input_tokens", "6", "gen_ai.usage.cache_write.input_tokens", "5"}, known(1), unknown, known(5), unknown},
		"fresh of them": {[]string{"gen_ai.usage.input_tokens", "10", "sovmeter.usage.fresh_input_tokens", "6"}, known(6), known(4), unknown, unknown},
	} {
		c := decodeFields(t, append([]string{"sovmeter.remote", "true"}, tt.fields...)...).Remote
		want := [4]attribution.Count{tt.input, tt.cached, tt.write, tt.output}
		if diff := cmp.Diff(want, [4]attribution.Count{c.Input, c.Cached, c.CacheWrite, c.Output}); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestConfiguredModel: the model that a server is configured with runs here,
// and did not answer a call that was served elsewhere.
func TestConfiguredModel(t *testing.T) {
	p := jsonl.New(requestlog.Options{Server: "gw", Model: "mine", NoCache: true})
	for _, remote := range []string{"true", "false"} {
		p.Parse(requestlog.Line{Data: []byte(line("sovmeter.remote", remote, "gen_ai.request.model", `"theirs"`, "gen_ai.usage.input_tokens", "3"))})
	}
	f := p.Take()
	if len(f.Requests) != 1 || len(f.Remote) != 1 || f.Requests[0].Model != "mine" || f.Remote[0].Model != "theirs" {
		t.Fatalf("got %+v", f)
	}
	if f.Remote[0].Cached.Known {
		t.Error("the cache that a server here lacks is not the provider's")
	}
}

func TestRemoteWithoutForm(t *testing.T) {
	for name, c := range map[string]attribution.RemoteCall{
		"year 10000":     {Start: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)},
		"negative spend": {Spend: -1, SpendKnown: true},
	} {
		if out, err := jsonl.Append(nil, jsonl.FromRemote(c)); err == nil {
			t.Errorf("%s: written as %s", name, out)
		}
	}
}
