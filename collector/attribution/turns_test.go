package attribution_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
)

// TestTwoServersTakeTurns has a model on each of two servers that share the
// GPU, whose process stats tell how much each had of it: the requests' energies
// are far closer to their Shapley values than those of two models of one server.
func TestTwoServersTakeTurns(t *testing.T) {
	var off []float64
	rnd := rand.New(rand.NewPCG(5, 5))
	h := harsh{models: 2}
	for range 100 {
		var all []batch
		var requests []attribution.Request
		var truths []*truth
		for i, server := range []string{"s", "t"} {
			m := &truth{
				prefill: energy.Joules(0.02 + 0.04*rnd.Float64()), step: energy.Joules(0.3 + rnd.Float64()), token: energy.Joules(0.02 + 0.1*rnd.Float64()),
				prefillTime: 2 * time.Millisecond, stepTime: 20 * time.Millisecond, tokenTime: 2 * time.Millisecond,
				server: server, model: string(rune('m' + i)),
			}
			s := serve(h.plan(rnd, 3), m, t0)
			for k := range s.batches {
				s.batches[k].shift(len(requests))
			}
			all, requests, truths = append(all, s.batches...), append(requests, s.requests...), append(truths, m)
		}
		all = takeTurns(all, requests)
		end := all[len(all)-1].end
		windows := windowsOf(all, t0, end, time.Second)
		for i := range windows {
			windows[i].Usage = &attribution.Usage{GPUKnown: true, Servers: []attribution.ServerUse{{Server: "s"}, {Server: "t"}}}
			for _, b := range all {
				u := &windows[i].Usage.Servers[0]
				if b.server == "t" {
					u = &windows[i].Usage.Servers[1]
				}
				u.GPU += max(min(b.end.Sub(t0), windows[i].End.Sub(t0))-max(b.start.Sub(t0), windows[i].Start.Sub(t0)), 0)
			}
		}
		want := shapley(len(requests), all)
		got, _ := booked(t, knowing(truths...), windows, requests)
		for i := range want {
			off = append(off, math.Abs(got[i]/want[i]-1))
		}
	}
	slices.Sort(off)
	n := len(off)
	t.Logf("%d requests: median %.3g %%, p95 %.3g %%, worst %.3g %% from the Shapley value", n, 100*off[n/2], 100*off[n*95/100], 100*off[n-1])
	if off[n/2] > 0.05 || off[n*95/100] > 0.10 {
		t.Errorf("median %v, p95 %v, want at most 0.05 and 0.1", off[n/2], off[n*95/100])
	}
}
