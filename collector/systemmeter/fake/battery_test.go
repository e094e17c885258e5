package fake_test

import (
	"math"
	"testing"
	"time"

	"howett.net/plist"

	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/collector/systemmeter"
	"github.com/sovmeter/sovmeter/collector/systemmeter/fake"
)

// A battery meter on the fake counts what the laptop drew, whatever happens
// between two readings: the tally knows.
func TestBatteryIsMetered(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	b := fake.NewBattery(now)
	m, err := systemmeter.Open(systemmeter.Config{Name: "laptop", Kind: systemmeter.KindBattery},
		systemmeter.Options{Now: func() time.Time { return now }, Command: b.Command})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	var first, last systemmeter.Reading
	var drawn, drawnAtFirst energy.Joules
	for i := range 3600 * 4 { // an hour in quarters of a second
		s := fake.BatteryState{System: 8, Charging: -8}
		if i%100 > 60 {
			s = fake.BatteryState{System: 70, Charging: 20, External: true}
		}
		now = now.Add(250 * time.Millisecond)
		b.Draw(now, s)
		drawn += s.System.For(250 * time.Millisecond)
		if i%80 != 79 { // every 20 s
			continue
		}
		if last, err = m.Read(t.Context()); err != nil {
			t.Fatal(err)
		}
		if last.Power != s.System || !last.HasCharging || last.Charging != s.Charging {
			t.Fatalf("%+v of %+v", last, s)
		}
		if first.At.IsZero() {
			first, drawnAtFirst = last, drawn
		}
	}
	got, want := last.Energy-first.Energy, drawn-drawnAtFirst
	if math.Abs(float64(got/want)-1) > 1e-6 {
		t.Errorf("%v J metered of %v J", got, want)
	}
}

func TestBatteryTicks(t *testing.T) {
	start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	b := fake.NewBattery(start)
	b.Draw(start.Add(500*time.Millisecond), fake.BatteryState{System: 10})
	b.Draw(start.Add(3200*time.Millisecond), fake.BatteryState{System: 20}) // ticks of 15, 20 and 20 W
	b.Draw(start.Add(3*time.Second), fake.BatteryState{System: 99})         // the past
	b.Sleep(start.Add(time.Hour))
	got := telemetryOf(t, b)
	if got["SystemLoadAccumulatorCount"] != 3 || got["AccumulatedSystemLoad"] != 55000 {
		t.Errorf("%v", got)
	}
	b.Draw(start.Add(time.Hour+800*time.Millisecond), fake.BatteryState{System: 5})
	if got := telemetryOf(t, b); got["SystemLoadAccumulatorCount"] != 4 || got["AccumulatedSystemLoad"] != 55000+4000+4000 {
		t.Errorf("after a sleep: %v", got)
	}
}

func TestBatteryCommand(t *testing.T) {
	b := fake.NewBattery(time.Unix(0, 0))
	if _, err := b.Command(t.Context(), "/usr/sbin/ioreg", "-a", "-r", "-c", "AGXDeviceUserClient"); err == nil {
		t.Error("the fake answers for another class")
	}
}

// What holds in dumps of real laptops holds in the fake.
func TestBatteryIdentities(t *testing.T) {
	start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	b := fake.NewBattery(start)
	b.Draw(start.Add(time.Second), fake.BatteryState{System: 21.543, Charging: 24.898, External: true})
	got := telemetryOf(t, b)
	if got["SystemPowerIn"] != got["SystemLoad"]+got["BatteryPower"] || got["SystemPowerIn"] != 46441 {
		t.Errorf("power: %v", got)
	}
	if math.Abs(float64(got["SystemEnergyConsumed"])-46441/3.6) > 1 {
		t.Errorf("energy of a tick: %v", got)
	}
	if vi := float64(got["SystemVoltageIn"]*got["SystemCurrentIn"]) / 1e3; math.Abs(vi/46441-1) > 0.004 {
		t.Errorf("volts by amperes: %v", got)
	}
}

// telemetryOf reads what the fake prints, without the meter's parser.
func telemetryOf(t *testing.T, b *fake.Battery) map[string]int64 {
	t.Helper()
	text, err := b.PropertyList()
	if err != nil {
		t.Fatal(err)
	}
	var entries []struct {
		PowerTelemetryData map[string]int64
	}
	if _, err := plist.Unmarshal(text, &entries); err != nil || len(entries) != 1 {
		t.Fatalf("%v: %s", err, text)
	}
	return entries[0].PowerTelemetryData
}
