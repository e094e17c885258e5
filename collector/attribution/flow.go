package attribution

import (
	"slices"
	"time"
)

// flow is the work that a model does on all of its requests together; it
// changes when a phase of one of them begins or ends. A server batches: in each
// step every sequence that decodes gets one token, and prompts are read beside
// them.
type flow struct {
	decoding, reading int
	tokens, steps     float64 // prompt tokens, and steps that read them, a second
	// pure and mixed are the sums of the sequences' paces, each weighing the
	// tokens that it was found from, and weight is the sum of those.
	pure, mixed, weight float64
}

func (f flow) plus(o flow) flow {
	f.decoding += o.decoding
	f.reading += o.reading
	f.tokens += o.tokens
	f.steps += o.steps
	f.pure += o.pure
	f.mixed += o.mixed
	f.weight += o.weight
	return f
}

func (f flow) minus() flow {
	return flow{-f.decoding, -f.reading, -f.tokens, -f.steps, -f.pure, -f.mixed, -f.weight}
}

// stepsIn is how many steps every decoding sequence takes in d seconds.
func (f flow) stepsIn(d float64, t timing) float64 {
	switch {
	case f.decoding == 0:
		return 0
	case f.reading > 0:
		return d * f.steps * f.mean(f.mixed)
	}
	return d / t.decode(f.decoding) * f.mean(f.pure)
}

// mean is the mean pace of the decoding sequences; 1 when none is known.
func (f flow) mean(sum float64) float64 {
	if f.weight <= 0 {
		return 1
	}
	return sum / f.weight
}

// member is a request as its group sees it.
type member struct {
	phases
	reads   []Stretch // in which its prompt is read
	decodes flow      // what it adds to the flow while it decodes; zero when it does not
	context float64   // thousands of tokens that it decodes with, on average
}

// memberOf returns r with the work of its phases.
func memberOf(r Request, p phases, reads []Stretch, pc Pace) member {
	m := member{phases: p, reads: reads, context: contextOf(r) / 1000}
	if !r.Output.Known || steps(r) > 0 {
		m.decodes = flow{decoding: 1, pure: pc.Pure * pc.Tokens, mixed: pc.Mixed * pc.Tokens, weight: pc.Tokens}
	}
	return m
}

// contextOf is how many tokens r decodes with on average, as far as is known.
func contextOf(r Request) float64 {
	if r.Context.Known {
		return max(float64(r.Context.N)-steps(r)/2, 0)
	}
	var n float64
	for _, c := range []Count{r.Input, r.Cached} {
		if c.Known {
			n += float64(c.N)
		}
	}
	return n + steps(r)/2
}

// flow is the work of the stretch; tokens is how many the whole prompt has.
func (s Stretch) flow(tokens float64) flow {
	rate := s.Tokens / s.span().length().Seconds()
	return flow{reading: 1, tokens: rate, steps: rate / min(tokens, batchTokens)}
}

// prompt is how many tokens m reads.
func (m member) prompt() float64 {
	var sum float64
	for _, s := range m.reads {
		sum += s.Tokens
	}
	return sum
}

// steps is how many steps r takes to decode: the last step of the prefill gives
// the first token already.
func steps(r Request) float64 { return max(float64(r.Output.N)-1, 0) }

// segment is a stretch of time in which the flow is constant.
type segment struct {
	span
	flow
}

func (s segment) seconds() float64 { return s.length().Seconds() }

// segments cuts the time of w where the flow of members changes.
func segments(members []member, w span) []segment {
	type edge struct {
		at time.Time
		flow
	}
	n := 0
	for _, m := range members {
		n += 2 * (len(m.reads) + 1)
	}
	edges := make([]edge, 0, n)
	add := func(s span, f flow) {
		if f == (flow{}) || s.overlap(w.start, w.end) <= 0 {
			return
		}
		edges = append(edges, edge{latest(s.start, w.start), f}, edge{earliest(s.end, w.end), f.minus()})
	}
	for _, m := range members {
		tokens := m.prompt()
		for _, s := range m.reads {
			add(s.span(), s.flow(tokens))
		}
		add(m.decode, m.decodes)
	}
	slices.SortStableFunc(edges, func(x, y edge) int { return x.at.Compare(y.at) })
	all := make([]segment, 0, len(edges))
	var now flow
	at := w.start
	for _, e := range edges {
		if e.at.After(at) {
			all = append(all, segment{span{at, e.at}, now})
			at = e.at
		}
		now = now.plus(e.flow).settled()
	}
	return all
}

// settled clears what adding and taking away has left of flows that are over.
func (f flow) settled() flow {
	if f.reading == 0 {
		f.tokens, f.steps = 0, 0
	}
	if f.decoding == 0 {
		f.pure, f.mixed, f.weight = 0, 0, 0
	}
	return f
}
