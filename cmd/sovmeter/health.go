package main

import (
	"runtime"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sovmeter/sovmeter/collector"
	"github.com/sovmeter/sovmeter/collector/powermetrics"
	"github.com/sovmeter/sovmeter/exporter"
)

// health is how the meter is doing, after a commit that failed with err or
// went well.
func health(s collector.Status, err error, p powermetrics.Stats) exporter.Health {
	h := exporter.Health{
		Samples: map[string]int64{"rejected": s.Rejected},
		Lines:   s.Lines, PowermetricsRestarts: p.Restarts, PowermetricsStderrLines: p.StderrLines,
		SelfCPU: selfCPU(), LastSample: s.LastSample, LastCommit: time.Now(),
		Open: s.OpenEnergy, OpenTime: s.OpenTime,
		Baseline: s.Baseline, BaselineKnown: true, BaselineAssumed: s.BaselineAssumed,
		ThermalPressure: p.Thermal, HWModel: p.HWModel, OSBuild: p.OSBuild,
	}
	for result, n := range p.Counts.Results {
		h.Samples[string(result)] = n
	}
	if err != nil {
		h.CommitError = err.Error()
	}
	return h
}

// selfCPU is the CPU time of this process and of its children that have ended;
// 0 when the system does not say.
func selfCPU() time.Duration {
	var sum time.Duration
	for _, who := range []int{unix.RUSAGE_SELF, unix.RUSAGE_CHILDREN} {
		var u unix.Rusage
		if unix.Getrusage(who, &u) != nil {
			return 0
		}
		sum += time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	return sum
}

func build() exporter.Build {
	return exporter.Build{Version: version(), GoVersion: runtime.Version()}
}
