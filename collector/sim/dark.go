package sim

import (
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
)

// darkness is how much of a segment no window covers. Power is even between
// two changes of its pace, and so is darkness.
type darkness struct {
	start       time.Duration // of the present pace
	time, slept time.Duration // at the present pace, without a window and asleep
	// What was drawn before the present pace, and how much of that without a
	// window.
	drawn, lost energy.Joules
}

// repace notes that the pace changes now, when the segment has drawn so much.
func (d *darkness) repace(now time.Duration, drawn energy.Joules) {
	lost := d.lost + (drawn-d.drawn)*energy.Joules(d.present(now))
	*d = darkness{start: now, drawn: drawn, lost: lost}
}

// present is the ratio of the time at the present pace, which ends now.
func (d *darkness) present(now time.Duration) float64 {
	awake := now - d.start - d.slept
	if awake <= 0 {
		return 0
	}
	return d.time.Seconds() / awake.Seconds()
}

// ratio is the ratio of all the energy of the segment, which ends now.
func (d *darkness) ratio(now time.Duration, all energy.Joules) float64 {
	if d.drawn == 0 || all <= 0 {
		return d.present(now)
	}
	return float64((d.lost + (all-d.drawn)*energy.Joules(d.present(now))) / all)
}
