package report

import (
	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
)

// scopesJSON says how much was measured at each scope. A scope that nothing was
// measured at is in none of its objects.
type scopesJSON struct {
	Seconds map[attribution.Scope]float64        `json:"scope_seconds"`
	Joules  map[attribution.Scope]energy.Joules  `json:"scope_joules"`
	Errors  map[attribution.Scope]*energy.Joules `json:"scope_error_joules"`
}

func newScopesJSON(uses []ScopeUse) scopesJSON {
	out := scopesJSON{map[attribution.Scope]float64{}, map[attribution.Scope]energy.Joules{}, map[attribution.Scope]*energy.Joules{}}
	for _, u := range uses {
		out.Seconds[u.Scope], out.Joules[u.Scope], out.Errors[u.Scope] = u.Time.Seconds(), u.Energy, nil
		if u.ErrorKnown() {
			out.Errors[u.Scope] = &u.Error
		}
	}
	return out
}

// calibrationJSON is "calibration".
type calibrationJSON struct {
	Made  string  `json:"made_at"`
	Age   float64 `json:"age_seconds"`
	Kind  string  `json:"kind"`
	Model string  `json:"machine"`
	OS    string  `json:"os_version"`
	Meter string  `json:"meter"`
	Scope string  `json:"scope"`

	Base    energy.Watts `json:"base_watts"`
	Slopes  slopesJSON   `json:"slopes"`
	PerRail bool         `json:"per_rail"`

	RMSE   energy.Watts `json:"rmse_watts"`
	R2     float64      `json:"r_squared"`
	N      int          `json:"points"`
	SoCMin energy.Watts `json:"soc_min_watts"`
	SoCMax energy.Watts `json:"soc_max_watts"`
	Lag    *float64     `json:"lag_seconds"`
	Drift  *float64     `json:"drift_ratio"`
}

// slopesJSON is what the machine draws for each watt of a rail.
type slopesJSON struct {
	CPU float64 `json:"cpu"`
	GPU float64 `json:"gpu"`
	ANE float64 `json:"ane"`
}

func newCalibrationJSON(c *CalibrationLine) *calibrationJSON {
	if c == nil {
		return nil
	}
	return &calibrationJSON{Made: stamp(c.Made), Age: c.Age.Seconds(), Kind: string(c.Kind), Model: c.Model, OS: c.OS, Meter: c.Meter,
		Scope: string(c.Scope), Base: c.Base, Slopes: slopesJSON{c.CPU, c.GPU, c.ANE}, PerRail: c.PerRail, RMSE: c.RMSE, R2: c.R2, N: c.N,
		SoCMin: c.SoCMin, SoCMax: c.SoCMax, Lag: known(c.Lag.Seconds(), c.LagKnown), Drift: known(c.DriftRatio, c.DriftKnown)}
}
