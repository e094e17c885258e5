package main

import (
	"errors"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/calibration"
	"github.com/sovmeter/sovmeter/collector/energy"
)

// calibrationResult is what came of a calibration.
type calibrationResult struct {
	Identity      calibration.Identity
	Server        string
	LanguageModel string
	Climbed       climbed
	Line          attribution.Calibration // meaningless when Refused
	Refused       error                   // nil: there is a line
	Stored        string                  // where; empty: nowhere
}

// fit draws the line.
func (r *calibrationResult) fit() {
	r.Line, r.Refused = calibration.Fit(calibration.Blocks(r.Climbed.Plateaus), calibration.Options{
		Identity: r.Identity, Kind: attribution.CalibrationLadder,
		Lag: r.Climbed.Lag.Delay, LagKnown: r.Climbed.LagKnown,
	})
	if r.Refused == nil { // else it would be stored, and never hold
		r.Refused = calibration.Valid(r.Line, r.Identity.Model, r.Identity.OS)
	}
	var refused *calibration.RefusedError
	if !errors.As(r.Refused, &refused) {
		return
	}
	switch refused.Reason {
	case calibration.ReasonNarrow:
		r.Refused = &hintError{r.Refused, "did the server work here? A small model, or one that is answered for elsewhere, hardly moves the chip"}
	case calibration.ReasonFewBlocks:
		// What the steps say of themselves is nearer to the cause.
		for _, p := range r.Climbed.Plateaus {
			var failed *calibration.PlateauError
			if errors.As(p.Err, &failed) {
				r.Refused = &hintError{r.Refused, failed.Hint()}
				return
			}
		}
	}
}

// idle is what the machine draws at rest.
func (r *calibrationResult) idle() energy.Watts {
	for _, p := range r.Climbed.Plateaus {
		if p.Err == nil && p.Run.Step.Load == calibration.LoadIdle {
			return r.Line.Power(p.Block.CPU, p.Block.GPU, p.Block.ANE)
		}
	}
	return r.Line.Base
}

// calibrationDocument is what --json prints.
type calibrationDocument struct {
	Schema  string         `json:"schema"`
	Server  string         `json:"server"`
	Model   string         `json:"model"`
	Steps   []stepDocument `json:"steps"`
	Lag     *lagDocument   `json:"lag,omitempty"` // missing: it could not be told
	Line    *lineDocument  `json:"line,omitempty"`
	Refused string         `json:"refused,omitempty"`
	Hint    string         `json:"hint,omitempty"`
	Stored  string         `json:"stored,omitempty"` // missing: nothing was stored
}

type stepDocument struct {
	Name     string   `json:"name"`
	Repeated bool     `json:"repeated,omitempty"`
	CPU      *float64 `json:"cpu_watts,omitempty"`
	GPU      *float64 `json:"gpu_watts,omitempty"`
	ANE      *float64 `json:"ane_watts,omitempty"`
	Whole    *float64 `json:"machine_watts,omitempty"`
	Source   string   `json:"source,omitempty"`
	Dropped  string   `json:"dropped,omitempty"` // why it is not in the line
}

type lagDocument struct {
	Seconds      float64 `json:"seconds"`
	ErrorSeconds float64 `json:"error_seconds"`
	SpreadS      float64 `json:"spread_seconds"`
	Correlation  float64 `json:"correlation_ratio"`
}

type lineDocument struct {
	Made    time.Time         `json:"made"`
	Machine string            `json:"machine"`
	OS      string            `json:"os"`
	Meter   string            `json:"meter"`
	Scope   attribution.Scope `json:"scope"`
	Idle    float64           `json:"idle_watts"`
	Base    float64           `json:"base_watts"`
	CPU     float64           `json:"cpu_slope_ratio"`
	GPU     float64           `json:"gpu_slope_ratio"`
	ANE     float64           `json:"ane_slope_ratio"`
	PerRail bool              `json:"per_rail"`
	RMSE    float64           `json:"rmse_watts"`
	R2      float64           `json:"r2_ratio"`
	N       int               `json:"points"`
	SoCMin  float64           `json:"soc_min_watts"`
	SoCMax  float64           `json:"soc_max_watts"`
}

func (r *calibrationResult) document() calibrationDocument {
	d := calibrationDocument{
		Schema: "sovmeter.calibration/v1", Server: r.Server, Model: r.LanguageModel, Stored: r.Stored, Steps: []stepDocument{},
	}
	for _, p := range r.Climbed.Plateaus {
		d.Steps = append(d.Steps, r.stepDocument(p))
	}
	if l := r.Climbed.Lag; r.Climbed.LagKnown {
		d.Lag = &lagDocument{l.Delay.Seconds(), l.Error.Seconds(), l.Spread.Seconds(), l.Correlation}
	}
	if r.Refused != nil {
		d.Refused = r.Refused.Error()
		var h hinted
		if errors.As(r.Refused, &h) {
			d.Hint = h.Hint()
		}
		return d
	}
	c := r.Line
	d.Line = &lineDocument{
		Made: c.Made, Machine: c.Model, OS: c.OS, Meter: c.Meter, Scope: c.Scope, Idle: float64(r.idle()), Base: float64(c.Base),
		CPU: c.CPU, GPU: c.GPU, ANE: c.ANE, PerRail: c.PerRail, RMSE: float64(c.RMSE), R2: c.R2, N: c.N,
		SoCMin: float64(c.SoCMin), SoCMax: float64(c.SoCMax),
	}
	return d
}

func (r *calibrationResult) stepDocument(p calibration.Plateau) stepDocument {
	d := stepDocument{Name: p.Run.Step.Name, Repeated: r.wasRepeated(p)}
	if p.Err != nil {
		d.Dropped = p.Err.Error()
		return d
	}
	b := p.Block
	d.CPU, d.GPU, d.ANE, d.Whole = watts(b.CPU), watts(b.GPU), watts(b.ANE), watts(b.Whole)
	d.Source = string(p.Source)
	return d
}

func watts(w energy.Watts) *float64 {
	v := float64(w)
	return &v
}

func (r *calibrationResult) wasRepeated(p calibration.Plateau) bool {
	for _, name := range r.Climbed.Repeated {
		if name == p.Run.Step.Name {
			return true
		}
	}
	return false
}
