package store

import (
	"math"

	"github.com/sovmeter/sovmeter/collector/attribution"
)

// countTokens adds a request's tokens to every sum that it belongs to.
func (s *ModelSlot) countTokens(r attribution.Request) {
	if addCounts(r, [...]*int64{&s.Input, &s.Cached, &s.Output}, s.unknowns()) {
		s.UnknownTokens++
	}
	if r.TokensEstimated {
		s.EstimatedTokens++
	}
	if r.Outcome == attribution.OutcomeOK {
		s.answer(r)
	}
	if r.FirstToken.IsZero() {
		return
	}
	grow(&s.PrefillTime, max(0, r.FirstToken.Sub(r.Start)))
	// A time without its tokens would make the speed look low.
	if r.Output.Known {
		grow(&s.DecodeTime, max(0, r.End.Sub(r.FirstToken)))
		grow(&s.DecodedTokens, r.Output.N)
	}
}

// answer counts a request that ended well, by the length of its prompt too.
func (s *ModelSlot) answer(r attribution.Request) {
	s.Answered.add(r)
	length, known := promptLength(r)
	if !known {
		s.UnknownLength++
		return
	}
	if mark := longMark(length); mark > 0 {
		b := s.band(mark)
		b.Requests++
		b.add(r)
	}
}

func (t *Tokens) add(r attribution.Request) { addCounts(r, t.sums(), t.unknowns()) }

// addCounts adds the counts of r that are known and counts those that are not,
// of which it says whether there is one.
func addCounts(r attribution.Request, sums, unknown [3]*int64) (some bool) {
	for i, c := range [...]attribution.Count{r.Input, r.Cached, r.Output} {
		if c.Known {
			grow(sums[i], c.N)
			continue
		}
		*unknown[i]++
		some = true
	}
	return some
}

// promptLength is how many tokens a prompt has, those from the cache included.
func promptLength(r attribution.Request) (n int64, known bool) {
	n = r.Input.N
	grow(&n, r.Cached.N)
	return n, r.Input.Known && r.Cached.Known
}

// longMark is the last mark that a prompt of so many tokens is above; 0: none.
func longMark(length int64) int64 {
	var last int64
	for _, mark := range LongPrompts() {
		if length > mark {
			last = mark
		}
	}
	return last
}

// band returns the slot's band above mark, which it makes if need be.
func (s *ModelSlot) band(mark int64) *LongTokens {
	i := 0
	for i < len(s.Long) && s.Long[i].Above < mark {
		i++
	}
	if i == len(s.Long) || s.Long[i].Above > mark {
		s.Long = append(s.Long[:i:i], append([]LongTokens{{Above: mark}}, s.Long[i:]...)...)
	}
	return &s.Long[i]
}

// grow adds n, which is not negative, to a sum. A log may tell anything, and
// must not make a sum fall.
func grow[T ~int64](sum *T, n T) { *sum += min(n, math.MaxInt64-*sum) }
