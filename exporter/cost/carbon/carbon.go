package carbon

import (
	"fmt"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/exporter/cost/series"
)

// MaxGramsPerKWh is above what the dirtiest power station emits, about 1500.
// More is a slip, such as kilograms per MWh times a thousand.
const MaxGramsPerKWh = 5000

// GramsPerKWh is a carbon intensity: grams of CO2 equivalent for each kWh. 0 is
// energy without emissions, not an unknown intensity.
type GramsPerKWh float64

// Grams is what is emitted for j.
func (g GramsPerKWh) Grams(j energy.Joules) float64 { return j.KilowattHours() * float64(g) }

// check refuses what no grid has, and NaN with it.
func (g GramsPerKWh) check() error {
	if g >= 0 && g <= MaxGramsPerKWh {
		return nil
	}
	return fmt.Errorf("%v g/kWh: want 0 to %d: %w", float64(g), MaxGramsPerKWh, ErrIntensity)
}

// Intensity says what the grid emits at any time, as far as that is known. Its
// zero value knows nothing.
type Intensity struct {
	series   series.Series
	maxAge   time.Duration
	fallback *GramsPerKWh
	source   string
}

// NewFixed returns one intensity for all time. source says where the figure is
// from, such as "UBA 2025"; it may be empty.
func NewFixed(gramsPerKWh float64, source string) (Intensity, error) {
	g := GramsPerKWh(gramsPerKWh)
	if err := g.check(); err != nil {
		return Intensity{}, fmt.Errorf("fixed carbon intensity: %w", err)
	}
	return Intensity{fallback: &g, source: source}, nil
}

// NewSeries returns an intensity that changes with time, from a series in
// series.GramsPerKWh. Where the series is silent, its last figure holds on until
// maxAge after its end, 0 for not at all; after that, and before the series
// begins, fallback holds, or nothing is known when it is nil.
func NewSeries(s series.Series, maxAge time.Duration, fallback *float64, source string) (Intensity, error) {
	if maxAge < 0 {
		return Intensity{}, fmt.Errorf("carbon intensity: longest age %v: want 0 or more: %w", maxAge, ErrAge)
	}
	for p := range s.Points() {
		if err := GramsPerKWh(p.Value.Float()).check(); err != nil {
			return Intensity{}, fmt.Errorf("carbon intensity from %s: %w", p.Start.Format(time.RFC3339), err)
		}
	}
	i := Intensity{series: s, maxAge: maxAge, source: source}
	if fallback != nil {
		g := GramsPerKWh(*fallback)
		if err := g.check(); err != nil {
			return Intensity{}, fmt.Errorf("fallback carbon intensity: %w", err)
		}
		i.fallback = &g
	}
	return i, nil
}

// At returns the intensity in the 15-minute slot that begins at slot; false when
// it is not known.
func (i Intensity) At(slot time.Time) (GramsPerKWh, bool) {
	if p, ok := i.series.Before(slot); ok && slot.Before(p.End.Add(i.maxAge)) {
		return GramsPerKWh(p.Value.Float()), true
	}
	if i.fallback != nil {
		return *i.fallback, true
	}
	return 0, false
}

// Grams is what was emitted for j in the slot that begins at slot; false when
// the intensity is not known.
func (i Intensity) Grams(slot time.Time, j energy.Joules) (float64, bool) {
	g, ok := i.At(slot)
	if !ok {
		return 0, false
	}
	return g.Grams(j), true
}

// Source is where the figures are from; empty when that is not known.
func (i Intensity) Source() string { return i.source }

// Known reports whether the intensity is known at any time.
func (i Intensity) Known() bool { return i.fallback != nil || i.series.Len() > 0 }
