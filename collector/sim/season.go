package sim

import (
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
)

// How far a machine goes in a month from what it was: other ports in use and
// another room change what its board draws, the one way or the other, and dust
// makes its fan turn faster. Its supply stays as it is.
const (
	seasonDays  = 30
	seasonBoard = 0.04
	seasonFan   = 0.3
)

// After is the same machine as many days later, under other work of the same
// kind. What its board draws has changed evenly over the first 30 days, to 4 %
// more or less as the Seed has it, and then stays; what its fan draws has grown
// by 30 %.
func After(s Scenario, days int) Scenario {
	part := min(max(float64(days)/seasonDays, 0), 1)
	board := seasonBoard * part
	if stream(s.Seed, concernSeason).Uint64()%2 == 1 {
		board = -board
	}
	s.Wall.Board *= energy.Watts(1 + board)
	s.Wall.Fan.Watts *= energy.Watts(1 + seasonFan*part)
	s.Start = s.Start.Add(time.Duration(days) * 24 * time.Hour)
	s.Seed += uint64(max(days, 0)) * 1000
	return s
}
