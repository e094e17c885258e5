package attribution_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
)

// TestCutsOfSteadyWorkChangeNothing cuts windows of minutes of steady work into
// pieces, at any time that is not beyond the mark at which the window's step
// ends: no request gets another energy, though learning is under way and the
// cuts are in it.
func TestCutsOfSteadyWorkChangeNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.Uint64().Draw(t, "seed")
		rnd := rand.New(rand.NewPCG(seed, 9))
		n := rapid.IntRange(12, 120).Draw(t, "windows")
		length := rapid.SampledFrom([]float64{1, 0.5, 2.5, 3}).Draw(t, "length")
		end := 10 + float64(n)*length
		var whole, pieces []attribution.Window
		whole = quiet(0, 60, 2)
		pieces = quiet(0, 60, 2)
		for i := range n {
			from := 10 + float64(i)*length
			busy := 0.3 + 0.6*rnd.Float64()
			w := window(from, from+length, energy.Joules(length*(10+20*busy)), gpu(length*busy, 0.05*length))
			w.Usage.Servers[0].GPU = w.Usage.Servers[0].GPU.Truncate(512) // three cuts in eighths are exact
			w.Usage.Others.GPU = w.Usage.Others.GPU.Truncate(512)
			whole = append(whole, w)
			pieces = append(pieces, cutUp(w, rnd)...)
		}
		rs := steady(t, length, end)
		a := chargesOf(t, whole, rs)
		b := chargesOf(t, pieces, rs)
		for id, x := range a {
			if !equal(x, b[id]) {
				t.Fatalf("%s: %v J in whole windows, %v J in %d pieces of %d", id, x, b[id], len(pieces), len(whole))
			}
		}
	})
}

// steady are two requests that decode up to the end, and others that come one
// after the other, whose phases begin and end between two windows.
func steady(t *rapid.T, length, end float64) []attribution.Request {
	tokens := rapid.Int64Range(1, 800)
	rs := []attribution.Request{
		request("all", 9, 9.5, end+1, tokens.Draw(t, "in"), tokens.Draw(t, "out")),
		request("too", 9, 9.7, end+1, tokens.Draw(t, "in"), tokens.Draw(t, "out")),
	}
	for i, at := 0, 10.0; at+4*length <= end; i, at = i+1, at+4*length {
		rs = append(rs, request(fmt.Sprint("r", i), at, at+2*length, at+4*length, tokens.Draw(t, "in"), tokens.Draw(t, "out")))
	}
	return rs
}

// cutUp cuts a window at up to three places before its step's end.
func cutUp(w attribution.Window, rnd *rand.Rand) []attribution.Window {
	mark := w.Start.Truncate(10 * time.Second).Add(10 * time.Second)
	pieces := []attribution.Window{w}
	for range rnd.IntN(4) {
		last := pieces[len(pieces)-1]
		length := last.End.Sub(last.Start)
		eighths := 1 + rnd.IntN(7)
		if length%8 != 0 || !last.Start.Add(length*time.Duration(eighths)/8).Before(mark) {
			break
		}
		a, b := cut(last, float64(eighths)/8)
		pieces = append(pieces[:len(pieces)-1], a, b)
	}
	return pieces
}

func chargesOf(t *rapid.T, windows []attribution.Window, requests []attribution.Request) map[string]float64 {
	res := engineOf(t, timeline{windows: windows, requests: requests}).Advance(windows[len(windows)-1].End.Add(time.Hour), nil, nil)
	checkLaw(t, windows, res)
	by := map[string]float64{}
	for _, c := range res.Charges {
		by[c.Request.ID] = float64(c.Energy())
	}
	return by
}
