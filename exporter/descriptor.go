package exporter

import (
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// kind is the type of a metric.
type kind string

const (
	kindCounter   kind = "counter"
	kindGauge     kind = "gauge"
	kindHistogram kind = "histogram"
)

// descriptor is everything that is said about one metric. Its name is made
// from its parts, so name, unit, type and help cannot drift apart.
type descriptor struct {
	name   string
	help   string
	unit   string // a base unit, or empty for a plain count, ratio or info
	kind   kind
	labels []string
	desc   *prometheus.Desc
}

// describe builds sovmeter_<subject>[_<unit>][_total].
func describe(k kind, subject, unit, help string, labels []string) *descriptor {
	parts := []string{"sovmeter"}
	for _, p := range []string{subject, unit} {
		if p != "" {
			parts = append(parts, p)
		}
	}
	if k == kindCounter {
		parts = append(parts, "total")
	}
	name := strings.Join(parts, "_")
	return &descriptor{
		name: name, help: help, unit: unit, kind: k, labels: labels,
		desc: prometheus.V2.NewDesc(name, help, prometheus.UnconstrainedLabels(labels), nil, prometheus.WithUnit(unit)),
	}
}

// metric freezes one value. Label values are in the order of d.labels. A
// counter says since when it counts, unless started is zero. An error shows at
// the scrape.
func (d *descriptor) metric(started time.Time, value float64, labels ...string) prometheus.Metric {
	m, err := d.constMetric(started, value, labels)
	if err != nil {
		return prometheus.NewInvalidMetric(d.desc, err)
	}
	return m
}

func (d *descriptor) constMetric(started time.Time, value float64, labels []string) (prometheus.Metric, error) {
	if d.kind == kindGauge {
		return prometheus.NewConstMetric(d.desc, prometheus.GaugeValue, value, labels...)
	}
	if started.IsZero() {
		return prometheus.NewConstMetric(d.desc, prometheus.CounterValue, value, labels...)
	}
	return prometheus.NewConstMetricWithCreatedTimestamp(d.desc, prometheus.CounterValue, value, started, labels...)
}
