package attribution

import (
	"slices"
	"strings"
	"time"
)

// of narrows c to one server.
func (c company) of(server string) company {
	only := company{from: c.from, to: c.to}
	for _, r := range c.requests {
		if r.Request.Server == server {
			only.requests = append(only.requests, r)
		}
	}
	for _, l := range c.loads {
		if l.Server == server {
			only.loads = append(only.loads, l)
		}
	}
	return only
}

func (c company) loadSpans() []span {
	spans := make([]span, len(c.loads))
	for i, l := range c.loads {
		spans[i] = spanOfLoad(l, c.to)
	}
	return spans
}

// spanOfLoad places a load; one that has not ended runs on until "until".
func spanOfLoad(l ModelLoad, until time.Time) span {
	if l.End.IsZero() {
		return span{l.Start, until}
	}
	return span{l.Start, l.End}
}

// busy is how much of the window had a request in flight, in all and by model.
func (c company) busy() (time.Duration, []ModelBusy) {
	switch len(c.requests) {
	case 0:
		return 0, nil
	case 1:
		r := c.requests[0]
		d := r.phases(c.to).whole.overlap(c.from, c.to)
		return d, []ModelBusy{{r.Request.Server, r.Request.Model, d}}
	}
	type key struct{ server, model string }
	all := make([]span, 0, len(c.requests))
	by := map[key][]span{}
	for _, r := range c.requests {
		s := r.phases(c.to).whole
		all = append(all, s)
		k := key{r.Request.Server, r.Request.Model}
		by[k] = append(by[k], s)
	}
	models := make([]ModelBusy, 0, len(by))
	for k, spans := range by {
		models = append(models, ModelBusy{k.server, k.model, union(spans, c.from, c.to)})
	}
	slices.SortFunc(models, func(x, y ModelBusy) int {
		if d := strings.Compare(x.Server, y.Server); d != 0 {
			return d
		}
		return strings.Compare(x.Model, y.Model)
	})
	return union(all, c.from, c.to), models
}

// times are the times of the requests in the window.
func (c company) times() []float64 {
	times := make([]float64, len(c.requests))
	for i, r := range c.requests {
		times[i] = r.phases(c.to).whole.overlap(c.from, c.to).Seconds()
	}
	return times
}
