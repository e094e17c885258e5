package api

import (
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
)

// Option is a setting of a Handler or Server.
type Option func(*settings)

type settings struct {
	sink  CalibrationSink               // nil: none is taken
	added func(attribution.Calibration) // nil: nobody is told
	now   func() time.Time
}

func settingsOf(options []Option) settings {
	s := settings{now: time.Now}
	for _, o := range options {
		o(&s)
	}
	return s
}

// WithCalibrations has clients put calibrations into sink. After each that sink
// has taken, added is called with it, on the goroutine of the client's request:
// it must not block, and several may be called at once. It may be nil.
func WithCalibrations(sink CalibrationSink, added func(attribution.Calibration)) Option {
	return func(s *settings) { s.sink, s.added = sink, added }
}

// WithClock sets the clock that calibrations are held against, time.Now without it.
func WithClock(now func() time.Time) Option {
	return func(s *settings) { s.now = now }
}
