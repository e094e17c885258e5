package calibration

import "math"

// The learner's cells: by the power of the chip, doubling from cell to cell, and
// by whether more than half of it is the CPU's. So a CPU at work is not lost
// among decoding of the same power, nor load among weeks of idling.
const (
	firstPower = 0.5 // watts: all below is one kind of idle
	powers     = 11  // the last is above 256 W
	cells      = 2 * powers
)

// cellOf says where a block belongs.
func cellOf(b Block) int {
	soc, i := float64(b.SoC()), 0
	if soc >= firstPower {
		i = min(1+math.Ilogb(soc/firstPower), powers-1)
	}
	if i > 0 && 2*b.CPU > b.SoC() {
		return powers + i
	}
	return i
}

// independent is the most blocks of one cell that count as independent of each
// other. The rest of what a cell has seen makes its mean better, but not against
// what all of it has in common: the room's temperature, the curve of the supply.
const independent = 32.0

// leastCell is how many blocks make a cell count for the range of the chip's power.
const leastCell = 2.0

// sums are the decayed moments of each cell, in blocks of blockLength.
type sums [cells]moments

func (s *sums) scale(f float64) {
	for i := range s {
		s[i].scale(f)
	}
}

// evidence weighs the cells against each other.
func (s *sums) evidence() evidence {
	var e evidence
	found, least, most := false, 0.0, 0.0
	for i := range s {
		m := &s[i]
		if m.weight() < 1e-3 {
			continue
		}
		points := min(m.weight(), independent)
		share := points / m.weight()
		scatter := noise(m.mean(whole))
		e.points += points
		e.plain.plus(m, share)
		e.weighed.plus(m, share/(scatter*scatter))
		least, most = min(least, m.mean(ane)), max(most, m.mean(ane))
		if m.weight() >= leastCell {
			e.extend(wattsOf(m.soc()), !found)
			found = true
			e.kinds++
		}
	}
	e.ane = most - least
	return e
}
