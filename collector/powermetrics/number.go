package powermetrics

import (
	"bytes"
	"math"
	"strconv"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
)

// number is an <integer> or <real>: the tool prints some values as either.
type number struct {
	whole int64
	real  float64
	// isWhole tells which of the two holds the value.
	isWhole bool
	known   bool // false: absent, NaN or infinite
}

// number reads the next value. A value that is no number at all is a defect; a
// value of another type counts as absent.
func (c *cursor) number() number {
	e := c.open()
	if e != elementInteger && e != elementReal {
		c.discard(e)
		return number{}
	}
	b := bytes.TrimSpace(c.text(e))
	if c.defect != "" {
		return number{}
	}
	if n, ok := parseWhole(b); ok {
		return number{whole: n, real: float64(n), isWhole: true, known: true}
	}
	f, err := strconv.ParseFloat(string(b), 64)
	if err != nil && !math.IsInf(f, 0) { // out of range is infinite: unknown
		c.fail(DefectNumber)
		return number{}
	}
	return number{real: f, known: !math.IsNaN(f) && !math.IsInf(f, 0)}
}

// parseWhole parses decimal digits with an optional minus sign; not ok when b
// is anything else or does not fit.
func parseWhole(b []byte) (int64, bool) {
	digits := b
	if len(b) > 0 && b[0] == '-' {
		digits = b[1:]
	}
	if len(digits) == 0 || len(digits) > 18 { // 18 digits always fit
		return 0, false
	}
	var n int64
	for _, d := range digits {
		if d < '0' || d > '9' {
			return 0, false
		}
		n = n*10 + int64(d-'0')
	}
	if len(digits) < len(b) {
		n = -n
	}
	return n, true
}

func (n number) ratio() Ratio {
	if !n.known {
		return Ratio{}
	}
	return Ratio{Value: n.real, Known: true}
}

// rail makes a rail of millijoules.
func (n number) rail() attribution.Rail {
	switch {
	case !n.known:
		return attribution.Rail{}
	case n.isWhole:
		return attribution.Rail{Energy: energy.FromMillijoules(n.whole), Known: true}
	}
	return attribution.Rail{Energy: energy.Joules(n.real / 1e3), Known: true}
}

// nanoseconds makes a duration; a negative or absurd count is unknown.
func (n number) nanoseconds() (time.Duration, bool) {
	if !n.known || n.real < 0 || n.real > math.MaxInt64/2 {
		return 0, false
	}
	if n.isWhole {
		return time.Duration(n.whole), true
	}
	return time.Duration(n.real), true
}
