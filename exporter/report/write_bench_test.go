package report_test

import (
	"io"
	"testing"

	"github.com/sovmeter/sovmeter/exporter/report"
)

// BenchmarkWrite draws a year by day in each format.
func BenchmarkWrite(b *testing.B) {
	p, r := yearOf(location(b, "Europe/Berlin"))
	drawn := made(b, report.Inputs{Period: p, Range: r, Now: p.Until, By: report.ByDay, Tariff: flat(b, 0.3, "EUR"), Plan: byToken{}})
	for _, f := range report.Formats() {
		if f == report.HTML {
			continue
		}
		b.Run(string(f), func(b *testing.B) {
			for b.Loop() {
				if err := report.Write(io.Discard, drawn, f, report.Options{Width: 120}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
