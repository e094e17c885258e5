package systemmeter

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
)

// capture reads a dump of a real laptop. They are not part of this project.
func capture(t *testing.T, name string) string {
	t.Helper()
	dir := os.Getenv("SOVMETER_CAPTURES")
	if dir == "" {
		t.Skip("SOVMETER_CAPTURES does not say where captures of real machines are")
	}
	b, err := os.ReadFile(filepath.Join(dir, "ioreg", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// textValues reads the numbers of ioreg's text form out of a dump: those of
// PowerTelemetryData, which stand in one line, and those of the battery.
func textValues(t *testing.T, dump string) (power, battery map[string]uint64) {
	t.Helper()
	number := regexp.MustCompile(`"(\w+)"\s?=\s?(\d+|Yes|No)\b`)
	read := func(text string) map[string]uint64 {
		found := map[string]uint64{}
		for _, m := range number.FindAllStringSubmatch(text, -1) {
			switch m[2] {
			case "Yes":
				found[m[1]] = 1
			case "No":
				found[m[1]] = 0
			default:
				v, err := strconv.ParseUint(m[2], 10, 64)
				if err != nil {
					t.Fatal(err)
				}
				found[m[1]] = v
			}
		}
		return found
	}
	battery = map[string]uint64{}
	for line := range strings.Lines(dump) {
		line = strings.TrimLeft(line, " |")
		if _, inside, ok := strings.Cut(line, `"PowerTelemetryData" = `); ok {
			power = read(inside)
		} else if !strings.ContainsAny(line, "{(") {
			for k, v := range read(line) {
				battery[k] = v
			}
		}
	}
	if len(power) == 0 {
		t.Fatal("the dump has no telemetry")
	}
	return power, battery
}

// asPlist renders a dump as ioreg -a prints it, negative numbers signed or as
// they are in the text form.
func asPlist(power, battery map[string]uint64, signed bool) []byte {
	keys := func(values map[string]uint64) (list []string) {
		for k, v := range values {
			if signed {
				list = append(list, intKey(k, int64(v)))
			} else {
				list = append(list, intKey(k, v))
			}
		}
		return list
	}
	return batteryXML(strings.Join(keys(battery), "") + telemetryXML(keys(power)...))
}

func parseCapture(t *testing.T, name string) (telemetry, map[string]uint64) {
	t.Helper()
	power, battery := textValues(t, capture(t, name))
	signed, err := parseBattery(asPlist(power, battery, true))
	if err != nil {
		t.Fatal(err)
	}
	unsigned, err := parseBattery(asPlist(power, battery, false))
	if err != nil || signed != unsigned {
		t.Errorf("signed %+v, unsigned %+v, %v", signed, unsigned, err)
	}
	return signed, power
}

const (
	captureFloat   = "m3max_macos26.5_AppleSmartBattery_float_ac_140W.excerpt.txt"
	captureM1      = "m1pro_macos15.7.5_AppleSmartBattery_ac_45W.excerpt.txt"
	captureFirst   = "unknown-mbp_ac_28V_whatcable95_sample1.excerpt.txt"
	captureSecond  = "unknown-mbp_ac_28V_whatcable95_sample2.excerpt.txt"
	captureBattery = "macos27beta_on-battery_BatteryOptimizer88.excerpt.txt"
	capturePlist   = "whatbattery1_plist-form_on-battery.excerpt.plist.txt"
)

func TestBatteryCaptures(t *testing.T) {
	for _, tt := range []struct {
		name                   string
		load, powerIn, battery energy.Watts
		mean                   energy.Watts // since the tally began
		updated                int64
	}{
		{captureFloat, 6.306, 6.306, 0, 11.856, 1790373525},
		{captureM1, 14.960, 14.960, 0, 17.614, 0},
		{captureFirst, 6.879, 6.879, 0, 3.467, 0},
		{captureSecond, 7.455, 7.455, 0, 3.467, 0},
		{captureBattery, 15.567, 0, -15.567, 16.454, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, values := parseCapture(t, tt.name)
			near := func(what string, got knownWatts, want energy.Watts) {
				if !got.Known || math.Abs(float64(got.Value-want)) > 1e-9 {
					t.Errorf("%s %+v, want %v W", what, got, want)
				}
			}
			near("load", got.Load, tt.load)
			near("power in", got.PowerIn, tt.powerIn)
			near("into the battery", got.Battery, tt.battery)
			if mean := float64(got.Loads.Sum) / float64(got.Loads.Count) / 1e3; math.Abs(mean-float64(tt.mean)) > 0.001 {
				t.Errorf("mean load %v W, want %v", mean, tt.mean)
			}
			if tt.updated != 0 && got.Updated != time.Unix(tt.updated, 0).UTC() || tt.updated == 0 && !got.Updated.IsZero() {
				t.Errorf("updated %v", got.Updated)
			}
			identities(t, values)
		})
	}
}

// identities hold in every dump: what comes in goes to the load and the battery;
// SystemEnergyConsumed is what comes in, in µWh a second, which is the load on
// mains with a full battery; the loss comes on top of that; volts by amperes.
func identities(t *testing.T, values map[string]uint64) {
	t.Helper()
	v := func(key string) int64 { return int64(values[key]) }
	if v("SystemPowerIn") != v("SystemLoad")+v("BatteryPower") {
		t.Errorf("%d mW in, %d mW of load, %d mW into the battery", v("SystemPowerIn"), v("SystemLoad"), v("BatteryPower"))
	}
	if want := float64(v("SystemPowerIn")) / 3.6; math.Abs(float64(v("SystemEnergyConsumed"))-want) > 1 {
		t.Errorf("SystemEnergyConsumed %d, want %.1f", v("SystemEnergyConsumed"), want)
	}
	if v("WallEnergyEstimate") != v("SystemEnergyConsumed")+v("AdapterEfficiencyLoss") {
		t.Errorf("WallEnergyEstimate %d = %d + %d", v("WallEnergyEstimate"), v("SystemEnergyConsumed"), v("AdapterEfficiencyLoss"))
	}
	product := float64(v("SystemVoltageIn")) * float64(v("SystemCurrentIn")) / 1e3
	if in := float64(v("SystemPowerIn")); math.Abs(product-in) > 0.004*in {
		t.Errorf("%v mW by volts and amperes, %v mW", product, in)
	}
}

// Two dumps of one laptop, some time apart.
func TestBatteryCaptureAverage(t *testing.T) {
	first, _ := parseCapture(t, captureFirst)
	second, _ := parseCapture(t, captureSecond)
	mean, ok := averageLoad(first, second, 210)
	if !ok || math.Abs(float64(mean)-6.889) > 0.0005 {
		t.Errorf("%v W, %v; want 6.889 W", mean, ok)
	}
	if mean, ok := averageLoad(second, first, 210); ok {
		t.Errorf("%v W backwards", mean)
	}
}

// A property list that was cut in the middle: the tally's count and the load
// are beyond the cut.
func TestBatteryCapturePlist(t *testing.T) {
	dump := strings.TrimRight(capture(t, capturePlist), "\n\t ")
	text := []byte("<plist><array><dict>" + dump + "</dict></dict></array></plist>")
	got, err := parseBattery(text)
	if err != nil || got != (telemetry{}) {
		t.Errorf("%+v, %v", got, err)
	}
	root, err := decodePlist(text)
	if err != nil {
		t.Fatal(err)
	}
	values := root.([]any)[0].(map[string]any)["PowerTelemetryData"].(map[string]any)
	for key, want := range map[string]int64{
		"AccumulatedBatteryDischarge": -425586361, "AccumulatedBatteryPower": 477508948, "AccumulatedSystemLoad": 1012022064,
		"AccumulatedSystemPowerIn": 1012022064 + 477508948 - 425586361, "AdapterEfficiencyLoss": 0,
	} {
		if got, ok := whole(values[key]); got != want || !ok {
			t.Errorf("%s %d, %v; want %d", key, got, ok, want)
		}
	}
	if _, err := parseBattery([]byte("<plist><array><dict>" + dump)); !errors.Is(err, ErrFormat) {
		t.Errorf("as it was cut: %v", err)
	}
}
