package avoided_test

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/exporter/cost/avoided"
	"github.com/sovmeter/sovmeter/exporter/cost/prices"
	"github.com/sovmeter/sovmeter/store"
)

func TestCompare(t *testing.T) {
	euros := map[cost.Currency][]cost.Rate{"USD": {{Worth: cost.Money{Nanos: 860_000_000, Currency: "EUR"}}}}
	half := ptr(0.5)
	for _, tt := range []struct {
		name              string
		change            func(*avoided.Options)
		same, substitute  int64 // nano-units
		unknownSubstitute bool
	}{
		// 3.1 × 0.1 + 18.4 × 0.05 + 0.62 × 0.3, and 3.1 × 0.25 + 18.4 × 0.025 + 0.62 × 2
		{name: "mirror", same: 1_416_000_000, substitute: 2_475_000_000},
		{name: "all fresh", change: func(o *avoided.Options) { o.Cache = avoided.None }, same: 2_336_000_000, substitute: 6_615_000_000},
		{name: "batch", change: func(o *avoided.Options) { o.Batch = true }, same: 708_000_000, substitute: 2_475_000_000},
		{name: "half of it", change: func(o *avoided.Options) { o.Default.ShareRatio = half }, same: 708_000_000, substitute: 1_237_500_000},
		{name: "none of it", change: func(o *avoided.Options) { o.Default.ShareRatio = ptr(0.0) }, same: 0, substitute: 0},
		{name: "more tokens elsewhere", change: func(o *avoided.Options) { o.Default.TokenizerRatio = 1.2 }, same: 1_416_000_000, substitute: 2_970_000_000},
		{name: "in euros", change: func(o *avoided.Options) { o.Exchange = exchange(t, "EUR", euros) }, same: 1_217_760_000, substitute: 2_128_500_000},
		{name: "no substitute", change: func(o *avoided.Options) { o.Default.Substitute = nil }, same: 1_416_000_000, unknownSubstitute: true},
		{name: "a host without a price for cached tokens", change: func(o *avoided.Options) {
			o.Rules = []avoided.Rule{{Model: "qwen3-30b*", SameWeights: &avoided.Target{Provider: "dear", Model: "qwen/qwen3-30b-a3b"}}}
		}, same: 4_672_000_000, substitute: 2_475_000_000},
		{name: "the first rule that matches", change: func(o *avoided.Options) {
			o.Rules = []avoided.Rule{{Model: "llama*", ShareRatio: ptr(0.0)}, {Model: "*A3B*", ShareRatio: half}, {Model: "*", ShareRatio: ptr(0.0)}}
		}, same: 708_000_000, substitute: 1_237_500_000},
		{name: "compared with nothing", change: func(o *avoided.Options) {
			o.Rules = []avoided.Rule{{Model: "*", Substitute: &avoided.Target{}}}
		}, same: 1_416_000_000, unknownSubstitute: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := plan(t, entries(), tt.change)
			unit := p.Currency()
			want := []avoided.Saving{
				{Money: cost.Money{Nanos: tt.same, Currency: unit}, Priced: 310},
				{Money: cost.Money{Nanos: tt.substitute, Currency: unit}, Priced: 310},
			}
			if tt.unknownSubstitute {
				want[1] = avoided.Saving{Money: cost.Money{Currency: unit}, Unpriced: 310}
			}
			if diff := cmp.Diff(want, p.Compare(slot())); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestComparatorsAreTheOrderOfCompare(t *testing.T) {
	p := plan(t, entries(), nil)
	if got := p.Comparators(); len(got) != 2 || got[0] != avoided.SameWeights || got[1] != avoided.Substitute || len(p.Compare(slot())) != 2 {
		t.Errorf("got %v", got)
	}
	if got := p.TableName(); got != "a table of March" {
		t.Errorf("the table is %q", got)
	}
}

func TestPricesOfTheDay(t *testing.T) {
	may := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	list := []prices.Entry{
		{Provider: "openai", Model: "gpt-5-mini", From: march, Until: may, Rates: rates(200, 0, 400)},
		{Provider: "openai", Model: "gpt-5-mini", From: may, Rates: rates(100, 0, 400)},
		{Provider: "openai", Model: "gpt-5-mini", From: may, Hours: prices.Hours{Start: 16 * time.Hour, End: 4 * time.Hour}, Rates: rates(50, 0, 200)},
	}
	june := may.AddDate(0, 1, 0)
	p := plan(t, list, func(o *avoided.Options) {
		o.Exchange = exchange(t, "EUR", map[cost.Currency][]cost.Rate{"USD": {
			{From: march.Add(time.Hour), Worth: cost.Money{Nanos: 1_000_000_000, Currency: "EUR"}},
			{From: june, Worth: cost.Money{Nanos: 500_000_000, Currency: "EUR"}},
		}})
	})
	at := func(t time.Time) avoided.Saving {
		return p.Compare(store.ModelSlot{Start: t, Model: local, OK: 1, Answered: store.Tokens{Input: 1_000_000}})[1]
	}
	for range 2 { // the second time from memory
		for _, tt := range []struct {
			name string
			at   time.Time
			want int64 // 0: unknown
		}{
			{"before the first price", march.Add(-time.Second), 0},
			{"before the first rate", march, 0},
			{"first price", march.Add(time.Hour), 200_000_000},
			{"until the change", may.Add(-15 * time.Minute), 200_000_000},
			{"at night", may, 50_000_000},
			{"by day", may.Add(4 * time.Hour), 100_000_000},
			{"evening", may.Add(16 * time.Hour), 50_000_000},
			{"another rate", june.Add(5 * time.Hour), 50_000_000},
		} {
			got := at(tt.at)
			if got.Money.Nanos != tt.want || (got.Unpriced > 0) != (tt.want == 0) {
				t.Errorf("%s: got %+v, want %d", tt.name, got, tt.want)
			}
		}
	}
}

func TestPriceChangesOnTheMinute(t *testing.T) {
	may := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	p := plan(t, []prices.Entry{
		{Provider: "openai", Model: "gpt-5-mini", Until: may, Rates: rates(200, 0, 400)},
		{Provider: "openai", Model: "gpt-5-mini", From: may, Rates: rates(100, 0, 400)},
	}, nil)
	for at, want := range map[time.Duration]int64{-store.SlotLength: 200_000_000, 0: 100_000_000} {
		for range 2 {
			s := store.ModelSlot{Start: may.Add(-store.SlotLength), Model: local, OK: 1, Answered: store.Tokens{Input: 1_000_000}}
			p.Compare(s)
			s.Start = may.Add(at)
			if got := p.Compare(s)[1].Money.Nanos; got != want {
				t.Errorf("%s from the change: %d, want %d", at, got, want)
			}
		}
	}
}

func TestUnknownCounts(t *testing.T) {
	tokens := store.Tokens{Input: 1_000_000, Cached: 0, Output: 1_000_000}
	for _, tt := range []struct {
		name                      string
		ok, unknown               int64 // answered requests; of any outcome with an unknown count
		input, cached, output     int64 // requests of which that count is unknown
		priced, partial, unpriced int64
	}{
		{"all known", 3, 0, 0, 0, 0, 3, 0, 0},
		{"one input", 3, 1, 1, 0, 0, 3, 1, 0},
		{"one without any", 3, 1, 1, 1, 1, 2, 0, 1},
		{"nothing is known", 3, 3, 3, 3, 3, 0, 0, 3},
		{"no cached is known", 3, 3, 0, 3, 0, 3, 3, 0},
		{"two, each another", 3, 2, 1, 1, 0, 3, 2, 0},
		{"one lacks two", 3, 1, 1, 1, 0, 3, 1, 0},
		{"one without any, one lacks output", 3, 2, 1, 1, 2, 2, 1, 1},
		{"cancelled ones lack theirs", 3, 5, 0, 0, 0, 3, 0, 0},
		{"only cancelled ones", 0, 2, 0, 0, 0, 0, 0, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := store.ModelSlot{Start: march, Model: local, OK: tt.ok, Cancelled: 9, UnknownTokens: tt.unknown, Answered: tokens}
			s.Answered.UnknownInput, s.Answered.UnknownCached, s.Answered.UnknownOutput = tt.input, tt.cached, tt.output
			got := plan(t, entries(), nil).Compare(s)[0]
			want := avoided.Saving{Money: cost.Money{Currency: "USD"}, Priced: tt.priced, Partial: tt.partial, Unpriced: tt.unpriced}
			if tt.priced > 0 {
				want.Money.Nanos = 400_000_000
			}
			if got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
}

func TestAbsurdCounts(t *testing.T) {
	p := plan(t, entries(), nil)
	for name, tokens := range map[string]store.Tokens{
		"too many": {Input: math.MaxInt64, Cached: math.MaxInt64, Output: math.MaxInt64},
		"negative": {Input: -1},
	} {
		s := slot()
		s.Answered = tokens
		if got := p.Compare(s)[0]; got != (avoided.Saving{Money: cost.Money{Currency: "USD"}, Unpriced: 310}) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestAddSavings(t *testing.T) {
	a := avoided.Saving{Money: cost.Money{Nanos: 1, Currency: "USD"}, Priced: 2, Partial: 3, Unpriced: 4}
	sum, err := (avoided.Saving{}).Add(a)
	if err == nil {
		sum, err = sum.Add(a)
	}
	want := avoided.Saving{Money: cost.Money{Nanos: 2, Currency: "USD"}, Priced: 4, Partial: 6, Unpriced: 8}
	if err != nil || sum != want {
		t.Errorf("got %+v, %v", sum, err)
	}
	if _, err := a.Add(avoided.Saving{Money: cost.Money{Nanos: 1, Currency: "EUR"}}); err == nil {
		t.Error("euros were added to dollars")
	}
}
