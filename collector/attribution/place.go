package attribution

import (
	"slices"
	"time"
)

// maxCompany bounds how long a window waits for the company of a long request
// to end. The order in which requests arrive does not matter up to it.
const maxCompany = 30 * time.Minute

// mostCompany bounds how many others a request is placed among. Servers work on
// some tens at once, and a long request sees many come and go; a log that counts
// the time in a queue has more.
const mostCompany = 300

// placer works out, in the order in which requests began, how the tokens of
// each lie in its time. That depends on all of its company, so it is done when
// the company is known.
type placer struct {
	learner *learner
	warps   *warps
	order   []*tracked // all, by start
	next    int
	active  []*tracked // began before the next one and are not over when it begins
}

// until places the requests that began before t.
func (p *placer) until(t time.Time) {
	for ; p.next < len(p.order) && p.order[p.next].Request.Start.Before(t); p.next++ {
		r := p.order[p.next]
		p.active = slices.DeleteFunc(p.active, func(o *tracked) bool {
			return !o.phases(r.Request.Start).whole.end.After(r.Request.Start) && !o.Request.End.IsZero()
		})
		if !r.Placed && !r.Request.End.IsZero() {
			p.place(r)
		}
		p.active = append(p.active, r)
	}
}

// place finds when r's prompt is read and its pace, and learns from how long
// both took.
func (p *placer) place(r *tracked) {
	m := p.learner.of(r.key())
	whole := r.phases(r.Request.End).whole
	company := []*tracked{r}
	add := func(o *tracked) {
		if o.key() == r.key() && len(company) <= mostCompany {
			company = append(company, o)
		}
	}
	for _, o := range p.active {
		add(o)
	}
	for _, o := range p.order[p.next+1:] {
		if !o.Request.Start.Before(whole.end) {
			break
		}
		add(o)
	}
	seen := p.seen(company, whole, m.Coefficients.timing())
	end := p.warps.of(r.Request.Server).at(whole.end)
	members := membersOf(seen, end, m.Coefficients.timing())
	placing := place(seen[0], members[0], members, m.Coefficients.timing())
	r.Placed, r.Pace, r.Reading = true, placing.pace, members[0].reads
	r.DecodeStart, r.DecodeEnd = members[0].decode.start, members[0].decode.end
	if !guessable(r.Request) && !coarse(r.Request) {
		m.observeTime(placing.rows)
	}
}

// seen are the requests of company, the first of which is placed now, in their
// server's own time and with guesses in place of what their log does not say.
func (p *placer) seen(company []*tracked, view span, t timing) []Request {
	own := p.warps.of(company[0].Request.Server)
	seen := make([]Request, len(company))
	for i, o := range company {
		seen[i] = o.Guess.with(own.seenRequest(refined(o.Request, t), view))
	}
	end := own.at(view.end)
	// The company is guessed as if it were alone: guessing everybody among
	// everybody costs more than it tells.
	for i, o := range company[1:] {
		if !o.Placed && guessable(o.Request) {
			seen[i+1] = guess(0, seen[i+1:i+2], end, t).with(seen[i+1])
		}
	}
	if o := company[0]; guessable(o.Request) {
		o.Guess = guess(0, seen, end, t)
		seen[0] = o.Guess.with(seen[0])
	}
	return seen
}

// membersOf are the requests of one model as they see each other.
func membersOf(company []Request, until time.Time, t timing) []member {
	reads := make([][]Stretch, len(company))
	var prompts []prompt
	var of []int
	for i, r := range company {
		if q, ok := promptOf(r, phasesOf(r, until)); ok {
			prompts, of = append(prompts, q), append(of, i)
		}
	}
	for i, stretches := range readings(prompts, t) {
		reads[of[i]] = stretches
	}
	members := make([]member, len(company))
	for i, r := range company {
		members[i] = memberOf(r, phasesOf(r, until), reads[i], Pace{})
	}
	return members
}
