package systemmeter

import (
	"math"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
)

// loadOf is a reading with a load and a tally.
func loadOf(watts energy.Watts, sum, count int64) telemetry {
	return telemetry{Load: knownWatts{watts, true}, Loads: loadTally{sum, count, true}}
}

func TestAverageLoad(t *testing.T) {
	const limit = 210
	base := loadOf(10, 1_000_000, 100)
	for _, tt := range []struct {
		name          string
		before, after telemetry
		want          energy.Watts
		ok            bool
	}{
		{"20 ticks of 12 W", base, loadOf(14, 1_240_000, 120), 12, true},
		{"a burst in between", base, loadOf(10, 1_000_000+20*200_000, 120), 200, true},
		{"a dip in between", loadOf(60, 1_000_000, 100), loadOf(60, 1_000_000+20*4_000, 120), 4, true},
		{"no more ticks", base, loadOf(14, 1_240_000, 100), 0, false},
		{"fewer ticks", base, loadOf(14, 1_240_000, 4), 0, false},
		{"a sum that falls", base, loadOf(14, 900_000, 120), 0, false},
		{"a sum that stands still", base, loadOf(14, 1_000_000, 120), 0, false},
		{"a sum that jumps", base, loadOf(14, 281_000_000_000, 120), 0, false},
		{"a sum that hardly rises", base, loadOf(14, 1_000_100, 120), 0, false},
		{"a sum that is wrapped", loadOf(10, -400_000, 100), loadOf(10, -160_000, 120), 0, false},
		{"from wrapped to not", loadOf(10, -10, 100), loadOf(10, 200_000, 120), 0, false},
		{"a count that is wrapped", loadOf(10, 1_000_000, -100), loadOf(10, 1_240_000, -80), 0, false},
		{"a count that jumps", base, loadOf(14, math.MaxInt64-1, 1<<40), 0, false},
		{"no tally before", telemetry{Load: base.Load}, base, 0, false},
		{"no tally after", base, telemetry{Load: base.Load}, 0, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := averageLoad(tt.before, tt.after, limit)
			if math.Abs(float64(got-tt.want)) > 1e-9 || ok != tt.ok {
				t.Errorf("%v W, %v; want %v W, %v", got, ok, tt.want, tt.ok)
			}
		})
	}
}

func TestDrawn(t *testing.T) {
	const limit = 210
	before := loadOf(10, 1_000_000, 100)
	for _, tt := range []struct {
		name  string
		after telemetry
		apart time.Duration
		want  energy.Joules
		ok    bool
	}{
		{"by the tally", loadOf(20, 1_240_000, 120), 21 * time.Second, 252, true},
		{"by the tally, as long as may be", loadOf(20, 1_000_000+180*12_000, 280), 3 * time.Minute, 2160, true},
		{"by the tally, over hours", loadOf(20, 1_000_000+7200*12_000, 7300), 2 * time.Hour, 0, false},
		{"by both ends", loadOf(20, 5, 1), 20 * time.Second, 300, true},
		{"both ends too far apart", loadOf(20, 5, 1), 121 * time.Second, 0, false},
		{"at the same time", before, 0, 0, true},
		{"the clock was set back", loadOf(20, 1_240_000, 120), -time.Second, 0, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := drawn(before, tt.after, tt.apart, 3*time.Minute, limit)
			if math.Abs(float64(got-tt.want)) > 1e-9 || ok != tt.ok {
				t.Errorf("%v J, %v; want %v J, %v", got, ok, tt.want, tt.ok)
			}
		})
	}
}

func TestChargingAndLoad(t *testing.T) {
	known := func(w energy.Watts) knownWatts { return knownWatts{w, true} }
	for _, tt := range []struct {
		name           string
		t              telemetry
		charging, load knownWatts
	}{
		{"all there", telemetry{Load: known(20), PowerIn: known(45), Battery: known(25)}, known(25), known(20)},
		{"no battery power", telemetry{Load: known(20), PowerIn: known(12)}, known(-8), known(20)},
		{"no load", telemetry{PowerIn: known(45), Battery: known(25)}, known(25), known(20)},
		{"load alone", telemetry{Load: known(20)}, knownWatts{}, known(20)},
		{"nothing", telemetry{}, knownWatts{}, knownWatts{}},
		{"more than a battery takes", telemetry{Load: known(20), Battery: known(9e6)}, knownWatts{}, known(20)},
		{"more than a battery gives", telemetry{Load: known(20), Battery: known(-9e6)}, knownWatts{}, known(20)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			charging, ok := tt.t.charging(210)
			if ok != tt.charging.Known || ok && charging != tt.charging.Value {
				t.Errorf("charging %v W, %v", charging, ok)
			}
			load, ok := tt.t.load()
			if ok != tt.load.Known || ok && load != tt.load.Value {
				t.Errorf("load %v W, %v", load, ok)
			}
		})
	}
}
