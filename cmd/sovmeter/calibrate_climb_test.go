package main

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/calibration"
)

// climbIn makes a climb up the real plan in a world.
func climbIn(t *testing.T, w *world, m *worldMeter) *climb {
	record := newRecorder()
	l := newLoads(w.server(t), w.burn)
	return &climb{
		power: w, meter: m.poller(record), record: record, load: l.run, steps: ladder(8, 0), show: func(climbState) {},
	}
}

func resultOf(c climbed) calibrationResult {
	r := calibrationResult{Identity: calibration.Identity{Model: "Mac16,11", OS: "26.1", Meter: "plug", Scope: attribution.ScopeWall}, Climbed: c}
	r.fit()
	return r
}

// near wants got within 2 % of want.
func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 0.02*want {
		t.Errorf("%s is %.4f, want %.4f within 2 %%", what, got, want)
	}
}

// TestClimbFindsTheLine goes up the whole plan in a world whose meter is late, and
// finds its line and its lag.
func TestClimbFindsTheLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		got, err := climbIn(t, w, &worldMeter{world: w, lag: 2500 * time.Millisecond}).run(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		r := resultOf(got)
		if r.Refused != nil {
			t.Fatal(r.Refused)
		}
		near(t, "base", float64(r.Line.Base), float64(w.base))
		near(t, "CPU", r.Line.CPU, w.cpu)
		near(t, "GPU", r.Line.GPU, w.gpu)
		if !got.LagKnown || math.Abs((got.Lag.Delay-2500*time.Millisecond).Seconds()) > 0.5 {
			t.Errorf("lag %v (%v), want 2.5 s", got.Lag.Delay, got.LagKnown)
		}
		if r.Line.N != len(got.Plateaus) || len(got.Repeated) != 0 || !r.Line.PerRail || r.Line.R2 < 0.999 {
			t.Errorf("a steady world: %d of %d plateaus, repeated %v, line %+v", r.Line.N, len(got.Plateaus), got.Repeated, r.Line)
		}
		if a, b, c := w.load(); a+b+c != 0 {
			t.Errorf("left behind: %d answers, %d prompts, %d cores", a, b, c)
		}
		if w.longest > 1000 || w.longest < 500 {
			t.Errorf("the longest prompt had %d numbers, of 1000 that the context takes", w.longest)
		}
	})
}

// TestClimbRepeatsWhatIsNotSteady has another process work during one step, once
// and again.
func TestClimbRepeatsWhatIsNotSteady(t *testing.T) {
	for _, tt := range []struct {
		name    string
		times   int // in which the other process works
		dropped int
	}{{"once", 1, 0}, {"twice", 2, 1}} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld()
				c := climbIn(t, w, &worldMeter{world: w, lag: time.Second})
				load, left := c.load, tt.times
				c.load = func(ctx context.Context, s calibration.Step) error {
					if s.Name == "decode-2" && left > 0 {
						left--
						undo := time.AfterFunc(s.Length*2/3, func() { w.change(func() { w.other = 9 }) })
						defer func() { undo.Stop(); w.change(func() { w.other = 0 }) }()
					}
					return load(ctx, s)
				}
				var again []string
				c.show = func(s climbState) {
					if s.Begun && s.Again {
						again = append(again, s.Step)
					}
				}
				got, err := c.run(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				r := resultOf(got)
				if r.Refused != nil {
					t.Fatal(r.Refused)
				}
				near(t, "base", float64(r.Line.Base), float64(w.base))
				near(t, "GPU", r.Line.GPU, w.gpu)
				if strings.Join(again, " ") != "decode-2" || strings.Join(got.Repeated, " ") != "decode-2" {
					t.Errorf("repeated %v, said %v, want decode-2", again, got.Repeated)
				}
				if len(got.Plateaus) != len(c.steps) || r.Line.N != len(c.steps)-tt.dropped {
					t.Errorf("%d plateaus, %d in the line, want %d and %d", len(got.Plateaus), r.Line.N, len(c.steps), len(c.steps)-tt.dropped)
				}
				var text strings.Builder
				if err := r.write(&text, false); err != nil {
					t.Fatal(err)
				}
				want := map[int]string{0: ", measured twice", 1: "dropped: not steady"}[tt.dropped]
				if !strings.Contains(text.String(), want) {
					t.Errorf("%q is missing in\n%s", want, text.String())
				}
			})
		})
	}
}

// TestClimbRefusesAnotherMeter has a meter that shows what no Mac draws.
func TestClimbRefusesAnotherMeter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		got, err := climbIn(t, w, &worldMeter{world: w, factor: 0.2}).run(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		r := resultOf(got)
		var refused *calibration.RefusedError
		if !errors.As(r.Refused, &refused) || refused.Reason != calibration.ReasonBelowChip || refused.Hint() == "" {
			t.Fatalf("got %v with line %+v, want a refusal of a meter below the chip", r.Refused, r.Line)
		}
	})
}

// TestClimbInterrupted stops at once, with nothing left that runs.
func TestClimbInterrupted(t *testing.T) {
	for _, step := range []string{"idle", "decode-4", "cpu-half", "prefill"} {
		t.Run(step, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld()
				c := climbIn(t, w, &worldMeter{world: w})
				ctx, interrupt := context.WithCancel(t.Context())
				var at time.Time
				c.show = func(s climbState) {
					if s.Step == step && !s.Begun && at.IsZero() {
						at = time.Now()
						interrupt()
					}
				}
				_, err := c.run(ctx)
				if !errors.Is(err, context.Canceled) {
					t.Fatalf("got %v, want that it was interrupted", err)
				}
				if took := time.Since(at); took > 0 {
					t.Errorf("it took %s to stop", took)
				}
				synctest.Wait()
				if a, b, c := w.load(); a+b+c != 0 {
					t.Errorf("left behind: %d answers, %d prompts, %d cores", a, b, c)
				}
			})
		})
	}
}

// TestClimbWithAServerThatFails names the step and the reason.
func TestClimbWithAServerThatFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		c := climbIn(t, w, &worldMeter{world: w})
		l := newLoads(w.server(t), w.burn)
		c.load = l.run
		l.server.model = "gone"
		_, err := c.run(t.Context())
		if err == nil || !strings.Contains(err.Error(), "step decode-1: ask server tiny at http://world: /v1/completions: status 400 Bad Request") {
			t.Errorf("got %v", err)
		}
	})
}

func TestLadderIsStretched(t *testing.T) {
	plan := calibration.Ladder(8)
	for _, mean := range []time.Duration{leastStep, 2 * time.Minute, mostStep} {
		steps := ladder(8, mean)
		if got := meanLength(steps); got < mean-time.Second || got > mean+time.Second {
			t.Errorf("mean length %s, want %s", got, mean)
		}
		for i, s := range steps {
			if s.Length-s.Settle < calibration.LeastPlateau+2*time.Second || s.Name != plan[i].Name || s.Count != plan[i].Count {
				t.Errorf("steps of %s: %+v leaves too little, or is not %s", mean, s, plan[i].Name)
			}
		}
	}
}
