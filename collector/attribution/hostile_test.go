package attribution_test

import (
	"math/rand/v2"
	"testing"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
)

// However odd a window is, the law holds of it: a machine that drew nothing or
// less than its chip, rails that are zero or not known, scopes that change from
// window to window, and restarts within steps and requests.
func TestLawOfOddWindows(t *testing.T) {
	for seed := range uint64(200) {
		rnd := rand.New(rand.NewPCG(seed, 11))
		pick := func(amounts ...energy.Joules) energy.Joules { return amounts[rnd.IntN(len(amounts))] }
		e := attribution.New(attribution.Config{}, attribution.Resume{})
		var windows []attribution.Window
		var res attribution.Result
		for s := range 400 {
			rail := func() attribution.Rail {
				return attribution.Rail{Known: rnd.IntN(3) > 0, Energy: pick(0, 0, 1e-12, 0.5, 20, 1e6)}
			}
			w := attribution.Window{
				Start: at(float64(s)), End: at(float64(s + 1)), CPU: rail(), GPU: rail(), ANE: rail(),
				Scope: attribution.Scopes()[rnd.IntN(5)], Energy: pick(0, 1e-12, 3, 10, 60, 1e6), Error: pick(0, 1, 1e6),
			}
			if w.Scope == attribution.ScopeSoC {
				w.Energy = 0
				for _, r := range []attribution.Rail{w.CPU, w.GPU, w.ANE} {
					if r.Known {
						w.Energy += r.Energy
					}
				}
			}
			if rnd.IntN(3) > 0 {
				w.Usage = gpu(rnd.Float64(), rnd.Float64())
			}
			windows = append(windows, w)
			if err := e.AddWindow(w); err != nil {
				t.Fatal(err)
			}
			if rnd.IntN(8) == 0 {
				from := float64(s) - rnd.Float64()*30
				e.AddRequest(request(string(rune('A'+s%26))+string(rune('a'+s/26)), from, from+rnd.Float64(), float64(s)+rnd.Float64(), rnd.Int64N(1000), rnd.Int64N(100)))
			}
			if rnd.IntN(10) == 0 {
				r := e.Advance(at(float64(s)), nil, nil)
				res.Bookings, res.Charges = append(res.Bookings, r.Bookings...), append(res.Charges, r.Charges...)
				state := e.State()
				var open []attribution.Window
				for _, w := range windows {
					if !w.Start.Before(state.Closed) {
						open = append(open, w)
					}
				}
				e = attribution.New(attribution.Config{}, attribution.Resume{State: state, Windows: open})
			}
		}
		r := e.Advance(at(1000), nil, nil)
		res.Bookings, res.Charges = append(res.Bookings, r.Bookings...), append(res.Charges, r.Charges...)
		checkLaw(t, windows, res)
		if r := e.State().Slopes.Ratio(); !(r > 0 && r < 1e3) {
			t.Fatalf("slope %v", r)
		}
	}
}
