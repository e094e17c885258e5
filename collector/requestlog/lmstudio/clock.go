package lmstudio

import (
	"time"

	"github.com/sovmeter/sovmeter/collector/requestlog"
	"github.com/sovmeter/sovmeter/collector/requestlog/llamacpp/slots"
)

const (
	// backMax is how far a stamp may be before the one of the entry before: the
	// engines' output comes through another thread.
	backMax = 2 * time.Second
	// aheadMax is how far a stamp may be after the line's arrival.
	aheadMax = 2 * time.Second
	// doubtMax is how many entries in a row are not believed for their stamps.
	// After that the clock was set, or the zone is another one than told.
	doubtMax = 20
)

// mark is a moment as a stamp of whole seconds and an arrival tell it.
type mark struct {
	At   int64         `cbor:"1,keyasint"` // the best guess, Unix ns; 0: none
	Half time.Duration `cbor:"2,keyasint"` // the most it may be off
}

func (m mark) time() time.Time {
	if m.At == 0 {
		return time.Time{}
	}
	return time.Unix(0, m.At).UTC()
}

// clock turns stamps of local time into moments.
type clock struct {
	Last    int64 `cbor:"1,keyasint"` // Unix seconds of the last stamp believed
	Doubted int   `cbor:"2,keyasint"` // stamps in a row that were not
	Trust   bool  `cbor:"3,keyasint"` // arrivals do not fit the stamps: believe these

	zone  *time.Location
	text  [19]byte // the stamp that sec is of
	sec   int64
	valid bool
}

// believe returns the second of an entry's stamp, and false for a stamp that
// cannot be: that line stands in somebody's text.
func (c *clock) believe(stamp []byte, l requestlog.Line) (int64, bool) {
	sec, ok := c.second(stamp, l)
	if !ok {
		return 0, false
	}
	back := c.Last != 0 && sec < c.Last-int64(backMax/time.Second) && !current(sec, l)
	ahead := !c.Trust && !l.Arrival.IsZero() && time.Unix(sec, 0).After(l.Arrival.Add(aheadMax))
	if (back || ahead) && c.Doubted < doubtMax {
		c.Doubted++
		return 0, false
	}
	c.Trust = c.Trust || ahead
	c.Doubted, c.Last = 0, sec
	return sec, true
}

// current is true for a stamp that is as old as its line: the clock was set back
// before it, for text that is quoted is older.
func current(sec int64, l requestlog.Line) bool {
	return !l.Arrival.IsZero() && l.Spread != requestlog.SpreadUnknown &&
		sec >= l.Arrival.Add(-l.Spread-backMax).Unix() && sec <= l.Arrival.Add(aheadMax).Unix()
}

// second reads a stamp.
func (c *clock) second(stamp []byte, l requestlog.Line) (int64, bool) {
	if c.valid && string(c.text[:]) == string(stamp) {
		return c.sec, true
	}
	n := func(from, to int) int {
		v := 0
		for _, d := range stamp[from:to] {
			v = v*10 + int(d-'0')
		}
		return v
	}
	year, month, day := n(0, 4), n(5, 7), n(8, 10)
	hour, minute, sec := n(11, 13), n(14, 16), n(17, 19)
	if year < 2000 || month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || sec > 60 {
		return 0, false
	}
	zone := c.zone
	if zone == nil {
		zone = time.UTC
	}
	early, late := readings(time.Date(year, time.Month(month), day, hour, minute, sec, 0, zone))
	copy(c.text[:], stamp)
	c.sec, c.valid = early, early == late
	if c.passed(early, l) {
		return late, true
	}
	return early, true
}

// readings are the two seconds that a wall clock shows alike when it is set back,
// in their order; for all others they are one.
func readings(t time.Time) (early, late int64) {
	const wall = "2006-01-02 15:04:05"
	for _, shift := range []time.Duration{-time.Hour, -30 * time.Minute, 30 * time.Minute, time.Hour} {
		if other := t.Add(shift); other.Format(wall) == t.Format(wall) {
			return min(t.Unix(), other.Unix()), max(t.Unix(), other.Unix())
		}
	}
	return t.Unix(), t.Unix()
}

// passed is true when a line cannot be of a second any more: the entry before it
// was later, or the file was seen without it since.
func (c *clock) passed(sec int64, l requestlog.Line) bool {
	const slack = int64(backMax / time.Second)
	if !l.Arrival.IsZero() && l.Spread != requestlog.SpreadUnknown && l.Arrival.Add(-l.Spread).Unix() > sec+slack {
		return true
	}
	return c.Last > sec+slack
}

// at places a second with the help of the line's arrival.
func at(sec int64, l requestlog.Line) mark {
	from := time.Unix(sec, 0)
	guess, half := l.Written(from, from.Add(time.Second))
	return mark{guess.UnixNano(), half}
}

// still implements slots.Clock for marks that are placed already.
type still struct{}

func (still) Wall(m slots.Mark) (int64, time.Duration, bool) { return m.Wall, m.Spread, m.Wall != 0 }

func (still) Latest(m slots.Mark) time.Time { return mark{m.Wall, m.Spread}.time() }

func slotMark(m mark) slots.Mark {
	return slots.Mark{Stamp: slots.NoStamp, Wall: m.At, Spread: m.Half}
}
