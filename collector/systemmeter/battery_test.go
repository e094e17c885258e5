package systemmeter

import (
	"context"
	"errors"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
)

// laptop is what the fake ioreg of a test prints, and the clock of its meter.
type laptop struct {
	wall  time.Time
	asked int
	print []byte
	meter *batteryMeter
}

func newLaptop(t *testing.T) *laptop {
	t.Helper()
	l := &laptop{wall: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	m, err := newBattery(Config{Name: "battery", Kind: KindBattery}, Options{
		Now: func() time.Time { return l.wall },
		Command: func(_ context.Context, name string, args ...string) ([]byte, error) {
			l.asked++
			want := []string{"/usr/sbin/ioreg", "-a", "-rw0", "-c", "AppleSmartBattery"}
			if diff := cmp.Diff(want, append([]string{name}, args...)); diff != "" {
				t.Error(diff)
			}
			return l.print, nil
		},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	l.meter = m.(*batteryMeter)
	return l
}

func (l *laptop) wait(d time.Duration) { l.wall = l.wall.Add(d) }

// says sets what ioreg prints: milliwatts, a tally, a key beside the telemetry,
// and more in it.
func (l *laptop) says(load, sum, count int64, beside string, more ...string) {
	tally := []string{intKey("SystemLoad", load), intKey("AccumulatedSystemLoad", sum), intKey("SystemLoadAccumulatorCount", count)}
	l.print = batteryXML(beside + telemetryXML(append(tally, more...)...))
}

func TestBatteryRead(t *testing.T) {
	l := newLaptop(t)
	if l.meter.Scope() != attribution.ScopeBattery || l.meter.Name() != "battery" || l.meter.Close() != nil {
		t.Errorf("%s of scope %s", l.meter.Name(), l.meter.Scope())
	}
	read := func() Reading {
		t.Helper()
		r, err := l.meter.Read(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	start := l.wall
	l.says(10_000, 1_000_000, 100, "", intKey("BatteryPower", -10_000))
	got := []Reading{read()}
	l.wait(20 * time.Second)
	l.says(30_000, 1_500_000, 120, "", intKey("BatteryPower", 5_000)) // 25 W on average
	got = append(got, read())
	l.wait(10 * time.Second) // ioreg says the same again: nothing new, and older
	got = append(got, read())
	l.wait(10 * time.Second)
	l.says(30_000, 2_100_000, 140, "", intKey("BatteryPower", 5_000)) // 30 W
	got = append(got, read())
	want := []Reading{
		{At: start, Power: 10, Energy: 0, Charging: -10},
		{At: start.Add(20 * time.Second), Power: 30, Energy: 500, Charging: 5},
		{At: start.Add(20 * time.Second), Power: 30, Energy: 500, Charging: 5, Lag: 10 * time.Second},
		{At: start.Add(40 * time.Second), Power: 30, Energy: 1100, Charging: 5},
	}
	for i := range want {
		want[i].HasPower, want[i].HasEnergy, want[i].HasCharging = true, true, true
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateApprox(0, 1e-9)); diff != "" {
		t.Error(diff)
	}
}

// UpdateTime is the time of the values where it can be.
func TestBatteryUpdateTime(t *testing.T) {
	type step struct {
		wait   time.Duration // before it
		update time.Duration // of UpdateTime, since the start
		ticks  int64
		at     time.Duration // of the reading, since the start
		joules energy.Joules
		err    error
	}
	for _, tt := range []struct {
		name  string
		steps []step
	}{
		{"told each time", []step{{0, -7 * time.Second, 0, -7 * time.Second, 0, nil}, {20 * time.Second, 15 * time.Second, 22, 15 * time.Second, 220, nil}}},
		{"fresher values than it says", []step{{0, -7 * time.Second, 0, -7 * time.Second, 0, nil}, {20 * time.Second, -7 * time.Second, 20, 20 * time.Second, 270, nil}}},
		{"a clock that is ahead", []step{{0, time.Hour, 0, 0, 0, nil}, {20 * time.Second, time.Hour, 20, 20 * time.Second, 200, nil}}},
		{"old at first, alive after all", []step{{0, -10 * time.Minute, 0, 0, 0, ErrStale}, {20 * time.Second, -10 * time.Minute, 20, 20 * time.Second, 0, nil}}},
		{
			"stands still", []step{
				{0, 0, 0, 0, 0, nil}, {3 * time.Minute, 0, 0, 0, 0, nil}, {time.Second, 0, 0, 0, 0, ErrStale},
				{59 * time.Second, 0, 240, 4 * time.Minute, 0, nil},
			},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := newLaptop(t)
			start := l.wall
			for i, s := range tt.steps {
				l.wait(s.wait)
				l.says(10_000, 1_000_000+10_000*s.ticks, 100+s.ticks, intKey("UpdateTime", start.Add(s.update).Unix()))
				r, err := l.meter.Read(t.Context())
				if !errors.Is(err, s.err) {
					t.Fatalf("step %d: %v", i, err)
				}
				if err == nil && (!r.At.Equal(start.Add(s.at)) || math.Abs(float64(r.Energy-s.joules)) > 1e-9) {
					t.Errorf("step %d: of %v, %v J; want %v, %v J", i, r.At.Sub(start), r.Energy, s.at, s.joules)
				}
			}
		})
	}
}

// What was drawn in a sleep is not known, so the counter begins anew.
func TestBatterySleep(t *testing.T) {
	l := newLaptop(t)
	at := func(running, wall time.Duration) instant { return instant{l.wall.Add(wall), running} }
	take := func(i instant, sum, count int64) energy.Joules {
		l.meter.take(loadOf(10, sum, count), i)
		return l.meter.total
	}
	take(at(0, 0), 1_000_000, 100)
	if got := take(at(20*time.Second, 20*time.Second), 1_200_000, 120); got != 200 {
		t.Errorf("awake: %v J", got)
	}
	if got := take(at(40*time.Second, time.Hour), 1_500_000, 150); got != 0 {
		t.Errorf("asleep: %v J", got)
	}
	if got := take(at(60*time.Second, time.Hour+20*time.Second), 1_700_000, 170); got != 200 {
		t.Errorf("awake again: %v J", got)
	}
}

// Right after a sleep the values may still be those of before it: what comes next
// does not tell of the sleep either.
func TestBatteryOldValuesAfterSleep(t *testing.T) {
	const nap = time.Minute
	for _, tt := range []struct {
		name    string
		updated time.Duration // of the values after the sleep; 0: it is not said
		ticks   int64         // in them, since the last before it
		want    energy.Joules // with the values after them
	}{
		{"the same values", 0, 0, 0},
		{"values from before it", 25 * time.Second, 5, 0},
		{"new values", 0, 20, 200},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := newLaptop(t)
			take := func(running, wall, updated time.Duration, ticks int64) energy.Joules {
				r := loadOf(10, 1_000_000+10_000*ticks, 100+ticks)
				if updated != 0 {
					r.Updated = l.wall.Add(updated)
				}
				l.meter.take(r, instant{l.wall.Add(wall), running})
				return l.meter.total
			}
			take(0, 0, 0, 0)
			if got := take(20*time.Second, 20*time.Second, 0, 20); got != 200 {
				t.Errorf("awake: %v J", got)
			}
			if got := take(40*time.Second, 40*time.Second+nap, tt.updated, 20+tt.ticks); got != 0 {
				t.Errorf("after the sleep: %v J", got)
			}
			if got := take(60*time.Second, 60*time.Second+nap, 0, 60); got != tt.want {
				t.Errorf("the next: %v J, want %v", got, tt.want)
			}
			if got := take(80*time.Second, 80*time.Second+nap, 0, 80); got != tt.want+200 {
				t.Errorf("and the next: %v J, want %v", got, tt.want+200)
			}
		})
	}
}

// A pause much longer than the config's is one that nobody asked in: the machine
// may have slept by clocks that do not tell, and the tally counts no time.
func TestBatteryPause(t *testing.T) {
	for _, tt := range []struct {
		every, pause time.Duration
		want         energy.Joules
	}{
		{0, 2 * time.Minute, 1200}, {0, 2*time.Minute + time.Second, 0}, {0, 330 * time.Minute, 0},
		{time.Minute, 3 * time.Minute, 1800}, {time.Minute, 3*time.Minute + time.Second, 0},
	} {
		t.Run(tt.every.String()+" "+tt.pause.String(), func(t *testing.T) {
			l := newLaptop(t)
			if tt.every != 0 {
				l.meter.pause = batteryPause(tt.every)
			}
			for _, s := range []struct {
				wait  time.Duration
				ticks int64
			}{{0, 0}, {tt.pause, 40}} { // most of the pause was slept through
				l.wait(s.wait)
				l.says(10_000, 1_000_000+10_000*s.ticks, 100+s.ticks, "")
				if _, err := l.meter.Read(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			if math.Abs(float64(l.meter.total-tt.want)) > 1e-9 {
				t.Errorf("%v J, want %v", l.meter.total, tt.want)
			}
		})
	}
}

func TestBatteryWithoutTally(t *testing.T) {
	l := newLaptop(t)
	for _, s := range []struct {
		wait time.Duration
		load int64
		want energy.Joules
	}{{0, 10_000, 0}, {20 * time.Second, 20_000, 300}, {3 * time.Minute, 21_000, 0}, {20 * time.Second, 21_000, 0}, {20 * time.Second, 19_000, 800}} {
		l.wait(s.wait)
		l.print = batteryXML(telemetryXML(intKey("SystemLoad", s.load)))
		r, err := l.meter.Read(t.Context())
		if err != nil || math.Abs(float64(r.Energy-s.want)) > 1e-9 || r.HasCharging {
			t.Errorf("%v mW: %v J, want %v; charging %v; %v", s.load, r.Energy, s.want, r.HasCharging, err)
		}
	}
}

func TestBatteryRefuses(t *testing.T) {
	for _, tt := range []struct {
		name string
		keys []string
		want error
	}{
		{"nothing known", nil, ErrUnavailable},
		{"zero", []string{intKey("SystemLoad", 0), intKey("SystemPowerIn", 0), intKey("BatteryPower", 0)}, ErrImplausible},
		{"below zero", []string{intKey("SystemLoad", -5)}, ErrImplausible},
		{"garbage", []string{intKey("SystemLoad", int64(1e12))}, ErrImplausible},
		{"in a sum", []string{intKey("SystemPowerIn", 1000), intKey("BatteryPower", 2000)}, ErrImplausible},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := newLaptop(t)
			l.print = batteryXML(telemetryXML(tt.keys...))
			if r, err := l.meter.Read(t.Context()); !errors.Is(err, tt.want) || errors.Is(err, ErrAbsent) || r != (Reading{}) {
				t.Errorf("%+v, %v; want %v", r, err, tt.want)
			}
		})
	}
}

// A desktop is asked once an hour, a laptop whenever it is due.
func TestBatteryAbsent(t *testing.T) {
	l := newLaptop(t)
	for _, s := range []struct {
		wait  time.Duration
		asked int
	}{{0, 1}, {20 * time.Second, 1}, {59 * time.Minute, 1}, {time.Minute, 2}} {
		l.wait(s.wait)
		if _, err := l.meter.Read(t.Context()); !errors.Is(err, ErrAbsent) || l.asked != s.asked {
			t.Errorf("after %v: asked %d times, want %d; %v", s.wait, l.asked, s.asked, err)
		}
	}
	l = newLaptop(t)
	l.says(10_000, 1_000_000, 100, "")
	if _, err := l.meter.Read(t.Context()); err != nil {
		t.Fatal(err)
	}
	l.print = nil
	for range 2 {
		if _, err := l.meter.Read(t.Context()); !errors.Is(err, ErrAbsent) {
			t.Error(err)
		}
	}
	if l.asked != 3 {
		t.Errorf("asked %d times: a battery that was there once is not absent", l.asked)
	}
}
