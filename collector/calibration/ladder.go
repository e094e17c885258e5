package calibration

import "time"

// Load is what the machine does in a step of the ladder.
type Load string

// The loads of a ladder.
const (
	LoadIdle    Load = "idle"    // nothing is asked of the server
	LoadDecode  Load = "decode"  // short prompts, long answers
	LoadPrefill Load = "prefill" // long prompts, never the same, answers of one token
	LoadCPU     Load = "cpu"     // cores compute, the server rests
)

// Step is one step of the ladder of sovmeter calibrate.
type Step struct {
	Name   string // unique, such as decode-2
	Load   Load
	Count  int           // of requests in flight at the same time, or of cores; 0 for LoadIdle
	Length time.Duration // the whole of it
	// Settle is cut off its start: fans, clocks and the mean of a plug take
	// that long. The meter's own lag and spread come on top.
	Settle time.Duration
}

// Ladder is the plan for a machine with that many cores (below 1 means 1): a bit
// over 8 minutes. It goes up and down, so that heat left by one step is not
// always there when more is drawn. No two steps in a row are as long as each other,
// and they begin at all phases of the seconds between two readings, so that a
// meter's lag has one best fit only.
func Ladder(cores int) []Step {
	half, most := max(cores/2, 1), max(cores-1, 1)
	return []Step{
		{"idle", LoadIdle, 0, 71 * time.Second, 15 * time.Second},
		{"decode-1", LoadDecode, 1, 57 * time.Second, 20 * time.Second},
		{"cpu-1", LoadCPU, 1, 46 * time.Second, 15 * time.Second},
		{"decode-2", LoadDecode, 2, 58 * time.Second, 20 * time.Second},
		{"cpu-half", LoadCPU, half, 51 * time.Second, 20 * time.Second},
		{"decode-4", LoadDecode, 4, 64 * time.Second, 20 * time.Second},
		{"cpu-most", LoadCPU, most, 47 * time.Second, 20 * time.Second},
		{"prefill", LoadPrefill, 2, 59 * time.Second, 20 * time.Second},
		{"idle-after", LoadIdle, 0, 73 * time.Second, 40 * time.Second},
	}
}

// Length is how long a plan takes.
func Length(steps []Step) time.Duration {
	var d time.Duration
	for _, s := range steps {
		d += s.Length
	}
	return d
}
