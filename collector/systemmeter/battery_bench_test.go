package systemmeter

import (
	"fmt"
	"strings"
	"testing"
)

// What a reading costs us besides ioreg itself, of more than a battery prints.
func BenchmarkParseBattery(b *testing.B) {
	var filler strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&filler, "<key>Key%d</key><array><integer>%d</integer></array>", i, i)
	}
	text := batteryXML(filler.String() + telemetryXML(intKey("SystemLoad", 15000)))
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if _, err := parseBattery(text); err != nil {
			b.Fatal(err)
		}
	}
}

// The driver's call comes on top, on a Mac.
func BenchmarkSMCRead(b *testing.B) {
	m, _ := smcOn(&smcFake{watts: 40})
	for b.Loop() {
		if _, err := m.Read(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}
