package systemmeter

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// batteryXML is what ioreg -a prints for entries, each the inside of a dict.
func batteryXML(entries ...string) []byte {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<array>
`)
	for _, e := range entries {
		fmt.Fprintf(&b, "\t<dict>\n%s\n\t</dict>\n", e)
	}
	b.WriteString("</array>\n</plist>\n")
	return []byte(b.String())
}

func intKey(key string, v any) string {
	return fmt.Sprintf("<key>%s</key><integer>%v</integer>", key, v)
}

// telemetryXML is the PowerTelemetryData of an entry.
func telemetryXML(keys ...string) string {
	return "<key>PowerTelemetryData</key><dict>" + strings.Join(keys, "") + "</dict>"
}

func TestParseBattery(t *testing.T) {
	plugged := "<key>built-in</key><true/>" +
		intKey("UpdateTime", 1790000000) + `<key>BatteryData</key><dict><key>SystemPower</key><string></string></dict>`
	tests := []struct {
		name  string
		plist []byte
		want  telemetry
	}{
		{
			"charging", batteryXML(plugged + telemetryXML(intKey("SystemLoad", 21500), intKey("SystemPowerIn", 46400), intKey("BatteryPower", 24900),
				intKey("AccumulatedSystemLoad", 2150000), intKey("SystemLoadAccumulatorCount", 100))),
			telemetry{
				Load: knownWatts{21.5, true}, PowerIn: knownWatts{46.4, true}, Battery: knownWatts{24.9, true},
				Loads: loadTally{2150000, 100, true}, Updated: time.Unix(1790000000, 0).UTC(),
			},
		},
		{
			"on battery, signed", batteryXML(telemetryXML(intKey("SystemLoad", 15000), intKey("BatteryPower", -15000))),
			telemetry{Load: knownWatts{15, true}, Battery: knownWatts{-15, true}},
		},
		{
			"on battery, near 2^64", batteryXML(telemetryXML(intKey("SystemLoad", 15000), intKey("BatteryPower", uint64(1<<64-15000)))),
			telemetry{Load: knownWatts{15, true}, Battery: knownWatts{-15, true}},
		},
		{
			"keys that are empty or of another kind", batteryXML(telemetryXML("<key>SystemLoad</key><string></string>", "<key>SystemPowerIn</key><true/>",
				"<key>BatteryPower</key><real>2.5</real>", intKey("AccumulatedSystemLoad", 7)) + "<key>UpdateTime</key><string>now</string>"),
			telemetry{},
		},
		{
			"two batteries: a flag as a number", batteryXML(telemetryXML(intKey("SystemLoad", 1000)), intKey("built-in", 1)+telemetryXML(intKey("SystemLoad", 2000))),
			telemetry{Load: knownWatts{2, true}},
		},
		{"a time that is none", batteryXML(intKey("UpdateTime", uint64(1<<63)) + telemetryXML()), telemetry{}},
		{
			"two batteries: that with telemetry", batteryXML(intKey("Voltage", 1), telemetryXML(intKey("SystemLoad", 2000))),
			telemetry{Load: knownWatts{2, true}},
		},
		{
			"two batteries: the built-in one", batteryXML(telemetryXML(intKey("SystemLoad", 1000)), "<key>built-in</key><true/>"+telemetryXML(intKey("SystemLoad", 2000))),
			telemetry{Load: knownWatts{2, true}},
		},
		{
			"two batteries: the first of equals", batteryXML(telemetryXML(intKey("SystemLoad", 1000)), telemetryXML(intKey("SystemLoad", 2000))),
			telemetry{Load: knownWatts{1, true}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := parseBattery(tt.plist)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestParseBatteryErrors(t *testing.T) {
	healthy := string(batteryXML(telemetryXML(intKey("SystemLoad", 1000))))
	for _, tt := range []struct {
		name, text string
		want       error
	}{
		{"no battery", "", ErrAbsent},
		{"no battery, a line break", "\n", ErrAbsent},
		{"no entry", string(batteryXML()), ErrAbsent},
		{"entries that are none", `<plist><array><string>a</string><integer>1</integer></array></plist>`, ErrAbsent},
		{"no telemetry", string(batteryXML(intKey("Voltage", 12000))), ErrUnavailable},
		{"telemetry is empty", string(batteryXML("<key>PowerTelemetryData</key><string></string>")), ErrUnavailable},
		{"truncated", healthy[:len(healthy)*2/3], ErrFormat},
		{"text form", `+-o AppleSmartBattery { "PowerTelemetryData" = {"SystemLoad"=1} }`, ErrFormat},
		{"binary", "bplist00\x00\x01", ErrFormat},
		{"empty property list", "<plist></plist>", ErrFormat},
		{"a dict", "<plist><dict/></plist>", ErrFormat},
		{"an integer that is none", "<plist><array><integer></integer></array></plist>", ErrFormat},
		{"an integer that is too large", "<plist><array><integer>99999999999999999999</integer></array></plist>", ErrFormat},
		{"nested without an end", "<plist>" + strings.Repeat("<array>", maxToolOutput/len("<array>")), ErrFormat},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := parseBattery([]byte(tt.text))
			if !errors.Is(err, tt.want) || got != (telemetry{}) {
				t.Errorf("%+v, %v; want %v", got, err, tt.want)
			}
			if tt.want == ErrUnavailable && errors.Is(err, ErrAbsent) {
				t.Error("a battery that is there counts as absent")
			}
		})
	}
}

// The library hands on panics of the runtime.
func TestGuarded(t *testing.T) {
	var none []any
	if err := guarded(func() error { none[0] = 1; return nil }); !errors.Is(err, errPanicked) {
		t.Error(err)
	}
	if err := guarded(func() error { return ErrFormat }); !errors.Is(err, ErrFormat) {
		t.Error(err)
	}
	if err := guarded(func() error { return nil }); err != nil {
		t.Error(err)
	}
}

func FuzzParseBattery(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte("<plist></plist>"))
	f.Add([]byte("<plist><array><dict><key>a</key></dict></array></plist>"))
	f.Add([]byte("<plist><dict><key>CF$UID</key><integer>-1</integer></dict></plist>"))
	f.Add([]byte("<array><date>2026</date><data>!</data></array>"))
	f.Add(batteryXML(intKey("UpdateTime", 1790000000)+telemetryXML(intKey("SystemLoad", 15000), intKey("BatteryPower", -15000)), "<key>built-in</key><true/>"))
	f.Add(batteryXML(telemetryXML(intKey("AccumulatedSystemLoad", "0xff"), intKey("SystemLoadAccumulatorCount", uint64(1<<63)))))
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := parseBattery(b)
		if err == nil {
			return
		}
		if got != (telemetry{}) {
			t.Errorf("an error with %+v", got)
		}
		if !errors.Is(err, ErrFormat) && !errors.Is(err, ErrUnavailable) {
			t.Errorf("an error of no kind: %v", err)
		}
	})
}
