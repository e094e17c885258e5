package powermetrics_test

import (
	"bytes"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/collector/powermetrics"
	"github.com/sovmeter/sovmeter/collector/sim"
)

// tally sums up measurements.
type tally struct {
	windows, gaps time.Duration
	energy        energy.Joules
	end           time.Time
	torn          int // do not begin where the one before ended
}

func (y *tally) add(m attribution.Measurement) {
	from, to := span(m)
	if !y.end.IsZero() && !from.Equal(y.end) {
		y.torn++
	}
	if y.end = to; m.Gap != nil {
		y.gaps += to.Sub(from)
		return
	}
	y.windows += to.Sub(from)
	y.energy += m.Window.Energy
}

// TestLaggingCounters meters the scenarios of the simulator whose counters are
// updated every 2.1 s: nearly all of the time is measured, and as much energy as
// was drawn.
func TestLaggingCounters(t *testing.T) {
	for _, n := range sim.Suite() {
		if !strings.HasPrefix(n.Name, "lagging") {
			continue
		}
		n.Scenario.Length = 90 * time.Minute
		t.Run(n.Name, func(t *testing.T) {
			var live, recorded tally
			var all, power bytes.Buffer
			var clock time.Time
			line := powermetrics.NewTimeline(n.Scenario.Sensor.Interval)
			decoder := powermetrics.NewDecoder(&power)
			mac, err := sim.New(n.Scenario, sim.Streams{
				Clock: func(now time.Time) { clock = now },
				Power: writeFunc(func(p []byte) (int, error) {
					all.Write(p)
					power.Write(p)
					var s powermetrics.Sample
					if err := decoder.Next(&s); err != nil {
						return 0, err
					}
					for _, m := range line.Add(&s, clock) {
						live.add(m)
					}
					return len(p), nil
				}),
			})
			if err != nil {
				t.Fatal(err)
			}
			if err := mac.Run(); err != nil {
				t.Fatal(err)
			}
			if _, err := powermetrics.Replay(&all, func(m attribution.Measurement) error { recorded.add(m); return nil }); err != nil {
				t.Fatal(err)
			}
			drawn := mac.Totals().All.Sum()
			for name, got := range map[string]tally{"live": live, "replay": recorded} {
				covered := float64(got.windows) / float64(got.windows+got.gaps)
				share := float64(got.energy / drawn)
				t.Logf("%s: %.2f %% of the time, %.2f %% of the energy", name, 100*covered, 100*share)
				if covered < 0.995 || math.Abs(share-1) > 0.005 || got.torn > 0 {
					t.Errorf("%s: %.4f of the time and %.4f of the energy, torn %d times", name, covered, share, got.torn)
				}
			}
		})
	}
}

type writeFunc func([]byte) (int, error)

func (w writeFunc) Write(p []byte) (int, error) { return w(p) }
