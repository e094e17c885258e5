package store_test

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/store"
)

// learned is a model whose steps had two sequences: 0.2 J of a step and 0.3 J
// of its own make 0.4 J an output token.
func learned() attribution.Learned {
	return attribution.Learned{
		Server: "s", Model: "m", Prefilled: 1000, Steps: 200, Decoded: 400, Energy: attribution.Fit{Rows: 30},
		First: time.Unix(100, 0).UTC(), Last: time.Unix(900, 0).UTC(),
		Coefficients: attribution.Coefficients{
			Prefill: 0.01, Step: 0.2, Token: 0.3,
			// baseline; prefill 1e-6 J²; step 4e-4, token 1e-4, between them -1e-4
			Covariance: [15]float64{9, 9, 9, 9, 9, 1e-6, 9, 9, 9, 4e-4, -1e-4, 9, 1e-4, 9, 9},
		},
	}
}

func token(joules, variance float64) store.TokenEnergy {
	return store.TokenEnergy{Energy: energy.Joules(joules), Error: energy.Joules(math.Sqrt(variance)), Known: true}
}

func TestLearned(t *testing.T) {
	whole := store.Learned{
		Server: "s", Model: "m", Scope: attribution.ScopeSoC, Step: 0.2, Batch: 2, Rows: 30, First: time.Unix(100, 0).UTC(), Last: time.Unix(900, 0).UTC(),
		Prefill: token(0.01, 1e-6), Decode: token(0.4, 4e-4/4+1e-4-2*1e-4/2),
	}
	for _, tt := range []struct {
		name   string
		change func(*attribution.Learned)
		want   func(*store.Learned) // nil: nothing is told
	}{
		{"all", func(*attribution.Learned) {}, func(*store.Learned) {}},
		{"too few rows", func(l *attribution.Learned) { l.Energy.Rows = 29.9 }, nil},
		{"rows of time alone", func(l *attribution.Learned) { l.Time.Rows, l.Energy.Rows = 1000, 0 }, nil},
		{"no step", func(l *attribution.Learned) { l.Coefficients.Step, l.Coefficients.Covariance[9] = 0, 1 }, // the bound's place in the inverse
			func(l *store.Learned) { l.Step, l.Decode = 0, token(0.3, 1e-4) }},
		{"no token", func(l *attribution.Learned) { l.Coefficients.Token, l.Coefficients.Covariance[12] = 0, 1 },
			func(l *store.Learned) { l.Decode = token(0.1, 4e-4/4) }},
		{"prefill not told apart", func(l *attribution.Learned) { l.Coefficients.Prefill, l.Coefficients.Covariance[5] = 0, 1 },
			func(l *store.Learned) { l.Prefill = store.TokenEnergy{} }},
		{"an embedding model", func(l *attribution.Learned) { l.Steps, l.Decoded = 0, 0 },
			func(l *store.Learned) { l.Decode, l.Batch = store.TokenEnergy{}, 0 }},
		{"no prompt read", func(l *attribution.Learned) { l.Prefilled = 0 },
			func(l *store.Learned) { l.Prefill = store.TokenEnergy{} }},
		{"broken", func(l *attribution.Learned) {
			l.Prefilled, l.Coefficients.Step = 0, 0
			l.Coefficients.Token = energy.Joules(math.NaN())
		}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			in, want := learned(), whole
			tt.change(&in)
			var all []store.Learned
			if tt.want != nil {
				tt.want(&want)
				all = append(all, want)
			}
			got := store.LearnedOf(attribution.State{Learned: []attribution.Learned{in}})
			if d := cmp.Diff(all, got, cmpopts.EquateApprox(1e-12, 0)); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// What the tokens take of the chip is told at the scope that energy is booked at.
func TestLearnedIsOfTheWholeMachine(t *testing.T) {
	state := attribution.State{Learned: []attribution.Learned{learned()}}
	soc := store.LearnedOf(state)[0]
	state.Slopes = attribution.Slopes{Scope: attribution.ScopeWall, AC: attribution.Slope{Whole: 1500, SoC: 1000}}
	wall := store.LearnedOf(state)[0]
	if soc.Scope != attribution.ScopeSoC || wall.Scope != attribution.ScopeWall {
		t.Errorf("scopes %q and %q", soc.Scope, wall.Scope)
	}
	if wall.Decode.Energy != 1.5*soc.Decode.Energy || wall.Prefill.Error != 1.5*soc.Prefill.Error || wall.Step != 1.5*soc.Step {
		t.Errorf("learned %+v of the chip, %+v of the machine: want 1.5 times as much", soc, wall)
	}
}

// While it is not known what the machine draws for a joule of the chip, what is
// told is the chip's, and says so.
func TestLearnedBeforeTheSlopeIsKnown(t *testing.T) {
	state := attribution.State{Learned: []attribution.Learned{learned()}}
	want := store.LearnedOf(state)
	state.Slopes = attribution.Slopes{Scope: attribution.ScopeWall, AC: attribution.Slope{Whole: 15, SoC: 10}}
	if d := cmp.Diff(want, store.LearnedOf(state)); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}
