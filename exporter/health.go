package exporter

import (
	"maps"
	"slices"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
)

// Health is how the meter itself is doing. The daemon fills it and hands it to
// Ledger.SetHealth; counts are since the process started.
type Health struct {
	// Samples counts power samples by what became of them: "ok", or the reason
	// of the gap they left. The keys become label values, so they are a closed
	// set. Nil when nothing samples.
	Samples map[string]int64
	Lines   attribution.LineCounts // of all request logs together
	// Unplaced counts requests of which no log tells when they were.
	Unplaced int64

	PowermetricsRestarts    int64
	PowermetricsStderrLines int64

	SelfCPU    time.Duration // CPU time of sovmeter and its children; 0: not known
	LastSample time.Time     // end of the last usable sample; zero: none yet
	LastCommit time.Time     // last successful commit to the store; zero: none yet
	// CommitError says why the last commit failed; empty when it did not.
	CommitError string
	// Problems say what else is wrong now: request logs that cannot be read,
	// samples that cannot be used.
	Problems []string

	Open     energy.Joules // measured, not booked yet
	OpenTime time.Duration // how much time that is

	Baseline        energy.Watts // meaningless unless BaselineKnown
	BaselineKnown   bool
	BaselineAssumed bool // no quiet time was seen yet

	Clocks []LogClock // of the request logs; one a server

	Meters      []MeterHealth      // of the whole machine, the most trusted first
	Calibration *CalibrationHealth // nil: no line is in force

	ThermalPressure string // as powermetrics words it; empty: not known
	HWModel         string // such as "Mac16,5"; empty: not known
	OSBuild         string // such as "25A354"; empty: not known
}

// LogClock is what is known of the clock of a server's request log.
type LogClock struct {
	Server string
	// Offset is how far it is ahead, and StdErr the standard error of that;
	// both meaningless unless Known.
	Offset, StdErr time.Duration
	Known          bool
	Applied        time.Duration // taken off the log's times now; 0: nothing
}

// clone returns a copy that shares nothing with h.
func (h Health) clone() *Health {
	h.Samples = maps.Clone(h.Samples)
	h.Clocks = slices.Clone(h.Clocks)
	h.Meters = slices.Clone(h.Meters)
	for i := range h.Meters {
		h.Meters[i].Readings = maps.Clone(h.Meters[i].Readings)
	}
	if h.Calibration != nil {
		line := *h.Calibration
		h.Calibration = &line
	}
	return &h
}
