package exporter

import (
	"maps"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
)

// MeterHealth is how one meter of the whole machine is doing.
type MeterHealth struct {
	Name  string // as configured; of two that read the same as a label the first is shown
	Kind  string // of device, such as "shelly"; empty: not told
	Scope attribution.Scope
	Up    bool         // its last answer was one, and is not too old
	Watts energy.Watts // at At; meaningless unless WattsKnown
	// WattsKnown is false of a meter that counts energy only, and before the first
	// reading.
	WattsKnown bool
	Lag        time.Duration // how late its values are; meaningless unless LagKnown
	LagKnown   bool
	// Readings counts what became of its answers, since the process started. The
	// keys become label values, so they are a closed set.
	Readings map[string]int64
	// Error says why it is away, without any secret; empty when it is not.
	Error string
	At    time.Time // of the newest reading; zero: none yet
}

// CalibrationHealth is the line that stands in for a meter that is away.
type CalibrationHealth struct {
	attribution.Calibration
	// DriftRatio is what was measured lately by what a user's calibration says for
	// it: 1.05 is a twentieth more. Meaningless unless DriftKnown.
	DriftRatio float64
	DriftKnown bool
}

// maxMeters is how many meters are shown: a configuration has no more.
const maxMeters = 16

// shownMeters are the meters by the labels that name them.
func (h *Health) shownMeters() []MeterHealth {
	var shown []MeterHealth
	told := map[string]bool{}
	for _, m := range h.Meters {
		m.Name = label(m.Name)
		if told[m.Name] || len(shown) == maxMeters {
			continue
		}
		told[m.Name] = true
		shown = append(shown, m)
	}
	return shown
}

func meterMetrics(c *catalogue, started time.Time, h *Health) []prometheus.Metric {
	var ms []prometheus.Metric
	for _, m := range h.shownMeters() {
		ms = append(ms, c.meterUp.metric(started, oneIf(m.Up), m.Name))
		for _, result := range slices.Sorted(maps.Keys(m.Readings)) {
			ms = append(ms, c.meterReadings.metric(started, float64(m.Readings[result]), m.Name, label(result)))
		}
		if m.WattsKnown && m.Up { // what an older reading said is not what it draws
			ms = append(ms, c.meterWatts.metric(started, float64(m.Watts), m.Name))
		}
		if m.LagKnown {
			ms = append(ms, c.meterLag.metric(started, m.Lag.Seconds(), m.Name))
		}
	}
	return ms
}

func calibrationMetrics(c *catalogue, started time.Time, h *Health) []prometheus.Metric {
	k := h.Calibration
	if k == nil {
		return nil
	}
	ms := []prometheus.Metric{
		c.lineBase.metric(started, float64(k.Base)),
		c.lineRMSE.metric(started, float64(k.RMSE)),
		c.lineMade.metric(started, unixSeconds(k.Made)),
	}
	for i, slope := range [rails]float64{k.CPU, k.GPU, k.ANE} {
		ms = append(ms, c.lineSlope.metric(started, slope, railNames()[i]))
	}
	if k.DriftKnown {
		ms = append(ms, c.lineDrift.metric(started, k.DriftRatio))
	}
	return ms
}
