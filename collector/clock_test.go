package collector_test

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/sovmeter/sovmeter/collector"
	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/powermetrics"
	"github.com/sovmeter/sovmeter/collector/requestlog"
	"github.com/sovmeter/sovmeter/collector/requestlog/jsonl"
	"github.com/sovmeter/sovmeter/collector/requestlog/llamacpp"
	"github.com/sovmeter/sovmeter/collector/sim"
)

// meteredDay is a simulated day run through a collector.
type meteredDay struct {
	truth   []sim.Truth
	charges []attribution.Charge
	applied []time.Duration // the corrections there were, in order
	known   int             // minutes in which the offset was known
	logged  string
}

// dayStart is eight in the morning: before, there is little to see.
func dayStart() time.Time { return sim.DefaultDay().Start.Add(8 * time.Hour) }

type writing func([]byte) (int, error)

func (w writing) Write(p []byte) (int, error) { return w(p) }

// meterDay plays the working hours of a server whose log is written as told. Each line
// arrives at the moment the simulation says. The log is said to be by the
// samples' clock, or not.
func meterDay(t *testing.T, log sim.Log) *meteredDay {
	t.Helper()
	s := sim.DefaultDay()
	s.Start, s.Length = dayStart(), 8*time.Hour
	s.Sensor.Interval = 2 * time.Second // a sample takes the most of the test's time
	s.Servers[0].Log = log
	server := s.Servers[0].Name
	var clock, printed time.Time
	var power, lines, arrivals bytes.Buffer
	line := powermetrics.NewTimeline(s.Sensor.Interval)
	mac, err := sim.New(s, sim.Streams{
		Power: writing(func(p []byte) (int, error) { printed = clock; return power.Write(p) }),
		Logs: map[string]io.Writer{server: writing(func(p []byte) (int, error) {
			fmt.Fprintf(&arrivals, "%d\t%.6f\n", lines.Len(), float64(clock.UnixMicro())/1e6)
			return lines.Write(p)
		})},
		Clock: func(t time.Time) { clock = t },
		Died:  func(time.Time) { line.Restart() },
	})
	if err != nil {
		t.Fatal(err)
	}
	type moment struct {
		at       time.Time
		measured []attribution.Measurement
		use      *attribution.UsageSpan
	}
	var day []moment
	decoder := powermetrics.NewDecoder(&power)
	looked := s.Start
	for at := s.Start; at.Before(s.Start.Add(s.Length)) || mac.Busy(); at = at.Add(500 * time.Millisecond) {
		if err := mac.AdvanceTo(at); err != nil {
			t.Fatal(err)
		}
		m := moment{at: at}
		if power.Len() > 0 {
			var sample powermetrics.Sample
			if err := decoder.Next(&sample); err != nil {
				t.Fatal(err)
			}
			m.measured = line.Add(&sample, printed)
		}
		if at.Sub(looked) >= 5*time.Second {
			if u, ok := mac.Usage(looked, at); ok {
				m.use = &attribution.UsageSpan{Start: looked, End: at, Usage: u}
			}
			looked = at
		}
		day = append(day, m)
	}

	var parser requestlog.Parser = llamacpp.New(requestlog.Options{Server: server})
	if log.Style == sim.JSONLines {
		parser = jsonl.New(requestlog.Options{Server: server})
	}
	table, err := requestlog.ReadArrivals(&arrivals)
	if err != nil {
		t.Fatal(err)
	}
	var logged bytes.Buffer
	sink := &memory{}
	c := collector.New(collector.Config{
		Logs:         []collector.Log{{Source: requestlog.NewRecording("log", &lines, table, parser), Server: server}},
		ProcessStats: true, Logger: zerolog.New(&logged),
	}, attribution.Resume{}, sink)
	d := &meteredDay{truth: mac.TakeTruth()}
	for i, m := range day {
		for _, x := range m.measured {
			c.Measure(x)
		}
		if m.use != nil {
			c.Use(*m.use)
		}
		c.Poll(m.at)
		if i%120 == 0 {
			d.note(c.Status().ClockOffsets["log"])
			commit(t, c, m.at)
		}
	}
	c.Finish()
	commit(t, c, day[len(day)-1].at)
	d.charges, d.logged = sink.all().Charges, logged.String()
	return d
}

func (d *meteredDay) note(o collector.ClockOffset) {
	if o.Known {
		d.known++
	}
	if n := len(d.applied); n == 0 || d.applied[n-1] != o.Applied {
		d.applied = append(d.applied, o.Applied)
	}
}

// misplaced is the median distance of the requests' starts from the truth, and
// the median relative error of their energies, of those that start after the
// given hour.
func (d *meteredDay) misplaced(t *testing.T, after time.Duration) (start time.Duration, wrong float64) {
	t.Helper()
	began := dayStart().Add(after)
	charges := map[string][]attribution.Charge{}
	for _, c := range d.charges {
		task := c.Request.ID[strings.LastIndexByte(c.Request.ID, '/')+1:]
		charges[c.Request.Model+"/"+task] = append(charges[c.Request.Model+"/"+task], c)
	}
	var starts []time.Duration
	var errors []float64
	for _, x := range d.truth {
		really := x.Energy() - x.Unmeasured
		for _, c := range charges[fmt.Sprintf("%s/%d", x.Model, x.Task)] {
			if off := c.Request.Start.Sub(x.Start).Abs(); x.Start.After(began) && really > 0 && off < 6*time.Second {
				starts = append(starts, off)
				errors = append(errors, math.Abs(float64((c.Energy()-really)/really)))
				break
			}
		}
	}
	if len(starts) < 300 {
		t.Fatalf("%d requests found", len(starts))
	}
	slices.Sort(starts)
	slices.Sort(errors)
	return starts[len(starts)/2], errors[len(errors)/2]
}

func TestArrivalAnchoredLogIsNotCorrected(t *testing.T) {
	if testing.Short() {
		t.Skip("meters simulated machines for long")
	}
	for _, drift := range []float64{0, 50e-6} { // the parser follows the drift itself
		d := meterDay(t, sim.Log{Drift: drift})
		start, wrong := d.misplaced(t, 0)
		t.Logf("drift %v: known in %d minutes, starts off by %v, energies by %.1f %%", drift, d.known, start, 100*wrong)
		if len(d.applied) != 1 || d.applied[0] != 0 || d.known < 350 || d.logged != "" {
			t.Errorf("drift %v: corrections %v, known in %d minutes, logged %q; want none and 350", drift, d.applied, d.known, d.logged)
		}
	}
}

func TestWrongClockIsCorrected(t *testing.T) {
	if testing.Short() {
		t.Skip("meters simulated machines for long")
	}
	right := meterDay(t, sim.Log{Style: sim.JSONLines})
	_, best := right.misplaced(t, 2*time.Hour)
	if len(right.applied) != 1 {
		t.Errorf("a right clock was corrected by %v", right.applied)
	}
	for _, c := range []struct {
		name string
		log  sim.Log
		off  time.Duration // at most, in the median
		says string
	}{
		{"behind", sim.Log{Offset: -2500 * time.Millisecond}, 50 * time.Millisecond, "more than a second off"},
		{"whole seconds", sim.Log{WholeSeconds: true}, 300 * time.Millisecond, ""},
		{"drifting", sim.Log{Offset: -2 * time.Second, Drift: 100e-6}, 250 * time.Millisecond, "more than a second off"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.log.Style = sim.JSONLines
			d := meterDay(t, c.log)
			start, wrong := d.misplaced(t, 2*time.Hour)
			t.Logf("starts off by %v, energies by %.1f %% (right clock: %.1f %%), corrections %v", start, 100*wrong, 100*best, d.applied)
			if start > c.off {
				t.Errorf("starts are off by %v in the median, want at most %v", start, c.off)
			}
			if strings.Count(d.logged, "off; its times") != strings.Count(c.says, "off") {
				t.Errorf("logged %q, want %q once", d.logged, c.says)
			}
		})
	}
}
