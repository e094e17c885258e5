package attribution

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
)

// idleSecond is a quiet second in which other programs use the GPU.
func idleSecond(at float64, watts energy.Watts, others float64) Window {
	j := watts.For(time.Second)
	return Window{
		Start: after(at), End: after(at + 1), Energy: j, Scope: ScopeSoC, CPU: Rail{Known: true}, GPU: Rail{Energy: j, Known: true},
		Usage: &Usage{GPUKnown: true, Others: Use{GPU: time.Duration(others * float64(time.Second))}},
	}
}

// TestBaselineLeavesOutACall has a video call for most of the quiet time.
func TestBaselineLeavesOutACall(t *testing.T) {
	for _, calls := range []int{0, 1, 2, 3} { // of each four quiet minutes
		e := New(Config{}, Resume{})
		for i := range 3600 {
			w := idleSecond(float64(i), 1, 0.005)
			if i/60%4 < calls {
				w = idleSecond(float64(i), 6, 0.3)
			}
			if err := e.AddWindow(w); err != nil {
				t.Fatal(err)
			}
		}
		e.Advance(after(4000), nil, nil)
		if got, assumed := e.Baseline(); math.Abs(float64(got)-1) > 1e-9 || assumed {
			t.Errorf("calls in %d minutes of four: baseline %v W, want 1", calls, got)
		}
	}
}

// TestBaselineWithoutStats takes the median of all minutes.
func TestBaselineWithoutStats(t *testing.T) {
	e := New(Config{}, Resume{})
	for i := range 600 {
		w := idleSecond(float64(i), energy.Watts(1+i/60%3), 0)
		w.Usage = nil
		if err := e.AddWindow(w); err != nil {
			t.Fatal(err)
		}
	}
	e.Advance(after(700), nil, nil)
	if got, assumed := e.Baseline(); got != 2 || assumed {
		t.Errorf("baseline %v W, assumed %v; want 2 W observed", got, assumed)
	}
}

// TestBaselineOfASaturatedMachine has no quiet window for four hours, in which
// the idle level rises: the work of the model shows it, late by what it takes
// to forget. That is to be much better than the last quiet window.
func TestBaselineOfASaturatedMachine(t *testing.T) {
	for _, tt := range []struct{ rise, inference float64 }{{0, 0.01}, {0.25, 0.01}, {1, 0.035}} {
		rnd := rand.New(rand.NewPCG(21, 21))
		b := batches{timing: timing{0.002, 0.02, 0.002}}
		end := 60.0
		for end < 4*3600 { // pauses within the windows, but none that is quiet
			end = b.serve(rnd, 1, 2, end) + 1.2*rnd.Float64()
		}
		ws := b.measure(costs{0, 0.03, 0.4, 0.05}, end, 0.005, rnd)
		idle := func(i int) float64 { return 2 * (1 + tt.rise*float64(i)/end) }
		for i := range ws {
			ws[i].Energy += energy.Joules(idle(i))
			ws[i].GPU.Energy = ws[i].Energy
		}
		e := New(Config{}, Resume{})
		for _, w := range ws {
			if err := e.AddWindow(w); err != nil {
				t.Fatal(err)
			}
		}
		for _, r := range b.requests {
			e.AddRequest(r)
		}
		var base, inference, truth, work, last float64
		for i, k := range e.Advance(after(end+100), nil, nil).Bookings {
			base += float64(k.Baseline)
			inference += float64(k.Inference)
			truth += idle(i)
			work += float64(k.Window.Energy) - idle(i)
			last += 2
		}
		stated := float64(e.baseline.current.err / e.baseline.current.all)
		t.Logf("idle level rises by %.0f %%: baseline %.1f %% off (the last quiet window: %.1f %%), stated error %.1f %%, inference %.2f %%",
			100*tt.rise, 100*(base/truth-1), 100*(last/truth-1), 100*stated, 100*(inference/work-1))
		if off := math.Abs(base/truth - 1); off > 2*stated && off > 0.6*math.Abs(last/truth-1) {
			t.Errorf("baseline %.1f %% off", 100*off)
		}
		if off := inference/work - 1; math.Abs(off) > tt.inference {
			t.Errorf("inference %.2f %% off", 100*off)
		}
	}
}

// TestShownBaselineIsOnlyForWantOfABetter keeps a fresh quiet level, and one
// that is surer than what work shows.
func TestShownBaselineIsOnlyForWantOfABetter(t *testing.T) {
	for _, tt := range []struct {
		name string
		age  time.Duration
		err  energy.Watts
		want energy.Watts
	}{
		{"fresh", time.Minute, 0.01, 2}, {"stale", time.Hour, 0.01, 3}, {"stale, but surer", time.Hour, 5, 2},
	} {
		b := baseline{current: level{all: 2, cpu: 0.5, gpu: 1, err: 0.2, age: tt.age}}
		b.shown(3, tt.err)
		if b.current.all != tt.want || b.current.cpu != 0.25*tt.want || b.current.gpu != 0.5*tt.want {
			t.Errorf("%s: %+v, want %v W", tt.name, b.current, tt.want)
		}
	}
}
