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
	// Learned is what was learned of each model, by server and model, and
	// Learning what the current step will add to it.
	Learned  []Learned
	Learning Step
	Others   GPUPower // of other processes
	// Slopes is what the machine drew for each joule of the SoC.
	Slopes Slopes
	// Lags is how far each server's own time is behind at Closed, by server.
	Lags []ServerLag
}

// OpenRequest is a request with what is booked to it so far.
type OpenRequest struct {
	Request Request
	Booked  Tally
	// Placed is true once what follows was worked out.
	Placed bool
	Pace   Pace
	// Reading is when its prompt is read, and DecodeStart to DecodeEnd when it
	// decodes, in its server's own time.
	Reading                []Stretch
	DecodeStart, DecodeEnd time.Time
	Guess                  Guess
}

// Pace is how a request's tokens run against the clock of its model: by which
// factor it decodes faster than the learned timing says, in steps that only
// decode, and in steps that read prompts too.
type Pace struct {
	Pure, Mixed float64
	Tokens      float64 // what it was found from; 0: it is not known
}

// Tally is what closed windows have booked to a request so far.
type Tally struct {
	Prefill, Decode energy.Joules
	// Error and Sharing are sums over the shares, NoiseSquared is one of the
	// squares of their Noise, in J².
	Error, Sharing energy.Joules
	NoiseSquared   float64
	// Expected is what its tokens are known to take.
	Expected  energy.Joules
	Covered   time.Duration // time of the request that lies in booked windows
	Shared    energy.Joules // energy from windows in company
	Estimated energy.Joules // energy from windows split on an assumption
	Scope     Scope         // the least trusted of the windows'; empty before the first
}

// QuietMinute sums up the quiet windows that began in one UTC minute.
type QuietMinute struct {
	Start         time.Time
	Length        time.Duration // of the quiet windows together
	CPU, GPU, All energy.Joules // sums over them; All is that of the SoC
	// AC is what the whole machine drew at the plug, measured or calibrated, in
	// those of the windows that say so, and DC the same behind its power supply.
	AC, DC QuietEnergy
	// CPUBusy and GPUBusy are how long the rails' units were active in them; 0
	// where that is not known.
	CPUBusy, GPUBusy time.Duration
	// Others is what other processes used in those of the windows that have
	// process stats, which last Watched together.
	Others  Use
	Watched time.Duration
}

// QuietEnergy is what the machine drew in a time.
type QuietEnergy struct {
	Length time.Duration
	Energy energy.Joules
}

// Slopes is, for both sides of the power supply, what the machine drew above
// its baseline while requests were in flight and what of that the SoC did.
// Older windows count less.
type Slopes struct {
	AC, DC Slope
	Scope  Scope     // of the window that was booked last
	Step   time.Time // the current step
}

// Slope is energy above the baselines: of the whole machine, and of its SoC.
type Slope struct {
	Whole, SoC energy.Joules
	// Apart is how far windows lay from what the slope says of them, signs left
	// out: a meter does not tell exactly when something was drawn.
	Apart energy.Joules
	// StepWhole, StepSoC and StepApart are those of the current step, which count
	// from the next one on.
	StepWhole, StepSoC, StepApart energy.Joules
	StepBusy                      time.Duration // with a request in flight
}

// Resume is what a store gives back after a restart.
type Resume struct {
	State       State
	Windows     []Window // measured and stored, not booked yet, in time order
	Checkpoints []Checkpoint
	// LastEnd is the end of the newest stored window or gap; zero when the
	// store is new. What lies between it and the first new sample is a gap.
	LastEnd time.Time
	Scoping []byte // as Batch.Scoping; nil when there is none
	// Calibrations are all that are stored, the oldest first.
	Calibrations []Calibration
}
