package sim

import (
	"math"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
)

// heat is what the machine has taken up of its thermal budget.
type heat struct {
	cfg    Thermal
	stored energy.Joules // 0 to cfg.Budget
	hot    bool          // the package is held to cfg.Watts
}

// on is true for a machine that has a budget.
func (h *heat) on() bool { return h.cfg.Budget > 0 }

// add takes up what is drawn for d.
func (h *heat) add(w energy.Watts, d time.Duration) {
	if !h.on() {
		return
	}
	h.stored = min(max(h.stored+(w-h.cfg.Watts).For(d), 0), h.cfg.Budget)
	switch {
	case h.stored >= h.cfg.Budget:
		h.hot = true
	case h.stored <= h.cfg.Budget/2:
		h.hot = false
	}
}

// next is when the machine gets hot, or is no longer, if w is drawn from now on.
func (h *heat) next(now time.Duration, w energy.Watts) time.Duration {
	room := h.cfg.Budget - h.stored
	if h.hot {
		room = h.cfg.Budget/2 - h.stored
	}
	rise := w - h.cfg.Watts
	if !h.on() || rise == 0 || (rise > 0) == h.hot {
		return never
	}
	sec := max(float64(room)/float64(rise), 0)
	if sec > 1e6 {
		return never
	}
	return now + time.Duration(math.Ceil(sec*1e9)) + 1
}

// limit is what the package can draw now.
func (h *heat) limit(most energy.Watts) energy.Watts {
	if h.hot {
		return min(most, h.cfg.Watts)
	}
	return most
}
