package prices_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/exporter/cost/prices"
)

func on(t testing.TB, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		at, err = time.Parse(time.DateOnly, text)
	}
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func entry(t testing.TB, provider, model, weights, in, out string) prices.Entry {
	return prices.Entry{Provider: provider, Model: model, Weights: weights, Rates: prices.Rates{Input: usd(t, in), Output: usd(t, out)}}
}

func table(t testing.TB, entries ...prices.Entry) prices.Table {
	t.Helper()
	tab, err := prices.NewTable(entries)
	if err != nil {
		t.Fatal(err)
	}
	return tab
}

func TestFindByDate(t *testing.T) {
	old := entry(t, "openai", "o3", "", "10", "40")
	old.Until = on(t, "2025-06-10")
	now := entry(t, "openai", "o3", "", "2", "8")
	now.From = on(t, "2025-06-10")
	tab := table(t, now, old)
	for at, want := range map[string]string{
		"2020-01-01": "10.00", "2025-06-09T23:59:59Z": "10.00", "2025-06-10": "2.00", "2030-01-01": "2.00",
	} {
		e, ok := tab.Find("OpenAI", "O3", on(t, at))
		if got := e.Rates.Input.PerMtok.Money.String(); !ok || !strings.HasPrefix(got, want) {
			t.Errorf("%s: got %s, %v; want %s", at, got, ok, want)
		}
	}
	late := entry(t, "x", "new", "", "1", "1")
	late.From = on(t, "2026-01-01")
	if _, ok := table(t, late).Find("x", "new", on(t, "2025-12-31")); ok {
		t.Error("a price before its first day")
	}
}

func TestFindByTimeOfDay(t *testing.T) {
	all := entry(t, "deepseek", "chat", "deepseek-v3", "0.27", "1.1")
	night := entry(t, "deepseek", "chat", "deepseek-v3", "0.135", "0.55")
	night.Hours = prices.Hours{Start: 16*time.Hour + 30*time.Minute, End: 30 * time.Minute}
	tab := table(t, all, night)
	for at, want := range map[string]prices.Rate{
		"2025-03-01T00:00:00Z": night.Rates.Input, "2025-03-01T00:29:59Z": night.Rates.Input, "2025-03-01T00:30:00Z": all.Rates.Input,
		"2025-03-01T16:29:59Z": all.Rates.Input, "2025-03-01T16:30:00Z": night.Rates.Input, "2025-03-01T01:00:00+01:00": night.Rates.Input,
	} {
		if e, ok := tab.Find("deepseek", "chat", on(t, at)); !ok || e.Rates.Input != want {
			t.Errorf("%s: got %v, %v; want %v", at, e.Rates.Input, ok, want)
		}
		if hosts := tab.Hosts("deepseek-v3", on(t, at)); len(hosts) != 1 || hosts[0].Rates.Input != want {
			t.Errorf("%s: hosts %v; want one at %v", at, hosts, want)
		}
	}
}

func TestFindByOtherNames(t *testing.T) {
	tab := table(t, sonnet(t), entry(t, "anthropic", "claude-sonnet-4-5-fast", "", "30", "150"), entry(t, "anthropic", "plain", "", "1", "1"))
	for name, want := range map[string]string{
		"claude-sonnet-4-5": "claude-sonnet-4-5", "claude-sonnet-4.5": "claude-sonnet-4-5",
		"Claude-Sonnet-4-5-20250929": "claude-sonnet-4-5", "claude-sonnet-4-5@20250929": "claude-sonnet-4-5",
		"claude-sonnet-4-5-2025-09-29": "claude-sonnet-4-5", "claude-sonnet-4-5-latest": "claude-sonnet-4-5",
		"claude-sonnet-4-5-fast": "claude-sonnet-4-5-fast",
		"claude-sonnet-4-5-slow": "", "claude-sonnet-4-5-20251399": "", "claude-sonnet-4-6": "", "claude-sonnet-4": "",
		"plain-20250101": "", "-20250101": "", "": "",
	} {
		e, ok := tab.Find("anthropic", name, on(t, "2026-01-01"))
		if ok != (want != "") || e.Model != want {
			t.Errorf("%s: got %q, want %q", name, e.Model, want)
		}
	}
	if _, ok := tab.Find("openai", "plain", on(t, "2026-01-01")); ok {
		t.Error("another provider's price")
	}
}

func TestHosts(t *testing.T) {
	gone := entry(t, "gone", "qwen3-32b", "qwen3-32b", "9", "9")
	gone.Until = on(t, "2025-12-01")
	tab := table(t, gone,
		entry(t, "groq", "qwen/qwen3-32b", "qwen3-32b", "0.29", "0.59"),
		entry(t, "ovhcloud", "Qwen3-32B", "qwen3-32b", "0.09", "0.25"),
		entry(t, "openrouter", "qwen/qwen3-30b-a3b", "qwen3-30b-a3b", "0.08", "0.29"),
		entry(t, "openai", "gpt-5", "", "1.25", "10"))
	var got []string
	for _, e := range tab.Hosts("qwen3-32b", on(t, "2026-01-01")) {
		got = append(got, e.Provider)
	}
	if strings.Join(got, " ") != "groq ovhcloud" {
		t.Errorf("got hosts %v, want groq and ovhcloud", got)
	}
	if hosts := tab.Hosts("", on(t, "2026-01-01")); len(hosts) != 0 {
		t.Errorf("no weights are served by %v", hosts)
	}
}

func TestTableRefuses(t *testing.T) {
	for _, tt := range []struct {
		name, want string
		change     func(*prices.Entry)
	}{
		{"no provider", "want a name", func(e *prices.Entry) { e.Provider = "" }},
		{"escape code", "can be printed", func(e *prices.Entry) { e.Also = []string{"a\x1b[31mb"} }},
		{"line break", "can be printed", func(e *prices.Entry) { e.Model = "a\nb" }},
		{"ends before it begins", "not after", func(e *prices.Entry) { e.From, e.Until = on(t, "2026-01-02"), on(t, "2026-01-02") }},
		{"hours", "part of a day", func(e *prices.Entry) { e.Hours = prices.Hours{Start: 25 * time.Hour} }},
		{"empty hours", "part of a day", func(e *prices.Entry) { e.Hours = prices.Hours{Start: time.Hour, End: time.Hour} }},
		{"batch", "batch ratio", func(e *prices.Entry) { e.BatchRatio = 1.5 }},
		{"no output price", "input and for output", func(e *prices.Entry) { e.Rates.Output = prices.Rate{} }},
		{"per token", "at most", func(e *prices.Entry) { e.Rates.Input = usd(t, "3000000") }},
		{"two currencies", "one currency", func(e *prices.Entry) { e.Rates.Output.PerMtok.Currency = "EUR" }},
		{"tiers out of order", "ascending", func(e *prices.Entry) { e.Long = append(e.Long, e.Long[0]) }},
		{"a tier without output", "above 200000", func(e *prices.Entry) { e.Long[0].Rates.Output = prices.Rate{} }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := sonnet(t)
			tt.change(&e)
			_, err := prices.NewTable([]prices.Entry{e})
			if !errors.Is(err, prices.ErrTable) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q in it", err, tt.want)
			}
		})
	}
	if _, err := prices.NewTable([]prices.Entry{sonnet(t), sonnet(t)}); !errors.Is(err, prices.ErrTable) {
		t.Errorf("two at the same time: %v", err)
	}
}

func TestStale(t *testing.T) {
	e := sonnet(t)
	e.Checked, e.Published = on(t, "2026-01-01"), on(t, "2026-05-01")
	limit := 90 * 24 * time.Hour
	if e.Stale(on(t, "2026-04-01"), limit) || !e.Stale(on(t, "2026-04-02"), limit) {
		t.Error("stale from the wrong day on")
	}
	e.Checked = time.Time{}
	if e.Stale(on(t, "2026-07-01"), limit) {
		t.Error("the day of the table counts for nothing")
	}
	e.Published = time.Time{}
	if !e.Stale(on(t, "2026-07-01"), limit) {
		t.Error("what nobody dated is fresh")
	}
	e.Until = on(t, "2026-06-30")
	if e.Stale(on(t, "2026-07-01"), limit) {
		t.Error("history is stale")
	}
}
