package tariff

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// pattern gathers quarters of hours by local date, and says what they have in
// common. They come in the order of time.
type pattern struct {
	days []dayRanges
	last int64 // the quarter that came last, in unix seconds
}

// dayRanges are the times of one local day.
type dayRanges struct {
	number int64
	ranges [][2]Clock // half-open, in the order of time
}

// add takes the slot that begins at unix, when clocks show at.
func (p *pattern) add(unix, day int64, at Clock) {
	follows := unix == p.last+secondsPerSlot
	p.last = unix
	if n := len(p.days); n == 0 || p.days[n-1].number != day {
		p.days = append(p.days, dayRanges{number: day})
	}
	d := &p.days[len(p.days)-1]
	for _, r := range d.ranges {
		if at >= r[0] && at < r[1] {
			return // clocks show it a second time
		}
	}
	// What follows is one range with it, also over an hour that is left out.
	if n := len(d.ranges); n > 0 && (follows || d.ranges[n-1][1] == at) {
		d.ranges[n-1][1] = at + quarter
		return
	}
	d.ranges = append(d.ranges, [2]Clock{at, at + quarter})
}

func (p *pattern) empty() bool { return len(p.days) == 0 }

// mostShown is how many groups and dates a text names before it counts.
const mostShown = 3

// String says when, such as "12:00-13:00 on mon-fri (261 days)".
func (p *pattern) String() string {
	groups := map[string][]int64{}
	for _, d := range p.days {
		var text []string
		for _, r := range d.ranges {
			text = append(text, When{From: r[0], To: r[1]}.String())
		}
		key := strings.Join(text, " and ")
		groups[key] = append(groups[key], d.number)
	}
	keys := make([]string, 0, len(groups))
	for key := range groups {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b string) int {
		return cmp.Or(cmp.Compare(len(groups[b]), len(groups[a])), cmp.Compare(groups[a][0], groups[b][0]))
	})
	var parts []string
	for _, key := range keys[:min(len(keys), mostShown)] {
		parts = append(parts, key+" "+onDays(groups[key]))
	}
	if len(keys) > mostShown {
		parts = append(parts, "other times on other days")
	}
	return strings.Join(parts, "; ")
}

// onDays names dates, or what days of the week and months they are.
func onDays(numbers []int64) string {
	if len(numbers) <= mostShown {
		var dates []string
		for _, n := range numbers {
			dates = append(dates, dateOf(n).String())
		}
		return "on " + strings.Join(dates, ", ")
	}
	var days Days
	var months Months
	for _, n := range numbers {
		d := dateOf(n)
		days |= On(d.Weekday())
		months |= In(d.Month)
	}
	text := "on " + days.String()
	if days == 1<<7-1 {
		text = "every day"
	}
	if months != 1<<12-1 {
		text += " in " + months.String()
	}
	return fmt.Sprintf("%s (%d days, the first %s)", text, len(numbers), dateOf(numbers[0]))
}
