package attribution_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
)

// TestBusyMachineKeepsItsBaseline: a machine that is never at rest draws about
// the same all the time, which says nothing of what it would draw at rest. Nor
// does the work of a server of which its log does not tell.
func TestBusyMachineKeepsItsBaseline(t *testing.T) {
	for _, told := range []float64{1, 0.5} { // share of the work that the log tells of
		rnd := rand.New(rand.NewPCG(1, 1))
		e := attribution.New(attribution.Config{}, attribution.Resume{})
		now := 0.0
		step := func(joules energy.Joules, use *attribution.Usage) {
			if err := e.AddWindow(window(now, now+1, joules, use)); err != nil {
				t.Fatal(err)
			}
			now++
			e.Advance(at(now), nil, nil)
		}
		for range 120 {
			step(2, gpu(0, 0))
		}
		var free [4]float64
		for n := 0; now < 4*3600; {
			for i := range free {
				if free[i] > now {
					continue
				}
				read, decode := 0.3+2*rnd.Float64(), 2+15*rnd.Float64()
				free[i] = now + read + decode
				if rnd.Float64() < told {
					n++
					e.AddRequest(request(fmt.Sprint("r", n), now, now+read, free[i], int64(300*read), int64(30*decode)))
				}
			}
			step(energy.Joules(20*(1+0.01*rnd.NormFloat64())), gpu(0.97, 0))
		}
		if w, assumed := e.Baseline(); w < 1.5 || w > 2.5 || assumed {
			t.Errorf("the log tells of %v: baseline %.2f W, assumed %v; it was 2 W at rest", told, float64(w), assumed)
		}
	}
}

// TestNewsOfARequestInFlight: what its log says of a request that goes on
// counts for the windows that cannot wait for its end.
func TestNewsOfARequestInFlight(t *testing.T) {
	ws := append(quiet(0, 60, 2), window(0, 10, 100, gpu(9, 0)), window(10, 20, 100, gpu(9, 0)))
	e := engine(t, ws)
	r := attribution.Request{ID: "r", Server: "s", Start: at(0)}
	e.Advance(at(0), []attribution.Request{r}, nil)
	r.Model, r.FirstToken, r.Input = "m", at(19), attribution.Known(5000)
	res := e.Advance(at(22), []attribution.Request{r}, nil)
	last := res.Bookings[len(res.Bookings)-1]
	if s := last.Shares[0]; s.Model != "m" || s.Prefill < s.Decode {
		t.Errorf("booked as %+v, want mostly the prefill of m", s)
	}
}
