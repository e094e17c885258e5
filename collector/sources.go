package collector

import (
	"context"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
)

// PowerSource measures power. Run blocks until ctx ends and sends windows and
// gaps in time order.
type PowerSource interface {
	Run(ctx context.Context, out chan<- attribution.Measurement) error
}

// LogSource reads one model server's request log. Poll reads what is new; on
// an error it says what it could read before it. One with a method Behind is
// polled again at once while that is true: its last Poll stopped with more to
// read.
type LogSource interface {
	Name() string
	Poll(now time.Time) (attribution.LogUpdate, error)
}

// ProcessSource measures which processes use the machine, over the time since
// it was last asked. ok is false when there is nothing to report yet.
type ProcessSource interface {
	Sample(ctx context.Context, now time.Time) (span attribution.UsageSpan, ok bool, err error)
}

// Sink keeps what was booked. A batch is taken whole or not at all.
type Sink interface {
	Commit(ctx context.Context, b attribution.Batch) error
}

// Reading is a reading of the meter of that name.
type Reading struct {
	Meter string // as in scope.Meter
	attribution.MeterReading
}
