package exporter

import "github.com/prometheus/client_golang/prometheus"

// Collector hands a Ledger's latest snapshot to Prometheus. It does no I/O and
// takes no lock.
type Collector struct{ ledger *Ledger }

// NewCollector returns a collector for l.
func NewCollector(l *Ledger) *Collector { return &Collector{ledger: l} }

// Describe implements prometheus.Collector.
func (c *Collector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range c.ledger.catalogue.all {
		ch <- d.desc
	}
}

// Collect implements prometheus.Collector.
func (c *Collector) Collect(ch chan<- prometheus.Metric) {
	s := c.ledger.latest.Load()
	for _, part := range [][]prometheus.Metric{s.constant, s.booked, s.meter} {
		for _, m := range part {
			ch <- m
		}
	}
}
