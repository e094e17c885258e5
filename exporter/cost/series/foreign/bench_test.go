package foreign_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sovmeter/sovmeter/exporter/cost/series/foreign"
)

// year is a file of a year of quarters, in the layout of a format.
func year(head, row, comma, tail string, args func(i int) []any) string {
	var b strings.Builder
	b.WriteString(head)
	for i := range 365 * 96 {
		if i > 0 {
			b.WriteString(comma)
		}
		fmt.Fprintf(&b, row, args(i)...)
	}
	return b.String() + tail
}

func BenchmarkImport(b *testing.B) {
	const begin = 1767225600 // 2026-01-01
	clock := func(i int) string {
		return fmt.Sprintf("%02d:%02d", i%96/4, i%4*15)
	}
	files := map[string]string{
		"awattar": year(`{"data":[`, `{"start_timestamp":%d000,"end_timestamp":%d000,"marketprice":%d.25,"unit":"Eur/MWh"}`, ",\n", "]}", func(i int) []any {
			return []any{begin + i*900, begin + i*900 + 900, i % 300}
		}),
		"tibber": year(`[`, `{"total":0.%04d,"energy":0.0%03d,"tax":0.3,"startsAt":"2026-01-%02dT%s:00.000+00:00","currency":"EUR"}`, ",\n", "]", func(i int) []any {
			return []any{i % 96, i % 96, i/96%31 + 1, clock(i)}
		}),
		"electricitymaps-csv": year("Datetime (UTC),Zone id,Carbon intensity gCO₂eq/kWh (Life cycle)\n", "2026-01-%02d %s:00,DE,%d.5", "\n", "\n", func(i int) []any {
			return []any{i/96%31 + 1, clock(i), i % 96}
		}),
		"entsoe": year(`<Publication_MarketDocument><TimeSeries><currency_Unit.name>EUR</currency_Unit.name><Period><timeInterval><start>2026-01-01T00:00Z</start><end>2027-01-01T00:00Z</end></timeInterval><resolution>PT15M</resolution>`,
			`<Point><position>%d</position><price.amount>%d.5</price.amount></Point>`, "\n", `</Period></TimeSeries></Publication_MarketDocument>`, func(i int) []any { return []any{i + 1, i % 300} }),
		"comed": year(`[`, `{"millisUTC":"%d000","price":"%d.1"}`, ",", "]", func(i int) []any { return []any{begin + i*300, i % 7} }),
		"series": year("# sovmeter series v1\n# unit: EUR/kWh\nstart,end,value\n", "2026-01-%02dT%s:00Z,2026-02-01T00:00:00Z,0.5", "\n", "\n", func(i int) []any {
			return []any{i/96%31 + 1, clock(i)}
		}),
	}
	for name, file := range files {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(file)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := foreign.Import(strings.NewReader(file), options()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
