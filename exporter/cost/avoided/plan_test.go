package avoided_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/exporter/cost/avoided"
	"github.com/sovmeter/sovmeter/exporter/cost/prices"
	"github.com/sovmeter/sovmeter/store"
)

func TestNewRefuses(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*avoided.Options)
		want   string
	}{
		{"no currency", func(o *avoided.Options) { o.Exchange = cost.Exchange{} }, "currency of its own"},
		{"cache", func(o *avoided.Options) { o.Cache = "some" }, `cache "some": want mirror or none`},
		{"fee", func(o *avoided.Options) { o.Subscription.Nanos = -1 }, "below 0"},
		{"age", func(o *avoided.Options) { o.StaleAfter = -1 }, "below 0"},
		{"share", func(o *avoided.Options) { o.Default.ShareRatio = ptr(1.5) }, "default rule: share 1.5: want 0 to 1"},
		{"share that is no number", func(o *avoided.Options) { o.Default.ShareRatio = ptr(math.NaN()) }, "share NaN"},
		{"no model", func(o *avoided.Options) { o.Rules = []avoided.Rule{{}} }, "rule 1: no model"},
		{"tokenizer", func(o *avoided.Options) { o.Rules = []avoided.Rule{{Model: "m", TokenizerRatio: 11}} }, "rule for m: tokenizer ratio 11: want 0.1 to 10"},
		{"half a target", func(o *avoided.Options) { o.Default.SameWeights = &avoided.Target{Model: "m"} }, `provider "", model "m": want both`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := avoided.Options{Exchange: exchange(t, "USD", nil)}
			tt.change(&o)
			_, err := avoided.New(o)
			if !errors.Is(err, avoided.ErrOptions) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func TestQuotes(t *testing.T) {
	p := plan(t, entries(), func(o *avoided.Options) {
		o.StaleAfter = 90 * 24 * time.Hour
		o.Rules = []avoided.Rule{{Model: "named", SameWeights: &avoided.Target{Provider: "dear", Model: "qwen/qwen3-30b-a3b"}}}
	})
	quote := func(model string, at time.Time) []string {
		var lines []string
		for _, q := range p.Quotes(model, at) {
			lines = append(lines, fmt.Sprintf("%s %s: %s %s of %d guessed=%v stale=%v",
				q.Comparator, q.Model, q.Entry.Provider, q.Entry.Model, q.Hosts, q.Guessed, q.Stale))
		}
		return lines
	}
	for _, tt := range []struct {
		model string
		at    time.Time
		want  []string
	}{
		{local, march, []string{
			"same_weights " + local + ": cheap qwen3-30b of 2 guessed=true stale=false",
			"substitute " + local + ": openai gpt-5-mini of 1 guessed=false stale=false",
		}},
		{"named", march.AddDate(0, 6, 0), []string{
			"same_weights named: dear qwen/qwen3-30b-a3b of 1 guessed=false stale=true",
			"substitute named: openai gpt-5-mini of 1 guessed=false stale=true",
		}},
		{"my own model", march, []string{"substitute my own model: openai gpt-5-mini of 1 guessed=false stale=false"}},
	} {
		if diff := cmp.Diff(tt.want, quote(tt.model, tt.at)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.model, diff)
		}
	}
}

// TestCheapestHost is about what the cheapest is: that depends on the cache.
func TestCheapestHost(t *testing.T) {
	list := []prices.Entry{
		{Provider: "a", Model: "m", Weights: "qwen3-30b-a3b", Rates: rates(100, 0, 300)},  // 1.20 with, 1.20 without a cache
		{Provider: "b", Model: "m", Weights: "qwen3-30b-a3b", Rates: rates(120, 12, 300)}, // 0.996 and 1.32
		{Provider: "c", Model: "m", Weights: "qwen3-30b-a3b", Rates: rates(120, 12, 300)}, // as b
	}
	for policy, want := range map[avoided.CachePolicy]string{avoided.Mirror: "b", avoided.None: "a"} {
		p := plan(t, list, func(o *avoided.Options) { o.Cache = policy })
		q := p.Quotes(local, march)
		if len(q) != 1 || q[0].Entry.Provider != want || q[0].Hosts != 3 {
			t.Errorf("%s: got %+v, want host %s", policy, q, want)
		}
	}
}

func TestUnmatched(t *testing.T) {
	typo := avoided.Target{Provider: "openai", Model: "gpt-5-minni"}
	p := plan(t, entries(), func(o *avoided.Options) {
		o.Rules = []avoided.Rule{{Model: "a", Substitute: &typo}, {Model: "b", Substitute: &typo, SameWeights: &avoided.Target{}}}
	})
	if diff := cmp.Diff([]avoided.Target{typo}, p.Unmatched(march)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestGlobs is about patterns for local names.
func TestGlobs(t *testing.T) {
	for _, tt := range []struct {
		pattern, name string
		want          bool
	}{
		{"qwen3-30b*", "Qwen3-30B-A3B-Q4_K_M.gguf", true},
		{"qwen3-30b*", "qwen/qwen3-30b", false},
		{"*qwen3-30b*", "qwen/qwen3-30b", true},
		{"*", "", true},
		{"*", "any/thing:8b", true},
		{"llama*8b", "llama3.1:8b", true},
		{"llama*8b", "llama3.1:8b-q4", false},
		{"ab*ba", "aba", false},
		{"a*b*c", "a-c-b-c", true},
		{"a*b*c", "a-c-c", false},
		{"a*aa*a", "aaa", false},
		{"qwen[3]", "qwen3", false},
		{"qwen3:8b", "QWEN3:8b", true},
	} {
		p := plan(t, entries(), func(o *avoided.Options) {
			o.Rules = []avoided.Rule{{Model: tt.pattern, Substitute: &avoided.Target{}}}
		})
		matched := true
		for _, q := range p.Quotes(tt.name, march) {
			matched = matched && q.Comparator != avoided.Substitute
		}
		if matched != tt.want {
			t.Errorf("%q matches %q: %v, want %v", tt.pattern, tt.name, matched, tt.want)
		}
	}
}

// TestCompareAgreesWithRates holds the quick sums in 128 bits against those of
// package prices in ratios of any size.
func TestCompareAgreesWithRates(t *testing.T) {
	list := entries()
	p := plan(t, list, nil)
	rapid.Check(t, func(t *rapid.T) {
		s := slot()
		tokens := rapid.Int64Range(0, 1_000_000_000_000)
		s.Answered = store.Tokens{Input: tokens.Draw(t, "in"), Cached: tokens.Draw(t, "cached"), Output: tokens.Draw(t, "out")}
		got := p.Compare(s)
		for i, e := range []prices.Entry{list[1], list[2]} {
			want, ok := e.Rates.Of(prices.Usage{Input: s.Answered.Input, Cached: s.Answered.Cached, Output: s.Answered.Output})
			if !ok || got[i].Money.Nanos != want.Nanos {
				t.Fatalf("%s: got %d, want %d, %v", e.Provider, got[i].Money.Nanos, want.Nanos, ok)
			}
		}
	})
}

// TestMemoryChangesNothing asks one plan in any order and new ones each time.
func TestMemoryChangesNothing(t *testing.T) {
	list := entries()
	list[2].Until = march.AddDate(0, 1, 0)
	list = append(list, prices.Entry{Provider: "openai", Model: "gpt-5-mini", From: list[2].Until, Rates: rates(1, 1, 1)},
		prices.Entry{Provider: "night", Model: "m", Weights: "qwen3-30b-a3b", Hours: prices.Hours{Start: time.Hour, End: 5 * time.Hour}, Rates: rates(1, 1, 1)})
	change := func(o *avoided.Options) {
		o.Exchange = exchange(t, "EUR", map[cost.Currency][]cost.Rate{"USD": {
			{From: march.AddDate(0, -1, 0), Worth: cost.Money{Nanos: 900_000_000, Currency: "EUR"}},
			{From: march.AddDate(0, 0, 9), Worth: cost.Money{Nanos: 800_000_000, Currency: "EUR"}},
		}})
	}
	old := plan(t, list, change)
	rapid.Check(t, func(t *rapid.T) {
		s := slot()
		s.Start = march.Add(time.Duration(rapid.IntRange(-6000, 6000).Draw(t, "slot")) * store.SlotLength)
		s.Model = rapid.SampledFrom([]string{local, "qwen3:30b-a3b", "other"}).Draw(t, "model")
		fresh, err := avoided.New(optionsOf(t, list, change))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(fresh.Compare(s), old.Compare(s)); diff != "" {
			t.Fatalf("%s at %s (-new +old):\n%s", s.Model, s.Start, diff)
		}
	})
}

func optionsOf(t *rapid.T, list []prices.Entry, change func(*avoided.Options)) avoided.Options {
	table, err := prices.NewTable(list)
	if err != nil {
		t.Fatal(err)
	}
	o := avoided.Options{Table: table, Default: avoided.Rule{Substitute: &avoided.Target{Provider: "openai", Model: "gpt-5-mini"}}}
	change(&o)
	return o
}

func TestManyModelsAndGoroutines(t *testing.T) {
	p := plan(t, entries(), nil)
	want := p.Compare(slot())
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range 2600 { // together more than the plan remembers
				s := slot()
				s.Model = fmt.Sprintf("%d-%d", g, i)
				p.Compare(s)
			}
			if diff := cmp.Diff(want, p.Compare(slot())); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	wg.Wait()
}

func BenchmarkCompare(b *testing.B) {
	p := plan(b, entries(), nil)
	s := slot()
	i := 0
	for b.Loop() {
		s.Start = march.Add(time.Duration(i%100_000) * store.SlotLength)
		p.Compare(s)
		i++
	}
}

func TestUnconvertible(t *testing.T) {
	p := plan(t, entries(), func(o *avoided.Options) {
		o.Exchange = exchange(t, "EUR", map[cost.Currency][]cost.Rate{
			"USD": {{From: march, Worth: cost.Money{Nanos: 860_000_000, Currency: "EUR"}}},
		})
	})
	if got := p.Unconvertible(march); len(got) != 0 {
		t.Errorf("with a rate: %v", got)
	}
	if got := p.Unconvertible(march.Add(-time.Hour)); len(got) != 1 || got[0] != "USD" {
		t.Errorf("before the first rate: %v, want USD once", got)
	}
}
