package sim

import (
	"path"
	"strings"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
)

// Scenario is all that a simulation depends on. The same Scenario gives the
// same streams and the same truth, to the byte.
type Scenario struct {
	Seed  uint64
	Start time.Time // when the simulated time begins; UTC
	// Length is how long clients keep asking. 0 means they never stop.
	Length time.Duration

	Chip       Chip
	Sensor     Sensor
	Models     []Model  // what the servers may load
	Servers    []Server // 1 to 4; they share the GPU
	Processes  []Process
	Background Background
	Outages    []Outage
	Wall       Wall // the zero Wall changes nothing
}

// Server is one model server. It has one model loaded at a time.
type Server struct {
	Name        string // by which Streams, Usage and Truth call it; its own
	Runs        []Run  // at least one, at 0
	Slots       int    // sequences it works on at once, 1 to 32
	SlotContext int    // tokens that fit in one slot
	Batch       int    // prompt tokens that one step takes at most
	Traffic     []Source
	Log         Log // the zero Log is llama-server's own, at once and on time
}

// LogStyle is what the lines of a log look like.
type LogStyle int

// The styles of logs.
const (
	// LlamaServer is llama-server's default log. Its stamps count from the start
	// of the process.
	LlamaServer LogStyle = iota
	// JSONLines is sovmeter's interchange log, one object for each request once
	// it has ended. Nothing in it tells of work in flight or of model loads.
	JSONLines
)

// Log is how a server's log looks, which clock stamps it and when its lines can
// be read. Nothing in it changes what the machine does or what it draws.
type Log struct {
	Style LogStyle
	// Offset is how far the clock of the stamps is ahead of the machine's, at
	// Scenario.Start or, of stamps that count from the start of a process, at
	// that. Drift is how many seconds it gains each second, from then on.
	Offset       time.Duration
	Drift        float64
	WholeSeconds bool // of JSONLines: stamps are cut to whole seconds, and say so
	// Delay is how many seconds each line takes until it can be read; the zero
	// Dist is at once. Lines of JSONLines may overtake each other.
	Delay Dist
	// Drop is the ratio of requests whose end the log does not tell: of
	// JSONLines the one line, of LlamaServer the timings and the release.
	Drop float64
}

// Chip is the machine that everything runs on.
type Chip struct {
	Model    string    // hw_model, such as "Mac16,11"
	OSBuild  string    // kern_osversion, such as "24F74"
	Clusters []Cluster // in the order in which powermetrics prints them
	GPUMHz   []int     // clock steps of the GPU, slowest first; at least one

	IdleCPU, IdleGPU, IdleANE energy.Watts // drawn all the time, whatever runs
	IdleJitter                float64      // relative standard deviation of the idle watts, window by window
	IdleCores                 float64      // cores that idle services keep busy; their energy is part of IdleCPU
	IdleGPUBusy               float64      // GPU time ratio of the idle screen; its energy is part of IdleGPU
	CoreWatts                 energy.Watts // one busy core draws this
	// MaxWatts is what the package can draw: near it the servers' steps take
	// longer, at the same energy, and the thermal pressure rises.
	MaxWatts energy.Watts
	Drift    IdleDrift
	Thermal  Thermal
}

// IdleDrift is how the idle watts change over hours. The zero IdleDrift leaves
// them where they are. They change between windows.
type IdleDrift struct {
	Amplitude float64       // of a sine, as a ratio of the idle watts, 0 to 0.9
	Period    time.Duration // of it; 0 means there is none
	Steps     []IdleStep    // in the order of their times
}

// IdleStep is a change of the idle watts that lasts until the next.
type IdleStep struct {
	At    time.Duration // after Scenario.Start
	Ratio float64       // of the idle watts, 0.1 to 10
}

// Thermal is how long the machine can draw more than it can get rid of. The
// zero Thermal never throttles.
type Thermal struct {
	// Watts is what can be drawn for ever. Once Budget is used up the package
	// is held to it, until half of the Budget is free again.
	Watts energy.Watts
	// Budget is how much heat is taken up above Watts; it is given off as fast
	// as what is drawn falls short of Watts.
	Budget energy.Joules
}

// Cluster is a group of CPU cores.
type Cluster struct {
	Name string
	CPUs int
	MHz  int
	Down bool // cores that idle for a whole window are powered down
}

// cpus is the number of CPU cores of all clusters.
func (c Chip) cpus() int {
	n := 0
	for _, cl := range c.Clusters {
		n += cl.CPUs
	}
	return n
}

// Sensor is how powermetrics looks at the chip.
type Sensor struct {
	Interval time.Duration // what was asked for; real windows are longer
	// MinStretch and MaxStretch bound a window's real length as a ratio of
	// Interval. Windows on real Macs take 1.005 to 1.03 of it.
	MinStretch, MaxStretch float64
	Noise                  float64 // relative standard deviation of a window's reading; 0 reads the truth
	// Counters is how often the chip updates the energy counters that the sensor
	// reads: a window reads what the updates in it added, 0 or a lump. 0 means
	// that they are always up to date. LiveGPU excepts the GPU's.
	Counters time.Duration
	LiveGPU  bool
	// Zeros is the ratio of documents that say 0 mJ for the CPU though it was
	// busy. That energy is in no document. A machine that does next to nothing
	// may look as if the 0 were true: see Chip.IdleCores.
	Zeros       float64
	GPUTimes    bool // GPU time per process can be read
	CPUEnergies bool // CPU energy per process can be read
}

// Model is one model file and what it costs to run.
type Model struct {
	Path string // as the server's log prints it

	PrefillJoules energy.Joules // of one fresh prompt token
	StepJoules    energy.Joules // of one decode step, however many sequences are in it
	TokenJoules   energy.Joules // of each sequence in a decode step, on top
	// ContextJoules is the energy of each token in a sequence's context in each
	// decode step, on top; the context counts in whole blocks of 256. 0 means
	// that a long context costs as much as a short one.
	ContextJoules energy.Joules
	PrefillRate   float64       // prompt tokens a second
	StepTime      time.Duration // of one decode step, however many sequences are in it
	TokenTime     time.Duration // of each sequence in a decode step, on top

	CPUShare  float64      // the ratio of that energy drawn from the CPU rail; the GPU draws the rest
	CoreWatts energy.Watts // what a core busy for this model draws; 0 means Chip.CoreWatts
	GPUBusy   float64      // the ratio of a step's time in which the GPU is active

	LoadTime         time.Duration // from process start to the first request served
	LoadCPU, LoadGPU energy.Watts  // drawn while loading, on top of idle
	LoadGPUBusy      float64       // GPU time ratio while loading
}

// Name is the model's name as a log parser would shorten its path: the file's
// name without ".gguf".
func (m Model) Name() string { return strings.TrimSuffix(path.Base(m.Path), ".gguf") }

// Run is one life of the server process. It ends when the next one is due: the
// server then finishes the requests in its slots and exits.
type Run struct {
	At    time.Duration // after Scenario.Start
	Every time.Duration // repeats after this; 0 means once
	Model string        // Model.Path
	// Abrupt makes the run before this one die at once, with requests in its
	// slots: they end as errors, of which the log says nothing.
	Abrupt bool
}

// Source is a kind of client: people who chat, agents that loop over tools.
// Sessions arrive by chance; within a session each request waits for the one
// before and carries its whole context along.
type Source struct {
	Name     string
	Sessions [24]float64     // mean sessions begun an hour, by hour of the UTC day
	At       []time.Duration // after Scenario.Start: sessions that begin for certain
	Burst    Dist            // sessions begun together, as an agent starts its helpers
	Turns    Dist            // requests in a session
	Think    Dist            // seconds from a reply to the next request
	Prefix   int             // leading prompt tokens that all sessions of the source share
	Prompt   Dist            // tokens of the first prompt after Prefix
	Growth   Dist            // prompt tokens added by each later request
	Output   Dist            // tokens generated
	Cancel   float64         // ratio of requests that the client gives up
}

// Process is a program besides the server, with a timetable.
type Process struct {
	Name               string
	At                 time.Duration // after Scenario.Start
	Every              time.Duration // repeats after this; 0 means once
	For                time.Duration
	Cores              float64      // busy CPU cores
	CoreWatts          energy.Watts // what each of them draws; 0 means Chip.CoreWatts
	GPUBusy            float64      // GPU time ratio
	GPUWatts, ANEWatts energy.Watts // drawn on these rails while it runs
}

// Background is short work that begins by chance, as indexing and updates do.
type Background struct {
	PerHour float64 // mean number an hour; 0 means none
	Seconds Dist    // how long one takes
	Cores   Dist    // busy cores
}

// OutageKind says what stops the measuring.
type OutageKind int

// The kinds of outage.
const (
	// SensorDown: powermetrics dies and is started again after Outage.For. The
	// window in which it dies is never printed.
	SensorDown OutageKind = iota
	// Asleep: the machine sleeps. Work in flight goes on when it wakes; what
	// clients ask meanwhile is lost.
	Asleep
)

// Outage is time in which nothing is measured.
type Outage struct {
	Kind  OutageKind
	At    time.Duration // after Scenario.Start
	Every time.Duration // repeats after this; 0 means once
	For   time.Duration
}
