package sim

import (
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
)

// Wall is the rest of the machine behind the chip: what it draws beyond the
// rails that powermetrics sees. The zero Wall draws what the rails draw. No Wall
// changes what the chip does, or a byte of the streams.
type Wall struct {
	// Board is drawn all the time: memory at rest, disk, ports, display.
	Board energy.Watts
	// CPU, GPU and ANE are what the board draws for each watt of the rail, the
	// rail's own watt included: memory, fabric, converters. 0 means 1.
	CPU, GPU, ANE float64
	Fan           Fan
	Supply        Supply
	Battery       Battery
	Drift         IdleDrift    // of Board
	Asleep        energy.Watts // what the board draws while the machine sleeps
}

// Fan follows the heat of the chip with a delay: of a change of the chip's power
// 63 % have reached it after one Delay. It stands still while the machine sleeps.
type Fan struct {
	Watts energy.Watts  // at MaxWatts of the chip, in proportion below; 0: no fan
	Delay time.Duration // the time constant; 0: at once
}

// Supply turns wall power into the board's: P_wall = Fixed + P·(1+Share) +
// P²/Square, where a Square of 0 means none. A zero Supply loses nothing.
type Supply struct {
	Fixed  energy.Watts
	Share  float64
	Square energy.Watts // at least Chip.MaxWatts
}

// Battery is a laptop's. The zero Battery is none. While the plug is in it takes
// up Watts, and from 80 % on less and less: in proportion to what is missing. Of
// what it takes up it can give 90 %. What it gives loses no more.
type Battery struct {
	Capacity energy.Joules
	Charge   float64      // at the start, 0 to 1
	Watts    energy.Watts // it is charged with at most; 0: it never is
	// Unplugged are the times without the plug, in order, that do not overlap. At a
	// charge of 5 % the plug is put in all the same, until the absence is over.
	Unplugged []Absence
}

// Absence is a time that repeats.
type Absence struct {
	At    time.Duration // after Scenario.Start
	Every time.Duration // repeats after this; 0 means once
	For   time.Duration
}

// WallState is what the whole machine draws at a time, and has drawn until then.
// PlugTotal + DrainedTotal = WallTotal + ChargedTotal.
type WallState struct {
	At      time.Time
	Plugged bool
	Plug    energy.Watts // drawn from the wall now, what charges the battery included; 0 without the plug
	Asleep  bool         // the machine sleeps: nothing on it can be asked
	System  energy.Watts // what the board draws now, behind the power supply
	// Charging is what goes into the battery now; below 0 what comes out of it.
	Charging   energy.Watts
	PlugTotal  energy.Joules // since the start
	BoardTotal energy.Joules // of System
	// WallTotal is what the machine has taken for itself: at the wall, without
	// what its battery took up, and from its battery while it was unplugged. What
	// its battery took up is ChargedTotal: what the supply lost on it is in here.
	WallTotal    energy.Joules
	ChargedTotal energy.Joules // what went into the battery, behind the supply
	DrainedTotal energy.Joules // what came out of it
	Battery      float64       // its charge, 0 to 1; 0 without one
}
