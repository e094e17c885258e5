package tariff

import (
	"slices"
	"strings"
	"time"
)

// holes looks for times at which nothing gives a price.
func (c *checker) holes() {
	for _, v := range c.versions {
		var p pattern
		r := c.resolver()
		begin, end := c.year(v)
		c.slots(begin, end, func(unix int64) {
			if f := r.at(unix); f.unknown == NoPrice {
				c.add(&p, r, unix)
			}
		})
		if !p.empty() {
			c.fault(Hole, "add price_per_kwh for the times outside of all windows, or a window", "%sno price at %s", c.named(v), &p)
		}
	}
}

// windows looks for windows that others hide. The first that holds gives the
// price, so only those before one can hide it.
func (c *checker) windows(v *version) {
	begin, end := c.year(v)
	r := c.resolver()
	holds := make([]int, len(v.Windows))               // slots
	hidden := make([]map[int]*pattern, len(v.Windows)) // by the window that hides
	seen := make([]int, len(v.Windows))                // slots, of holds, in which it gives the price
	for i := range hidden {
		hidden[i] = map[int]*pattern{}
	}
	c.slots(begin, end, func(unix int64) {
		r.at(unix) // finds the day's kind
		_, clock := r.local(unix)
		first := -1
		for i, w := range v.Windows {
			if !w.at(clock, r.today, r.before) {
				continue
			}
			holds[i]++
			if first < 0 {
				first = i
				seen[i]++
				continue
			}
			if hidden[i][first] == nil {
				hidden[i][first] = new(pattern)
			}
			c.add(hidden[i][first], r, unix)
		}
	})
	for i, w := range v.Windows {
		switch {
		case holds[i] == 0 && w.Days == Holidays && len(v.holidays) == 0: // holidays says so
		case holds[i] == 0:
			// A version of less than a year may carry windows of other seasons along.
			c.found(end.Sub(begin) >= daysAround*24*time.Hour, NeverHolds, "look at its days and months, and at the version's first day",
				"%swindow %s (%s) never holds from %s to %s", c.named(v), w.Name, w.When, DateOf(begin), DateOf(end.Add(-time.Second)))
		case seen[i] == 0:
			c.fault(Hidden, "put it first: the first window that holds gives the price", "%swindow %s (%s) is hidden by %s at all times", c.named(v), w.Name, w.When, v.namesOf(hidden[i]))
		default:
			for _, j := range byIndex(hidden[i]) {
				c.note(Overlap, "", "%swindow %s gives way to %s, which stands before it, at %s", c.named(v), w.Name, v.Windows[j].Name, hidden[i][j])
			}
		}
	}
}

func (v *version) namesOf(hiders map[int]*pattern) string {
	var names []string
	for _, j := range byIndex(hiders) {
		names = append(names, v.Windows[j].Name)
	}
	return strings.Join(names, " and ")
}

func byIndex(m map[int]*pattern) []int {
	var list []int
	for i := range m {
		list = append(list, i)
	}
	slices.Sort(list)
	return list
}

// holidays looks whether those that matter are listed for the time to come.
func (c *checker) holidays(v *version) {
	matter := v.HolidaysAreSundays
	for _, w := range v.whens() {
		matter = matter || w.Days&Holidays != 0
	}
	if !matter {
		return
	}
	last := int64(0)
	for day := range v.holidays {
		last = max(last, day)
	}
	switch {
	case len(v.holidays) == 0:
		c.fault(NoHolidays, "list them under holidays", "%sholidays matter and none is listed", c.named(v))
	case last < min(c.today+daysAround/2, v.until-1):
		c.note(NoHolidays, "list the next ones under holidays", "%sholidays matter and none is listed after %s", c.named(v), dateOf(last))
	}
}

// whens are all times that something in the version holds at.
func (v Version) whens() []When {
	var all []When
	for _, w := range v.Windows {
		all = append(all, w.When)
	}
	for _, a := range v.Adders {
		all = append(all, a.Windows...)
	}
	if v.Solar != nil {
		for _, w := range v.Solar.Windows {
			all = append(all, w.When)
		}
	}
	return all
}
