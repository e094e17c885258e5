package exporter

import (
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/store"
)

// learn takes over what an engine's state has learned, in place of what was
// known before.
func (b *books) learn(s attribution.State) {
	b.learned = store.LearnedOf(s)
	b.quiet = time.Time{}
	if n := len(s.Quiet); n > 0 {
		b.quiet = s.Quiet[n-1].Start
	}
	if s.Step.Length > 0 && s.Step.Start.After(b.quiet) {
		b.quiet = s.Step.Start
	}
}

// learnedMetrics tell what is learned of the models that have a name already
// and, while names are left, of those that were learned of last: a store
// remembers models that this process never met.
func (b *books) learnedMetrics() []prometheus.Metric {
	var ms []prometheus.Metric
	if !b.quiet.IsZero() {
		ms = append(ms, b.catalogue.baselineSeen.metric(b.started, unixSeconds(b.quiet)))
	}
	newest := slices.Clone(b.learned)
	slices.SortStableFunc(newest, func(x, y store.Learned) int { return y.Last.Compare(x.Last) })
	free := maxModels - len(b.models)
	told := map[modelKey]bool{}
	for _, l := range newest {
		k := labelsOf(l.Server, l.Model)
		_, named := b.models[k]
		if told[k] || !named && free <= 0 { // two long names may have one label
			continue
		}
		if !named {
			free--
		}
		told[k] = true
		ms = append(ms, b.learnedOf(k, l)...)
	}
	return ms
}

func (b *books) learnedOf(k modelKey, l store.Learned) []prometheus.Metric {
	c := b.catalogue
	ms := []prometheus.Metric{
		c.learnedRows.metric(b.started, l.Rows, k.model, k.server),
		c.learnedAt.metric(b.started, unixSeconds(l.Last), k.model, k.server),
	}
	for _, p := range []struct {
		phase attribution.Phase
		token store.TokenEnergy
	}{{attribution.PhasePrefill, l.Prefill}, {attribution.PhaseDecode, l.Decode}} {
		if p.token.Known {
			ms = append(ms,
				c.token.metric(b.started, float64(p.token.Energy), k.model, k.server, string(p.phase)),
				c.tokenError.metric(b.started, float64(p.token.Error), k.model, k.server, string(p.phase)))
		}
	}
	if l.Decode.Known {
		ms = append(ms,
			c.step.metric(b.started, float64(l.Step), k.model, k.server),
			c.batch.metric(b.started, l.Batch, k.model, k.server))
	}
	return ms
}

func unixSeconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1e3 }
