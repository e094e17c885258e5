package systemmeter

import (
	"context"
	"fmt"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
)

// ioregPath is where macOS has ioreg, which needs no root for this.
const ioregPath = "/usr/sbin/ioreg"

// batteryMeter reads a laptop's battery telemetry: what the whole machine draws
// on the DC side, and what goes into its battery.
//
// ioreg takes about 10 ms of CPU time, so a Config asks every 20 s, which is
// 0.05 % of a core. What was drawn meanwhile is the mean of what the laptop added
// up between two readings, times the time between them.
//
// How often macOS refreshes the telemetry is not known. A reading whose values
// are the same to the last digit of a tally is taken for the former one, whose
// time it keeps; so a counter never stands still while time goes on, and values
// that no longer change become stale.
type batteryMeter struct {
	name   string
	limit  energy.Watts
	maxAge time.Duration
	pause  time.Duration // the longest between two values
	now    func() time.Time
	origin time.Time // of the running time
	run    func(ctx context.Context, name string, args ...string) ([]byte, error)

	absent absence
	last   *batterySample // nil before the first
	total  energy.Joules
}

// batterySample is a reading with its times.
type batterySample struct {
	telemetry
	asked instant   // when it was read
	asOf  time.Time // when its values were true, as far as one can tell
	slept bool      // the Mac may have slept since then and before it was read
}

func newBattery(c Config, o Options, _ *client) (Meter, error) {
	c = c.WithDefaults()
	m := &batteryMeter{
		name: c.Name, limit: limitOf(c, hardwareModel()), maxAge: c.MaxAge, pause: batteryPause(c.Every),
		now: o.Now, origin: o.Now(), run: o.Command,
	}
	if m.run == nil {
		m.run = runCommand
	}
	return m, nil
}

// Read asks ioreg once. The counter begins at 0 with the first reading, and
// again after a sleep, a long pause, or when nothing says what was drawn.
func (m *batteryMeter) Read(ctx context.Context) (Reading, error) {
	begun := m.now()
	if err := m.absent.at(begun); err != nil {
		return Reading{}, err
	}
	r, err := m.read(ctx, begun)
	if err != nil {
		if m.last == nil { // a battery that was there once is not absent
			m.absent.note(begun, err)
		}
		return Reading{}, fmt.Errorf("read battery telemetry: %w", err)
	}
	return r, nil
}

func (m *batteryMeter) read(ctx context.Context, begun time.Time) (Reading, error) {
	out, err := m.run(ctx, ioregPath, "-a", "-rw0", "-c", "AppleSmartBattery")
	if err != nil {
		return Reading{}, err
	}
	ended := m.now()
	t, err := parseBattery(out)
	if err != nil {
		return Reading{}, err
	}
	load, ok := t.load()
	if !ok {
		return Reading{}, fmt.Errorf("the battery does not say SystemLoad: %w", ErrUnavailable)
	}
	if err := checkPower(load, m.limit); err != nil {
		return Reading{}, err
	}
	t.Load = knownWatts{load, true}
	s := m.take(t, instantOf(m.origin, begun.Add(ended.Sub(begun)/2)))
	age := ended.Round(0).Sub(s.asOf)
	if age > m.maxAge {
		return Reading{}, fmt.Errorf("the battery's values are %s old: %w", age.Round(time.Second), ErrStale)
	}
	r := Reading{At: s.asOf, Lag: max(age, 0), Power: load, HasPower: true, Energy: m.total, HasEnergy: true}
	r.Charging, r.HasCharging = t.charging(m.limit)
	return r, nil
}

// take makes a reading the last one and counts in what was drawn since the one
// before.
func (m *batteryMeter) take(t telemetry, asked instant) batterySample {
	s := batterySample{telemetry: t, asked: asked, asOf: asked.wall}
	before := m.last
	m.last = &s
	if before == nil {
		if !t.Updated.IsZero() && !t.Updated.After(asked.wall) {
			s.asOf = t.Updated
		}
		return s
	}
	same := before.telemetry == t
	switch {
	case same:
		s.asOf = before.asOf
	case t.Updated.After(before.asked.wall) && !t.Updated.After(asked.wall):
		s.asOf = t.Updated
	}
	_, slept := asked.since(before.asked)
	s.slept = (slept || same && before.slept) && s.asOf.Before(asked.wall)
	more, ok := drawn(before.telemetry, t, s.asOf.Sub(before.asOf), m.pause, m.limit)
	if slept || before.slept || !ok {
		m.total = 0
		return s
	}
	m.total += more
	return s
}

// Name is what the config calls the meter.
func (m *batteryMeter) Name() string { return m.name }

// Scope is that of the battery.
func (m *batteryMeter) Scope() attribution.Scope { return attribution.ScopeBattery }

// Close has nothing to give up.
func (m *batteryMeter) Close() error { return nil }
