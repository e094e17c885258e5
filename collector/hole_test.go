package collector_test

import (
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector"
	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/scope"
)

// A crash loses the windows that wait for process stats. A gap that came after
// them, and is stored, must not hide that.
func TestCrashAfterAGapLeavesNoHole(t *testing.T) {
	for _, meters := range [][]scope.Meter{nil, {{Name: "plug", Scope: attribution.ScopeWall}}} {
		sink := &memory{}
		cfg := config(nil)
		cfg.ProcessStats = true
		cfg.Scope = scope.Config{Meters: meters}
		c := collector.New(cfg, attribution.Resume{LastEnd: at(0)}, sink)
		for i := range 4 {
			c.Measure(window(float64(i), float64(i+1), 5))
		}
		c.Measure(gap(4, 10))
		c.Poll(at(11))
		commit(t, c, at(11))

		all := sink.all()
		from := attribution.Resume{State: all.State, LastEnd: at(0), Windows: all.Windows, Scoping: sink.batches[0].Scoping}
		for _, g := range all.Gaps {
			from.LastEnd = g.End
		}
		c = collector.New(cfg, from, sink)
		c.Measure(window(10, 11, 5))
		c.Poll(at(11.5))
		c.Finish()
		commit(t, c, at(12))
		all = sink.all()
		var covered time.Duration
		for _, g := range all.Gaps {
			covered += g.End.Sub(g.Start)
		}
		for _, w := range all.Windows {
			covered += w.End.Sub(w.Start)
		}
		if covered != 11*time.Second {
			t.Errorf("%d meters: %v are windows or gaps, want 11s: %v", len(meters), covered, all.Gaps)
		}
	}
}
