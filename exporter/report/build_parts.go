package report

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/store"
)

// This file adds up slots of one model, and takes a part from a whole.

// ownOnly forgets what is known of a model as a whole only.
func ownOnly(s *store.ModelSlot) {
	s.Load, s.Busy, s.Error, s.Shared, s.Estimated = 0, 0, 0, 0, 0
}

func slotEnergies(s *store.ModelSlot) [4]*energy.Joules {
	return [...]*energy.Joules{&s.Prefill, &s.Decode, &s.MeteredEnergy, &s.MeteredOKEnergy}
}

func slotTimes(s *store.ModelSlot) [2]*time.Duration {
	return [...]*time.Duration{&s.PrefillTime, &s.DecodeTime}
}

func slotCounts(s *store.ModelSlot) [18]*int64 {
	return [...]*int64{
		&s.Input, &s.Cached, &s.Output, &s.UnknownTokens, &s.EstimatedTokens,
		&s.UnknownInput, &s.UnknownCached, &s.UnknownOutput, &s.UnknownLength,
		&s.OK, &s.Cancelled, &s.Failed, &s.Late, &s.Unmetered, &s.Partial,
		&s.DecodedTokens, &s.MeteredOutput, &s.MeteredOK,
	}
}

func tokenCounts(t *store.Tokens) [6]*int64 {
	return [...]*int64{&t.Input, &t.Cached, &t.Output, &t.UnknownInput, &t.UnknownCached, &t.UnknownOutput}
}

// plusSlot adds a part to the sum of parts.
func plusSlot(to, part *store.ModelSlot) {
	energies, times, counts := slotEnergies(part), slotTimes(part), slotCounts(part)
	for i, e := range slotEnergies(to) {
		*e += *energies[i]
	}
	for i, t := range slotTimes(to) {
		*t = time.Duration(plus(int64(*t), int64(*times[i])))
	}
	for i, n := range slotCounts(to) {
		*n = plus(*n, *counts[i])
	}
	plusTokens(&to.Answered, &part.Answered)
	for i := range part.Long {
		long := &part.Long[i]
		band := longBand(to, long.Above)
		band.Requests = plus(band.Requests, long.Requests)
		plusTokens(&band.Tokens, &long.Tokens)
	}
}

func plusTokens(to, part *store.Tokens) {
	counts := tokenCounts(part)
	for i, n := range tokenCounts(to) {
		*n = plus(*n, *counts[i])
	}
}

// longBand is the part of prompts above a mark, which it makes if need be.
func longBand(s *store.ModelSlot, above int64) *store.LongTokens {
	i, found := slices.BinarySearchFunc(s.Long, above, func(l store.LongTokens, above int64) int { return cmp.Compare(l.Above, above) })
	if !found {
		s.Long = slices.Insert(s.Long, i, store.LongTokens{Above: above})
	}
	return &s.Long[i]
}

// minusSlot leaves of a whole what is not in its parts: no count below 0, and no
// energy that is only what adding up floats leaves over.
func minusSlot(from, parts *store.ModelSlot) {
	energies, times, counts := slotEnergies(parts), slotTimes(parts), slotCounts(parts)
	for i, e := range slotEnergies(from) {
		whole := *e
		*e -= *energies[i]
		if isDust(*e, whole) {
			*e = 0
		}
	}
	for i, t := range slotTimes(from) {
		*t = max(0, *t-*times[i])
	}
	for i, n := range slotCounts(from) {
		*n = max(0, *n-*counts[i])
	}
	minusTokens(&from.Answered, &parts.Answered)
	from.Long = slices.Clone(from.Long)
	for i := range parts.Long {
		long := &parts.Long[i]
		band := longBand(from, long.Above)
		band.Requests = max(0, band.Requests-long.Requests)
		minusTokens(&band.Tokens, &long.Tokens)
	}
	from.Long = slices.DeleteFunc(from.Long, func(l store.LongTokens) bool { return l.Requests == 0 })
}

func minusTokens(from, part *store.Tokens) {
	counts := tokenCounts(part)
	for i, n := range tokenCounts(from) {
		*n = max(0, *n-*counts[i])
	}
}

// isDust tells what may be left over from adding up floats from what is there.
func isDust(left, whole energy.Joules) bool {
	return math.Abs(float64(left)) <= roundingError*math.Abs(float64(whole))
}
