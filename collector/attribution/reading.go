package attribution

import (
	"slices"
	"time"
)

// Stretch is a stretch of time in which a number of a request's prompt tokens
// is read.
type Stretch struct {
	Start, End time.Time
	Tokens     float64
}

func (s Stretch) span() span { return span{s.Start, s.End} }

// prompt is a prompt from its request's start to the first token.
type prompt struct {
	span
	tokens float64 // 0: not known
	id     string
}

// promptOf is the prompt of r; false when it has none to read.
func promptOf(r Request, p phases) (prompt, bool) {
	q := prompt{span: p.prefill, id: r.ID}
	if r.Input.Known {
		q.tokens = float64(r.Input.N)
		return q, q.tokens > 0
	}
	return q, p.known && r.FirstToken.After(r.Start)
}

func (p prompt) compare(o prompt) int {
	if d := p.end.Compare(o.end); d != 0 {
		return d
	}
	if p.id < o.id {
		return -1
	}
	return 1
}

// readings is when each of the prompts is really read. A server reads prompts
// one after the other, a batch at a time: of those that wait it is always the
// one whose first token comes next. The last batch of a prompt is filled up
// with the beginning of the next, which shows in that it took longer than its
// own tokens do.
func readings(prompts []prompt, t timing) [][]Stretch {
	order := make([]int, len(prompts)) // by first token
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return prompts[a].compare(prompts[b]) })
	heads := headTimes(prompts, order)
	fillUp(prompts, order, heads)
	all := make([][]Stretch, len(prompts))
	for i, p := range prompts {
		all[i] = spread(heads[i], p, t)
	}
	return all
}

// headTimes is when each prompt was the next to give its first token.
func headTimes(prompts []prompt, order []int) [][]span {
	var cuts []time.Time
	for _, p := range prompts {
		cuts = append(cuts, p.start, p.end)
	}
	slices.SortFunc(cuts, time.Time.Compare)
	heads := make([][]span, len(prompts))
	for i := 1; i < len(cuts); i++ {
		s := span{cuts[i-1], cuts[i]}
		if s.length() <= 0 {
			continue
		}
		for _, k := range order {
			if s.within(prompts[k].span) {
				heads[k] = append(heads[k], s)
				break
			}
		}
	}
	return heads
}

// fillUp gives the end of each prompt's time to the next one, as far as it is
// more than its tokens took at the pace of all of them.
func fillUp(prompts []prompt, order []int, heads [][]span) {
	var seconds, tokens float64
	for i, p := range prompts {
		if p.tokens > 0 {
			tokens += p.tokens
			seconds += total(heads[i]).Seconds()
		}
	}
	if tokens <= 0 {
		return
	}
	pace := seconds / tokens
	for n, i := range order {
		p := prompts[i]
		next := slices.IndexFunc(order[n+1:], func(k int) bool { return prompts[k].start.Before(p.end) })
		extra := total(heads[i]).Seconds() - pace*p.tokens
		if next < 0 || extra <= 0 || p.tokens <= 0 {
			continue
		}
		k := order[n+1:][next]
		from := latest(p.end.Add(-time.Duration(extra*float64(time.Second))), prompts[k].start)
		heads[i], heads[k] = cutAt(heads[i], from, heads[k])
	}
}

func total(spans []span) time.Duration {
	var d time.Duration
	for _, s := range spans {
		d += s.length()
	}
	return d
}

// cutAt moves what of spans is later than t to the beginning of rest.
func cutAt(spans []span, t time.Time, rest []span) (before, after []span) {
	var moved []span
	for _, s := range spans {
		if s.start.Before(t) {
			before = append(before, span{s.start, earliest(s.end, t)})
		}
		if s.end.After(t) {
			moved = append(moved, span{latest(s.start, t), s.end})
		}
	}
	return before, append(moved, rest...)
}

// spread lays a prompt's tokens evenly over its times.
func spread(times []span, p prompt, t timing) []Stretch {
	if len(times) == 0 { // read in the batch that gave its first token
		times = []span{{latest(p.start, p.end.Add(-minWork)), p.end}}
	}
	whole := total(times).Seconds()
	tokens := p.tokens
	if tokens <= 0 {
		tokens = whole / t.prefill
	}
	all := make([]Stretch, len(times))
	for i, s := range times {
		all[i] = Stretch{s.start, s.end, tokens * s.length().Seconds() / whole}
	}
	return all
}
