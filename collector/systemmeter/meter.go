package systemmeter

import (
	"context"

	"github.com/sovmeter/sovmeter/collector/attribution"
)

// Reading is one answer of a meter.
type Reading = attribution.MeterReading

// Meter reads one device. It is not safe for concurrent use: one question is
// asked at a time.
type Meter interface {
	// Read asks the device once. The error wraps one of those of this package
	// where a user can do something about it.
	Read(ctx context.Context) (Reading, error)
	// Name is what the config calls the meter.
	Name() string
	// Scope is what its values cover.
	Scope() attribution.Scope
	// Close gives up connections.
	Close() error
}
