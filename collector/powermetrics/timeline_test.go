package powermetrics_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/collector/powermetrics"
)

var origin = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// describe writes measurements as "window 0.000-1.000 0.6J" in seconds since
// the origin.
func describe(all []attribution.Measurement) (out []string) {
	at := func(t time.Time) string { return fmt.Sprintf("%.3f", t.Sub(origin).Seconds()) }
	for _, m := range all {
		switch {
		case m.Window != nil && m.Gap == nil:
			w := m.Window
			out = append(out, fmt.Sprintf("window %s-%s %.3gJ", at(w.Start), at(w.End), float64(w.Energy)))
		case m.Gap != nil && m.Window == nil:
			out = append(out, fmt.Sprintf("%s %s-%s", m.Gap.Reason, at(m.Gap.Start), at(m.Gap.End)))
		default:
			out = append(out, "neither or both")
		}
	}
	return out
}

// step is a sample, or an event, with the time at which it arrives.
type step struct {
	arrival float64 // seconds since the origin
	elapsed float64 // 0: 1 s
	stamp   float64 // seconds since the origin; 0: none
	boot    int64
	flaw    powermetrics.Flaw
	skip    *powermetrics.DocumentError
	restart bool
}

func seconds(s float64) time.Duration { return time.Duration(s * 1e9) }

func (s step) sample() *powermetrics.Sample {
	out := &powermetrics.Sample{
		Elapsed: seconds(s.elapsed), IsDelta: true, Flaw: s.flaw,
		CPU: attribution.Rail{Energy: 0.5, Known: true},
		GPU: attribution.Rail{Energy: 0.1, Known: true},
	}
	if s.elapsed == 0 {
		out.Elapsed = time.Second
	}
	if s.stamp != 0 {
		out.Timestamp = origin.Add(seconds(s.stamp)).Truncate(time.Second)
	}
	if s.boot != 0 {
		out.BootTime = time.Unix(s.boot, 0)
	}
	return out
}

func play(steps []step) (out []attribution.Measurement) {
	line := powermetrics.NewTimeline(time.Second)
	for _, s := range steps {
		arrival := origin.Add(seconds(s.arrival))
		switch {
		case s.restart:
			line.Restart()
		case s.skip != nil:
			out = append(out, line.Skip(s.skip, arrival)...)
		default:
			out = append(out, line.Add(s.sample(), arrival)...)
		}
	}
	return out
}

func TestTimeline(t *testing.T) {
	lost := &powermetrics.DocumentError{Defect: powermetrics.DefectMalformed}
	cut := &powermetrics.DocumentError{Defect: powermetrics.DefectCut, Elapsed: time.Second}
	tests := []struct {
		name  string
		steps []step
		want  []string
	}{
		{"windows tile", []step{{arrival: 1}, {arrival: 2.02}, {arrival: 3.01}}, []string{
			"window 0.000-1.000 0.6J", "window 1.000-2.000 0.6J", "window 2.000-3.000 0.6J",
		}},
		{"no window ends after it arrived", []step{{arrival: 1.3}, {arrival: 2.1}, {arrival: 3.1}}, []string{
			"window 0.300-1.300 0.6J", "window 1.300-2.100 0.6J", "window 2.100-3.100 0.6J",
		}},
		{"a burst that was held up stays in its place", []step{
			{arrival: 1, stamp: 1}, {arrival: 2, stamp: 2}, {arrival: 7, stamp: 3}, {arrival: 7, stamp: 4}, {arrival: 7, stamp: 5},
		}, []string{
			"window 0.000-1.000 0.6J", "window 1.000-2.000 0.6J", "window 2.000-3.000 0.6J", "window 3.000-4.000 0.6J", "window 4.000-5.000 0.6J",
		}},
		{"the timestamp bounds the first arrival", []step{{arrival: 3.5, stamp: 1}, {arrival: 3.6, stamp: 2}}, []string{
			"window 1.000-2.000 0.6J", "window 2.000-3.000 0.6J",
		}},
		{"the timestamps of a recording are not believed", []step{{arrival: 9000, stamp: 1}, {arrival: 9001, stamp: 2}, {arrival: 9002, stamp: 90000}}, []string{
			"window 8999.000-9000.000 0.6J", "window 9000.000-9001.000 0.6J", "window 9001.000-9002.000 0.6J",
		}},
		{"sleep is a gap", []step{{arrival: 1, stamp: 1, boot: 7}, {arrival: 3602, stamp: 3602, boot: 7}, {arrival: 3603, stamp: 3603, boot: 7}}, []string{
			"window 0.000-1.000 0.6J", "sleep 1.000-3601.000", "window 3601.000-3602.000 0.6J", "window 3602.000-3603.000 0.6J",
		}},
		{"sleep without timestamps", []step{{arrival: 1}, {arrival: 100}}, []string{
			"window 0.000-1.000 0.6J", "sleep 1.000-99.000", "window 99.000-100.000 0.6J",
		}},
		{"the clock set forwards is a gap", []step{{arrival: 1, stamp: 1, boot: 7}, {arrival: 3602, stamp: 3602, boot: 3607}}, []string{
			"window 0.000-1.000 0.6J", "clock_change 1.000-3601.000", "window 3601.000-3602.000 0.6J",
		}},
		{"a clock set back is caught up with", []step{{arrival: 10}, {arrival: 10}, {arrival: 11}, {arrival: 12}, {arrival: 13}}, []string{
			"window 9.000-10.000 0.6J", "window 10.000-10.500 0.6J", "window 10.500-11.000 0.6J", "window 11.000-12.000 0.6J", "window 12.000-13.000 0.6J",
		}},
		{"a sample that spans too much is a gap", []step{{arrival: 1}, {arrival: 6, elapsed: 5}, {arrival: 7}}, []string{
			"window 0.000-1.000 0.6J", "overlong_pause 1.000-6.000", "window 6.000-7.000 0.6J",
		}},
		{"an unusable sample is a gap", []step{{arrival: 1}, {arrival: 2, flaw: powermetrics.FlawCPUZero}, {arrival: 3}}, []string{
			"window 0.000-1.000 0.6J", "unusable 1.000-2.000", "window 2.000-3.000 0.6J",
		}},
		{"a summary is nothing", []step{{arrival: 1}, {arrival: 1, elapsed: 900, flaw: powermetrics.FlawSummary}, {arrival: 2}}, []string{
			"window 0.000-1.000 0.6J", "window 1.000-2.000 0.6J",
		}},
		{"a lost document is a gap up to the next", []step{{arrival: 1}, {arrival: 2, skip: lost}, {arrival: 3}}, []string{
			"window 0.000-1.000 0.6J", "bad_document 1.000-2.000", "window 2.000-3.000 0.6J",
		}},
		{"a cut document whose head is whole is a gap of its length", []step{{arrival: 1}, {arrival: 2, skip: cut}, {arrival: 9, restart: true}, {arrival: 9}}, []string{
			"window 0.000-1.000 0.6J", "bad_document 1.000-2.000", "powermetrics 2.000-8.000", "window 8.000-9.000 0.6J",
		}},
		{"garbage that took no time is no gap", []step{{arrival: 1}, {arrival: 1.9, skip: lost}, {arrival: 2.1}}, []string{
			"window 0.000-1.000 0.6J", "window 1.000-2.100 0.6J",
		}},
		{"a restart is a gap", []step{{arrival: 1}, {restart: true}, {arrival: 9}, {restart: true}, {arrival: 20}}, []string{
			"window 0.000-1.000 0.6J", "powermetrics 1.000-8.000", "window 8.000-9.000 0.6J", "powermetrics 9.000-19.000", "window 19.000-20.000 0.6J",
		}},
		{"a restart before the first window is none", []step{{restart: true}, {arrival: 9, skip: lost}, {arrival: 20}}, []string{
			"window 19.000-20.000 0.6J",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, describe(play(tt.steps))); diff != "" {
				t.Errorf("measurements (-want +got):\n%s", diff)
			}
		})
	}
}

// TestTimelineDrift plays two hours on clocks that run apart: windows stay
// contiguous, end no later than they arrive, and lag by no more than the clocks
// drift in the two runs of 64 samples that a correction takes.
func TestTimelineDrift(t *testing.T) {
	for _, drift := range []float64{-100e-6, 0, 200e-6} {
		random := rand.New(rand.NewPCG(3, 9))
		line := powermetrics.NewTimeline(time.Second)
		lag := seconds(2*64*1.01*max(drift, 0) + 0.002)
		var end time.Time
		for i := range 7200 {
			truth := float64(i+1) * 1.01 * (1 + drift)
			delay := 0.002 + 0.02*random.Float64()
			arrival := origin.Add(seconds(truth + delay))
			got := line.Add(step{elapsed: 1.01, stamp: truth}.sample(), arrival)
			if len(got) != 1 || got[0].Window == nil {
				t.Fatalf("drift %g: sample %d gives %v", drift, i, describe(got))
			}
			w := got[0].Window
			if !end.IsZero() && !w.Start.Equal(end) {
				t.Fatalf("drift %g: window %d begins at %v, the one before ended at %v", drift, i, w.Start, end)
			}
			end = w.End
			if off := end.Sub(origin.Add(seconds(truth))); i > 100 && off < -lag || end.After(arrival) {
				t.Fatalf("drift %g: window %d ends %v off", drift, i, off)
			}
		}
	}
}

// TestTimelineLaws plays random streams with everything that may happen:
// measurements never overlap, never run backwards, and hold exactly the energy
// of the usable samples.
func TestTimelineLaws(t *testing.T) {
	for seed := range uint64(300) {
		steps := randomSteps(rand.New(rand.NewPCG(seed, 5)))
		var want, got energy.Joules
		for _, s := range steps {
			if !s.restart && s.skip == nil && s.flaw == "" && s.elapsed <= 3 {
				want += 0.6
			}
		}
		var end time.Time
		for _, m := range play(steps) {
			from, to := span(m)
			if from.Before(end) || !from.Before(to) {
				t.Fatalf("seed %d: [%v, %v) after %v", seed, from, to, end)
			}
			if !end.IsZero() && !from.Equal(end) {
				t.Fatalf("seed %d: nothing between %v and %v", seed, end, from)
			}
			end = to
			if m.Window != nil {
				got += m.Window.Energy
			}
		}
		if diff := got - want; diff > 1e-9 || diff < -1e-9 {
			t.Fatalf("seed %d: %v J in windows, %v J in samples", seed, got, want)
		}
	}
}

func span(m attribution.Measurement) (from, to time.Time) {
	if m.Gap != nil {
		return m.Gap.Start, m.Gap.End
	}
	return m.Window.Start, m.Window.End
}

func randomSteps(random *rand.Rand) (steps []step) {
	now := 100.0
	for range 60 {
		s := step{elapsed: 1 + 0.02*random.Float64()}
		now += s.elapsed
		switch random.IntN(20) {
		case 0:
			now += 1000 * random.Float64() // sleep
		case 1:
			now -= min(5, now) * random.Float64() // the clock is set back
		case 2:
			s.elapsed = 3 + 10*random.Float64()
		case 3:
			s.flaw = powermetrics.FlawNoRail
		case 4:
			s.skip = &powermetrics.DocumentError{Elapsed: seconds(2 * random.Float64())}
		case 5:
			s.restart = true
		case 6:
			s.flaw = powermetrics.FlawSummary
		}
		if random.IntN(3) > 0 {
			s.stamp = now
		}
		s.arrival = now + 0.3*random.Float64()*random.Float64()
		steps = append(steps, s)
	}
	return steps
}
