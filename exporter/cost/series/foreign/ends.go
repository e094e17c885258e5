package foreign

import (
	"fmt"
)

// usual are the lengths that prices and intensities are given for, in seconds.
var usual = map[int64]bool{300: true, 600: true, 900: true, 1800: true, 3600: true}

// tellEnds gives an end to spans whose file tells starts only. A figure holds
// until the next one begins, but no longer than the one before it did: what is
// missing from a file is a hole and is not filled. The spans are in order of
// their start.
func tellEnds(spans []span) error {
	starts := make([]int, 0, len(spans)) // of the first span of each start
	for i, s := range spans {
		if s.end == 0 && (len(starts) == 0 || spans[starts[len(starts)-1]].start != s.start) {
			starts = append(starts, i)
		}
	}
	if len(starts) == 0 {
		return nil
	}
	if len(starts) == 1 {
		return spans[starts[0]].at(fmt.Errorf("a single figure, and the file does not tell how long it holds: %w", ErrNeeds))
	}
	gap := func(i int) int64 { return spans[starts[i+1]].start - spans[starts[i]].start }
	least := gap(0)
	for i := range len(starts) - 1 {
		least = min(least, gap(i))
	}
	lengths := make(map[int64]int64, len(starts))
	for i, at := range starts {
		long := length(i, len(starts), gap, least)
		if i == len(starts)-1 {
			long = min(long, lengths[spans[starts[i-1]].start])
		}
		lengths[spans[at].start] = long
	}
	for i := range spans {
		if spans[i].end == 0 {
			spans[i].end = spans[i].start + lengths[spans[i].start]
		}
	}
	return nil
}

// length is how long the i-th of n starts holds. Files change from hours to
// quarters in their middle, so the neighbours tell, and the least gap of the file
// only where they do not.
func length(i, n int, gap func(int) int64, least int64) int64 {
	var long int64
	switch i {
	case 0:
		long = min(gap(0), gap(min(1, n-2)))
	case n - 1:
		long = gap(n - 2)
	default:
		long = min(gap(i-1), gap(i))
	}
	if usual[long] {
		return long
	}
	return min(long, least)
}
