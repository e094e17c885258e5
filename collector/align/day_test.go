package align_test

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/align"
	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/powermetrics"
	"github.com/sovmeter/sovmeter/collector/sim"
)

// day is a simulated day as powermetrics tells it, and its requests.
type day struct {
	start    time.Time
	windows  []attribution.Window
	requests []sim.Truth // by start
}

// simulate plays a day. It reads each document as it is written.
func simulate(t *testing.T, s sim.Scenario) day {
	t.Helper()
	var power bytes.Buffer
	var clock, end time.Time
	line := powermetrics.NewTimeline(s.Sensor.Interval)
	mac, err := sim.New(s, sim.Streams{
		Power: writer(func(p []byte) (int, error) { end = clock; return power.Write(p) }),
		Clock: func(t time.Time) { clock = t },
		Died:  func(time.Time) { line.Restart() },
	})
	if err != nil {
		t.Fatal(err)
	}
	d := day{start: s.Start}
	decoder := powermetrics.NewDecoder(&power)
	for at := s.Start; at.Before(s.Start.Add(s.Length)) || mac.Busy(); at = at.Add(s.Sensor.Interval / 2) {
		if err := mac.AdvanceTo(at); err != nil {
			t.Fatal(err)
		}
		if power.Len() == 0 {
			continue
		}
		var sample powermetrics.Sample
		if err := decoder.Next(&sample); err != nil {
			t.Fatal(err)
		}
		for _, m := range line.Add(&sample, end) {
			if m.Window != nil {
				d.windows = append(d.windows, *m.Window)
			}
		}
	}
	d.requests = mac.TakeTruth()
	slices.SortFunc(d.requests, func(a, b sim.Truth) int { return a.Start.Compare(b.Start) })
	return d
}

type writer func([]byte) (int, error)

func (w writer) Write(p []byte) (int, error) { return w(p) }

// games are other programs that use 10 to 50 % of the GPU half of the time.
func games(length time.Duration) (all []sim.Process) {
	r := rand.New(rand.NewPCG(1, 9))
	for at := time.Duration(0); at < length; at += seconds(5 + 60*r.Float64()) {
		p := sim.Process{Name: "game", At: at, For: seconds(5 + 60*r.Float64()), Cores: 0.5, GPUBusy: 0.1 + 0.4*r.Float64(), GPUWatts: 10}
		all = append(all, p)
		at += p.For
	}
	return all
}

// wrong is a clock of a log, and by how much it is ahead.
type wrong struct {
	name  string
	clock func(d *day, t time.Time) time.Time
	ahead func(d *day, t time.Time) time.Duration
}

func constant(by time.Duration) wrong {
	return wrong{
		by.String(),
		func(_ *day, t time.Time) time.Time { return t.Add(by) },
		func(*day, time.Time) time.Duration { return by },
	}
}

func wrongs() []wrong {
	ms := time.Millisecond
	drift := func(d *day, t time.Time) time.Duration { return t.Sub(d.start.Add(12*time.Hour)) / 10000 }
	return []wrong{
		constant(0), constant(300 * ms), constant(-300 * ms), constant(800 * ms), constant(-800 * ms), constant(-2500 * ms),
		{"drift 100 ppm", func(d *day, t time.Time) time.Time { return t.Add(drift(d, t)) }, drift},
		{"whole seconds", func(_ *day, t time.Time) time.Time { return t.Truncate(time.Second) }, func(*day, time.Time) time.Duration { return -500 * ms }},
	}
}

// errors are by how much the estimates of a day were off, one each ten minutes
// in which the offset was known.
func (d *day) errors(w wrong, blind bool) (off, stdErr []float64) {
	var spans []align.Span
	for _, r := range d.requests {
		s := align.Span{Start: w.clock(d, r.Start), End: w.clock(d, r.End)}
		if !r.FirstToken.IsZero() && !blind {
			s.FirstToken = w.clock(d, r.FirstToken)
		}
		spans = append(spans, s)
	}
	e := align.New(align.Config{})
	low, next := 0, d.start
	for _, x := range d.windows {
		for low < len(spans) && spans[low].End.Before(x.Start.Add(-10*time.Second)) {
			low++
		}
		high := low
		for high < len(spans) && spans[high].Start.Before(x.End.Add(10*time.Second)) {
			high++
		}
		e.Add(x, spans[low:high])
		if x.End.Before(next) {
			continue
		}
		next = next.Add(10 * time.Minute)
		if o, ok := e.Offset(); ok {
			off = append(off, math.Abs((o.By - w.ahead(d, x.End)).Seconds()))
			stdErr = append(stdErr, o.StdErr.Seconds())
		}
	}
	slices.Sort(off)
	slices.Sort(stdErr)
	return off, stdErr
}

// TestSimulatedDay holds the estimate against days on which the server is hardly
// ever alone: four slots, two models, agents and people.
func TestSimulatedDay(t *testing.T) {
	for _, c := range []struct {
		interval      time.Duration
		games, blind  bool
		median, worst float64 // of the error in seconds, for clocks off by a constant
	}{
		{time.Second, false, false, 0.01, 0.04},
		{time.Second, true, false, 0.02, 0.05},
		{time.Second, false, true, 0.02, 0.10},
		{5 * time.Second, false, false, 0.03, 0.15},
		{5 * time.Second, true, false, 0.08, 0.30},
	} {
		t.Run(fmt.Sprintf("%v games=%v blind=%v", c.interval, c.games, c.blind), func(t *testing.T) {
			t.Parallel()
			s := sim.DefaultDay()
			s.Sensor.Interval = c.interval
			if c.games {
				s.Processes = append(s.Processes, games(s.Length)...)
			}
			d := simulate(t, s)
			for i, w := range wrongs() {
				off, stdErr := d.errors(w, c.blind)
				if len(off) < 70 {
					t.Errorf("%s: known in %d of 144 ten minutes, want 70", w.name, len(off))
					continue
				}
				median, worst := off[len(off)/2], off[len(off)-1]
				t.Logf("%-13s known %2d/144  error median %.3f, p95 %.3f, worst %.3f s; standard error median %.3f s",
					w.name, len(off), median, off[len(off)*95/100], worst, stdErr[len(stdErr)/2])
				limit, most := c.median, c.worst
				if i >= 6 { // no constant: a drift is followed late, and whole seconds tell little
					limit, most = c.median+0.15, c.worst+0.6
				}
				if median > limit || worst > most {
					t.Errorf("%s: error of %.3f s in the median and %.3f s at worst, want %.2f and %.2f", w.name, median, worst, limit, most)
				}
			}
		})
	}
}
