package report

import "strconv"

// promScopes are of the parts of the period that were measured at each scope.
func promScopes() []family {
	of := func(key string) []promColumn {
		return []promColumn{{grid: GridScopes, key: key, labels: []promLabel{{name: "scope", column: "scope"}}}}
	}
	return []family{
		{name: "scope_seconds", help: "Time that was measured at each scope, gaps that a meter saw included.", columns: of("seconds")},
		{name: "scope_joules", help: "Energy that was measured at each scope. Figures at scope soc and at the others cover different things.", columns: of("energy_joules")},
		{name: "scope_error_joules", help: "How far that may be off what the scope names in 95 of 100 cases. Absent at scope soc, where that is not known.", columns: of("error_joules")},
	}
}

// promCalibration is of the line in force; nothing without one.
func (r Report) promCalibration() []family {
	c := r.Calibration
	if c == nil {
		return nil
	}
	one := func(name, help string, value float64) family {
		return family{name: "calibration_" + name, help: help, samples: []sample{{value: exact(value)}}}
	}
	slopes := family{name: "calibration_slope", help: "Watts of the whole machine for each watt of the rail."}
	for _, s := range []struct {
		rail  RailName
		slope float64
	}{{RailCPU, c.CPU}, {RailGPU, c.GPU}, {RailANE, c.ANE}} {
		slopes.samples = append(slopes.samples, sample{[]label{{"rail", string(s.rail)}}, exact(s.slope)})
	}
	families := []family{
		one("base_watts", "Power of the whole machine while the SoC draws nothing.", float64(c.Base)), slopes,
		one("rmse_watts", "Root mean square of what the points are off the line.", float64(c.RMSE)),
		{name: "calibration_timestamp_seconds", help: "Unix time at which the line was fitted.", samples: []sample{{value: strconv.FormatInt(c.Made.Unix(), 10)}}},
	}
	if c.DriftKnown {
		families = append(families, one("drift_ratio", "What the machine draws by what was learned in passing last, by what it draws by the ladder before it: 1.05 is a twentieth more.", c.DriftRatio))
	}
	return families
}
