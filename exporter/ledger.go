package exporter

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/exporter/cost"
)

// Build names a build of sovmeter.
type Build struct {
	Version   string // such as "v0.3.0"; empty: not known
	Revision  string // of the source; empty: not known
	GoVersion string
}

// Options are what a Ledger is told once.
type Options struct {
	// Tariff prices the energy. Nil: the price is not known, and there are no
	// cost metrics.
	Tariff cost.Tariff
	Build  Build
	// Started is when the process started, which every counter carries as the
	// time of its zero. Zero: not said.
	Started time.Time
}

// Ledger sums up what was committed and publishes it. Its methods may be
// called from any goroutine.
type Ledger struct {
	options   Options
	catalogue *catalogue

	mu     sync.Mutex // guards books and the order of published snapshots
	books  *books
	latest atomic.Pointer[snapshot]
}

// snapshot is what one scrape shows. Nothing in it changes once published.
type snapshot struct {
	constant []prometheus.Metric
	booked   []prometheus.Metric
	meter    []prometheus.Metric
	health   *Health // nil before the first SetHealth
}

// NewLedger returns a ledger in which nothing is booked.
func NewLedger(o Options) *Ledger {
	l := &Ledger{options: o, catalogue: newCatalogue()}
	l.books = newBooks(l.catalogue, o)
	build := l.catalogue.build.metric(o.Started, 1, label(o.Build.Version), label(o.Build.Revision), label(o.Build.GoVersion))
	l.latest.Store(&snapshot{
		constant: []prometheus.Metric{build},
		booked:   l.books.metrics(),
	})
	return l
}

// Record adds a batch that the store has committed, and publishes the sums.
// Each batch must be recorded once.
func (l *Ledger) Record(b attribution.Batch) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.books.record(b)
	next := *l.latest.Load()
	next.booked = l.books.metrics()
	l.latest.Store(&next)
}

// SetHealth publishes how the meter is doing, in place of what it said before.
func (l *Ledger) SetHealth(h Health) {
	l.mu.Lock()
	defer l.mu.Unlock()
	next := *l.latest.Load()
	next.health = h.clone()
	next.meter = healthMetrics(l.catalogue, l.options.Started, next.health)
	l.latest.Store(&next)
}

// Health returns what SetHealth was told last; false when it was not called.
func (l *Ledger) Health() (Health, bool) {
	h := l.latest.Load().health
	if h == nil {
		return Health{}, false
	}
	return *h.clone(), true
}
