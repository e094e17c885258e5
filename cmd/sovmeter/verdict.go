package main

import (
	"encoding/json"
	"math"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/collector/sim"
)

// verdict is how well a trial was metered.
type verdict struct {
	Scenario string    `json:"scenario"`
	About    string    `json:"about"`
	Claim    sim.Claim `json:"claim,omitempty"`
	Windows  int       `json:"windows"`
	// Requests there were, those found in the log, and those of them that came
	// too late to be booked or lie wholly in a gap.
	Requests int `json:"requests"`
	Found    int `json:"found"`
	Unbooked int `json:"unbooked"`
	// Apart is the most by which the parts of a window failed to sum to it,
	// relative to it; Negative how many parts were below 0.
	Apart    float64 `json:"conservation"`
	Negative int     `json:"negative_parts"`
	// Request is of all booked requests, Long of those that took 5 s or more.
	Request spreadOf     `json:"request_error"`
	Long    spreadOf     `json:"long_request_error"`
	Models  []modelError `json:"model_errors"`
	Day     number       `json:"day_error"` // of all inference
	// Prefill and Decode are the relative errors of the learned energies of a
	// prompt token and of a decoded one, of the model that is furthest off; NaN
	// where none was learned.
	Prefill number `json:"prefill_error"`
	Decode  number `json:"decode_error"`
	// Covered is the share of booked requests whose error is within its band.
	Covered float64 `json:"band_coverage"`
}

// number is a float64 that may be NaN, which JSON does not have: it is null.
type number float64

// MarshalJSON writes null for NaN.
func (n number) MarshalJSON() ([]byte, error) {
	if math.IsNaN(float64(n)) {
		return []byte("null"), nil
	}
	return json.Marshal(float64(n))
}

// longRequest is from when on a request is a long one.
const longRequest = 5 * time.Second

func judge(t *trial) verdict {
	v := verdict{
		Scenario: t.Name, About: t.About, Claim: t.Claim, Windows: t.books.windows, Requests: len(t.truth),
		Apart: t.books.apart, Negative: t.books.negative,
	}
	var booked, long []pair
	within := 0
	for _, p := range matched(t.books.charges, t.truth) {
		v.Found++
		if !p.charge.EnergyKnown || p.really() <= 0 {
			v.Unbooked++
			continue
		}
		booked = append(booked, p)
		if p.truth.End.Sub(p.truth.Start) >= longRequest {
			long = append(long, p)
		}
		if math.Abs(float64(p.charge.Energy()-p.really())) <= float64(p.charge.Error) {
			within++
		}
	}
	v.Request, v.Long, v.Models = spreadOfErrors(booked), spreadOfErrors(long), modelErrors(booked)
	v.Day = number(relative(t.books.inference, t.totals.Measured.Inference()))
	v.Covered = float64(within) / float64(max(len(booked), 1))
	v.Prefill, v.Decode = t.coefficientErrors()
	return v
}

// coefficientErrors compares what was learned with the model's own figures, at
// the batch size that it was learned at.
func (t *trial) coefficientErrors() (prefill, decode number) {
	prefill, decode = number(math.NaN()), number(math.NaN())
	worse := func(a *number, got, want energy.Joules) {
		if e := relative(got, want); math.IsNaN(float64(*a)) || math.Abs(e) > math.Abs(float64(*a)) {
			*a = number(e)
		}
	}
	for _, l := range t.books.learned {
		m, ok := modelNamed(t.Scenario, l.Model)
		if !ok || l.Energy.Rows < 1 {
			continue
		}
		c := l.Coefficients
		worse(&prefill, c.Prefill, m.PrefillJoules)
		share := energy.Joules(l.Steps / l.Decoded)
		worse(&decode, c.Step*share+c.Token+c.Context*energy.Joules(l.Contexts/l.Decoded), m.StepJoules*share+m.TokenJoules+m.ContextJoules*energy.Joules(1000*l.Contexts/l.Decoded))
	}
	return prefill, decode
}

func modelNamed(s sim.Scenario, name string) (sim.Model, bool) {
	for _, m := range s.Models {
		if m.Name() == name {
			return m, true
		}
	}
	return sim.Model{}, false
}
