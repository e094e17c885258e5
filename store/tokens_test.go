package store

import (
	"math"
	"strings"
	"testing"

	"github.com/sovmeter/sovmeter/collector/attribution"
)

// TestLongPrompts counts prompts around every mark: a mark is the last length
// below the band that is named by it, and cached tokens are a part of a prompt.
func TestLongPrompts(t *testing.T) {
	prompt := func(input, cached attribution.Count) ModelSlot {
		var s ModelSlot
		s.count(asked(1, func(r *attribution.Request) { r.Input, r.Cached = input, cached }))
		return s
	}
	for i, mark := range LongPrompts() {
		var below int64
		if i > 0 {
			below = LongPrompts()[i-1]
		}
		for length, above := range map[int64]int64{mark: below, mark + 1: mark} {
			s := prompt(attribution.Known(length-1), attribution.Known(1))
			var want []LongTokens
			if above > 0 {
				want = []LongTokens{{Above: above, Requests: 1, Tokens: Tokens{Input: length - 1, Cached: 1, Output: 20}}}
			}
			same(t, want, s.Long)
		}
	}
	s := prompt(attribution.Known(math.MaxInt64), attribution.Known(math.MaxInt64))
	if len(s.Long) != 1 || s.Long[0].Above != 512_000 || s.UnknownLength != 0 {
		t.Errorf("an endless prompt: %+v", s.Long)
	}
	for _, s := range []ModelSlot{prompt(attribution.Count{}, attribution.Known(900_000)), prompt(attribution.Known(900_000), attribution.Count{})} {
		if len(s.Long) != 0 || s.UnknownLength != 1 {
			t.Errorf("a prompt of unknown length: %+v, %d unknown", s.Long, s.UnknownLength)
		}
	}
}

// Bands come in the order of their marks, whatever the order of the requests.
func TestLongOrder(t *testing.T) {
	var s ModelSlot
	for _, length := range []int64{300_000, 40_000, 600_000, 130_000, 40_001} {
		s.count(asked(1, func(r *attribution.Request) { r.Input = attribution.Known(length) }))
	}
	s.count(asked(1, func(r *attribution.Request) {
		r.Outcome, r.Input = attribution.OutcomeError, attribution.Known(700_000)
	}))
	var got []int64
	for _, b := range s.Long {
		got = append(got, b.Above, b.Requests)
	}
	same(t, []int64{32_000, 2, 128_000, 1, 272_000, 1, 512_000, 1}, got)
}

func TestTagNames(t *testing.T) {
	long := strings.Repeat("x", maxTag)
	all := newTags()
	for _, tt := range []struct {
		pair tag
		want uint64
	}{
		{tag{"a", "b"}, 1}, {tag{"", "b"}, 2}, {tag{"a", ""}, 3}, {tag{"a", "b"}, 1}, {otherTag(), 0},
		{tag{long, long}, 4}, {tag{long + "x", ""}, 0}, {tag{"", long + "x"}, 0},
	} {
		if got := all.id(tt.pair); got != tt.want {
			t.Errorf("%.9q has the number %d, want %d", tt.pair, got, tt.want)
		}
	}
}
