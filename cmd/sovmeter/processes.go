package main

import (
	"context"
	"errors"
	"time"

	"github.com/rs/zerolog"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/host"
)

// processSource makes a host.Meter what a collector asks for, and says when
// GPU times cannot be read.
type processSource struct {
	meter *host.Meter
	log   zerolog.Logger
	noGPU string // what was said last
}

// Sample is the use of processes since the last call.
func (p *processSource) Sample(ctx context.Context, now time.Time) (attribution.UsageSpan, bool, error) {
	span, err := p.meter.Sample(ctx, now)
	p.noteGPU()
	if errors.Is(err, host.ErrNoData) {
		return attribution.UsageSpan{}, false, nil
	}
	return span, err == nil, err
}

// noteGPU logs a change in whether GPU times can be read, once.
func (p *processSource) noteGPU() {
	text := ""
	if err := p.meter.GPUError(); err != nil {
		text = err.Error()
	}
	if text != p.noGPU && text != "" {
		p.log.Warn().Str("error", text).Msg("GPU times of processes cannot be read; the GPU's energy goes to the servers with a request in flight, as an estimate")
	}
	p.noGPU = text
}
