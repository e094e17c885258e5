package powermetrics

import (
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
)

// overlongFactor is how many sampling intervals one sample may span.
const overlongFactor = 3

// tiler lays samples end to end. Its windows are contiguous and never overlap;
// time that no sample covers is a gap with the reason that was noted for it.
type tiler struct {
	last    time.Time // the end of the newest window or gap; zero at first
	pending attribution.GapReason
	rails   [3]bool // that samples have had: one that lacks it now is unknown, not 0
	batches batches
	// settled is told what became of samples; nil: nobody asks.
	settled func(r Result, f Flaw, samples int64)
	flaw    Flaw // of the newest sample; empty when it is usable, or held
}

// hole notes that the time from here to the next sample is not measured. A
// restart explains more than what was skipped on the way to it.
func (t *tiler) hole(reason attribution.GapReason) {
	if t.pending == "" || reason == attribution.GapPowermetrics {
		t.pending = reason
	}
}

// restart notes that powermetrics was started again. Its new run may have fewer
// samplers than the one before.
func (t *tiler) restart() {
	t.hole(attribution.GapPowermetrics)
	t.rails = [3]bool{}
}

// place puts s at the end time, which may give a gap before it. Clocks differ a
// little, so a window's length may differ from s.Elapsed, but never by more than
// half of it: a clock that was set back is caught up with over several windows.
// It returns nothing while s is held; see batches.
func (t *tiler) place(s *Sample, end time.Time, usage *attribution.Usage) []attribution.Measurement {
	var out []attribution.Measurement
	start, own := t.last, end.Add(-s.Elapsed)
	switch {
	case t.last.IsZero():
		start = own
	case t.pending != "" && own.Sub(t.last) > s.Elapsed/4: // a hole of less is only jitter
		out = append(t.cut(), gap(t.last, own, t.pending))
		start = own
	case t.pending == attribution.GapPowermetrics: // the new run knows nothing of what was held
		out = t.cut()
	}
	if least := start.Add((s.Elapsed + 1) / 2); end.Before(least) {
		end = least
	}
	t.last, t.pending = end, ""
	return append(out, t.settle(t.batches.add(t.span(s, start, end, usage), s.Elapsed))...)
}

// skip makes the time from here to the end a gap.
func (t *tiler) skip(end time.Time, reason attribution.GapReason) []attribution.Measurement {
	out := append(t.cut(), gap(t.last, end, reason))
	t.last = end
	return out
}

// cut ends what is held: nothing will follow that joins it.
func (t *tiler) cut() []attribution.Measurement { return t.settle(t.batches.cut()) }

// settle turns spans into measurements.
func (t *tiler) settle(all []settled) (out []attribution.Measurement) {
	t.flaw = ""
	for i := range all {
		s := &all[i]
		t.flaw = s.flaw
		if t.settled != nil {
			t.settled(s.result, s.flaw, s.samples)
		}
		if s.result == ResultUnusable {
			out = append(out, gap(s.start, s.end, attribution.GapUnusable))
			continue
		}
		out = append(out, attribution.Measurement{Window: s.window()})
	}
	return out
}

// span is s alone.
func (t *tiler) span(s *Sample, start, end time.Time, usage *attribution.Usage) *span {
	x := &span{
		start: start, end: end, cpu: s.CPU, gpu: s.GPU, ane: s.ANE,
		cpuZero: s.Flaw == FlawCPUZero, gpuZero: s.gpuZero(), flaw: s.Flaw,
		lacks: t.lacks(s), usage: usage, samples: 1,
	}
	if x.cpuZero || x.gpuZero {
		x.flaw = ""
	}
	return x
}

// lacks reports whether a rail is missing that earlier samples had.
func (t *tiler) lacks(s *Sample) (lacks bool) {
	for i, r := range [...]attribution.Rail{s.CPU, s.GPU, s.ANE} {
		lacks = lacks || t.rails[i] && !r.Known
		t.rails[i] = t.rails[i] || r.Known
	}
	return lacks
}

func gap(start, end time.Time, reason attribution.GapReason) attribution.Measurement {
	return attribution.Measurement{Gap: &attribution.Gap{Start: start, End: end, Reason: reason}}
}

func (s *span) window() *attribution.Window {
	w := &attribution.Window{
		Start: s.start, End: s.end,
		CPU: s.cpu, GPU: s.gpu, ANE: s.ane,
		Scope: attribution.ScopeSoC, Usage: s.usage,
	}
	for _, r := range [...]attribution.Rail{s.cpu, s.gpu, s.ane} {
		if r.Known {
			w.Energy += r.Energy
		}
	}
	return w
}

// jump says why wall time passed without a sample. The kernel moves its boot
// time along when the wall clock is set, and leaves it alone in sleep: a machine
// that was never restarted shows boot times 2 s apart over two days.
func jump(bootBefore, bootNow time.Time, passed time.Duration) attribution.GapReason {
	if !bootBefore.IsZero() && !bootNow.IsZero() && bootNow.Sub(bootBefore) >= passed/2 {
		return attribution.GapClockChange
	}
	return attribution.GapSleep
}
