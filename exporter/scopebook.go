package exporter

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
)

// scopeBook is what was measured at one scope.
type scopeBook struct {
	seconds sum
	err     sum // joules; of a whole machine only
}

func (s *scopeBook) add(start, end time.Time, err energy.Joules) {
	s.seconds.add(end.Sub(start).Seconds())
	s.err.add(float64(err))
}

// scopeBook is that of a scope; without a name it is the SoC's.
func (b *books) scopeBook(scope attribution.Scope) *scopeBook {
	scope = cmp.Or(scope, attribution.ScopeSoC)
	s, ok := b.scopes[scope]
	if !ok {
		s = &scopeBook{}
		b.scopes[scope] = s
	}
	return s
}

// meterSeen tells whether a meter told what the whole machine draws: before, what
// gaps took is unknown, and afterwards none so far. A calibration tells nothing of
// them.
func (b *books) meterSeen() bool {
	for scope := range b.scopes {
		if scope.Whole() && scope != attribution.ScopeCalibrated {
			return true
		}
	}
	return false
}

func (b *books) scopeMetrics() []prometheus.Metric {
	c := b.catalogue
	var ms []prometheus.Metric
	if b.scope != "" {
		ms = append(ms, c.scope.metric(b.started, 1, label(string(b.scope))))
	}
	for _, scope := range slices.Sorted(maps.Keys(b.scopes)) {
		s := b.scopes[scope]
		ms = append(ms, c.scopeTime.metric(b.started, s.seconds.value(), label(string(scope))))
		if scope.Whole() {
			ms = append(ms, c.scopeError.metric(b.started, s.err.value(), label(string(scope))))
		}
	}
	return ms
}
