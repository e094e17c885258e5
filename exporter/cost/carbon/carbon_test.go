package carbon_test

import (
	"errors"
	"math"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/exporter/cost/carbon"
	"github.com/sovmeter/sovmeter/exporter/cost/series"
)

var day = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

func at(hours float64) time.Time { return day.Add(time.Duration(hours * float64(time.Hour))) }

// hourly is 400 g/kWh from 1 to 2 and 100 from 4 to 5 o'clock.
func hourly(t *testing.T) series.Series {
	t.Helper()
	s, err := series.New([]series.Point{
		{Start: at(1), End: at(2), Value: 400_000_000_000},
		{Start: at(4), End: at(5), Value: 100_500_000_000},
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestFixed(t *testing.T) {
	i, err := carbon.NewFixed(363, "UBA 2025")
	if err != nil {
		t.Fatal(err)
	}
	if g, ok := i.Grams(day, 3.6e6); g != 363 || !ok || i.Source() != "UBA 2025" || !i.Known() {
		t.Errorf("%v g for one kWh, %v, from %q; want 363 from UBA 2025", g, ok, i.Source())
	}
	if g, ok := i.Grams(day, 10); math.Abs(g-363.0/360_000) > 1e-15 || !ok {
		t.Errorf("%v g for 10 J, %v", g, ok)
	}
	for _, wrong := range []float64{-1, 5001, math.NaN(), math.Inf(1)} {
		if i, err := carbon.NewFixed(wrong, ""); !errors.Is(err, carbon.ErrIntensity) || i.Known() {
			t.Errorf("NewFixed(%v): error %v, want %v", wrong, err, carbon.ErrIntensity)
		}
	}
}

func TestSeries(t *testing.T) {
	mean := 363.0
	tests := []struct {
		name     string
		maxAge   time.Duration
		fallback *float64
		hour     float64
		want     carbon.GramsPerKWh
		ok       bool
	}{
		{"before it begins", time.Hour, nil, 0.75, 0, false},
		{"before it begins, with a fallback", time.Hour, &mean, 0.75, 363, true},
		{"in it", 0, nil, 1, 400, true},
		{"its last slot", 0, nil, 1.75, 400, true},
		{"in a hole", 0, nil, 2, 0, false},
		{"in a hole, young enough", time.Hour, nil, 2.75, 400, true},
		{"in a hole, too old", time.Hour, nil, 3, 0, false},
		{"in a hole, too old, with a fallback", time.Hour, &mean, 3, 363, true},
		{"after its end", time.Hour, nil, 5.75, 100.5, true},
		{"long after its end", time.Hour, nil, 6, 0, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			i, err := carbon.NewSeries(hourly(t), tt.maxAge, tt.fallback, "grid")
			if err != nil {
				t.Fatal(err)
			}
			if got, ok := i.At(at(tt.hour)); got != tt.want || ok != tt.ok {
				t.Errorf("got %v, %v, want %v, %v", got, ok, tt.want, tt.ok)
			}
			if g, ok := i.Grams(at(tt.hour), 7.2e6); g != 2*float64(tt.want) || ok != tt.ok {
				t.Errorf("2 kWh emit %v g, %v", g, ok)
			}
		})
	}
}

func TestSeriesThatNoGridHas(t *testing.T) {
	much, less := 5000.5, -1.0
	s, err := series.New([]series.Point{{Start: at(0), End: at(1), Value: 163_000_000_000_000}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := carbon.NewSeries(s, 0, nil, ""); !errors.Is(err, carbon.ErrIntensity) {
		t.Errorf("163 kg/kWh: error %v, want %v", err, carbon.ErrIntensity)
	}
	for _, fallback := range []*float64{&much, &less} {
		if _, err := carbon.NewSeries(hourly(t), 0, fallback, ""); !errors.Is(err, carbon.ErrIntensity) {
			t.Errorf("fallback %v: error %v, want %v", *fallback, err, carbon.ErrIntensity)
		}
	}
	if _, err := carbon.NewSeries(hourly(t), -1, nil, ""); !errors.Is(err, carbon.ErrAge) {
		t.Errorf("age below 0: error %v, want %v", err, carbon.ErrAge)
	}
}

func TestNothingIsKnownOfNothing(t *testing.T) {
	var i carbon.Intensity
	if g, ok := i.Grams(day, 1); ok || g != 0 || i.Known() {
		t.Errorf("%v, %v, want unknown", g, ok)
	}
}
