package sim

import (
	"math"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
)

// segment is a number of equal steps of the server in a row: nothing begins or
// ends in it, and its power is constant.
type segment struct {
	work      work
	end       time.Duration
	steps     int
	step      stepCost
	sec       float64       // how long a step takes now, in seconds
	decoding  int           // sequences in each step
	cancelAt  time.Duration // when the clients that give up in the last step do so; never if none does
	dark      darkness
	wall      wallShare
	throttled bool
	pressure  pressure
}

// stepCost is what one step takes, whatever else the chip does.
type stepCost struct {
	prefill, decode energy.Joules
	alone           time.Duration // on an otherwise idle chip
}

// energy is all that the step costs.
func (c stepCost) energy() energy.Joules { return c.prefill + c.decode }

// plan makes the next segment of the slots' work from now on.
func (s *server) plan(now time.Duration, around surroundings) {
	prompt, steps := s.share()
	step := s.stepCost(prompt)
	sec, throttled := around.pace(step)
	steps = s.limit(steps, now, sec, around.horizon)
	length := time.Duration(math.Round(sec * float64(steps) * 1e9))
	s.seg = segment{
		dark: darkness{start: now}, end: now + length, steps: steps, step: step, sec: sec, decoding: s.decoders(), throttled: throttled, pressure: around.pressure,
		work: s.stepWork(step.prefill*energy.Joules(steps), step.decode*energy.Joules(steps), length, step.alone.Seconds()/sec),
	}
	s.outlook()
}

// outlook says what the segment's steps will have done at its end.
func (s *server) outlook() {
	s.seg.cancelAt = never
	for _, sl := range s.slots {
		if r := sl.busy; r != nil {
			r.inStepTotal = r.inStep * s.seg.steps
			if r.cancel && r.endsIn(s.seg.steps) {
				s.seg.cancelAt = s.seg.end - time.Duration(0.3*s.seg.sec*1e9)
			}
		}
	}
}

// endsIn is true when the request ends within so many steps.
func (r *request) endsIn(steps int) bool {
	if r.decoding() {
		return r.outLeft() <= steps
	}
	return r.inStep*steps >= r.promptLeft() && r.stopOut <= 1
}

// share gives each reading slot its prompt tokens of the next step. It returns
// their sum and for how many steps the same sharing holds.
func (s *server) share() (prompt, steps int) {
	room, readers := s.cfg.Batch, 0
	steps = math.MaxInt
	for _, sl := range s.slots {
		r := sl.busy
		if r == nil {
			continue
		}
		r.inStep = 0
		if r.decoding() {
			steps = min(steps, r.outLeft())
			continue
		}
		r.inStep = min(room, r.promptLeft())
		room -= r.inStep
		if r.inStep > 0 {
			readers++
			steps = min(steps, max(r.promptLeft()/r.inStep, 1))
		}
	}
	if readers > 1 {
		steps = 1
	}
	return s.cfg.Batch - room, steps
}

// limit cuts steps of sec seconds each so that the next change finds the
// server between two steps, and that the log tells of progress in time.
func (s *server) limit(steps int, now time.Duration, sec float64, horizon time.Duration) int {
	until := func(at time.Duration) int {
		n := math.Ceil((at - now).Seconds() / sec)
		return int(min(max(n, 1), 1e9))
	}
	if horizon != never {
		steps = min(steps, until(horizon))
	}
	for _, sl := range s.slots {
		r := sl.busy
		if r == nil || !r.decoding() {
			continue
		}
		if s.model.ContextJoules > 0 {
			steps = min(steps, r.block()-r.tokens()+1)
		}
		if r.out < firstProgress {
			steps = min(steps, firstProgress-r.out)
			continue
		}
		steps = min(steps, until(r.told+progressEvery))
	}
	return steps
}

// decoders is how many sequences decode.
func (s *server) decoders() int {
	n := 0
	for _, sl := range s.slots {
		if sl.busy != nil && sl.busy.decoding() {
			n++
		}
	}
	return n
}

// stepCost is what one step with so many prompt tokens takes.
func (s *server) stepCost(prompt int) stepCost {
	c := stepCost{
		prefill: s.model.PrefillJoules * energy.Joules(prompt),
		alone:   time.Duration(float64(prompt) / s.model.PrefillRate * 1e9),
	}
	if n := s.decoders(); n > 0 {
		c.decode = s.model.StepJoules + s.model.TokenJoules*energy.Joules(n) + s.contextJoules()
		c.alone += s.model.StepTime + time.Duration(n)*s.model.TokenTime
	}
	return c
}

// contextJoules is what the contexts of all decoding sequences add to a step.
func (s *server) contextJoules() energy.Joules {
	if s.model.ContextJoules == 0 {
		return 0
	}
	j := energy.Joules(0)
	for _, sl := range s.slots {
		if sl.busy != nil && sl.busy.decoding() {
			j += s.model.ContextJoules * energy.Joules(sl.busy.block())
		}
	}
	return j
}

// stepWork is the power of steps that cost so much and take so long. pace is
// the ratio of full speed at which they run.
func (s *server) stepWork(prefill, decode energy.Joules, length time.Duration, pace float64) work {
	w := work{prefill: prefill.Over(length), decode: decode.Over(length)}
	total := w.prefill + w.decode
	w.cpu = total * energy.Watts(s.model.CPUShare)
	w.gpu = total - w.cpu
	w.cores = float64(w.cpu / s.coreWatts)
	w.gpuBusy = s.model.GPUBusy * pace
	return w
}

// apply books the segment that ended to the requests in it.
func (s *server) apply(now time.Duration) {
	seg := &s.seg
	dark := seg.dark.ratio(now, seg.step.energy()*energy.Joules(seg.steps))
	perToken := energy.Joules(0)
	if seg.decoding > 0 {
		perToken = s.model.StepJoules/energy.Joules(seg.decoding) + s.model.TokenJoules
	}
	for _, sl := range s.slots {
		r := sl.busy
		if r == nil {
			continue
		}
		before, prefill, decode := r.energy(), r.prefill, r.decode
		if r.decoding() {
			r.decode += (perToken + s.model.ContextJoules*energy.Joules(r.block())) * energy.Joules(seg.steps)
			r.out += seg.steps
		} else {
			r.prefill += s.model.PrefillJoules * energy.Joules(r.inStepTotal)
			r.fresh += r.inStepTotal
			if r.promptLeft() == 0 && r.stopOut > 0 {
				r.out, r.first, r.told = 1, now, now
			}
		}
		r.unmeasured += (r.energy() - before) * energy.Joules(dark)
		r.wall.add(seg.share(r.prefill-prefill, r.decode-decode))
	}
	s.seq += seg.steps
	s.graphs += seg.steps
}
