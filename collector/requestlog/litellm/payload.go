package litellm

import (
	"strings"
	"time"

	"github.com/sovmeter/sovmeter/collector/requestlog"
)

// count is a number that may be unknown.
type count struct {
	N     int64 `cbor:"1,keyasint"`
	Known bool  `cbor:"2,keyasint"`
}

// seen are the keys that make a line a payload, whatever their values.
type seen uint8

const (
	seenCall seen = 1 << iota
	seenStart
	seenEnd
	seenAll = seenCall | seenStart | seenEnd
)

// payload is what is kept of one call while its lines are read.
type payload struct {
	Seen      seen   `cbor:"1,keyasint"`
	Bad       bool   `cbor:"2,keyasint"` // a value on the allow-list is not what it should be
	Sentence  bool   `cbor:"3,keyasint"` // a log message that is not an object: what its line holds is not to be believed
	ID        string `cbor:"4,keyasint"`
	Inference bool   `cbor:"5,keyasint"`
	Failed    bool   `cbor:"6,keyasint"`
	Hit       bool   `cbor:"7,keyasint"`
	Model     string `cbor:"8,keyasint"`
	Provider  string `cbor:"9,keyasint"`
	Target    target `cbor:"10,keyasint"`
	Start     int64  `cbor:"11,keyasint"` // Unix ns; 0: not told
	First     int64  `cbor:"12,keyasint"`
	End       int64  `cbor:"13,keyasint"`
	Prompt    count  `cbor:"14,keyasint"`
	Output    count  `cbor:"15,keyasint"`
	Read      count  `cbor:"16,keyasint"` // from a cache
	Written   count  `cbor:"17,keyasint"` // to a cache
	Cost      count  `cbor:"18,keyasint"` // billionths of a dollar
	Unpriced  bool   `cbor:"19,keyasint"`
	Alias     string `cbor:"20,keyasint"`
	User      string `cbor:"21,keyasint"`
	Team      string `cbor:"22,keyasint"`
	TeamID    string `cbor:"23,keyasint"`
	Project   string `cbor:"24,keyasint"`
}

func (pl *payload) complete() bool { return pl.Seen == seenAll && !pl.Sentence }

// set takes the value of a field. It is false for one that says nothing.
func (p *Parser) set(pl *payload, f field, raw []byte) bool {
	switch f {
	case fieldCall:
		pl.Seen |= seenCall
		s, _ := text(raw)
		pl.Inference = inference(s)
	case fieldStart:
		pl.Seen |= seenStart
		pl.time(&pl.Start, raw, p.opt.Zone)
	case fieldEnd:
		pl.Seen |= seenEnd
		pl.time(&pl.End, raw, p.opt.Zone)
	}
	if string(raw) == "null" {
		return false
	}
	switch f {
	case fieldFirst:
		pl.time(&pl.First, raw, p.opt.Zone)
	case fieldPrompt:
		pl.count(&pl.Prompt, raw)
	case fieldOutput:
		pl.count(&pl.Output, raw)
	case fieldRead:
		pl.larger(&pl.Read, raw)
	case fieldWritten:
		pl.larger(&pl.Written, raw)
	case fieldCost:
		n, zero, ok := nanos(raw)
		pl.Bad = pl.Bad || !ok || n > maxSpend*1e9
		pl.Cost = count{n, !zero}
	case fieldUnpriced:
		pl.Unpriced = true
	case fieldStatus:
		s, _ := text(raw)
		pl.Failed = s == "failure"
		pl.Bad = pl.Bad || s != "failure" && s != "success" && s != ""
	case fieldHit:
		pl.Hit = strings.EqualFold(strings.Trim(string(raw), `"`), "true")
	default:
		p.setName(pl, f, raw)
	}
	return true
}

// setName takes the value of a field that is text.
func (p *Parser) setName(pl *payload, f field, raw []byte) {
	s, _ := text(raw)
	switch f {
	case fieldID:
		pl.ID = requestlog.Model(s)
	case fieldModel:
		pl.Model = requestlog.Model(s)
	case fieldProvider:
		pl.Provider = requestlog.Model(s)
	case fieldBase:
		if len(raw) > 2 {
			pl.Target = targetOf(s, p.hosts)
		}
	case fieldAlias:
		pl.Alias = tag(s)
	case fieldUser:
		if t := tag(s); t != "" {
			pl.User = t
		}
	case fieldTeam:
		pl.Team = tag(s)
	case fieldTeamID:
		if t := tag(s); t != "" {
			pl.TeamID = t
		}
	case fieldProject:
		pl.Project = tag(s)
	}
}

func (pl *payload) time(to *int64, raw []byte, zone *time.Location) {
	n, ok := timeOf(raw, zone)
	pl.Bad = pl.Bad || !ok
	*to = n
}

func (pl *payload) count(to *count, raw []byte) {
	n, ok := countOf(raw)
	pl.Bad = pl.Bad || !ok
	*to = count{n, true}
}

// larger keeps the larger of two tellings: providers name the cached tokens
// twice, and leave one of them 0.
func (pl *payload) larger(to *count, raw []byte) {
	before := to.N
	pl.count(to, raw)
	to.N = max(to.N, before)
}

// tag returns a name that may be kept: not a key, the hash of one, or somebody's
// mail address.
func tag(s string) string {
	s = requestlog.Model(s)
	if strings.HasPrefix(s, "sk-") || strings.Contains(s, "@") {
		return ""
	}
	if len(s) >= 32 && strings.Trim(s, "0123456789abcdefABCDEF") == "" {
		return ""
	}
	return s
}

// inference is true for the kinds of calls that make a model work. LiteLLM names
// most of them twice, with an "a" before the asynchronous one.
func inference(call string) bool {
	switch strings.TrimPrefix(call, "a") {
	case "completion", "text_completion", "embedding", "responses", "nthropic_messages", "rerank",
		"moderation", "image_generation", "image_edit", "image_variation", "transcription", "speech",
		"generate_content", "generate_content_stream", "llm_passthrough_route":
		return true
	}
	return call == "pass_through_endpoint"
}
