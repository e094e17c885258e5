package attribution

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func after(seconds float64) time.Time {
	return start.Add(time.Duration(math.Round(seconds * float64(time.Second))))
}

// batches are requests of one model, served in batches as a server does it: a
// token for each that decodes in each, and prompts beside them.
type batches struct {
	timing
	requests []Request
	all      []oneBatch
}

// oneBatch is what was done in one batch.
type oneBatch struct {
	start, end, prompt float64
	decoding           int
}

// serve appends n requests that come at random, up to slots at a time, and
// returns when the last one is done. Prompts are read one after the other.
func (b *batches) serve(rnd *rand.Rand, n, slots int, now float64) float64 {
	type slot struct {
		r            *Request
		unread, left int64
	}
	var active []*slot
	var done []*Request
	id := len(b.requests)
	pause := 0.0
	for n > 0 || len(active) > 0 {
		for n > 0 && len(active) < slots && now >= pause {
			r := &Request{
				ID: string(rune('a'+id%26)) + time.Duration(id).String(), Server: "s", Model: "m", Start: after(now), Outcome: OutcomeOK,
				Input: Known(20 + rnd.Int64N(2000)), Output: Known(20 + rnd.Int64N(300)), Cached: Known(0),
			}
			active, done = append(active, &slot{r, r.Input.N, 0}), append(done, r)
			id, n = id+1, n-1
			pause = now + 4*rnd.ExpFloat64()
		}
		if len(active) == 0 {
			now = pause
			continue
		}
		room, decoding := int64(batchTokens), 0
		length := 0.0
		for _, s := range active {
			if s.unread == 0 {
				decoding++
			}
		}
		if decoding > 0 {
			length = b.decode(decoding)
		}
		read := make([]int64, len(active))
		for i, s := range active {
			read[i] = min(room, s.unread)
			room -= read[i]
			length += b.prefill * float64(read[i])
		}
		b.all = append(b.all, oneBatch{now, now + length, float64(batchTokens - room), decoding})
		now += length
		var left []*slot
		for i, s := range active {
			switch {
			case read[i] > 0 || s.unread > 0:
				if s.unread -= read[i]; s.unread == 0 {
					s.r.FirstToken, s.left = after(now), s.r.Output.N-1
				}
			default:
				s.left--
			}
			if s.unread == 0 && s.left == 0 {
				s.r.End = after(now)
				continue
			}
			left = append(left, s)
		}
		active = left
	}
	for _, r := range done {
		b.requests = append(b.requests, *r)
	}
	return now
}

// TestTimingIsLearned learns the timing of a model from its requests alone.
func TestTimingIsLearned(t *testing.T) {
	for _, tt := range []struct {
		name  string
		slots int
		want  timing
	}{
		{"one at a time", 1, timing{0.002, 0.02, 0}}, // the sum of step and token is all that shows
		{"four slots", 4, timing{0.0008, 0.02, 0.004}},
		{"eight slots", 8, timing{0.0015, 0.012, 0.006}},
		{"a large model", 4, timing{0.012, 0.09, 0.012}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := batches{timing: tt.want}
			b.serve(rand.New(rand.NewPCG(2, 2)), 200, tt.slots, 0)
			l := newLearner(State{})
			learnPhases(&l, b.requests)
			got := l.of(modelKey{"s", "m"}).Coefficients.timing()
			if tt.slots == 1 {
				got.step, got.token = got.decode(1), 0
			}
			for name, pair := range map[string][2]float64{
				"prefill": {got.prefill, tt.want.prefill}, "a step of one": {got.decode(1), tt.want.decode(1)}, "a step of all": {got.decode(tt.slots), tt.want.decode(tt.slots)},
			} {
				if tt.slots == 1 && name == "a step of all" {
					continue
				}
				if off := pair[0]/pair[1] - 1; math.Abs(off) > 0.02 {
					t.Errorf("%s takes %v s, learned %v s (%.2f %% off)", name, pair[1], pair[0], 100*off)
				}
			}
		})
	}
}

// learnPhases places the requests and learns from them, ten at a time.
func learnPhases(l *learner, requests []Request) {
	p := placer{learner: l, warps: &warps{made: map[string]*warp{}}}
	for _, r := range requests {
		p.order = append(p.order, &tracked{OpenRequest: OpenRequest{Request: r}})
	}
	for i, r := range requests {
		if i%10 == 9 {
			p.until(r.Start.Add(time.Nanosecond))
			l.of(modelKey{"s", "m"}).solve(level{all: 2, err: 0.1}, priorWatts)
		}
	}
}
