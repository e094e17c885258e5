package tariff

import (
	"fmt"
	"strings"
)

// When is a part of the week and of the year. It holds at every moment at which
// local clocks show From or later and earlier than To: on a day on which an
// hour is left out or comes twice, that is an hour less or more.
type When struct {
	// From and To are from 00:00 to 24:00. When To is not after From the time
	// crosses midnight, and belongs to the day and month on which it begins. Both
	// 0: the whole day.
	From, To Clock
	Days     Days   // empty: every day
	Months   Months // empty: every month
}

// crosses says that it ends on the day after it begins.
func (w When) crosses() bool { return w.To <= w.From && !w.wholeDay() }

func (w When) wholeDay() bool { return w.From == 0 && (w.To == 0 || w.To == Midnight) }

// String says when, such as "22:00-06:00 mon-fri nov-feb".
func (w When) String() string {
	var parts []string
	if w.wholeDay() {
		parts = append(parts, "all day")
	} else {
		parts = append(parts, w.From.String()+"-"+w.To.String())
	}
	if w.Days != 0 {
		parts = append(parts, strings.ReplaceAll(w.Days.String(), ", ", ","))
	}
	if w.Months != 0 {
		parts = append(parts, strings.ReplaceAll(w.Months.String(), ", ", ","))
	}
	return strings.Join(parts, " ")
}

func (w When) check() error {
	switch {
	case !w.From.valid() || !w.To.valid():
		return fmt.Errorf("%s to %s: want quarters of an hour from 00:00 to 24:00: %w", w.From, w.To, ErrSpec)
	case w.From == w.To && w.From != 0, w.From == Midnight:
		return fmt.Errorf("%s to %s is no time at all: %w", w.From, w.To, ErrSpec)
	}
	return nil
}

// dayKind is what a When asks of a day.
type dayKind struct {
	days  Days // its day of the week, and whether it is a holiday
	month Months
}

// on reports whether a time that begins on such a day is meant.
func (w When) on(d dayKind) bool {
	return (w.Days == 0 || w.Days&d.days != 0) && (w.Months == 0 || w.Months&d.month != 0)
}

// at reports whether it holds when clocks show c on a day, before being the day
// before it.
func (w When) at(c Clock, day, before dayKind) bool {
	if w.wholeDay() {
		return w.on(day)
	}
	if !w.crosses() {
		return c >= w.From && c < w.To && w.on(day)
	}
	return c >= w.From && w.on(day) || c < w.To && w.on(before)
}
