package foreign

import (
	"fmt"

	"github.com/sovmeter/sovmeter/exporter/cost/series"
)

// readEnergyCharts reads /price of https://api.energy-charts.info: unix_seconds[]
// and, in the same order, price[] in unit, which is "EUR / MWh" for every area.
func readEnergyCharts(s *source) error {
	if err := s.market("energy-charts.info, day-ahead market"); err != nil {
		return err
	}
	unit := func(text string) error {
		m, err := parseMeasure(text, s.Currency)
		if err != nil {
			return err
		}
		return s.is(m)
	}
	err := s.columns([]string{"price"}, func(o *object) error {
		if text, ok := o.get("unit"); ok {
			return unit(text)
		}
		return nil
	})
	if err == nil && s.measure.unit == "" {
		return unit("EUR/MWh")
	}
	return err
}

// readEnergyChartsCO2 reads /co2eq of the same service: co2eq[] in g/kWh, which
// is null for the hours to come, for which there is co2eq_forecast[].
func readEnergyChartsCO2(s *source) error {
	s.name = "energy-charts.info, CO2 equivalent"
	if err := s.is(grams()); err != nil {
		return err
	}
	return s.columns([]string{"co2eq", "co2eq_forecast"}, func(*object) error { return nil })
}

// column is a figure of an array, of which the time stands in another.
type column struct {
	amount decimal
	line   int32
	null   bool
}

// columns reads arrays that stand beside unix_seconds. Of several the first with
// a value holds.
func (s *source) columns(names []string, also func(*object) error) error {
	var at []stamp
	values := map[string][]column{}
	for _, name := range names {
		values[name] = nil
	}
	err := walkJSON(s.lines, visitor{
		object: also,
		item: func(array string, f field, line int) error {
			if array == "unix_seconds" {
				t, err := parseUnix(f.text, 1)
				if err != nil {
					return &LineError{line, err}
				}
				at = append(at, t)
				return tooMany(len(at), line)
			}
			if _, wanted := values[array]; !wanted {
				return nil
			}
			c := column{line: int32(line), null: f.null}
			if !f.null {
				var err error
				if c.amount, err = parseDecimal(f.text); err != nil {
					return &LineError{line, fmt.Errorf("%s: %w", array, err)}
				}
			}
			values[array] = append(values[array], c)
			return tooMany(len(values[array]), line)
		},
	})
	if err != nil {
		return err
	}
	for _, name := range names {
		if n := len(values[name]); n != len(at) && n > 0 {
			return fmt.Errorf("%d values in %s and %d in unix_seconds: %w", n, name, len(at), ErrFormat)
		}
	}
	return s.zip(at, values, names)
}

func tooMany(n, line int) error {
	if n > series.MaxPoints {
		return &LineError{line, fmt.Errorf("%d figures are allowed: %w", series.MaxPoints, series.ErrTooMany)}
	}
	return nil
}

func (s *source) zip(at []stamp, values map[string][]column, names []string) error {
	for i, start := range at {
		found := false
		for n, name := range names {
			list := values[name]
			if i >= len(list) || list[i].null {
				continue
			}
			if n > 0 {
				s.skip("values of " + names[0] + ", in place of which those of " + name + " stand")
			}
			if err := s.add(start, stamp{}, list[i].amount, int(list[i].line)); err != nil {
				return err
			}
			found = true
			break
		}
		if !found {
			if err := s.hole(start, false, 0); err != nil {
				return err
			}
		}
	}
	return nil
}
