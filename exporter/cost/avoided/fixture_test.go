package avoided_test

import (
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/exporter/cost/avoided"
	"github.com/sovmeter/sovmeter/exporter/cost/prices"
	"github.com/sovmeter/sovmeter/store"
)

var march = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

const local = "Qwen3-30B-A3B-Q4_K_M.gguf"

// usd is a rate of so many thousandths of a dollar per million tokens.
func usd(milli int64) prices.Rate {
	return prices.NewRate(cost.Money{Nanos: milli * 1_000_000, Currency: "USD"})
}

func rates(input, cached, output int64) prices.Rates {
	return prices.Rates{Input: usd(input), Cached: usd(cached), Output: usd(output)}
}

// entries are two hosts of the weights that local stands for, and a substitute.
func entries() []prices.Entry {
	checked := time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)
	return []prices.Entry{
		{Provider: "dear", Model: "qwen/qwen3-30b-a3b", Weights: "qwen3-30b-a3b", Checked: checked, Rates: rates(200, 0, 600)},
		{Provider: "cheap", Model: "qwen3-30b", Weights: "qwen3-30b-a3b", Checked: checked, Rates: rates(100, 50, 300), BatchRatio: 0.5},
		{Provider: "openai", Model: "gpt-5-mini", Checked: checked, Rates: rates(250, 25, 2000), Source: "a table of March"},
	}
}

// plan makes a plan in dollars of entries, which the changes alter first.
func plan(t testing.TB, list []prices.Entry, change func(*avoided.Options)) *avoided.Plan {
	t.Helper()
	table, err := prices.NewTable(list)
	if err != nil {
		t.Fatal(err)
	}
	o := avoided.Options{
		Table: table, Exchange: exchange(t, "USD", nil),
		Default: avoided.Rule{Substitute: &avoided.Target{Provider: "openai", Model: "gpt-5-mini"}},
	}
	if change != nil {
		change(&o)
	}
	p, err := avoided.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func exchange(t testing.TB, own cost.Currency, list map[cost.Currency][]cost.Rate) cost.Exchange {
	t.Helper()
	x, err := cost.NewExchange(own, list)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// slot has the tokens of a busy day in one slot.
func slot() store.ModelSlot {
	return store.ModelSlot{
		Start: march, Server: "main", Model: local, OK: 310, Cancelled: 4, Failed: 2,
		Input: 3_200_000, Cached: 18_900_000, Output: 640_000, // with those that were cancelled
		Answered: store.Tokens{Input: 3_100_000, Cached: 18_400_000, Output: 620_000},
	}
}

func ptr[T any](v T) *T { return &v }
