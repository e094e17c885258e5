package mlx

import "time"

// stamp is a wall clock reading without an offset, as Python's logging and
// http.server print it.
type stamp struct {
	year, month, day, hour, minute, second int
	milli                                  int
	whole                                  bool // whole seconds: there are no milliseconds
	ok                                     bool
}

// valid is false for readings that no clock shows.
func (t stamp) valid() bool {
	return t.year >= 2000 && t.year <= 9999 && t.month >= 1 && t.month <= 12 && t.day >= 1 && t.day <= 31 &&
		t.hour < 24 && t.minute < 60 && t.second < 61
}

// in returns the moment the clock showed t. A local time that the clock showed
// twice, when it was put back, is the one closer to near; without near it is
// the first.
func (t stamp) in(zone *time.Location, near time.Time) time.Time {
	if zone == nil {
		zone = time.UTC
	}
	ns := t.milli * int(time.Millisecond)
	at := time.Date(t.year, time.Month(t.month), t.day, t.hour, t.minute, t.second, ns, zone)
	if near.IsZero() {
		return at.UTC()
	}
	best := at
	for _, shift := range []time.Duration{-time.Hour, -30 * time.Minute, 30 * time.Minute, time.Hour} {
		other := at.Add(shift)
		if sameClock(at, other) && near.Sub(other).Abs() < near.Sub(best).Abs() {
			best = other
		}
	}
	return best.UTC()
}

// sameClock is true when the clock showed the same at both moments.
func sameClock(a, b time.Time) bool {
	ah, am, as := a.Clock()
	bh, bm, bs := b.Clock()
	return a.YearDay() == b.YearDay() && ah == bh && am == bm && as == bs
}

// readStamp takes "2026-11-24 10:00:00,123".
func (s *scanner) readStamp() stamp {
	var t stamp
	t.year = s.Digits(4)
	s.Text("-")
	t.month = s.Digits(2)
	s.Text("-")
	t.day = s.Digits(2)
	s.Text(" ")
	s.clock(&t)
	s.Text(",")
	t.milli = s.Digits(3)
	t.ok = !s.Bad && t.valid()
	s.Bad = !t.ok
	return t
}

// readCommonStamp takes "[24/Nov/2026 10:00:00]".
func (s *scanner) readCommonStamp() stamp {
	var t stamp
	s.Text("[")
	t.day = s.Digits(2)
	s.Text("/")
	t.month = s.monthName()
	s.Text("/")
	t.year = s.Digits(4)
	s.Text(" ")
	s.clock(&t)
	s.Text("]")
	t.whole = true
	t.ok = !s.Bad && t.valid()
	s.Bad = !t.ok
	return t
}

func (s *scanner) clock(t *stamp) {
	t.hour = s.Digits(2)
	s.Text(":")
	t.minute = s.Digits(2)
	s.Text(":")
	t.second = s.Digits(2)
}

func (s *scanner) monthName() int {
	const names = "JanFebMarAprMayJunJulAugSepOctNovDec"
	for i := range 12 {
		if s.Try(names[3*i : 3*i+3]) {
			return i + 1
		}
	}
	s.Bad = true
	return 0
}
