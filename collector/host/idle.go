package host

import (
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
)

// IdleShare is the share of one core plus the share of the GPU below which a
// server counts as idle.
const IdleShare = 0.02

// Idle reports whether a server's whole family used less CPU and GPU time than
// IdleShare of the span. It is false when the span is empty or does not know
// the server. Where GPU times are unknown it rests on CPU time alone.
func Idle(span attribution.UsageSpan, server string) bool {
	length := span.End.Sub(span.Start)
	if length <= 0 {
		return false
	}
	for _, s := range span.Usage.Servers {
		if s.Server == server {
			return s.CPU+s.GPU < time.Duration(IdleShare*float64(length))
		}
	}
	return false
}
