package exporter

import (
	"cmp"
	"maps"
	"math"
	"slices"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/sovmeter/sovmeter/collector/attribution"
)

// maxRemote is how many triples of gateway, provider and model a process names.
const maxRemote = 50

// remoteKey is a triple of label values.
type remoteKey struct{ server, provider, model string }

func (k remoteKey) compare(o remoteKey) int {
	return cmp.Or(cmp.Compare(k.server, o.server), cmp.Compare(k.provider, o.provider), cmp.Compare(k.model, o.model))
}

// remoteBook sums up what one provider's model answered for one gateway.
type remoteBook struct {
	ok, cancelled, failed        int64
	input, cached, write, output tokenCount
	spend                        int64 // in billionths of a dollar
	priced, unpriced             int64 // calls with a known spend, and without
}

// remoteBook returns the book of a call. Once maxRemote triples are named, a new
// model is "other", and so is a provider that none of them has.
func (b *books) remoteBook(c attribution.RemoteCall) *remoteBook {
	k := remoteKey{label(c.Server), orUnknown(c.Provider), orUnknown(c.Model)}
	if _, named := b.remote[k]; !named && len(b.remote) >= maxRemote {
		k = b.otherRemote(k)
	}
	r, ok := b.remote[k]
	if !ok {
		r = &remoteBook{}
		b.remote[k] = r
	}
	return r
}

func (b *books) otherRemote(k remoteKey) remoteKey {
	other := remoteKey{k.server, otherModel, otherModel}
	for named := range b.remote {
		if named.provider == k.provider {
			other.provider = k.provider
			return other
		}
	}
	return other
}

func orUnknown(name string) string {
	if name == "" {
		return unknownModel
	}
	return label(name)
}

func (r *remoteBook) call(c attribution.RemoteCall) {
	switch c.Outcome {
	case attribution.OutcomeCancelled:
		r.cancelled++
	case attribution.OutcomeError:
		r.failed++
	default:
		r.ok++
	}
	r.input.add(c.Input)
	r.cached.add(c.Cached)
	r.write.add(c.CacheWrite)
	r.output.add(c.Output)
	if !c.SpendKnown || c.Spend < 0 {
		r.unpriced++
		return
	}
	r.priced++
	r.spend += min(int64(c.Spend), math.MaxInt64-r.spend)
}

// remoteMetrics freezes what is known of calls served elsewhere.
func (b *books) remoteMetrics() []prometheus.Metric {
	var ms []prometheus.Metric
	for _, k := range slices.SortedFunc(maps.Keys(b.remote), remoteKey.compare) {
		ms = append(ms, b.ofRemote(k, b.remote[k])...)
	}
	return ms
}

func (b *books) ofRemote(k remoteKey, r *remoteBook) []prometheus.Metric {
	c := b.catalogue
	ms := []prometheus.Metric{
		b.count(c.remoteCalls, r.ok, k.model, k.provider, k.server, string(attribution.OutcomeOK)),
		b.count(c.remoteCalls, r.cancelled, k.model, k.provider, k.server, string(attribution.OutcomeCancelled)),
		b.count(c.remoteCalls, r.failed, k.model, k.provider, k.server, string(attribution.OutcomeError)),
		b.count(c.remoteUnpriced, r.unpriced, k.model, k.provider, k.server),
	}
	for _, t := range []struct {
		kind  string
		count tokenCount
	}{{"input", r.input}, {"cached_input", r.cached}, {"cache_write_input", r.write}, {"output", r.output}} {
		if t.count.seen {
			ms = append(ms, b.count(c.remoteTokens, t.count.n, k.model, k.provider, k.server, t.kind))
		}
	}
	if r.priced > 0 {
		ms = append(ms, c.remoteCost.metric(b.started, float64(r.spend)/1e9, k.model, k.provider, k.server, "USD"))
	}
	return ms
}
