package exporter

import (
	"math"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"google.golang.org/protobuf/proto"
)

// frozenHistogram is a histogram at one moment. client_golang's constant
// histograms are either native or classic; this one is both.
type frozenHistogram struct {
	desc      *prometheus.Desc
	labels    []*dto.LabelPair
	histogram *dto.Histogram // never changed once here
}

// Desc implements prometheus.Metric.
func (f frozenHistogram) Desc() *prometheus.Desc { return f.desc }

// Write implements prometheus.Metric.
func (f frozenHistogram) Write(out *dto.Metric) error {
	out.Label = f.labels
	out.Histogram = f.histogram
	return nil
}

// infinity is the bucket that holds every observation. It is written out only
// to carry an exemplar.
func infinity(count uint64, e *dto.Exemplar) *dto.Bucket {
	return &dto.Bucket{
		CumulativeCount: proto.Uint64(count),
		UpperBound:      proto.Float64(math.Inf(1)),
		Exemplar:        e,
	}
}
