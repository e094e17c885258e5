package foreign

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/sovmeter/sovmeter/exporter/cost/series"
)

// readGBCarbon reads the Carbon Intensity API of Great Britain
// (https://carbon-intensity.github.io/api-definitions/): half hours with from, to
// and intensity, of which actual holds, and forecast where there is no actual; the
// regions have forecasts only.
func readGBCarbon(s *source) error {
	s.name, s.measure = "carbonintensity.org.uk", grams()
	return walkJSON(s.lines, visitor{object: func(o *object) error {
		if !o.has("from") {
			return nil
		}
		if _, ok := o.get("intensity.actual"); ok {
			return s.interval(o, "from", "to", "intensity.actual")
		}
		if _, ok := o.get("intensity.forecast"); ok {
			s.skip("measured values, in place of which forecasts stand")
		}
		return s.interval(o, "from", "to", "intensity.forecast")
	}})
}

// readElectricityMaps reads carbon-intensity/history and past-range of the API of
// Electricity Maps (https://app.electricitymaps.com/docs): objects with
// carbonIntensity in gCO2eq/kWh, datetime and emissionFactorType.
func readElectricityMaps(s *source) error {
	s.name, s.measure = "Electricity Maps", grams()
	zone, nameless := "", false // nameless: figures whose zone stands around them only
	err := walkJSON(s.lines, visitor{object: func(o *object) error {
		name, named := o.get("zone")
		figure := o.has("datetime") && o.has("carbonIntensity")
		if named && figure && s.Area != "" && name != s.Area {
			s.skip("values of other areas")
			return nil
		}
		nameless = nameless || figure && !named
		if named && (figure || nameless) {
			if zone == "" && (s.Area == "" || name == s.Area) {
				zone = name
			}
			if zone != name {
				return several(map[string]bool{cmp.Or(zone, s.Area): true, name: true})
			}
		}
		kind, told := o.get("emissionFactorType") // "lifecycle" or "direct"
		if told && (kind == "direct") != s.Direct {
			s.skip("values of the other kind of emissions, direct or of the life cycle")
			return nil
		}
		if _, ok := o.get("carbonIntensity"); ok && o.name == "forecast" {
			s.skip("measured values, in place of which forecasts stand")
		}
		return s.interval(o, "datetime", "", "carbonIntensity")
	}})
	if zone != "" {
		s.name += ", " + zone
	}
	return err
}

func looksElectricityMapsCSV(head []byte) bool {
	line := strings.ToLower(firstLine(head))
	return strings.Contains(line, "carbon intensity gco") && strings.Contains(line, "datetime")
}

// readElectricityMapsCSV reads the data sets of https://app.electricitymaps.com/datasets:
// "Datetime (UTC)", "Zone id" and the carbon intensity in gCO₂eq/kWh, once
// "(direct)" and once "(Life cycle)", or "(LCA)" in older ones. The latter is taken
// unless the former is asked for.
func readElectricityMapsCSV(s *source) error {
	s.name, s.measure = "Electricity Maps, life cycle", grams()
	if s.Direct {
		s.name = "Electricity Maps, direct"
	}
	t := openTable(s.lines, commaOf(s.head))
	if _, err := t.next(); err != nil {
		return err
	}
	at := t.column(func(n string) bool { return strings.HasPrefix(n, "datetime") })
	zone := t.column(func(n string) bool { return n == "zone id" })
	value := t.column(func(n string) bool {
		return strings.HasPrefix(n, "carbon intensity") && strings.Contains(n, "direct") == s.Direct
	})
	if value < 0 {
		return t.at(fmt.Errorf("no column of the carbon intensity that is asked for: %w", ErrFormat))
	}
	utc := strings.Contains(strings.ToLower(t.value(at)), "utc")
	seen := map[string]bool{}
	for {
		if ok, err := t.next(); err != nil || !ok {
			s.name += s.area(seen)
			return err
		}
		if name := t.value(zone); s.Area == "" || name == s.Area {
			if seen[strings.Clone(name)] = true; len(seen) > 1 {
				return t.at(several(seen))
			}
			if err := s.cell(t, at, value, utc); err != nil {
				return err
			}
		}
	}
}

// cell takes one figure of a table, by its columns. utc says that times without a
// zone are in UTC.
func (s *source) cell(t *table, at, value int, utc bool) error {
	start, err := parseStamp(t.value(at))
	if err != nil {
		return t.at(err)
	}
	start.wall = start.wall && !utc
	if nothing(t.value(value)) {
		return s.hole(start, false, t.line)
	}
	amount, err := parseDecimal(t.value(value))
	if err != nil {
		return t.at(err)
	}
	return s.add(start, stamp{}, amount, t.line)
}

// readWattTime reads historical data of the WattTime API, version 3
// (https://docs.watttime.org): data[] of point_time and value, in meta.units,
// which is lbs_co2_per_mwh. These are marginal rates: what one more kWh emits.
func readWattTime(s *source) error {
	s.name = "WattTime"
	err := walkJSON(s.lines, visitor{object: func(o *object) error {
		if text, ok := o.get("meta.units"); ok {
			if err := s.emissions(text); err != nil {
				return &LineError{o.line, err}
			}
		}
		if region, ok := o.get("meta.region"); ok {
			s.name = "WattTime, " + region
		}
		return s.interval(o, "point_time", "", "value")
	}})
	if err == nil && s.measure.unit == "" {
		return s.emissions("")
	}
	return err
}

// emissions takes note of a unit, which must be one of emissions.
func (s *source) emissions(unit string) error {
	m, err := parseMeasure(unit, "")
	if err == nil && m.unit != series.GramsPerKWh {
		err = fmt.Errorf("unit %q is none of emissions: %w", shown(unit), series.ErrUnit)
	}
	if err != nil {
		return hint(err, "WattTime's co2_moer and co2_aoer are in units of mass per energy; other signals are not")
	}
	return s.is(m)
}
