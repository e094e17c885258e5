package publishers_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/sovmeter/sovmeter/exporter/cost/prices"
	"github.com/sovmeter/sovmeter/exporter/cost/prices/publishers"
)

// The oracle walks a publisher's real file in its own way, without any code of
// the package, and knows what each model asks for input and output.
type oracle map[string][2]string // by "provider model", rounded to nine decimals

func TestPublishedFiles(t *testing.T) {
	for _, f := range published() {
		t.Run(string(f.format), func(t *testing.T) {
			data := f.read(t)
			if got, ok := publishers.Detect(data); !ok || got != f.format {
				t.Errorf("detected as %q, %v", got, ok)
			}
			tab, err := publishers.Read(f.format, data, f.day)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := prices.NewTable(tab.Entries); err != nil {
				t.Error(err)
			}
			if !tab.Day.Equal(f.day) {
				t.Errorf("the table is of %s, want %s", tab.Day, f.day)
			}
			want := oracles()[f.format](t, data)
			compare(t, want, tab)
			left := 0
			for _, s := range tab.Skipped {
				left += s.Count
				t.Logf("%5d %s (%s)", s.Count, s.Reason, s.Example)
			}
			t.Logf("%d models, %d entries, %d known to the oracle, %d skipped", tab.Models, len(tab.Entries), len(want), left)
			if len(want) < 200 {
				t.Errorf("the oracle knows %d models only", len(want))
			}
		})
	}
}

func compare(t *testing.T, want oracle, tab publishers.Table) {
	t.Helper()
	got := oracle{}
	for _, e := range tab.Entries {
		if tab.Format == publishers.LiteLLM && !slices.Contains(plainProviders(), e.Provider) {
			continue
		}
		if e.From.IsZero() && e.Hours == (prices.Hours{}) {
			got[e.Provider+" "+e.Model] = [2]string{e.Rates.Input.Decimal(), e.Rates.Output.Decimal()}
		}
	}
	for name, rates := range want {
		if got[name] != rates {
			t.Errorf("%s asks %v, want %v", name, got[name], rates)
		}
	}
	if len(got) != len(want) {
		for name := range got {
			if _, ok := want[name]; !ok {
				t.Errorf("%s is not known to the oracle", name)
			}
		}
	}
}

func oracles() map[publishers.Format]func(*testing.T, []byte) oracle {
	return map[publishers.Format]func(*testing.T, []byte) oracle{
		publishers.GenAIPrices: genaiOracle, publishers.LiteLLM: litellmOracle, publishers.OpenRouter: openrouterOracle,
	}
}

func decode(t *testing.T, data []byte) any {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

// perMillion is a price times some factor, with the zeros at its end cut; empty
// when it is not above 0.
func perMillion(v any, factor int64) string {
	r, ok := new(big.Rat).SetString(fmt.Sprint(v))
	if !ok || r.Sign() <= 0 {
		return ""
	}
	text := r.Mul(r, big.NewRat(factor, 1)).FloatString(9)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}

func genaiOracle(t *testing.T, data []byte) oracle {
	out := oracle{}
	base := func(v any) any {
		if m, ok := v.(map[string]any); ok {
			return m["base"]
		}
		return v
	}
	for _, p := range decode(t, data).([]any) {
		provider := p.(map[string]any)
		for _, m := range provider["models"].([]any) {
			model := m.(map[string]any)
			set, ok := model["prices"].(map[string]any)
			if !ok {
				set = model["prices"].([]any)[0].(map[string]any)["prices"].(map[string]any)
			}
			id := model["id"].(string)
			rates := [2]string{perMillion(base(set["input_mtok"]), 1), perMillion(base(set["output_mtok"]), 1)}
			if rates[0] != "" && rates[1] != "" && set["requests_kcount"] == nil && !strings.HasSuffix(id, ":free") && !strings.HasPrefix(id, "~") {
				out[strings.ReplaceAll(provider["id"].(string), "_", "-")+" "+id] = rates
			}
		}
	}
	return out
}

func openrouterOracle(t *testing.T, data []byte) oracle {
	out := oracle{}
	for _, m := range decode(t, data).(map[string]any)["data"].([]any) {
		model := m.(map[string]any)
		pricing := model["pricing"].(map[string]any)
		id := model["id"].(string)
		rates := [2]string{perMillion(pricing["prompt"], 1_000_000), perMillion(pricing["completion"], 1_000_000)}
		if rates[0] != "" && rates[1] != "" && !strings.HasSuffix(id, ":free") && !strings.HasPrefix(id, "~") {
			out["openrouter "+id] = rates
		}
	}
	return out
}

// plainProviders have the same name in LiteLLM's table as here.
func plainProviders() []string {
	return strings.Fields("openai anthropic groq deepseek mistral novita deepinfra openrouter nebius cerebras sambanova databricks perplexity hyperbolic")
}

// litellmOracle knows the plain providers only.
func litellmOracle(t *testing.T, data []byte) oracle {
	out := oracle{}
	for name, m := range decode(t, data).(map[string]any) {
		model, ok := m.(map[string]any)
		if !ok || name == "sample_spec" {
			continue
		}
		route, _ := model["litellm_provider"].(string)
		provider := strings.TrimPrefix(route, "text-completion-")
		if !slices.Contains(plainProviders(), provider) {
			continue
		}
		mode, _ := model["mode"].(string)
		if mode != "chat" && mode != "completion" && mode != "responses" && mode != "" || model["input_cost_per_request"] != nil {
			continue
		}
		rates := [2]string{perMillion(model["input_cost_per_token"], 1_000_000), perMillion(model["output_cost_per_token"], 1_000_000)}
		if rates[0] != "" && rates[1] != "" {
			key := provider + " " + strings.TrimPrefix(name, provider+"/")
			if other, twice := out[key]; twice && other != rates {
				t.Logf("%s asks %v and %v", key, rates, other) // which one is taken is told by their order
				continue
			}
			out[key] = rates
		}
	}
	return out
}
