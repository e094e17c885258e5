package powermetrics

import (
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
)

// Sample is one document of the stream: what the machine did during Elapsed.
type Sample struct {
	Elapsed time.Duration // the sample's real length, always > 0
	// Timestamp is the end of the sample, UTC, cut to the whole second: the
	// end lies in [Timestamp, Timestamp+1s). Zero when the document has none.
	Timestamp time.Time
	BootTime  time.Time // when the kernel booted, in today's wall time; zero: not said
	HWModel   string    // such as Mac16,8; empty: not said
	OSBuild   string    // such as 24F74; empty: not said
	// IsDelta is false for a summary of the whole run, which repeats energy
	// that other samples hold already.
	IsDelta bool
	// Restarted is true for the first sample of another run of powermetrics
	// than the one before: no NUL stands between the two, though the stream has
	// NULs. False for the first of the stream, and where all NULs were removed.
	Restarted bool
	// Thermal is the thermal pressure at the end of the sample: Nominal, Heavy,
	// … an open set; empty without the thermal sampler.
	Thermal       string
	CPU, GPU, ANE attribution.Rail
	Clusters      []Cluster // in the document's order; empty without cpu_power
	// HasTasks is true when the tasks sampler is in the stream.
	HasTasks   bool
	Tasks      []Task      // in the document's order, DEAD_TASKS (pid -1) included
	Coalitions []Coalition // empty unless processes are grouped by coalition
	Flaw       Flaw        // why the sample cannot be used; empty when it can
}

// Ratio is a part of the sample's time; 0 to 1 save for the tool's rounding.
type Ratio struct {
	Value float64 // meaningless unless Known
	Known bool    // false when absent or NaN
}

// Cluster is a group of CPUs. Its name differs between chips and macOS
// versions, so nothing may depend on it.
type Cluster struct {
	Name string
	Idle Ratio // unreliable on M2 and M3; the CPUs' own ratios are what counts
	CPUs []CPU
}

// CPU is one core's use of the sample's time.
type CPU struct {
	ID         int64
	Idle, Down Ratio // Down is reported by newer chips only
}

// Task is one process's use of the machine during the sample.
type Task struct {
	PID  int64 // -1: all processes that ended during the sample
	Name string
	// Coalition is the index of its group in Sample.Coalitions; -1 for none.
	Coalition int
	Use
}

// Coalition is a group of processes that the system accounts together.
type Coalition struct {
	ID   int64 // 0 for the group of ended processes, which has none
	Name string
	Use
}

// Use is the time used on CPU and GPU. GPU time is mostly absent, and far from
// complete where it is present: never a total.
type Use struct {
	CPU, GPU           time.Duration // meaningless unless known
	CPUKnown, GPUKnown bool
}

// reset empties s but keeps its slices for reuse.
func (s *Sample) reset() {
	*s = Sample{
		IsDelta:    true, // documents that do not say are samples
		Clusters:   s.Clusters[:0],
		Tasks:      s.Tasks[:0],
		Coalitions: s.Coalitions[:0],
	}
}

// addCluster extends s.Clusters by one, reusing the CPU slice that an earlier
// document left there.
func (s *Sample) addCluster() *Cluster {
	n := len(s.Clusters)
	if n == cap(s.Clusters) {
		s.Clusters = append(s.Clusters, Cluster{})
		return &s.Clusters[n]
	}
	s.Clusters = s.Clusters[:n+1]
	s.Clusters[n] = Cluster{CPUs: s.Clusters[n].CPUs[:0]}
	return &s.Clusters[n]
}
