package powermetrics

import (
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
)

// Samples are held up to six of them, or 5 s of shorter ones: more than twice
// the longest that a chip was seen to take to publish its counters.
const (
	heldSamples = 6
	heldFor     = 5 * time.Second
)

// batches joins samples of a machine that publishes energy counters in batches,
// such as every 2.1 s: at one sample a second a busy rail reads 0 in one and the
// energy of two in the next. What reads 0 is held until the counter moves, and
// becomes one span with all that follow up to there. Where no counter is
// batched each sample stays alone.
type batches struct {
	cpu, gpu history
	held     span
}

// span is samples that lie end to end, taken as one.
type span struct {
	start, end       time.Time
	cpu, gpu, ane    attribution.Rail
	cpuZero, gpuZero bool // the rail reads 0 though it was busy
	flaw             Flaw // any other
	lacks            bool // a rail that earlier samples have had
	usage            *attribution.Usage
	samples          int64
}

// settled is a span, and what became of its samples.
type settled struct {
	span
	result Result
	flaw   Flaw // why it is unusable, where a flaw is why
}

// add takes the span of the next sample, which begins where the one before
// ended. It returns what is not held any longer, in order.
func (b *batches) add(s *span, elapsed time.Duration) []settled {
	if s.flaw != "" || s.lacks {
		return append(b.cut(), settled{*s, ResultUnusable, s.flaw})
	}
	b.cpu.note(s.cpu, s.cpuZero, zeroLimit(elapsed, zeroCPUBusyMin))
	b.gpu.note(s.gpu, s.gpuZero, zeroLimit(elapsed, zeroGPUBusyMin))
	if s.cpuZero && !b.cpu.batched || s.gpuZero && !b.gpu.batched {
		return append(b.cut(), settled{*s, ResultUnusable, s.contradiction()})
	}
	var done []settled
	if b.held.samples > 0 && !b.held.sameRails(s) {
		done = b.cut()
	}
	b.held.join(s)
	full := b.held.samples >= heldSamples && b.held.end.Sub(b.held.start) >= heldFor
	if full && b.held.contradiction() == "" { // so little work may well have taken nothing
		return append(done, b.settle(""))
	}
	if full || b.waits() == "" {
		done = append(done, b.cut()...)
	}
	return done
}

// cut ends what is held, which is unusable when its counters never moved.
func (b *batches) cut() []settled {
	if b.held.samples == 0 {
		return nil
	}
	return []settled{b.settle(b.waits())}
}

func (b *batches) settle(flaw Flaw) settled {
	s := settled{b.held, ResultOK, flaw}
	b.held = span{}
	switch {
	case flaw != "":
		s.result = ResultUnusable
	case s.samples > 1:
		s.result = ResultJoined
	}
	return s
}

// waits says for which rail's counter the held samples have to wait; for none
// when it is empty. A rail that did so little that 0 does not contradict it need
// not be waited for once the other has moved: counters are published together.
func (b *batches) waits() Flaw {
	h := &b.held
	if f := h.contradiction(); f != "" {
		return f
	}
	switch {
	case b.cpu.batched && h.cpu.Energy > 0, b.gpu.batched && h.gpu.Energy > 0:
		return ""
	case b.cpu.batched && worked(h.cpu):
		return FlawCPUZero
	case b.gpu.batched && worked(h.gpu):
		return FlawGPUZero
	}
	return ""
}

// worked reports whether a rail did anything, as far as is known.
func worked(r attribution.Rail) bool { return r.Known && (!r.BusyKnown || r.Busy > 0) }

// contradiction is the flaw of the rail that reads 0 though it was busy.
func (s *span) contradiction() Flaw {
	switch {
	case s.cpuZero:
		return FlawCPUZero
	case s.gpuZero:
		return FlawGPUZero
	}
	return ""
}

// sameRails reports whether the same rails are known in both.
func (s *span) sameRails(next *span) bool {
	return s.cpu.Known == next.cpu.Known && s.gpu.Known == next.gpu.Known && s.ane.Known == next.ane.Known
}

// join adds the span that follows.
func (s *span) join(next *span) {
	if s.samples == 0 {
		*s = *next
		return
	}
	s.end = next.end
	s.cpu, s.gpu, s.ane = sum(s.cpu, next.cpu), sum(s.gpu, next.gpu), sum(s.ane, next.ane)
	s.cpuZero = (s.cpuZero || next.cpuZero) && s.cpu.Energy == 0
	s.gpuZero = (s.gpuZero || next.gpuZero) && s.gpu.Energy == 0
	s.usage = joinUsage(s.usage, next.usage)
	s.samples += next.samples
}

// sum adds two rails that are both known, or both not.
func sum(a, b attribution.Rail) attribution.Rail {
	a.Energy += b.Energy
	a.Busy += b.Busy
	a.BusyKnown = a.BusyKnown && b.BusyKnown
	return a
}
