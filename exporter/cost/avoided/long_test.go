package avoided_test

import (
	"testing"

	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/exporter/cost/avoided"
	"github.com/sovmeter/sovmeter/exporter/cost/prices"
	"github.com/sovmeter/sovmeter/store"
)

// longSlot has ten requests with 1 M tokens of each kind: two of them above
// 128,000 and one above 200,000, with a tenth of the tokens each.
func longSlot() store.ModelSlot {
	part := store.Tokens{Input: 100_000, Cached: 100_000, Output: 100_000}
	return store.ModelSlot{
		Start: march, Model: local, OK: 10,
		Answered: store.Tokens{Input: 1_000_000, Cached: 1_000_000, Output: 1_000_000},
		Long: []store.LongTokens{
			{Above: 128_000, Requests: 2, Tokens: part},
			{Above: 200_000, Requests: 1, Tokens: part},
		},
	}
}

func TestLongPrompts(t *testing.T) {
	double := func(above ...int64) []prices.LongContext {
		var list []prices.LongContext
		for i, a := range above {
			by := int64(i + 2)
			list = append(list, prices.LongContext{Above: a, Rates: rates(1000*by, 1000*by, 1000*by)})
		}
		return list
	}
	for _, tt := range []struct {
		name           string
		long           []prices.LongContext
		tokenizer      float64
		unknown        int64
		milli, partial int64
	}{
		{"one price", nil, 1, 0, 3000, 0},
		{"at a mark", double(200_000), 1, 0, 3300, 0},
		{"two limits", double(128_000, 200_000), 1, 0, 3900, 0},
		{"above all of them", double(1_000_000), 1, 0, 3000, 0},
		{"between marks", double(150_000), 1, 0, 3300, 2},
		{"one token above a mark", double(128_001), 1, 0, 3300, 2},
		{"below the first mark", double(16_000), 1, 0, 3600, 7},
		{"below the first mark, lengths unknown", double(16_000), 1, 3, 3600, 7},
		{"lengths unknown", double(200_000), 1, 3, 3300, 3},
		{"lengths do not matter", nil, 1, 3, 3000, 0},
		{"the substitute makes more of them", double(200_000), 1.1, 0, 3630, 2},
		{"and less", double(128_000), 0.8, 0, 2640, 2},
		{"long ones are cheaper", []prices.LongContext{{Above: 150_000, Rates: rates(500, 500, 500)}}, 1, 0, 2700, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			list := []prices.Entry{{Provider: "openai", Model: "gpt-5-mini", Rates: rates(1000, 1000, 1000), Long: tt.long}}
			p := plan(t, list, func(o *avoided.Options) { o.Default.TokenizerRatio = tt.tokenizer })
			s := longSlot()
			s.UnknownLength = tt.unknown
			got := p.Compare(s)[1]
			want := avoided.Saving{Money: cost.Money{Nanos: tt.milli * 1_000_000, Currency: "USD"}, Priced: 10, Partial: tt.partial}
			if got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
}

// TestMarksAreNotStraddled holds the usual limits against the marks: none of
// them may make a request partial.
func TestMarksAreNotStraddled(t *testing.T) {
	for _, mark := range store.LongPrompts() {
		list := []prices.Entry{{
			Provider: "openai", Model: "gpt-5-mini", Rates: rates(1, 1, 1),
			Long: []prices.LongContext{{Above: mark, Rates: rates(2, 2, 2)}},
		}}
		p := plan(t, list, nil)
		s := store.ModelSlot{Start: march, Model: local, OK: 20, Answered: store.Tokens{Input: 1_000_000_000}}
		want := int64(1_000_000_000)
		for _, above := range store.LongPrompts() {
			s.Long = append(s.Long, store.LongTokens{Above: above, Requests: 1, Tokens: store.Tokens{Input: 1_000_000}})
			if above >= mark {
				want += 1_000_000
			}
		}
		if got := p.Compare(s)[1]; got.Money.Nanos != want || got.Partial != 0 {
			t.Errorf("above %d: got %+v, want %d", mark, got, want)
		}
	}
}

func TestLimitAboveTheLastMark(t *testing.T) {
	list := []prices.Entry{{
		Provider: "openai", Model: "gpt-5-mini", Rates: rates(1000, 1000, 1000),
		Long: []prices.LongContext{{Above: 1_000_000, Rates: rates(2000, 2000, 2000)}},
	}}
	tokens := store.Tokens{Input: 3_000_000}
	s := store.ModelSlot{Start: march, Model: local, OK: 5, Answered: tokens, Long: []store.LongTokens{{Above: 512_000, Requests: 4, Tokens: tokens}}}
	got := plan(t, list, nil).Compare(s)[1]
	if want := (avoided.Saving{Money: cost.Money{Nanos: 3_000_000_000, Currency: "USD"}, Priced: 5, Partial: 4}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
