package attribution

import (
	"slices"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
)

// Rail is what one power rail did during a window.
type Rail struct {
	Energy energy.Joules // meaningless unless Known
	Known  bool          // false when the source did not report this rail
	// Busy is how long the rail's units were active, summed over units, so it
	// may exceed the window; meaningless unless BusyKnown.
	Busy      time.Duration
	BusyKnown bool
}

// known is the rail's energy, and 0 for a rail that was not reported: a rail
// that is not there cannot have added to the whole.
func (r Rail) known() energy.Joules {
	if !r.Known {
		return 0
	}
	return r.Energy
}

// Window is one power sample: the energy of the half-open time [Start, End).
type Window struct {
	Start, End    time.Time // UTC
	CPU, GPU, ANE Rail
	// Energy is the whole energy of the window at Scope. For ScopeSoC it is
	// the sum of the known rails.
	Energy energy.Joules
	Scope  Scope
	// Error bounds how far Energy may be off what Scope names, in 95 of 100
	// cases: the accuracy of the meter, or how well the line fits. Errors of this
	// kind add up over windows. 0 at ScopeSoC: nothing is known of it there.
	Error energy.Joules
	// Usage says which processes used the machine; nil when nobody looked.
	Usage *Usage
}

// SoC is what the chip's rails drew in the window, whatever its scope.
func (w Window) SoC() energy.Joules {
	if !w.Scope.Whole() {
		return w.Energy
	}
	return w.CPU.known() + w.GPU.known() + w.ANE.known()
}

// Use is what a group of processes used over some time.
type Use struct {
	CPU       time.Duration // CPU time, summed over cores
	GPU       time.Duration // GPU time
	CPUEnergy energy.Joules // CPU energy as the kernel counts it per process; see Usage.CPUEnergyKnown
}

// Idle reports whether u is under the given share, 0 to 1, of one core and of
// the GPU over d.
func (u Use) Idle(d time.Duration, share float64) bool {
	limit := time.Duration(share * float64(d))
	return u.CPU < limit && u.GPU < limit
}

// ServerUse is the use of one model server's whole process family.
type ServerUse struct {
	Server string // the configured server name
	Use
}

// Usage splits the use of the machine between model servers and the rest.
type Usage struct {
	Servers        []ServerUse // sorted by server name
	Others         Use         // every other process that could be seen
	GPUKnown       bool        // false: the GPU times were not readable and are zero
	CPUEnergyKnown bool        // false: CPUEnergy was not readable for every process and is zero
}

// covers reports whether the use of a server is known, or nothing is, in which
// case the requests in flight are taken to have used it all.
func (u *Usage) covers(server string) bool {
	return u == nil || slices.ContainsFunc(u.Servers, func(s ServerUse) bool { return s.Server == server })
}

// UsageSpan is a Usage measured over the half-open time [Start, End).
type UsageSpan struct {
	Start, End time.Time
	Usage      Usage
}

// Gap is time without a usable measurement of the chip. What it drew is not
// known, which is not the same as zero, unless a meter of the whole machine
// went on: then Scope is that meter's, and Energy is known, though not for what.
type Gap struct {
	Start, End time.Time
	Reason     GapReason
	Scope      Scope         // empty: the energy is not known
	Energy     energy.Joules // meaningless without a Scope
	Error      energy.Joules // as that of a Window
}

// GapReason says why nothing was measured. The set is closed so that it can be
// a metric label.
type GapReason string

// The reasons for a gap.
const (
	GapStart         GapReason = "start"          // sovmeter was not running, or its first sample was not there yet
	GapPowermetrics  GapReason = "powermetrics"   // powermetrics died or printed nothing usable and was restarted
	GapSleep         GapReason = "sleep"          // the machine slept: wall time passed and no sample covers it
	GapUnusable      GapReason = "unusable"       // a sample contradicts itself (energy 0 on a busy rail, no rail at all)
	GapBadDocument   GapReason = "bad_document"   // a document that could not be decoded
	GapClockChange   GapReason = "clock_change"   // the wall clock was set forwards
	GapOverlongPause GapReason = "overlong_pause" // one sample spans far more than the sampling interval
)

// Measurement is what a power source hands on: exactly one of the two is set.
type Measurement struct {
	Window *Window
	Gap    *Gap
}

// ModelLoad is the time in which a server loaded a model.
type ModelLoad struct {
	Server     string
	Model      string // empty when the log does not say
	Start, End time.Time
}

// LineCounts says what became of the lines of a log.
type LineCounts struct {
	Used      int64 // gave a fact that a request or load was built from
	Ignored   int64 // not on the parser's allow-list
	Malformed int64 // on the allow-list by its shape, but not understood
	Overlong  int64 // longer than the follower keeps; skipped whole
}

// LogUpdate is what one poll of one server's log brought.
type LogUpdate struct {
	Requests []Request   // completed since the last poll, in log order
	Loads    []ModelLoad // completed since the last poll
	InFlight []Request   // all that have started and not ended; End is zero
	Loading  []ModelLoad // all loads that have begun and not ended; End is zero
	// Horizon: no request that will complete later touches any time before
	// it, except those in InFlight. Zero when nothing can be said yet.
	Horizon time.Time
	Lines   LineCounts // since the last poll
	// Unplaced counts requests, completed since the last poll and left out
	// above, of which nothing tells when they were, or that say they end in
	// the future.
	Unplaced int64
	// Remote are the calls, ended since the last poll, that another machine served.
	Remote []RemoteCall
	// Checkpoint resumes the reading after this poll. It is opaque here, holds
	// no text of any prompt, and must be stored together with what the
	// requests above were booked as.
	Checkpoint []byte
}

// Tier says how firmly a request's energy is known.
type Tier string

// The tiers, best first.
const (
	TierMeasured  Tier = "measured"  // nearly all of it from windows that no other request touched
	TierShared    Tier = "shared"    // a part of it was split with requests in flight at the same time
	TierEstimated Tier = "estimated" // rests on an assumption: no process stats, unknown or estimated tokens in company, a gap, an assumed baseline
)

// Driver names what the error of a request's energy comes from for the most part.
type Driver string

// The drivers.
const (
	DriverAmount  Driver = "amount"  // what was the requests' to share: baseline, other processes, unexplained energy
	DriverSharing Driver = "sharing" // the division among requests in flight at the same time
	DriverSensor  Driver = "sensor"  // the sensor's noise, over a short time
	DriverGap     Driver = "gap"     // time that was not measured
)

// Phase is a part of an inference.
type Phase string

// The phases of an inference.
const (
	PhasePrefill Phase = "prefill"
	PhaseDecode  Phase = "decode"
)

// Share is the energy that one window books to one request.
type Share struct {
	Request       string // Request.ID
	Server, Model string
	// Client and Project are the request's tags as far as they are known when
	// the window is booked; empty: untagged.
	Client, Project string
	Prefill, Decode energy.Joules
	Tier            Tier
	// Error bounds how far off this is for another reason than the division
	// among requests: the baseline, what went to other processes, what is
	// unexplained. In 95 of 100 cases it is less. Errors of this kind add up.
	Error energy.Joules
	// Sharing is the standard error of the division among the requests of the
	// window, and Noise that of the sensor and of when a meter saw what it saw. Sharing is the same way in all of
	// a request's windows, Noise is not.
	Sharing, Noise energy.Joules
	// Expected is what its work in the window is known to take by itself.
	Expected energy.Joules
}

// LoadShare is the energy that one window books to a model load.
type LoadShare struct {
	Server, Model string
	Energy        energy.Joules
}

// Booking is the exact split of one closed window. All parts are >= 0 and
// their sum is Window.Energy.
type Booking struct {
	Window         Window
	Baseline       energy.Joules
	Inference      energy.Joules // the sum of Shares
	ModelLoad      energy.Joules // the sum of Loads
	ServerOther    energy.Joules // the server worked with no request in flight
	OtherProcesses energy.Joules
	Unexplained    energy.Joules // active energy that no process's time explains
	Shares         []Share       // sorted by request id
	Loads          []LoadShare   // sorted by server, model
	// Busy is how much of the window had a request in flight; the baseline of
	// that time is what the basis "active" adds to the marginal energy.
	Busy time.Duration
	// ModelBusy is the same per server and model: the time in which at least
	// one request of that model was in flight, sorted by server, model.
	ModelBusy []ModelBusy
	// BaselineAssumed is true before the first quiet window was seen.
	BaselineAssumed bool
}

// ModelBusy is how long a server had a request of a model in flight.
type ModelBusy struct {
	Server, Model string
	Busy          time.Duration
}

// Charge is the final account of one request: no later booking changes it.
type Charge struct {
	Request         Request
	Prefill, Decode energy.Joules // meaningless unless EnergyKnown
	// Error bounds the error of their sum: in 95 of 100 requests it is less.
	Error energy.Joules
	// EnergyKnown is false when no measured window covers the request: its
	// energy is unknown, not zero.
	EnergyKnown bool
	// Covered is the share of the request's time, 0 to 1, with a measured window.
	Covered float64
	// Late is true when the request became known only after all its windows
	// had closed: their energy is booked elsewhere already.
	Late bool
	Tier Tier
	// Driver is what makes up most of Error; empty when that is 0.
	Driver Driver
	// Scope is the least trusted of the scopes that its energy was measured at;
	// empty when EnergyKnown is false.
	Scope Scope
}

// Energy is the request's whole energy; meaningless unless EnergyKnown.
func (c Charge) Energy() energy.Joules { return c.Prefill + c.Decode }

// Checkpoint is how far one log was read.
type Checkpoint struct {
	Source string // the log's configured path
	Data   []byte // as LogUpdate.Checkpoint
}

// Batch is everything that one commit adds to the store. It is written whole
// or not at all, so a crash books nothing twice and loses nothing that was
// committed.
type Batch struct {
	At          time.Time // when the batch was made
	Windows     []Window  // newly measured, in time order, not booked yet
	Gaps        []Gap     // newly known
	Bookings    []Booking // windows closed by this batch, in time order
	Charges     []Charge  // requests finished by this batch
	Remote      []RemoteCall
	State       State // what the engine needs besides the open windows
	Checkpoints []Checkpoint
	// Scoping is what the meters' readings need to go on after a restart, in the
	// form of package scope. Nil: there is none.
	Scoping []byte
	// Calibrations are new ones.
	Calibrations []Calibration
}
