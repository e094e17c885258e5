package calibration

import (
	"fmt"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
)

// Run is a step of the ladder as it took place, by this machine's clock.
type Run struct {
	Step       Step
	Start, End time.Time
}

// Source is where the energy of a plateau is from.
type Source string

// The sources of a plateau.
const (
	SourceCounter Source = "counter"
	SourcePower   Source = "power"
)

// Plateau is what came of a step.
type Plateau struct {
	Run    Run
	Block  Block        // meaningless with an Err
	Source Source       // of Block.Whole; empty with an Err
	Step   energy.Watts // how far off Block.Whole may be by the resolution of the counter
	Err    error        // a *PlateauError; nil: it is good
}

// The limits of plateaus.
const (
	LeastPlateau = 12 * time.Second
	// leastCovered is the least part of a plateau with power samples.
	leastCovered = 0.95
	// finest is the most that the resolution of a counter may be of what it
	// counted, for it to be better than the power.
	finest = 0.01
	// leastReadings is how many powers a plateau needs.
	leastReadings = 5
	// fullBattery is what goes into or out of a battery that does neither.
	fullBattery energy.Watts = 1
)

// Plateaus makes one plateau for each step that ran: the mean powers once it had
// settled, of the chip by its windows and of the machine by the meter's readings,
// which are taken as that much later, and cut by its Spread besides, at both ends. The zero Lag
// is a meter that is on time. Readings must go on for Delay after the last step. What little
// goes into a battery meanwhile, or comes out of it, is taken off what the meter shows.
func Plateaus(runs []Run, windows []attribution.Window, readings []attribution.MeterReading, lag Lag) []Plateau {
	out := make([]Plateau, 0, len(runs))
	for _, r := range runs {
		out = append(out, plateau(r, windows, readings, lag))
	}
	return out
}

// Blocks are the blocks of the good plateaus.
func Blocks(plateaus []Plateau) []Block {
	var out []Block
	for _, p := range plateaus {
		if p.Err == nil {
			out = append(out, p.Block)
		}
	}
	return out
}

func plateau(r Run, windows []attribution.Window, readings []attribution.MeterReading, lag Lag) Plateau {
	p := Plateau{Run: r}
	bad := func(err error, format string, args ...any) Plateau {
		return Plateau{Run: r, Err: &PlateauError{Step: r.Step.Name, Err: err, Detail: fmt.Sprintf(format, args...)}}
	}
	// A mean reaches into the steps on both sides, and a counter, which is no mean,
	// is ahead of it.
	from, to := own(r, windows)
	from, to = maxTime(from, r.Start.Add(r.Step.Settle+2*lag.Spread)), minTime(to, r.End.Add(-2*lag.Spread))
	if to.Sub(from) < LeastPlateau {
		return bad(ErrTooShort, "%s is left of %s", max(to.Sub(from), 0).Round(time.Second), r.End.Sub(r.Start).Round(time.Second))
	}
	m := shifted(readings, from, to, lag.Delay)
	if w := m.charging(); w > fullBattery || w < -fullBattery {
		return bad(ErrCharging, "%.1f W", w)
	}
	got, err := m.measure()
	if err != nil {
		return bad(err, "%d readings in %s", len(m.readings), to.Sub(from).Round(time.Second))
	}
	chip := meanOf(windows, got.from, got.to)
	if chip.covered < leastCovered {
		return bad(ErrChipUnknown, "%.0f %% of it is covered", 100*chip.covered)
	}
	if off, ok := unsteady(windows, m, got.from, got.to); !ok {
		if chip.others > othersAtWork && r.Step.Load != LoadCPU {
			return bad(ErrOtherLoad, "%.1f cores, and the power went from %.1f to %.1f W", chip.others, off[0], off[1])
		}
		return bad(ErrUnsteady, "from %.1f to %.1f W", off[0], off[1])
	}
	p.Block = Block{Start: got.from, End: got.to, CPU: chip.cpu, GPU: chip.gpu, ANE: chip.ane, Whole: got.watts - m.charging()}
	p.Source, p.Step = got.source, got.step
	return p
}
