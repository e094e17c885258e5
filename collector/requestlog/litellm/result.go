package litellm

import (
	"strconv"
	"strings"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
)

func unix(ns int64) time.Time { return time.Unix(0, ns).UTC() }

func (c count) of() attribution.Count { return attribution.Count{N: c.N, Known: c.Known} }

// request is a call that this machine served.
func (p *Parser) request(pl *payload, offset int64) attribution.Request {
	r := attribution.Request{
		ID: p.id(pl, offset), Server: p.opt.Server, Model: pl.model(),
		Start: unix(pl.Start), End: unix(pl.End), Outcome: pl.outcome(), Position: offset,
		Client: pl.client(), Project: pl.project(),
	}
	if p.opt.Model != "" {
		r.Model = p.opt.Model
	}
	if pl.First > pl.Start && pl.First < pl.End {
		r.FirstToken = unix(pl.First)
	}
	if !pl.counted() {
		return r
	}
	r.Output, r.Cached = pl.Output.of(), pl.Read.of()
	if !r.Cached.Known && p.opt.NoCache && pl.Prompt.Known {
		r.Cached = attribution.Known(0)
	}
	if pl.Prompt.Known && r.Cached.Known && r.Cached.N <= pl.Prompt.N {
		r.Input = attribution.Known(pl.Prompt.N - r.Cached.N)
	}
	if pl.Prompt.Known && pl.Output.Known {
		r.Context = attribution.Known(pl.Prompt.N + pl.Output.N)
	}
	return r
}

// call is a call that another machine served.
func (p *Parser) call(pl *payload, offset int64) attribution.RemoteCall {
	c := attribution.RemoteCall{
		ID: p.id(pl, offset), Server: p.opt.Server, Provider: pl.Provider, Model: pl.model(),
		Start: unix(pl.Start), End: unix(pl.End), Outcome: pl.outcome(), Position: offset,
		Client: pl.client(), Project: pl.project(),
	}
	if pl.Cost.Known && !pl.Unpriced {
		c.Spend, c.SpendKnown = attribution.NanoUSD(pl.Cost.N), true
	}
	if !pl.counted() {
		return c
	}
	c.Cached, c.CacheWrite, c.Output = pl.Read.of(), pl.Written.of(), pl.Output.of()
	if fresh := pl.Prompt.N - pl.Read.N - pl.Written.N; pl.Prompt.Known && fresh >= 0 {
		c.Input = attribution.Known(fresh)
	}
	return c
}

// counted is false when the tokens are 0 because LiteLLM does not know them: no
// call that was served has none.
func (pl *payload) counted() bool { return pl.Prompt.N > 0 || pl.Output.N > 0 }

// id names the call. A retried one has the same id each time, so the start is
// part of it.
func (p *Parser) id(pl *payload, offset int64) string {
	name := pl.ID
	if name == "" {
		name = strconv.FormatInt(offset, 10)
	}
	return p.opt.Server + "/" + name + "/" + strconv.FormatInt(pl.Start/int64(time.Millisecond), 10)
}

func (pl *payload) outcome() attribution.Outcome {
	if pl.Failed {
		return attribution.OutcomeError
	}
	return attribution.OutcomeOK
}

// model is the model's name without the provider before it.
func (pl *payload) model() string {
	if pl.Provider == "" {
		return pl.Model
	}
	return strings.TrimPrefix(pl.Model, pl.Provider+"/")
}

func (pl *payload) client() string {
	if pl.Alias != "" {
		return pl.Alias
	}
	return pl.User
}

func (pl *payload) project() string {
	switch {
	case pl.Project != "":
		return pl.Project
	case pl.Team != "":
		return pl.Team
	}
	return pl.TeamID
}
