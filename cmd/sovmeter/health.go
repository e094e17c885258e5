package main

import (
	"fmt"
	"io"
	"maps"
	"runtime"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sovmeter/sovmeter/collector"
	"github.com/sovmeter/sovmeter/collector/powermetrics"
	"github.com/sovmeter/sovmeter/exporter"
)

// healthReporter tells a ledger after each commit how the meter is doing.
type healthReporter struct {
	ledger    *exporter.Ledger
	power     func() powermetrics.Stats   // nil: no powermetrics runs
	committed time.Time                   // the last commit that went well
	before    collector.Status            // counts of the collectors before the present one
	last      collector.Status            // with those before
	meters    *wholeMeters                // of the present collector; nil: none
	readings  map[string]map[string]int64 // of meters before the present ones, by name and result
}

// next begins the counts of another collector: a counter of the daemon does not
// go back when its metering does.
func (r *healthReporter) next(meters *wholeMeters) {
	r.readings = r.counted()
	r.before, r.meters = r.last, meters
}

// counted is what became of all readings, by meter and result.
func (r *healthReporter) counted() map[string]map[string]int64 {
	all := map[string]map[string]int64{}
	add := func(meter string, counts map[string]int64) {
		if all[meter] == nil {
			all[meter] = map[string]int64{}
		}
		for result, n := range counts {
			all[meter][result] += n
		}
	}
	for meter, counts := range r.readings {
		add(meter, counts)
	}
	if r.meters != nil {
		for _, m := range r.meters.health(time.Now()) {
			add(m.Name, m.Readings)
		}
	}
	return all
}

// report is a collector.Loop's Committed.
func (r *healthReporter) report(s collector.Status, err error) {
	var p powermetrics.Stats
	if r.power != nil {
		p = r.power()
	}
	if err == nil {
		r.committed = time.Now()
	}
	s.Lines.Used += r.before.Lines.Used
	s.Lines.Ignored += r.before.Lines.Ignored
	s.Lines.Malformed += r.before.Lines.Malformed
	s.Lines.Overlong += r.before.Lines.Overlong
	s.Rejected += r.before.Rejected
	s.Unplaced += r.before.Unplaced
	r.last = s
	h := health(s, p)
	h.LastCommit = r.committed
	if r.meters != nil {
		h.Meters = r.meters.health(time.Now())
		counted := r.counted()
		for i := range h.Meters {
			h.Meters[i].Readings = counted[h.Meters[i].Name]
		}
	}
	h.Calibration = calibrationHealth(s.Scope)
	if err != nil {
		h.CommitError = err.Error()
	}
	r.ledger.SetHealth(h)
}

// health is how the meter is doing.
func health(s collector.Status, p powermetrics.Stats) exporter.Health {
	h := exporter.Health{
		Samples: map[string]int64{"rejected": s.Rejected},
		Lines:   s.Lines, Unplaced: s.Unplaced, PowermetricsRestarts: p.Restarts, PowermetricsStderrLines: p.StderrLines,
		SelfCPU: selfCPU(), LastSample: s.LastSample,
		Open: s.OpenEnergy, OpenTime: s.OpenTime,
		Baseline: s.Baseline, BaselineKnown: true, BaselineAssumed: s.BaselineAssumed,
		ThermalPressure: p.Thermal, HWModel: p.HWModel, OSBuild: p.OSBuild,
	}
	for result, n := range p.Counts.Results {
		h.Samples[string(result)] = n
	}
	for _, name := range slices.Sorted(maps.Keys(s.LogErrors)) {
		h.Problems = append(h.Problems, s.LogErrors[name])
	}
	for _, name := range slices.Sorted(maps.Keys(s.ClockOffsets)) {
		o := s.ClockOffsets[name]
		h.Clocks = append(h.Clocks, exporter.LogClock{Server: s.Servers[name], Offset: o.By, StdErr: o.StdErr, Known: o.Known, Applied: o.Applied})
	}
	if flaw := p.Flaw; flaw != "" {
		h.Problems = append(h.Problems, fmt.Sprintf("power samples hold no usable energy: %s", flaw))
	}
	return h
}

// printClocks says whose times were corrected: a recording has no daemon's log
// to say it.
func printClocks(w io.Writer, s collector.Status) {
	for _, name := range slices.Sorted(maps.Keys(s.ClockOffsets)) {
		by := s.ClockOffsets[name].Applied
		if by == 0 {
			continue
		}
		way := "ahead of"
		if by < 0 {
			way = "behind"
		}
		fmt.Fprintf(w, "sovmeter: log %s: its clock is %s %s the power samples at the end; its times are corrected\n", name, by.Abs(), way)
	}
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
