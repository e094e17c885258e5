package systemmeter_test

import (
	"context"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/collector/systemmeter"
)

func TestPollerFollowsTheCounter(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	now := at
	var next systemmeter.Reading
	var got energy.Joules
	m := &scripted{read: func(context.Context) (systemmeter.Reading, error) { return next, nil }}
	p := systemmeter.NewPoller(m, shellyConfig(), systemmeter.PollerOptions{
		Now:  func() time.Time { return now },
		Hand: func(_ context.Context, r systemmeter.Reading) { got = r.Energy },
	})
	steps := []struct {
		name string
		says energy.Joules
		want systemmeter.Result
	}{
		{"first", 3.6e6, systemmeter.ResultOK},
		{"80 J in 2 s", 3.6e6 + 80, systemmeter.ResultOK},
		{"ten minutes at once", 3.6e6 + 48080, systemmeter.ResultOK},
		{"somebody sets the counter to 1000 kWh", 3.6e9, systemmeter.ResultImplausible},
		{"it goes on from there", 3.6e9 + 80, systemmeter.ResultOK},
		{"somebody sets it to 500 kWh: a fall, not a rise", 1.8e9, systemmeter.ResultOK},
		{"it goes on from there again", 1.8e9 + 80, systemmeter.ResultOK},
		{"it begins anew", 10, systemmeter.ResultOK},
		{"and goes on", 90, systemmeter.ResultOK},
	}
	for _, step := range steps {
		now = now.Add(2 * time.Second)
		next = systemmeter.Reading{At: now, Energy: step.says, HasEnergy: true}
		if result, err := p.Poll(t.Context()); result != step.want {
			t.Errorf("%s: %q %v, want %q", step.name, result, err, step.want)
		}
		if step.want == systemmeter.ResultOK && got != step.says { // or it would be another counter after a restart
			t.Errorf("%s: handed on %v J, want %v", step.name, got, step.says)
		}
	}
}

// A counter moves on in the wrong unit a little at a time.
func TestPollerRefusesCountersThatRiseTooFast(t *testing.T) {
	const rounds, every = 600, 2 * time.Second
	for _, tt := range []struct {
		name  string
		watts energy.Watts
		step  int // readings between two moves of the counter
		want  systemmeter.Result
	}{
		{"40 W", 40, 1, systemmeter.ResultOK},
		{"40 W by the minute", 40, 30, systemmeter.ResultOK},
		{"40 W each ten minutes", 40, 300, systemmeter.ResultOK},
		{"all that can be", 1500, 1, systemmeter.ResultOK},
		{"all that can be, each ten minutes", 1500, 300, systemmeter.ResultOK},
		{"4 W in Wh as kWh", 4000, 1, systemmeter.ResultImplausible},
		{"40 W in Wh as kWh", 40000, 1, systemmeter.ResultImplausible},
		{"40 W in Wh as kWh, by the minute", 40000, 30, systemmeter.ResultImplausible},
	} {
		t.Run(tt.name, func(t *testing.T) {
			now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
			next := systemmeter.Reading{At: now, Energy: 5e6, HasEnergy: true}
			m := &scripted{read: func(context.Context) (systemmeter.Reading, error) { return next, nil }}
			p := systemmeter.NewPoller(m, shellyConfig(), systemmeter.PollerOptions{Now: func() time.Time { return now }})
			refused, last := 0, systemmeter.ResultOK
			for i := range rounds {
				next.At = now
				if i > 0 && i%tt.step == 0 {
					next.Energy += tt.watts.For(time.Duration(tt.step) * every)
					last, _ = p.Poll(t.Context())
				} else {
					_, _ = p.Poll(t.Context())
				}
				if last == systemmeter.ResultImplausible {
					refused++
				}
				now = now.Add(every)
			}
			switch {
			case last != tt.want:
				t.Errorf("in the end %q, want %q", last, tt.want)
			case tt.want == systemmeter.ResultOK && refused > 0, tt.want != systemmeter.ResultOK && refused < rounds/2:
				t.Errorf("%d of %d refused", refused, rounds)
			}
		})
	}
}
