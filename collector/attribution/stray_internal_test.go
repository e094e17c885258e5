package attribution

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
)

// TestModelThatChangesIsLearnedAnew: rows that are far off count little each, but
// when all of them are the model has changed, or was learned from nonsense.
func TestModelThatChangesIsLearnedAnew(t *testing.T) {
	for _, tt := range []struct {
		name          string
		before, after float64 // joules a token
		rows          int     // before the change
	}{
		{"costs ten times as much", 0.5, 5, 300}, {"costs a tenth", 5, 0.5, 300}, {"one absurd row", 1e-6, 1, 1},
	} {
		rnd := rand.New(rand.NewPCG(1, 1))
		m := &model{}
		base := level{all: 2, err: 0.04}
		m.solve(base, priorWatts)
		at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
		learn := func(joules float64, rows int) {
			for range rows {
				tokens := 200 + 100*rnd.Float64()
				m.learn(StepWork{
					Length: baselineStep, Steps: tokens, Decoded: tokens,
					Energy: energy.Joules((20 + joules*tokens) * (1 + 0.01*rnd.NormFloat64())),
				}, at)
				m.solve(base, priorWatts)
				at = at.Add(baselineStep)
			}
		}
		learn(tt.before, tt.rows)
		learn(tt.after, 60)
		_, got := m.joules(work{steps: 1, decode: 1})
		if off := got/tt.after - 1; math.Abs(off) > 0.1 {
			t.Errorf("%s: %.3g J a token after ten minutes, want %v", tt.name, got, tt.after)
		}
	}
}
