package prices_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"

	"github.com/sovmeter/sovmeter/exporter/cost/prices"
	"github.com/sovmeter/sovmeter/exporter/cost/prices/publishers"
)

var update = flag.Bool("update", false, "write shipped.json anew from the publishers' files")

// publishersFolder holds the tables as their publishers ship them; they are not
// part of this project.
const publishersFolder = "SOVMETER_PRICE_TABLES"

// picked are the models that are shipped.
func picked() []string {
	return strings.Fields(`
		anthropic/claude-opus-5 anthropic/claude-sonnet-5 anthropic/claude-sonnet-4-5 anthropic/claude-haiku-4-5
		openai/gpt-5.6-sol openai/gpt-5.6-terra openai/gpt-5.6-luna openai/gpt-5 openai/gpt-5-mini openai/gpt-5.4-nano
		google/gemini-3.1-pro-preview google/gemini-2.5-pro google/gemini-3.7-flash google/gemini-2.5-flash google/gemini-3.5-flash-lite
		mistral/mistral-large-2512 mistral/mistral-medium-3 mistral/mistral-small-2603
		x-ai/grok-4.5 x-ai/grok-4-fast-reasoning
		deepseek/deepseek-v4-flash deepseek/deepseek-v4-pro openrouter/deepseek/deepseek-v4-flash

		openrouter/qwen/qwen3-30b-a3b openrouter/qwen/qwen3-30b-a3b-instruct-2507 openrouter/qwen/qwen3-30b-a3b-thinking-2507
		openrouter/qwen/qwen3-coder-30b-a3b-instruct ovhcloud/Qwen3-Coder-30B-A3B-Instruct aws/qwen.qwen3-coder-30b-a3b-v1:0
		openrouter/qwen/qwen3-32b groq/qwen/qwen3-32b ovhcloud/Qwen3-32B
		openrouter/qwen/qwen3-235b-a22b-2507 openrouter/qwen/qwen3-next-80b-a3b-instruct openrouter/qwen/qwen3.6-35b-a3b
		openrouter/openai/gpt-oss-20b groq/openai/gpt-oss-20b fireworks/gpt-oss-20b ovhcloud/gpt-oss-20b
		openrouter/openai/gpt-oss-120b groq/openai/gpt-oss-120b fireworks/gpt-oss-120b cerebras/gpt-oss-120b
		openrouter/meta-llama/llama-3.3-70b-instruct groq/llama-3.3-70b-versatile together/meta-llama/Llama-3.3-70B-Instruct-Turbo
		openrouter/meta-llama/llama-3.1-8b-instruct groq/llama-3.1-8b-instant
		openrouter/google/gemma-3-27b-it aws/google.gemma-3-27b-it openrouter/google/gemma-3-12b-it
		openrouter/mistralai/mistral-small-3.2-24b-instruct ovhcloud/Mistral-Small-3.2-24B-Instruct-2506
		openrouter/deepseek/deepseek-r1-0528 openrouter/deepseek/deepseek-v3.2
		openrouter/z-ai/glm-4.5-air openrouter/z-ai/glm-4.7-flash openrouter/moonshotai/kimi-k2.6 moonshotai/kimi-k2.6`)
}

func published(t testing.TB, name string) []byte {
	t.Helper()
	folder := os.Getenv(publishersFolder)
	if folder == "" {
		t.Skipf("%s names no folder with the publishers' files", publishersFolder)
	}
	found, err := filepath.Glob(filepath.Join(folder, name))
	if err != nil || len(found) == 0 {
		t.Fatalf("no %s in %s: %v", name, folder, err)
	}
	data, err := os.ReadFile(found[len(found)-1])
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// genaiDay is the day of the table that is shipped from.
func genaiDay() time.Time { return time.Date(2026, 8, 21, 0, 0, 0, 0, time.UTC) }

// checkedDays are the days of prices_checked in the publisher's source of a
// provider, which the table itself does not have.
func checkedDays(t *testing.T, provider string) map[string]time.Time {
	t.Helper()
	name := filepath.Join("genai-prices_providers", provider+".yml")
	if _, err := os.Stat(filepath.Join(os.Getenv(publishersFolder), name)); err != nil {
		return nil
	}
	var source struct {
		Models []struct {
			ID      string `yaml:"id"`
			Checked string `yaml:"prices_checked"`
		} `yaml:"models"`
	}
	if err := yaml.Unmarshal(published(t, name), &source); err != nil {
		t.Fatal(err)
	}
	days := map[string]time.Time{}
	for _, m := range source.Models {
		if m.Checked != "" {
			days[m.ID] = on(t, m.Checked[:len(time.DateOnly)])
		}
	}
	return days
}

// The shipped prices are those of genai-prices, to the last digit.
func TestShippedIsPublished(t *testing.T) {
	read, err := publishers.Read(publishers.GenAIPrices, published(t, "genai-prices_v2_data.2*.json"), genaiDay())
	if err != nil {
		t.Fatal(err)
	}
	want := pick(t, read.Entries)
	if *update {
		var b bytes.Buffer
		if err := want.Write(&b); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile("shipped.json", b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		t.Skip("written; run again without -update")
	}
	got, err := prices.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want.Entries(), got.Entries()); diff != "" {
		t.Errorf("(-published +shipped):\n%s", diff)
	}
}

func pick(t *testing.T, entries []prices.Entry) prices.Table {
	t.Helper()
	days := map[string]map[string]time.Time{}
	var out []prices.Entry
	for _, name := range picked() {
		found := false
		for _, e := range entries {
			if e.Provider+"/"+e.Model != name {
				continue
			}
			if days[e.Provider] == nil {
				days[e.Provider] = checkedDays(t, e.Provider)
			}
			e.Checked = days[e.Provider][e.Model]
			out = append(out, e)
			found = true
		}
		if !found {
			t.Errorf("%s: not in the table", name)
		}
	}
	return table(t, out...)
}

func TestShipped(t *testing.T) {
	tab, err := prices.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	at := on(t, "2026-09-15")
	for _, want := range []struct{ provider, model, in, cached, out string }{
		{"anthropic", "claude-sonnet-4-5-20250929", "3", "0.3", "15"},
		{"anthropic", "claude-sonnet-5", "3", "0.3", "15"},
		{"openai", "gpt-5.6-luna", "0.2", "0.02", "1.2"},
		{"google", "gemini-2.5-flash", "0.3", "0.03", "2.5"},
		{"openrouter", "qwen/qwen3-30b-a3b", "0.08", "", "0.29"},
		{"deepseek", "deepseek-v4-flash", "0.14", "0.0028", "0.28"},
	} {
		e, ok := tab.Find(want.provider, want.model, at)
		got := [3]string{e.Rates.Input.Decimal(), e.Rates.Cached.Decimal(), e.Rates.Output.Decimal()}
		if !ok || got != [3]string{want.in, want.cached, want.out} {
			t.Errorf("%s %s: got %v, %v", want.provider, want.model, got, ok)
		}
	}
	if e, _ := tab.Find("anthropic", "claude-sonnet-5", on(t, "2026-08-31")); e.Rates.Input.Decimal() != "2" {
		t.Errorf("before its price rose, claude-sonnet-5 asked %s", e.Rates.Input.Decimal())
	}
	for local, hosts := range map[string]int{
		"Qwen3-30B-A3B-Q4_K_M.gguf": 1, "qwen3-coder:30b": 3, "mlx-community/Qwen3-32B-4bit": 3, "gpt-oss:20b": 4,
		"gpt-oss-120b-mxfp4": 4, "mlx-community/Llama-3.3-70B-Instruct-4bit": 3, "llama3.1:8b": 2, "gemma3:27b": 2,
		"mistral-small3.2:24b": 2, "GLM-4.5-Air-Q4_K_M.gguf": 1, "kimi-k2.6": 2, "deepseek-v4-flash": 2, "qwen3-8b": 0,
	} {
		w, ok := prices.WeightsOf(local)
		if got := tab.Hosts(w, at); !ok || len(got) != hosts {
			t.Errorf("%s (%s, %v): %d hosts, want %d", local, w, ok, len(got), hosts)
		}
	}
	for _, e := range tab.Entries() {
		if e.Source != "genai-prices 2026-08-21" || e.AsOf().IsZero() {
			t.Errorf("%s %s: source %q, as of %s", e.Provider, e.Model, e.Source, e.AsOf())
		}
		if e.Weights == "" {
			continue
		}
		if w, ok := prices.WeightsOf(e.Weights); !ok || w != e.Weights {
			t.Errorf("%s %s: weights %q are %q, %v", e.Provider, e.Model, e.Weights, w, ok)
		}
	}
}
