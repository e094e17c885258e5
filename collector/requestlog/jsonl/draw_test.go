package jsonl_test

import (
	"time"

	"pgregory.net/rapid"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/collector/requestlog/jsonl"
)

func drawRecord(t *rapid.T) jsonl.Record {
	switch rapid.IntRange(0, 2).Draw(t, "kind") {
	case 0:
		return jsonl.Record{Remote: drawCall(t)}
	case 1:
		return jsonl.Record{Request: drawRequest(t), Charge: drawCharge(t)}
	}
	return jsonl.Record{Request: drawRequest(t)}
}

func drawRequest(t *rapid.T) attribution.Request {
	text, tag := rapid.StringMatching(`[a-zA-Z0-9._:/@+=#-]{1,40}`), rapid.StringMatching(`[a-zA-Z0-9._:/@+=#-]{0,40}`)
	count := func(name string) attribution.Count { return drawCount(t, name) }
	took := rapid.Int64Range(0, int64(time.Hour)).Draw(t, "took")
	r := attribution.Request{
		ID: text.Draw(t, "id"), Server: text.Draw(t, "server"), Model: text.Draw(t, "model"),
		Client: tag.Draw(t, "client"), Project: tag.Draw(t, "project"), TokensEstimated: rapid.Bool().Draw(t, "estimated"),
		Start: start.Add(time.Duration(rapid.Int64Range(-1e18, 1e18).Draw(t, "start"))),
		Input: count("input"), Cached: count("cached"), Output: count("output"), Context: count("context"),
		Outcome:     rapid.SampledFrom([]attribution.Outcome{attribution.OutcomeOK, attribution.OutcomeCancelled, attribution.OutcomeError}).Draw(t, "outcome"),
		Uncertainty: time.Duration(rapid.Int64Range(0, int64(24*time.Hour)).Draw(t, "uncertainty")),
	}
	r.End = r.Start.Add(time.Duration(took))
	if rapid.Bool().Draw(t, "first token known") {
		r.FirstToken = r.Start.Add(time.Duration(rapid.Int64Range(0, took).Draw(t, "first token")))
	}
	return r
}

func drawCount(t *rapid.T, name string) attribution.Count {
	if !rapid.Bool().Draw(t, name+" known") {
		return attribution.Count{}
	}
	return attribution.Known(rapid.Int64Range(0, 1e11).Draw(t, name))
}

func drawCall(t *rapid.T) *attribution.RemoteCall {
	q := drawRequest(t)
	return &attribution.RemoteCall{
		ID: q.ID, Server: q.Server, Provider: q.Client, Model: q.Model, Start: q.Start, End: q.End, Outcome: q.Outcome,
		Input: q.Input, Cached: q.Cached, CacheWrite: drawCount(t, "cache write"), Output: q.Output, Client: q.Client, Project: q.Project,
		Spend: attribution.NanoUSD(rapid.Int64Range(0, 1e15).Draw(t, "spend")), SpendKnown: true,
	}
}

func drawCharge(t *rapid.T) *jsonl.Charge {
	c := &jsonl.Charge{
		Tier:    rapid.SampledFrom([]attribution.Tier{"", attribution.TierMeasured, attribution.TierShared, attribution.TierEstimated}).Draw(t, "tier"),
		Covered: rapid.Float64Range(0, 1).Draw(t, "covered"), Late: rapid.Bool().Draw(t, "late"),
		EnergyKnown: rapid.Bool().Draw(t, "energy known"),
	}
	if c.EnergyKnown {
		joules := rapid.Float64Range(0, 1e9)
		c.Prefill, c.Decode = energy.Joules(joules.Draw(t, "prefill")), energy.Joules(joules.Draw(t, "decode"))
		c.Error = energy.Joules(joules.Draw(t, "error"))
		c.Driver = rapid.SampledFrom([]attribution.Driver{"", attribution.DriverAmount, attribution.DriverSharing, attribution.DriverSensor, attribution.DriverGap}).Draw(t, "driver")
	}
	return c
}
