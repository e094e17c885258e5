package requestlog

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"time"
)

// Arrivals says when each line of a recorded log arrived.
type Arrivals struct {
	offsets []int64 // ascending
	times   []time.Time
}

// ReadArrivals reads a table of arrival times: on each line the byte offset of
// a log line, a tab, and the Unix time in seconds at which it arrived.
func ReadArrivals(r io.Reader) (Arrivals, error) {
	var a Arrivals
	sc := bufio.NewScanner(r)
	for n := 1; sc.Scan(); n++ {
		if len(bytes.TrimSpace(sc.Bytes())) == 0 {
			continue
		}
		offset, at, ok := parseArrival(sc.Bytes())
		if !ok {
			return Arrivals{}, fmt.Errorf("read arrivals, line %d: want a byte offset, a tab and Unix seconds: %w", n, ErrArrivals)
		}
		if k := len(a.offsets); k > 0 && offset <= a.offsets[k-1] {
			return Arrivals{}, fmt.Errorf("read arrivals, line %d: offset %d is not after the one before: %w", n, offset, ErrArrivals)
		}
		a.offsets, a.times = append(a.offsets, offset), append(a.times, at)
	}
	if err := sc.Err(); err != nil {
		return Arrivals{}, fmt.Errorf("read arrivals: %w", err)
	}
	return a, nil
}

// maxUnix is the year 9999, beyond which RFC 3339 has no times.
const maxUnix = 253402300799

func parseArrival(line []byte) (int64, time.Time, bool) {
	left, right, ok := bytes.Cut(line, []byte("\t"))
	if !ok {
		return 0, time.Time{}, false
	}
	offset, err := strconv.ParseInt(string(left), 10, 64)
	if err != nil || offset < 0 {
		return 0, time.Time{}, false
	}
	secs, err := strconv.ParseFloat(string(bytes.TrimSpace(right)), 64)
	if err != nil || !(secs >= 0 && secs <= maxUnix) {
		return 0, time.Time{}, false
	}
	// A float64 of today's Unix seconds is good to 0.24 µs.
	whole, frac := math.Modf(secs)
	return offset, time.Unix(int64(whole), int64(math.Round(frac*1e6))*1e3).UTC(), true
}

// At returns when the line at offset arrived: the time given for it, or for
// the last line before it. It is false before the first.
func (a Arrivals) At(offset int64) (time.Time, bool) {
	i, found := slices.BinarySearch(a.offsets, offset)
	if !found {
		i--
	}
	if i < 0 {
		return time.Time{}, false
	}
	return a.times[i], true
}

// Has reports whether the table has a time for the very line at offset.
func (a Arrivals) Has(offset int64) bool {
	_, found := slices.BinarySearch(a.offsets, offset)
	return found
}

// Len returns how many lines have a time.
func (a Arrivals) Len() int { return len(a.offsets) }
