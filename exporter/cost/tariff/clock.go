package tariff

import (
	"fmt"
	"strconv"
	"strings"
)

// Clock is a time of day as clocks show it, in minutes after midnight: 0 to
// 1440, on a quarter of an hour. 1440 is the midnight at the end of the day.
type Clock int

// Midnight ends a day.
const Midnight Clock = 24 * 60

// quarter is the grid that prices change on, in minutes.
const quarter = 15

// ParseClock reads a time of day such as 06:30 or 24:00.
func ParseClock(text string) (Clock, error) {
	hour, minute, ok := strings.Cut(text, ":")
	h, errHour := strconv.ParseUint(hour, 10, 8)
	m, errMinute := strconv.ParseUint(minute, 10, 8)
	c := Clock(h*60 + m)
	if !ok || errHour != nil || errMinute != nil || len(hour) > 2 || len(minute) != 2 || m > 59 || !c.valid() {
		return 0, fmt.Errorf("time of day %q: want a quarter of an hour from 00:00 to 24:00, such as 06:30: %w", text, ErrSyntax)
	}
	return c, nil
}

func (c Clock) valid() bool { return c >= 0 && c <= Midnight && c%quarter == 0 }

// String prints the time of day as ParseClock reads it.
func (c Clock) String() string { return fmt.Sprintf("%02d:%02d", int(c)/60, int(c)%60) }
