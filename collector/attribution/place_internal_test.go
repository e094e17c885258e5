package attribution

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// knowing is a learner that knows the timing.
func knowing(tm timing) learner {
	l := newLearner(State{Learned: []Learned{{
		Server: "s", Model: "m",
		Coefficients: Coefficients{PrefillSeconds: tm.prefill, StepSeconds: tm.step, TokenSeconds: tm.token, Prefill: 1, Step: 1, Token: 1},
	}}})
	return l
}

// placed places all requests.
func placed(l learner, requests []Request) []*tracked {
	p := placer{learner: &l, warps: &warps{made: map[string]*warp{}}}
	for _, r := range requests {
		p.order = append(p.order, &tracked{OpenRequest: OpenRequest{Request: r}})
	}
	p.until(requests[len(requests)-1].Start.Add(time.Hour))
	return p.order
}

// TestPlacedRequestsDoWhatTheLogSays: the work that windows find in the time of
// a request is what the log says that it did, though it is worked out from the
// pace of all its company.
func TestPlacedRequestsDoWhatTheLogSays(t *testing.T) {
	tm := timing{0.002, 0.02, 0.003}
	for _, slots := range []int{1, 3, 8} {
		b := batches{timing: tm}
		b.serve(rand.New(rand.NewPCG(11, uint64(slots))), 200, slots, 0)
		for _, learned := range []timing{tm, {0.003, 0.012, 0.003}} { // the pace makes up for what was learned wrongly
			var off []float64
			order := placed(knowing(learned), b.requests)
			for i, r := range order {
				w := workOf(order, i, learned)
				if math.Abs(w.prefill-float64(r.Request.Input.N)) > 1e-6*w.prefill {
					t.Fatalf("%d slots: %v of %d prompt tokens are placed", slots, w.prefill, r.Request.Input.N)
				}
				off = append(off, math.Abs(w.decode/steps(r.Request)-1))
			}
			slices.Sort(off)
			t.Logf("%d slots, learned %v: decoded tokens %.3g off in the median, %.3g in 95 of 100", slots, learned, off[100], off[190])
			if slots == 1 && off[199] > 1e-9 {
				t.Errorf("alone: %v off, want what the log says", off[199])
			}
			if learned == tm && (off[100] > 0.005 || off[190] > 0.02) {
				t.Errorf("%d slots: %v off in the median, %v in 95 of 100", slots, off[100], off[190])
			}
		}
	}
}

// workOf is what the i-th request does in all of its time.
func workOf(order []*tracked, i int, tm timing) work {
	r := order[i].Request
	whole := order[i].phases(r.End).whole
	members := []member{order[i].member(&warp{}, r.End, tm)}
	for k, o := range order {
		if k != i && o.phases(r.End).whole.overlap(whole.start, whole.end) > 0 {
			members = append(members, o.member(&warp{}, o.Request.End, tm))
		}
	}
	return worksIn(members, whole, tm)[0]
}

// TestPaceStepsAreThoseOfTheLog: pace times clock is what the log says.
func TestPaceStepsAreThoseOfTheLog(t *testing.T) {
	for _, tt := range []struct {
		name   string
		output int64
		clock  decodeClock
		want   Pace
	}{
		{"as the clock says", 101, decodeClock{pure: 90, mixed: 10}, Pace{1, 1, 100}},
		{"twice as fast", 201, decodeClock{pure: 100}, Pace{2, 1, 200}},
		{"only beside prompts", 51, decodeClock{mixed: 100}, Pace{1, 0.5, 50}},
		{"hardly ever but beside prompts", 101, decodeClock{pure: 10, mixed: 200}, Pace{1, 0.45, 100}},
		{"a single token", 1, decodeClock{pure: 10}, Pace{}},
		{"no time", 10, decodeClock{}, Pace{}},
	} {
		got := paceOf(Request{Output: Known(tt.output)}, tt.clock)
		if math.Abs(got.Pure-tt.want.Pure) > 1e-12 || math.Abs(got.Mixed-tt.want.Mixed) > 1e-12 || got.Tokens != tt.want.Tokens {
			t.Errorf("%s: %+v, want %+v", tt.name, got, tt.want)
		}
		if n := got.Pure*tt.clock.pure + got.Mixed*tt.clock.mixed; got.Tokens > 0 && math.Abs(n-got.Tokens) > 1e-9 {
			t.Errorf("%s: pace gives %v steps, want %v", tt.name, n, got.Tokens)
		}
	}
	if got := paceOf(Request{}, decodeClock{pure: 10}); got != (Pace{}) {
		t.Errorf("unknown tokens: pace %+v", got)
	}
}

// TestGuessFindsTheFirstToken hides from every fifth request all but what a
// log tells of a cancelled one, which may be its first token too.
func TestGuessFindsTheFirstToken(t *testing.T) {
	t.Run("not told", func(t *testing.T) { guessHidden(t, false, false) })
	t.Run("told", func(t *testing.T) { guessHidden(t, true, false) })
	t.Run("told, and more from the cache than was said", func(t *testing.T) { guessHidden(t, true, true) })
}

func guessHidden(t *testing.T, told, saved bool) {
	tm := timing{0.002, 0.02, 0.002}
	for _, slots := range []int{1, 4} {
		b := batches{timing: tm}
		b.serve(rand.New(rand.NewPCG(12, uint64(slots))), 300, slots, 0)
		rnd := rand.New(rand.NewPCG(13, 13))
		seen := slices.Clone(b.requests)
		for i := range seen {
			if r := &seen[i]; i%5 == 2 {
				reused := 0.5 * rnd.Float64()
				cached := float64(r.Input.N) * reused / (1 - reused)
				r.Context = Known(r.Input.N + int64(cached+0.5) + r.Output.N)
				r.Reused = Fraction{reused, true}
				r.Input, r.Output, r.Cached, r.Outcome = Count{}, Count{}, Count{}, OutcomeCancelled
				if saved && reused > 0.25 { // a saved prompt was loaded later
					r.Reused.Of = 0
				}
				if !told {
					r.FirstToken = time.Time{}
				}
			}
		}
		var first, input []float64
		for i, o := range placed(knowing(tm), seen) {
			if i%5 != 2 {
				continue
			}
			r := b.requests[i]
			if o.Guess.FirstToken.Before(r.Start) || o.Guess.FirstToken.After(r.End) {
				t.Fatalf("guessed a first token at %v for %+v", o.Guess.FirstToken, r)
			}
			first = append(first, math.Abs(float64(o.Guess.FirstToken.Sub(r.FirstToken)))/float64(r.End.Sub(r.Start)))
			input = append(input, math.Abs(o.Guess.Input/float64(r.Input.N)-1))
		}
		slices.Sort(first)
		slices.Sort(input)
		n := len(first)
		t.Logf("%d slots: first token %.3g of the request's time off in the median, %.3g in 90 of 100; prompt %.3g and %.3g", slots, first[n/2], first[n*9/10], input[n/2], input[n*9/10])
		// Where a prompt waits for others its first token may be told worse, but
		// how much it read and decoded is still known: its energy comes from that.
		if told && first[n-1] > 0 {
			t.Errorf("%d slots: a first token that was told was moved by %v", slots, first[n-1])
		}
		if saved && slots > 1 { // in company the time tells less; most are found all the same
			if input[n/2] > 0.05 {
				t.Errorf("%d slots: prompt off by %v in the median", slots, input[n/2])
			}
			continue
		}
		if first[n/2] > 0.02 || input[n*9/10] > 0.05 || slots == 1 && first[n*9/10] > 0.02 {
			t.Errorf("%d slots: first token off by %v and %v, prompt by %v and %v", slots, first[n/2], first[n*9/10], input[n/2], input[n*9/10])
		}
	}
}

// TestGuessOfNothing has what a guess cannot be made of.
func TestGuessOfNothing(t *testing.T) {
	base := Request{ID: "a", Server: "s", Model: "m", Start: start, End: after(10), Context: Known(100), Reused: Fraction{0, true}}
	for name, change := range map[string]func(*Request){
		"no context":        func(r *Request) { r.Context = Count{} },
		"nothing is reused": func(r *Request) { r.Reused = Fraction{} },
		"input known":       func(r *Request) { r.Input = Known(3) },
	} {
		r := base
		change(&r)
		if guessable(r) {
			t.Errorf("%s: a guess is made", name)
		}
	}
	for name, r := range map[string]Request{
		"all of the prompt reused": {Context: Known(100), Reused: Fraction{1, true}},
		"no context at all":        {Context: Known(0), Reused: Fraction{0, true}},
		"no time":                  {Context: Known(100), Reused: Fraction{0, true}, End: start},
	} {
		r.ID, r.Server, r.Model, r.Start = "a", "s", "m", start
		if r.End.IsZero() {
			r.End = after(10)
		}
		g := placed(knowing(timing{0.002, 0.02, 0.002}), []Request{r})[0].Guess
		if math.IsNaN(g.Input) || math.IsNaN(g.Output) || g.Input < 0 || g.Output < 0 || g.FirstToken.Before(r.Start) {
			t.Errorf("%s: guess %+v", name, g)
		}
	}
}
