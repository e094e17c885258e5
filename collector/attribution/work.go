package attribution

import "time"

// work is what a request, or a model for all of its requests, did in some time.
type work struct {
	prefill float64 // prompt tokens
	// steps is its share of the steps: in a step of n sequences each has 1/n.
	steps  float64
	decode float64 // tokens
	// context is the sum of the contexts that they were decoded with, in
	// thousands of tokens.
	context float64
}

func (w work) plus(o work) work {
	return work{w.prefill + o.prefill, w.steps + o.steps, w.decode + o.decode, w.context + o.context}
}

// terms are the work as the terms of a fit.
func (w work) terms(constant float64) vector {
	return vector{termConstant: constant, termPrefill: w.prefill, termStep: w.steps, termToken: w.decode, termContext: w.context}
}

// worksIn is what each member does in w.
func worksIn(members []member, w span, t timing) []work {
	works := make([]work, len(members))
	for _, s := range segments(members, w) {
		steps := s.stepsIn(s.seconds(), t)
		for i, m := range members {
			for _, r := range m.reads {
				if s.within(r.span()) {
					works[i].prefill += r.Tokens * float64(s.length()) / float64(r.span().length())
				}
			}
			if m.decodes.decoding > 0 && s.within(m.decode) {
				works[i].decode += steps
				works[i].steps += steps / float64(s.decoding)
				works[i].context += steps * m.context
			}
		}
	}
	return works
}

// placing is how a request lies among its company.
type placing struct {
	pace Pace
	// rows of the timing: what its phases hold and how long they take.
	rows []timingRow
}

type timingRow struct {
	terms   vector
	seconds float64
}

// place finds the pace of m, whose request is r, among the members of its
// group that touch it, m included.
func place(r Request, m member, members []member, t timing) placing {
	var p placing
	if m.decodes.decoding > 0 {
		clock := decodeOn(m, segments(members, m.decode), t)
		p.pace = paceOf(r, clock)
		if r.Output.Known && m.known {
			p.rows = append(p.rows, clock.row(p.pace, m.decode.length()))
		}
	}
	if len(m.reads) > 0 && m.known && r.Input.Known {
		p.rows = append(p.rows, prefillRow(m, segments(members, m.prefill)))
	}
	return p
}

// decodeClock is what the timing makes of a decode phase.
type decodeClock struct {
	pure, mixed           float64 // steps
	pureTokens, mixTokens float64 // of all sequences in those steps
	prefill               float64 // prompt tokens read meanwhile
}

func decodeOn(m member, all []segment, t timing) decodeClock {
	var c decodeClock
	for _, s := range all {
		if !s.within(m.decode) {
			continue
		}
		s.weight = 0 // the clock knows no pace
		steps := s.stepsIn(s.seconds(), t)
		if s.reading > 0 {
			c.mixed += steps
			c.mixTokens += steps * float64(s.decoding)
			c.prefill += s.tokens * s.seconds()
			continue
		}
		c.pure += steps
		c.pureTokens += steps * float64(s.decoding)
	}
	return c
}

// mostMixed is the most of a request's steps that is taken to be in steps that
// read prompts too, when it has others.
const mostMixed = 0.9

// paceOf fits the steps that r really took to those of the clock.
func paceOf(r Request, c decodeClock) Pace {
	n := steps(r)
	if !r.Output.Known || n <= 0 || c.pure+c.mixed <= 0 {
		return Pace{}
	}
	p := Pace{Pure: 1, Mixed: 1, Tokens: n}
	switch {
	case c.pure <= 0:
		p.Mixed = n / c.mixed
	case c.mixed > mostMixed*n:
		p.Mixed = mostMixed * n / c.mixed
		fallthrough
	default:
		p.Pure = (n - p.Mixed*c.mixed) / c.pure
	}
	return p
}

func (c decodeClock) row(p Pace, length time.Duration) timingRow {
	return timingRow{seconds: length.Seconds(), terms: vector{
		termConstant: 1, termPrefill: c.prefill,
		termStep:  p.Pure*c.pure + p.Mixed*c.mixed,
		termToken: p.Pure*c.pureTokens + p.Mixed*c.mixTokens,
	}}
}

// prefillRow is what m's prompt took: of the time in which it was read, the
// part that its tokens are of all that were.
func prefillRow(m member, all []segment) timingRow {
	row := timingRow{terms: vector{termConstant: 1}}
	for _, s := range all {
		for _, r := range m.reads {
			if !s.within(r.span()) || s.tokens <= 0 {
				continue
			}
			mine := r.Tokens / r.span().length().Seconds() / s.tokens
			row.seconds += mine * s.seconds()
			row.terms[termPrefill] += mine * s.tokens * s.seconds()
			if s.decoding > 0 {
				steps := mine * s.steps * s.seconds()
				row.terms[termStep] += steps
				row.terms[termToken] += steps * float64(s.decoding)
			}
		}
	}
	return row
}
