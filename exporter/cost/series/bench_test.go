package series_test

import (
	"bytes"
	"testing"

	"github.com/sovmeter/sovmeter/exporter/cost/series"
)

// year is a year of quarters.
func year(b *testing.B) series.Series {
	b.Helper()
	var list []series.Point
	for i := range 365 * 96 {
		list = append(list, point(i, i+1, series.Value(i%300*1_010_000-20_000_000)))
	}
	s, err := series.New(list)
	if err != nil {
		b.Fatal(err)
	}
	return s
}

func BenchmarkWriteYear(b *testing.B) {
	s := year(b)
	var file bytes.Buffer
	for b.Loop() {
		file.Reset()
		if err := series.Write(&file, s, series.Header{Unit: "EUR/kWh"}); err != nil {
			b.Fatal(err)
		}
	}
	b.SetBytes(int64(file.Len()))
}

func BenchmarkReadYear(b *testing.B) {
	var file bytes.Buffer
	if err := series.Write(&file, year(b), series.Header{Unit: "EUR/kWh"}); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(file.Len()))
	for b.Loop() {
		if _, _, err := series.Read(bytes.NewReader(file.Bytes())); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAt(b *testing.B) {
	s := year(b)
	i := 0
	for b.Loop() {
		if _, ok := s.At(quarter(i * 7919 % (365 * 96))); !ok {
			b.Fatal("a hole")
		}
		i++
	}
}
