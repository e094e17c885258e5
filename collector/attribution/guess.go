package attribution

import "time"

// Guess stands in for what the log does not say of a request that it only saw
// begin and end: when its prompt was read and how many tokens that makes.
type Guess struct {
	FirstToken    time.Time
	Input, Output float64
}

// guessable reports whether enough is known of r to guess the rest.
func guessable(r Request) bool {
	return !r.Input.Known && !r.Output.Known && r.Context.Known && r.Reused.Known
}

// bisections is how often guess halves the request's time.
const bisections = 24

// guess finds the first token for which the prompt tokens read before it, with
// the reused ones, and the tokens decoded after it make up r's context, at the
// pace of its model. company is all of its group, r at index i.
//
// Where the log tells the first token, what was decoded since follows from the
// pace, and the prompt is the rest.
//
// The later the first token, the more tokens in all: a prompt token takes less
// time than a decoded one. So there is at most one such time.
func guess(i int, company []Request, until time.Time, t timing) Guess {
	r := company[i]
	if !r.FirstToken.IsZero() {
		return guessInput(guessAt(r.FirstToken, i, company, until, t), r)
	}
	whole := phasesOf(r, until).whole
	low, high := 0.0, 1.0
	var g Guess
	for range bisections {
		mid := (low + high) / 2
		g = guessAt(whole.start.Add(time.Duration(mid*float64(whole.length()))), i, company, until, t)
		if g.Input/max(1-r.Reused.Of, 0.001)+g.Output > float64(r.Context.N) {
			high = mid
		} else {
			low = mid
		}
	}
	return g
}

// fasterThanKnown is by how much a prompt may have been read faster than its
// model reads, before more of it than was told must have come from the cache.
const fasterThanKnown = 1.25

// guessInput is g with the prompt tokens that are left of r's context when the
// decoded ones are taken off: their pace is known better. A server may load a
// saved prompt after it said what its cache held, so the time has the last word.
func guessInput(g Guess, r Request) Guess {
	rest := (float64(r.Context.N) - g.Output) * (1 - r.Reused.Of)
	if rest > 0 && rest < g.Input*fasterThanKnown {
		g.Input = rest
	}
	return g
}

// guessAt is what r read and decoded if its first token came at first.
func guessAt(first time.Time, i int, company []Request, until time.Time, t timing) Guess {
	g := Guess{FirstToken: first}
	all := append([]Request(nil), company...)
	all[i].FirstToken = first
	members := membersOf(all, until, t)
	g.Input = members[i].prompt()
	if m := members[i]; m.decodes.decoding > 0 {
		clock := decodeOn(m, segments(members, m.decode), t)
		g.Output = clock.pure + clock.mixed
	}
	return g
}

// with is r with the guess in place of what is not known.
func (g Guess) with(r Request) Request {
	if g.FirstToken.IsZero() {
		return r
	}
	r.FirstToken = g.FirstToken
	r.Input, r.Output = Known(int64(g.Input+0.5)), Known(int64(g.Output+1.5))
	return r
}
