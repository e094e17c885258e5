package store

import (
	"math"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
)

// LearnedRows is how many rows, of ten seconds of one model's work each, the
// energies of its tokens must rest on to be told. With fewer they are mostly
// what was assumed at the start.
const LearnedRows = 30

// Learned is what one model's tokens take on one server, above the machine's
// baseline, as far as it is learned by now.
type Learned struct {
	Server string `json:"server"`
	Model  string `json:"model"` // empty: the log does not say
	// Scope is what the energies cover. It is the SoC as long as too little is known
	// of what the whole machine draws for it.
	Scope attribution.Scope `json:"scope"`
	// Prefill is of a prompt token that did not come from the cache, Decode of
	// an output token at the mean batch size.
	Prefill TokenEnergy `json:"prefill"`
	Decode  TokenEnergy `json:"decode"`
	// Step is what a decode step takes however many sequences are in it; they
	// share it. 0: all of a step is its tokens'.
	Step energy.Joules `json:"step_joules"`
	// Batch is how many sequences a decode step had on average; 0 when no
	// token was generated.
	Batch float64 `json:"mean_batch_size"`
	// Rows is what all this rests on. Older rows count less, so it is no whole
	// number and stops to grow.
	Rows float64 `json:"rows"`
	// First and Last are the begins of the first and the last row.
	First time.Time `json:"first"`
	Last  time.Time `json:"last"`
}

// TokenEnergy is the energy of one token.
type TokenEnergy struct {
	Energy energy.Joules `json:"joules"`                // meaningless unless Known
	Error  energy.Joules `json:"standard_error_joules"` // of the fit: how far chance may have moved it; meaningless unless Known
	Known  bool          `json:"known"`
}

// Known reports whether anything is.
func (l Learned) Known() bool { return l.Prefill.Known || l.Decode.Known }

// LearnedOf is what an engine's state tells of the models' tokens at the scope
// that was booked last, in the state's order: by server and model. Models of which
// too little is learned are left out.
func LearnedOf(s attribution.State) []Learned {
	var all []Learned
	for _, m := range s.Learned {
		if l := learnedOf(m).at(s.Slopes); m.Energy.Rows >= LearnedRows && l.Known() {
			all = append(all, l)
		}
	}
	return all
}

// at turns what was learned of the SoC into what it is at another scope.
func (l Learned) at(slopes attribution.Slopes) Learned {
	ratio := slopes.Ratio()
	if l.Scope = attribution.ScopeSoC; ratio != 1 { // 1: at the SoC, or not known
		l.Scope = slopes.Scope
	}
	r := energy.Joules(ratio)
	l.Step *= r
	for _, t := range []*TokenEnergy{&l.Prefill, &l.Decode} {
		t.Energy *= r
		t.Error *= r
	}
	return l
}

// The places in attribution.Coefficients.Covariance, which is the upper
// triangle by rows of baseline, prefill, step, token and context.
const (
	varPrefill      = 5
	varStep         = 9
	covStepToken    = 10
	covStepContext  = 11
	varToken        = 12
	covTokenContext = 13
	varContext      = 14
)

func learnedOf(m attribution.Learned) Learned {
	c := m.Coefficients
	l := Learned{Server: m.Server, Model: m.Model, Step: c.Step, Rows: m.Energy.Rows, First: m.First, Last: m.Last}
	if m.Prefilled > 0 {
		l.Prefill = tokenEnergy(float64(c.Prefill), c.Covariance[varPrefill])
	}
	if m.Decoded <= 0 || m.Steps <= 0 {
		return l
	}
	l.Batch = m.Decoded / m.Steps
	// A token has its share of a step and its own context, Step·share + Token +
	// Context·thousands. A term that the fit has set to its bound, 0, has no
	// error of its own.
	share, thousands := m.Steps/m.Decoded, m.Contexts/m.Decoded
	var variance float64
	if c.Step > 0 {
		variance += share * share * c.Covariance[varStep]
	}
	if c.Token > 0 {
		variance += c.Covariance[varToken]
	}
	if c.Step > 0 && c.Token > 0 {
		variance += 2 * share * c.Covariance[covStepToken]
	}
	if c.Context > 0 {
		variance += thousands * thousands * c.Covariance[varContext]
	}
	if c.Context > 0 && c.Step > 0 {
		variance += 2 * share * thousands * c.Covariance[covStepContext]
	}
	if c.Context > 0 && c.Token > 0 {
		variance += 2 * thousands * c.Covariance[covTokenContext]
	}
	l.Decode = tokenEnergy(share*float64(c.Step)+float64(c.Token)+thousands*float64(c.Context), variance)
	return l
}

// tokenEnergy is not known where the fit has found nothing: a token that takes
// nothing is one that was not told from others.
func tokenEnergy(joules, variance float64) TokenEnergy {
	err := math.Sqrt(variance)
	if !(joules > 0 && err > 0) || math.IsInf(joules, 0) || math.IsInf(err, 0) {
		return TokenEnergy{}
	}
	return TokenEnergy{Energy: energy.Joules(joules), Error: energy.Joules(err), Known: true}
}
