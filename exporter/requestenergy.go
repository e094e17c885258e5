package exporter

import (
	"slices"
	"time"
	"unicode/utf8"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/sovmeter/sovmeter/collector/attribution"
)

// requestEnergy is the distribution of the energy of one model's requests: a
// native histogram, and classic buckets for servers that do not take those.
type requestEnergy struct {
	desc      *prometheus.Desc
	started   time.Time
	histogram prometheus.Histogram
	bounds    []float64
	exemplars []*dto.Exemplar   // the last request of each classic bucket, the last being +Inf
	frozen    prometheus.Metric // nil after an observation
}

// requestBuckets, in joules, cover a short answer of a small model to a long
// one of a large model: 0.1 to 20 J per output token.
func requestBuckets() []float64 {
	return []float64{1, 3, 10, 30, 100, 300, 1000, 3000, 10_000, 30_000}
}

func newRequestEnergy(c *catalogue, started time.Time, model string) *requestEnergy {
	d := c.requestEnergy
	bounds := requestBuckets()
	return &requestEnergy{
		desc:    d.desc,
		started: started,
		bounds:  bounds,
		histogram: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: d.name, Help: d.help, Unit: d.unit,
			ConstLabels: prometheus.Labels{d.labels[0]: model},
			Buckets:     bounds,
			// At most 10 % between two native buckets. No minimal reset
			// duration: resolution is given up before a counter is reset.
			NativeHistogramBucketFactor:    1.1,
			NativeHistogramMaxBucketNumber: 100,
		}),
		exemplars: make([]*dto.Exemplar, len(bounds)+1),
	}
}

// observe adds a request with known energy.
func (r *requestEnergy) observe(c attribution.Charge) {
	joules := float64(c.Energy())
	r.histogram.Observe(joules)
	r.frozen = nil
	if e := exemplar(c.Request.ID, joules, c.Request.End); e != nil {
		bucket, _ := slices.BinarySearch(r.bounds, joules)
		r.exemplars[bucket] = e
	}
}

// exemplar names the request of an observation; nil for an id that the format
// does not allow: OpenMetrics has 128 characters for the label and its name.
func exemplar(id string, joules float64, end time.Time) *dto.Exemplar {
	const name = "request_id"
	if id == "" || !utf8.ValidString(id) || utf8.RuneCountInString(id)+len(name) > 128 {
		return nil
	}
	return &dto.Exemplar{
		Label:     []*dto.LabelPair{{Name: proto.String(name), Value: proto.String(id)}},
		Value:     proto.Float64(joules),
		Timestamp: timestamppb.New(end),
	}
}

// metric freezes the distribution as it is now.
func (r *requestEnergy) metric() prometheus.Metric {
	if r.frozen == nil {
		r.frozen = r.freeze()
	}
	return r.frozen
}

func (r *requestEnergy) freeze() prometheus.Metric {
	var m dto.Metric
	if err := r.histogram.Write(&m); err != nil {
		return prometheus.NewInvalidMetric(r.desc, err)
	}
	h := m.Histogram
	for i, e := range r.exemplars[:len(r.bounds)] {
		h.Bucket[i].Exemplar = e
	}
	if e := r.exemplars[len(r.bounds)]; e != nil {
		h.Bucket = append(h.Bucket, infinity(h.GetSampleCount(), e))
	}
	h.CreatedTimestamp = nil
	if !r.started.IsZero() {
		h.CreatedTimestamp = timestamppb.New(r.started)
	}
	return frozenHistogram{desc: r.desc, labels: m.Label, histogram: h}
}
