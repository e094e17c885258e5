package tariff

import (
	"fmt"
	"math/bits"
	"strings"
	"time"
)

// Days is a set of days of the week, and perhaps the holidays. The empty set
// stands for every day.
type Days uint8

// Holidays are the dates that a Spec or a Version lists as such.
const Holidays Days = 1 << 7

// On is the set of one day of the week.
func On(d time.Weekday) Days { return 1 << d }

// week is its order from Monday on.
var week = [...]string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}

// ParseDays reads mon, a range such as mon-fri or sat-mon, or holidays.
func ParseDays(text string) (Days, error) {
	if strings.EqualFold(text, "holidays") {
		return Holidays, nil
	}
	bits, ok := parseRange(text, week[:])
	if !ok {
		return 0, fmt.Errorf("days %q: want one of %s, a range such as mon-fri, or holidays: %w", text, strings.Join(week[:], ", "), ErrSyntax)
	}
	return Days((bits<<1 | bits>>6) & 0x7f), nil // Sunday is time's first day and our last
}

// String prints the set as ParseDays reads its parts: "mon-fri, holidays". The
// empty set is "every day".
func (d Days) String() string {
	if d == 0 {
		return "every day"
	}
	parts := ranges(uint16(d>>1&0x3f|d<<6&0x40), week[:])
	if d&Holidays != 0 {
		parts = append(parts, "holidays")
	}
	return strings.Join(parts, ", ")
}

// Months is a set of months. The empty set stands for every month.
type Months uint16

// In is the set of one month.
func In(m time.Month) Months { return 1 << (m - 1) }

var year = [...]string{"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"}

// ParseMonths reads jan, or a range such as nov-feb.
func ParseMonths(text string) (Months, error) {
	bits, ok := parseRange(text, year[:])
	if !ok {
		return 0, fmt.Errorf("months %q: want one of %s, or a range such as nov-feb: %w", text, strings.Join(year[:], ", "), ErrSyntax)
	}
	return Months(bits), nil
}

// String prints the set as ParseMonths reads its parts. The empty set is
// "every month".
func (m Months) String() string {
	if m == 0 {
		return "every month"
	}
	return strings.Join(ranges(uint16(m), year[:]), ", ")
}

// parseRange reads one name, or two with a dash between them, as a set in which
// bit i is names[i]. A range may go over the end of the list to its beginning.
func parseRange(text string, names []string) (uint16, bool) {
	first, last, _ := strings.Cut(text, "-")
	if !strings.Contains(text, "-") {
		last = first
	}
	from, to := indexFold(names, first), indexFold(names, last)
	if from < 0 || to < 0 {
		return 0, false
	}
	set := uint16(1) << from
	for i := from; i != to; {
		i = (i + 1) % len(names)
		set |= 1 << i
	}
	return set, true
}

func indexFold(names []string, name string) int {
	for i, n := range names {
		if strings.EqualFold(n, strings.TrimSpace(name)) {
			return i
		}
	}
	return -1
}

// ranges prints a set with three or more that follow each other as a range,
// also over the end of the list.
func ranges(set uint16, names []string) []string {
	n := len(names)
	if bits.OnesCount16(set) == n {
		return []string{names[0] + "-" + names[n-1]}
	}
	has := func(i int) bool { return set>>((i+n)%n)&1 == 1 }
	var parts []string
	for i := range n {
		if !has(i) || has(i-1) {
			continue // not the first of a run
		}
		length := 1
		for has(i + length) {
			length++
		}
		if length > 2 {
			parts = append(parts, names[i]+"-"+names[(i+length-1)%n])
			continue
		}
		for k := range length {
			parts = append(parts, names[(i+k)%n])
		}
	}
	return parts
}
