package exporter

import (
	"maps"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// healthMetrics freezes h.
func healthMetrics(c *catalogue, started time.Time, h *Health) []prometheus.Metric {
	count := func(d *descriptor, n int64, labels ...string) prometheus.Metric {
		return d.metric(started, float64(n), labels...)
	}
	ms := []prometheus.Metric{
		count(c.lines, h.Lines.Used, "used"),
		count(c.lines, h.Lines.Ignored, "ignored"),
		count(c.lines, h.Lines.Malformed, "malformed"),
		count(c.lines, h.Lines.Overlong, "overlong"),
		count(c.unplaced, h.Unplaced),
		count(c.restarts, h.PowermetricsRestarts),
		count(c.stderrLines, h.PowermetricsStderrLines),
		c.open.metric(started, float64(h.Open)),
		c.openTime.metric(started, h.OpenTime.Seconds()),
	}
	for _, result := range slices.Sorted(maps.Keys(h.Samples)) {
		ms = append(ms, count(c.samples, h.Samples[result], label(result)))
	}
	if h.SelfCPU > 0 {
		ms = append(ms, c.selfCPU.metric(started, h.SelfCPU.Seconds()))
	}
	if !h.LastSample.IsZero() {
		ms = append(ms, c.lastSample.metric(started, unixSeconds(h.LastSample)))
	}
	if h.BaselineKnown {
		ms = append(ms, c.baseline.metric(started, float64(h.Baseline)), c.baselineAssumed.metric(started, oneIf(h.BaselineAssumed)))
	}
	ms = append(ms, clockMetrics(c, started, h)...)
	ms = append(ms, meterMetrics(c, started, h)...)
	ms = append(ms, calibrationMetrics(c, started, h)...)
	return append(ms, machineMetrics(c, started, h)...)
}

func clockMetrics(c *catalogue, started time.Time, h *Health) []prometheus.Metric {
	var ms []prometheus.Metric
	told := map[string]bool{}
	for _, k := range h.Clocks {
		server := label(k.Server)
		if told[server] {
			continue
		}
		told[server] = true
		ms = append(ms, c.clockApplied.metric(started, k.Applied.Seconds(), server))
		if k.Known {
			ms = append(ms, c.clockOffset.metric(started, k.Offset.Seconds(), server), c.clockError.metric(started, k.StdErr.Seconds(), server))
		}
	}
	return ms
}

func machineMetrics(c *catalogue, started time.Time, h *Health) []prometheus.Metric {
	var ms []prometheus.Metric
	if h.ThermalPressure != "" {
		ms = append(ms, c.thermal.metric(started, 1, label(h.ThermalPressure)))
	}
	if h.HWModel != "" || h.OSBuild != "" {
		ms = append(ms, c.host.metric(started, 1, label(h.HWModel), label(h.OSBuild)))
	}
	return ms
}

func oneIf(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
