package tariff

import (
	"fmt"
	"strings"
	"time"
)

// clockChanges says what the next year's clock changes do to windows.
func (c *checker) clockChanges() {
	limit := c.now.AddDate(1, 0, 0)
	for at := c.now.In(c.zone); ; {
		_, next := at.ZoneBounds()
		if next.IsZero() || !next.Before(limit) {
			return
		}
		c.clockChange(next)
		at = next.In(c.zone)
	}
}

// clockChange compares what clocks show with what they would have shown.
func (c *checker) clockChange(at time.Time) {
	_, before := at.Add(-time.Second).In(c.zone).Zone()
	_, after := at.In(c.zone).Zone()
	from, to := at.Unix()+int64(min(before, after)), at.Unix()+int64(max(before, after)) // local
	if from == to {
		return // only the name of the zone changes
	}
	day := floorDiv(from, secondsPerDay)
	v := c.versionOn(day)
	if v == nil {
		return
	}
	what, change := "show %s-%s twice", "longer"
	if after > before {
		what, change = "leave out %s-%s", "shorter"
	}
	var windows []string
	for _, w := range v.Windows {
		affected := time.Duration(0)
		for local := from; local < to; local += secondsPerSlot {
			n := floorDiv(local, secondsPerDay)
			if w.at(clockOf(local), v.kindOf(n), v.kindOf(n-1)) {
				affected += time.Duration(secondsPerSlot) * time.Second
			}
		}
		if affected > 0 {
			windows = append(windows, fmt.Sprintf("%s is %s %s", w.Name, hours(affected), change))
		}
	}
	if len(windows) == 0 {
		return
	}
	shown := fmt.Sprintf(what, clockOf(from), clockOf(to-60*quarter)+quarter)
	c.note(ClockChange, "", "%son %s clocks %s: window %s", c.named(v), dateOf(day), shown, strings.Join(windows, ", window "))
}

func clockOf(local int64) Clock {
	return Clock((local - floorDiv(local, secondsPerDay)*secondsPerDay) / 60)
}

func hours(d time.Duration) string {
	if d%time.Hour == 0 {
		return fmt.Sprintf("%d h", d/time.Hour)
	}
	return fmt.Sprintf("%d min", d/time.Minute)
}
