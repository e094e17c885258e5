package exporter

import (
	"cmp"
	"maps"
	"slices"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/exporter/cost"
)

// metrics freezes the sums as they are now.
func (b *books) metrics() []prometheus.Metric {
	ms := b.system()
	for _, k := range slices.SortedFunc(maps.Keys(b.models), modelKey.compare) {
		ms = append(ms, b.ofModel(k, b.models[k])...)
	}
	for _, model := range slices.Sorted(maps.Keys(b.requests)) {
		ms = append(ms, b.requests[model].metric())
	}
	ms = append(ms, b.remoteMetrics()...)
	ms = append(ms, b.learnedMetrics()...)
	return append(ms, b.prices()...)
}

func (k modelKey) compare(o modelKey) int {
	return cmp.Or(cmp.Compare(k.server, o.server), cmp.Compare(k.model, o.model))
}

func (b *books) system() []prometheus.Metric {
	c := b.catalogue
	ms := []prometheus.Metric{
		b.count(c.late, b.late),
		b.count(c.unmetered, b.unmetered),
	}
	for i, name := range [sinks]string{"inference", "baseline", "model_load", "server_other", "other_processes", "unexplained", "gap"} {
		if i != sinkGap || b.meterSeen() {
			ms = append(ms, c.sink.metric(b.started, b.sinks[i].value(), name))
		}
	}
	for i, name := range railNames() {
		if b.rails[i].seen {
			ms = append(ms, c.rail.metric(b.started, b.rails[i].value(), name))
		}
	}
	for _, reason := range slices.Sorted(maps.Keys(b.gaps)) {
		ms = append(ms, c.gaps.metric(b.started, b.gaps[reason].value(), label(string(reason))))
	}
	return append(ms, b.scopeMetrics()...)
}

func railNames() [rails]string { return [rails]string{"cpu", "gpu", "ane"} }

func (b *books) ofModel(k modelKey, m *modelBook) []prometheus.Metric {
	c := b.catalogue
	ms := []prometheus.Metric{
		c.inference.metric(b.started, m.prefill.value(), k.model, k.server, string(attribution.PhasePrefill)),
		c.inference.metric(b.started, m.decode.value(), k.model, k.server, string(attribution.PhaseDecode)),
		c.inferenceError.metric(b.started, m.err.value(), k.model, k.server),
		b.count(c.requests, m.ok, k.model, k.server, string(attribution.OutcomeOK)),
		b.count(c.requests, m.cancelled, k.model, k.server, string(attribution.OutcomeCancelled)),
		b.count(c.requests, m.failed, k.model, k.server, string(attribution.OutcomeError)),
		b.count(c.unknownTokens, m.unknownTokens, k.model, k.server),
		b.count(c.estimatedTokens, m.estimatedTokens, k.model, k.server),
	}
	for _, t := range []struct {
		kind  string
		count tokenCount
	}{{"input", m.input}, {"cached_input", m.cached}, {"output", m.output}} {
		if t.count.seen {
			ms = append(ms, b.count(c.tokens, t.count.n, k.model, k.server, t.kind))
		}
	}
	return append(ms, b.costOf(k, m)...)
}

func (b *books) costOf(k modelKey, m *modelBook) []prometheus.Metric {
	if b.tariff == nil {
		return nil
	}
	ms := b.costSoFar(m.marginal, k, cost.Marginal)
	ms = append(ms, b.costSoFar(m.active, k, cost.Active)...)
	price, ok := b.tariff.At(m.rate.closed.slot)
	if !ok {
		return ms
	}
	for _, p := range []struct {
		phase attribution.Phase
		used  tokenEnergy
	}{{attribution.PhasePrefill, m.rate.closed.prefill}, {attribution.PhaseDecode, m.rate.closed.decode}} {
		if rate, ok := p.used.perMtok(price); ok {
			ms = append(ms, b.catalogue.perToken.metric(b.started, rate.PerToken(), k.model, k.server, string(p.phase), b.currency()))
		}
	}
	return ms
}

// prices are the metrics of the whole machine that a tariff makes possible.
func (b *books) prices() []prometheus.Metric {
	if b.tariff == nil {
		return nil
	}
	ms := b.costSoFar(b.dedicated, modelKey{server: allLabel, model: allLabel}, cost.Dedicated)
	ms = append(ms, b.catalogue.unpriced.metric(b.started, b.dedicated.unpriced.value()))
	if b.price != nil {
		ms = append(ms, b.catalogue.price.metric(b.started, b.price.Units(), b.currency()))
	}
	return ms
}

func (b *books) costSoFar(m *meter, k modelKey, basis cost.Basis) []prometheus.Metric {
	total, ok := m.value()
	if !ok {
		return nil
	}
	labels := []string{k.model, k.server, string(basis), b.currency()}
	ms := []prometheus.Metric{b.catalogue.cost.metric(b.started, total.paid.Units(), labels...)}
	if total.credit.Nanos > 0 {
		ms = append(ms, b.catalogue.credit.metric(b.started, total.credit.Units(), labels...))
	}
	return ms
}

func (b *books) currency() string { return string(b.tariff.Currency()) }

func (b *books) count(d *descriptor, n int64, labels ...string) prometheus.Metric {
	return d.metric(b.started, float64(n), labels...)
}
