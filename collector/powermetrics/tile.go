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
func (t *tiler) place(s *Sample, end time.Time) []attribution.Measurement {
	var out []attribution.Measurement
	start := t.last
	if t.last.IsZero() {
		start = end.Add(-s.Elapsed)
	} else if t.pending != "" {
		// A hole of less than a quarter of a window is only jitter.
		if own := end.Add(-s.Elapsed); own.Sub(t.last) > s.Elapsed/4 {
			out = append(out, gap(t.last, own, t.pending))
			start = own
		}
	}
	if least := start.Add((s.Elapsed + 1) / 2); end.Before(least) {
		end = least
	}
	t.last, t.pending = end, ""
	if lacks := t.lacks(s); s.Flaw != "" || lacks {
		return append(out, gap(start, end, attribution.GapUnusable))
	}
	return append(out, attribution.Measurement{Window: window(s, start, end)})
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

func window(s *Sample, start, end time.Time) *attribution.Window {
	w := &attribution.Window{
		Start: start, End: end,
		CPU: s.CPU, GPU: s.GPU, ANE: s.ANE,
		Scope: attribution.ScopeSoC,
	}
	for _, r := range [...]attribution.Rail{s.CPU, s.GPU, s.ANE} {
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
