package fake

import (
	"math"
	"strconv"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
)

// meter is the part of a device that measures and counts. What it saw at the
// last whole minutes is worked out between two questions.
type meter struct {
	plug    Plug
	now     func() time.Time
	started time.Time
	origin  energy.Joules // the plug's total where the counter is 0

	seen  time.Time // of the last look
	total energy.Joules
	// minutes holds the plug's total at the last whole minutes, the newest first.
	minutes [4]energy.Joules
	minute  time.Time // of minutes[0]
}

// look is what a device sees at one time.
type look struct {
	at      time.Time
	watts   energy.Watts
	total   energy.Joules    // of the counter, now
	stepped energy.Joules    // of the counter, at the last whole minute
	minutes [3]energy.Joules // drawn in the last whole minutes, the newest first
	minute  time.Time        // the end of the newest of them
	uptime  time.Duration
}

func newMeter(plug Plug, now func() time.Time) meter {
	m := meter{plug: plug, now: now}
	m.restart(false)
	return m
}

// restart starts the device; zero begins the counter anew.
func (m *meter) restart(zero bool) {
	_, total := m.plug.Plug()
	at := m.now()
	m.started, m.seen, m.total, m.minute = at, at, total, at.Truncate(time.Minute)
	for i := range m.minutes {
		m.minutes[i] = total
	}
	if zero {
		m.origin = total
	}
}

func (m *meter) look() look {
	watts, total := m.plug.Plug()
	at := m.now()
	m.catchUp(at, total)
	l := look{
		at: at, watts: watts, total: total - m.origin, stepped: m.minutes[0] - m.origin,
		minute: m.minute, uptime: at.Sub(m.started),
	}
	for i := range l.minutes {
		l.minutes[i] = m.minutes[i] - m.minutes[i+1]
	}
	return l
}

// catchUp notes the totals at the whole minutes since the last look, as if the
// power had been even in between.
func (m *meter) catchUp(at time.Time, total energy.Joules) {
	span := at.Sub(m.seen).Seconds()
	first := at.Truncate(time.Minute).Add(-time.Duration(len(m.minutes)) * time.Minute)
	if first.Before(m.minute) {
		first = m.minute
	}
	for next := first.Add(time.Minute); !next.After(at); next = next.Add(time.Minute) {
		share := 1.0
		if span > 0 {
			share = min(1, max(0, next.Sub(m.seen).Seconds()/span))
		}
		copy(m.minutes[1:], m.minutes[:])
		m.minutes[0], m.minute = m.total+energy.Joules(share)*(total-m.total), next
	}
	m.seen, m.total = at, total
}

// scaled makes the look that of a device whose values are in another unit.
func (l look) scaled(by float64) look {
	l.watts *= energy.Watts(by)
	l.total *= energy.Joules(by)
	l.stepped *= energy.Joules(by)
	return l
}

// fixed is a number with a certain count of digits after the point, cut off and
// not rounded, as counters do.
type fixed struct {
	value  float64
	digits int
}

func (f fixed) MarshalJSON() ([]byte, error) {
	step := math.Pow10(f.digits)
	return strconv.AppendFloat(nil, math.Floor(f.value*step+1e-6)/step, 'f', f.digits, 64), nil
}

// rounded is a number with a certain count of digits after the point.
type rounded struct {
	value  float64
	digits int
}

func (r rounded) MarshalJSON() ([]byte, error) {
	return strconv.AppendFloat(nil, r.value, 'f', r.digits, 64), nil
}

// lookAt is what the device sees, with the faults that change it.
func (d *Device) lookAt() look {
	l := d.meter.look()
	switch d.fault {
	case WrongUnit:
		l = l.scaled(1000)
	case ClockSkewed:
		l.at, l.minute = l.at.Add(30*time.Second), l.minute.Add(30*time.Second)
	}
	return l
}

const volts = 231.4

// amps is the current that goes with a power.
func amps(w energy.Watts) float64 { return float64(w) / volts }
