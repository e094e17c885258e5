package tariff

import (
	"fmt"
	"time"
)

// daysAround is how far Check looks back and ahead.
const daysAround = 365

// checker collects findings.
type checker struct {
	*rules
	tariff   *Tariff
	now      time.Time
	today    int64
	findings []Finding
}

func (c *checker) fault(k Kind, fix, format string, args ...any) {
	c.findings = append(c.findings, Finding{Kind: k, Fault: true, Fix: fix, Text: fmt.Sprintf(format, args...)})
}

func (c *checker) note(k Kind, fix, format string, args ...any) {
	c.findings = append(c.findings, Finding{Kind: k, Fix: fix, Text: fmt.Sprintf(format, args...)})
}

// sorted puts the faults first.
func (c *checker) sorted() []Finding {
	var faults, notes []Finding
	for _, f := range c.findings {
		if f.Fault {
			faults = append(faults, f)
		} else {
			notes = append(notes, f)
		}
	}
	return append(faults, notes...)
}

// order looks at how the versions follow each other.
func (c *checker) order() {
	for i := 1; i < len(c.written); i++ {
		if before, v := c.written[i-1], c.written[i]; v.number() < before.number() {
			c.note(Order, "write the versions in the order of their first days", "the version from %s stands before the one %s; each holds from its day on all the same", before, since(v))
			break
		}
	}
	first := c.versions[0]
	switch {
	case first.From.IsZero():
	case first.from > c.today:
		c.fault(Hole, "add a version for the time before", "no version holds before %s, today included", first.From)
	default:
		c.note(Hole, "", "no price before %s, the first day of the first version", first.From)
	}
}

func since(d Date) string {
	if d.IsZero() {
		return "since ever"
	}
	return "from " + d.String()
}

// year is the time in which the windows of a version are looked at: the year from
// today or from its first day on. Of a version that ends sooner it is what there is
// of the year before its end, so that no season is missed.
func (c *checker) year(v *version) (begin, end time.Time) {
	last := min(v.until, max(v.from, c.today)+daysAround+1)
	first := max(v.from, c.today-daysAround, last-daysAround-1)
	if first >= last {
		return time.Time{}, time.Time{}
	}
	return dateOf(first).Start(c.zone), dateOf(last).Start(c.zone)
}

// span is the time in which Check looks at a version's series: what there is of it
// in the year back and the year ahead.
func (c *checker) span(v *version) (begin, end time.Time) {
	first := max(v.from, c.today-daysAround)
	last := min(v.until, c.today+daysAround+1)
	if first >= last {
		return time.Time{}, time.Time{}
	}
	return dateOf(first).Start(c.zone), dateOf(last).Start(c.zone)
}

// named is how a finding calls a version; nothing when there is only one.
func (c *checker) named(v *version) string {
	switch {
	case len(c.versions) == 1:
		return ""
	case v.From.IsZero():
		return "first version: "
	}
	return v.String() + ": "
}

// add puts a slot into a pattern.
func (c *checker) add(p *pattern, r *resolver, unix int64) {
	day, clock := r.local(unix)
	p.add(unix, day, clock)
}

// slots calls do for every slot of a time.
func (c *checker) slots(begin, end time.Time, do func(unix int64)) {
	for unix := begin.Unix(); unix < end.Unix(); unix += secondsPerSlot {
		do(unix)
	}
}
