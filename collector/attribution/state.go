package attribution

import (
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
)

// State is what an Engine needs, besides the windows that are still open, to
// go on after a restart as if it had never stopped. It is plain data.
type State struct {
	// Closed: every window that ends at or before it is booked.
	Closed   time.Time
	Requests []OpenRequest // completed in the log, not wholly booked yet
	Loads    []ModelLoad   // that may touch an open window
	Quiet    []QuietMinute // what the baseline is computed from, by Start
	// Step holds the quiet windows of the current baseline step; they count
	// from the next step on.
	Step QuietMinute
	// LastEnd is the latest end of a request charged so far: time close to it
	// is not quiet.
	LastEnd time.Time
}

// OpenRequest is a request with what is booked to it so far.
type OpenRequest struct {
	Request Request
	Booked  Tally
}

// Tally is what closed windows have booked to a request so far.
type Tally struct {
	Prefill, Decode energy.Joules
	Error           energy.Joules
	Covered         time.Duration // time of the request that lies in booked windows
	Shared          energy.Joules // energy from windows in company
	Estimated       energy.Joules // energy from windows split on an assumption
}

// QuietMinute sums up the quiet windows that began in one UTC minute.
type QuietMinute struct {
	Start         time.Time
	Length        time.Duration // of the quiet windows together
	CPU, GPU, All energy.Joules // sums over them; All is at the windows' scope
	// CPUBusy and GPUBusy are how long the rails' units were active in them; 0
	// where that is not known.
	CPUBusy, GPUBusy time.Duration
	// Others is what other processes used in those of the windows that have
	// process stats, which last Watched together.
	Others  Use
	Watched time.Duration
}

// Resume is what a store gives back after a restart.
type Resume struct {
	State       State
	Windows     []Window // measured and stored, not booked yet, in time order
	Checkpoints []Checkpoint
	// LastEnd is the end of the newest stored window or gap; zero when the
	// store is new. What lies between it and the first new sample is a gap.
	LastEnd time.Time
}
