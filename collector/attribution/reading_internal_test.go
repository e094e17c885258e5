package attribution

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func promptAt(id string, from, to, tokens float64) prompt {
	return prompt{span: span{after(from), after(to)}, tokens: tokens, id: id}
}

// stretches are spans and their tokens, in seconds after the start.
func stretches(all []Stretch) [][3]float64 {
	var out [][3]float64
	for _, s := range all {
		out = append(out, [3]float64{s.Start.Sub(start).Seconds(), s.End.Sub(start).Seconds(), math.Round(s.Tokens*1e6) / 1e6})
	}
	return out
}

func TestReadings(t *testing.T) {
	tm := timing{prefill: 0.01}
	for _, tt := range []struct {
		name    string
		prompts []prompt
		want    [][][3]float64
	}{
		{"alone", []prompt{promptAt("a", 1, 3, 100)}, [][][3]float64{{{1, 3, 100}}}},
		{
			"one after the other", []prompt{promptAt("a", 0, 2, 200), promptAt("b", 0, 3, 100)},
			[][][3]float64{{{0, 2, 200}}, {{2, 3, 100}}},
		},
		{
			"the one whose first token comes next goes first",
			[]prompt{promptAt("long", 0, 4, 300), promptAt("short", 1, 2, 100)},
			[][][3]float64{{{0, 1, 100}, {2, 4, 200}}, {{1, 2, 100}}},
		},
		{ // 300 tokens in 3 s, so the second of a's that is too much was b's
			"the last batch is filled up with the next prompt", []prompt{promptAt("a", 0, 2, 100), promptAt("b", 0, 3, 200)},
			[][][3]float64{{{0, 1, 100}}, {{1, 2, 100}, {2, 3, 100}}},
		},
		{
			"the same first token: both in one batch", []prompt{promptAt("b", 0, 2, 100), promptAt("a", 0, 2, 100)},
			[][][3]float64{{{1, 2, 100}}, {{0, 1, 100}}},
		},
		{"unknown tokens are as many as the time holds", []prompt{promptAt("a", 0, 2, 0)}, [][][3]float64{{{0, 2, 200}}}},
		{
			"two that do not meet", []prompt{promptAt("a", 0, 1, 100), promptAt("b", 5, 6, 100)},
			[][][3]float64{{{0, 1, 100}}, {{5, 6, 100}}},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got [][][3]float64
			for _, r := range readings(tt.prompts, tm) {
				got = append(got, stretches(r))
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("stretches (-want +got):\n%s", d)
			}
		})
	}
}

// TestReadingsKeepTimeAndTokens: however prompts overlap, all tokens are read,
// each prompt in its own time, and no two of them at once.
func TestReadingsKeepTimeAndTokens(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var prompts []prompt
		var spans []span
		for i := range rapid.IntRange(1, 8).Draw(t, "prompts") {
			from := float64(rapid.IntRange(0, 40).Draw(t, "from")) / 4 // ties are common
			to := from + float64(rapid.IntRange(1, 20).Draw(t, "length"))/4
			tokens := float64(rapid.SampledFrom([]int{0, 1, 50, 500, 5000}).Draw(t, "tokens"))
			prompts = append(prompts, promptAt(fmt.Sprint(i), from, to, tokens))
			spans = append(spans, prompts[i].span)
		}
		all := readings(prompts, timing{prefill: 0.003})
		var read []span
		var length time.Duration
		for i, p := range prompts {
			var tokens float64
			for _, s := range all[i] {
				if s.Start.Before(p.start) || s.End.After(p.end) || !s.Start.Before(s.End) {
					t.Fatalf("prompt %v is read in %v", p, s)
				}
				tokens += s.Tokens
				if s.End.Sub(s.Start) > minWork { // those of a shared batch lie in another's time
					read = append(read, s.span())
					length += s.span().length()
				}
			}
			if !(tokens > 0) || p.tokens > 0 && math.Abs(tokens/p.tokens-1) > 1e-9 {
				t.Fatalf("%v of the %v tokens of prompt %d are read", tokens, p.tokens, i)
			}
		}
		sortSpans(spans)
		sortSpans(read)
		a, b := after(-1), after(100)
		if u := union(spans, a, b); union(read, a, b) != length || (u-length).Abs() > 8*minWork {
			t.Fatalf("prompts wait and are read in %v; stretches of %v cover %v", u, length, union(read, a, b))
		}
	})
}

func sortSpans(spans []span) {
	slices.SortFunc(spans, func(x, y span) int { return x.start.Compare(y.start) })
}
