package mlx

import (
	"slices"
	"strconv"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/requestlog"
)

const (
	// maxPosts bounds the requests whose prompt is awaited.
	maxPosts = 64
	// postAge is how long a request's prompt is awaited while others begin.
	postAge = 10 * time.Minute
	// promptTail is how many tokens of a prompt the progress lines may leave
	// out: batches run the last few together with the first step.
	promptTail = 16
)

// post is a request that mlx_lm.server has begun, until its prompt is done.
type post struct {
	At     moment `cbor:"1,keyasint"`
	Offset int64  `cbor:"2,keyasint"`
	Total  int64  `cbor:"3,keyasint"` // fresh prompt tokens; 0: not told yet
	Unsure bool   `cbor:"4,keyasint"` // a prompt could be this request's or another's
}

// post takes a line of mlx_lm.server.
func (p *Parser) post(m message, at moment, l requestlog.Line) requestlog.Verdict {
	if m.kind == progress {
		return p.progress(m, at)
	}
	switch {
	case m.n >= 400 && m.n < 500 && m.n != 404: // refused
		return requestlog.Ignored
	case m.n >= 400: // the model could not be loaded, or it failed
		p.hand(post{At: at, Offset: l.Offset}, moment{}, attribution.OutcomeError)
		return requestlog.Used
	}
	old := 0
	for old < len(p.posts) && (len(p.posts)-old >= maxPosts || at.Wall-p.posts[old].At.Wall > int64(postAge)) {
		old++
	}
	p.flushPosts(old)
	p.posts = append(p.posts, post{At: at, Offset: l.Offset})
	return requestlog.Used
}

// progress joins a line to the request it is of: the one with a prompt of that
// length, or else the only one whose length is not known. Where there are
// several, their lengths are left unknown rather than guessed.
func (p *Parser) progress(m message, at moment) requestlog.Verdict {
	i := slices.IndexFunc(p.posts, func(o post) bool { return o.Total == m.total })
	if i < 0 && m.total > 0 {
		i = p.openPost(m.total)
	}
	if i < 0 {
		return requestlog.Ignored
	}
	if m.total-m.n <= promptTail {
		p.hand(p.posts[i], at, attribution.OutcomeOK)
		p.posts = slices.Delete(p.posts, i, i+1)
	}
	return requestlog.Used
}

// openPost gives a length to the only request without one. It returns -1 when
// there is none, or more than one.
func (p *Parser) openPost(total int64) int {
	open := -1
	for i, o := range p.posts {
		if o.Total != 0 || o.Unsure {
			continue
		}
		if open >= 0 {
			p.blur()
			return -1
		}
		open = i
	}
	if open >= 0 {
		p.posts[open].Total = total
	}
	return open
}

// blur notes that a prompt was one of several requests'.
func (p *Parser) blur() {
	for i := range p.posts {
		if p.posts[i].Total == 0 {
			p.posts[i].Unsure = true
		}
	}
}

// flushPosts hands over the oldest n requests as they are.
func (p *Parser) flushPosts(n int) {
	for _, o := range p.posts[:n] {
		p.hand(o, moment{}, attribution.OutcomeOK)
	}
	p.posts = slices.Delete(p.posts, 0, n)
}

// hand hands over a request of mlx_lm.server, whose end no line tells.
func (p *Parser) hand(o post, first moment, outcome attribution.Outcome) {
	r := attribution.Request{
		ID:     p.id(strconv.FormatInt(o.At.Wall/int64(time.Second), 10), uint64(o.Offset)),
		Server: p.opt.Server, Model: p.model(""), Outcome: outcome,
		Start: o.At.time(), Uncertainty: o.At.Off, Position: o.Offset,
	}
	if o.Total > 0 {
		r.Input = attribution.Known(o.Total)
	}
	if first.Known && first.Wall >= o.At.Wall-int64(o.At.Off) {
		r.FirstToken = first.time()
		if r.FirstToken.Before(r.Start) {
			r.FirstToken = r.Start
		}
	}
	p.requests = append(p.requests, r)
}
