package attribution_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
)

// TestLawOfExtremes holds the law where logs and sensors say what they never
// should: no parts are lost, negative or not a number.
func TestLawOfExtremes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		length := rapid.Custom(func(t *rapid.T) time.Duration {
			return time.Duration(math.Exp(rapid.Float64Range(0, math.Log(float64(2*time.Hour))).Draw(t, "ns")))
		})
		var windows []attribution.Window
		now := t0
		for range rapid.IntRange(1, 12).Draw(t, "windows") {
			w := attribution.Window{Start: now, End: now.Add(length.Draw(t, "length")), Scope: attribution.ScopeSoC}
			now = w.End
			if rapid.IntRange(0, 5).Draw(t, "gap") == 0 {
				now = now.Add(length.Draw(t, "gap length"))
			}
			w.CPU, w.GPU = extremeRail(t), extremeRail(t)
			w.Energy = w.CPU.Energy + w.GPU.Energy
			w.Usage = extremeUsage(t, length)
			windows = append(windows, w)
		}
		var requests []attribution.Request
		for i := range rapid.IntRange(0, 8).Draw(t, "requests") {
			requests = append(requests, extremeRequest(t, i, length))
		}
		res := engineOf(t, timeline{windows: windows, requests: requests}).Advance(now.Add(1000*time.Hour), nil, nil)
		checkLaw(t, windows, res)
		if len(res.Charges) != len(requests) {
			t.Fatalf("%d charges of %d requests", len(res.Charges), len(requests))
		}
	})
}

func extremeRail(t *rapid.T) attribution.Rail {
	r := attribution.Rail{Known: rapid.Bool().Draw(t, "known"), BusyKnown: rapid.Bool().Draw(t, "busy known")}
	if r.Known && rapid.IntRange(0, 4).Draw(t, "zero") > 0 {
		r.Energy = energy.Joules(math.Exp(rapid.Float64Range(-30, 30).Draw(t, "log J")))
	}
	if r.BusyKnown {
		r.Busy = time.Duration(rapid.Int64Range(0, int64(time.Hour)).Draw(t, "busy"))
	}
	return r
}

func extremeUsage(t *rapid.T, length *rapid.Generator[time.Duration]) *attribution.Usage {
	if rapid.Bool().Draw(t, "no stats") {
		return nil
	}
	use := func() attribution.Use {
		u := attribution.Use{CPUEnergy: energy.Joules(rapid.Float64Range(0, 1e6).Draw(t, "cpu J"))}
		if rapid.Bool().Draw(t, "used") {
			u.CPU, u.GPU = length.Draw(t, "cpu"), length.Draw(t, "gpu")
		}
		return u
	}
	u := &attribution.Usage{GPUKnown: rapid.Bool().Draw(t, "gpu known"), CPUEnergyKnown: rapid.Bool().Draw(t, "cpu energy known"), Others: use()}
	for i := range rapid.IntRange(0, 2).Draw(t, "servers") {
		u.Servers = append(u.Servers, attribution.ServerUse{Server: fmt.Sprint("s", i), Use: use()})
	}
	return u
}

func extremeRequest(t *rapid.T, i int, length *rapid.Generator[time.Duration]) attribution.Request {
	count := func(name string) attribution.Count {
		if rapid.IntRange(0, 3).Draw(t, name+" unknown") == 0 {
			return attribution.Count{}
		}
		return attribution.Known(int64(math.Exp(rapid.Float64Range(0, 40).Draw(t, name))) - 1)
	}
	r := attribution.Request{
		ID: fmt.Sprint("r", i), Server: rapid.SampledFrom([]string{"s0", "s1", ""}).Draw(t, "server"),
		Model: rapid.SampledFrom([]string{"m", "n", ""}).Draw(t, "model"), Start: t0.Add(length.Draw(t, "start")),
		Input: count("input"), Output: count("output"), Cached: count("cached"), Context: count("context"),
		Reused: attribution.Fraction{Of: rapid.Float64Range(0, 1).Draw(t, "reused"), Known: rapid.Bool().Draw(t, "reused known")},
	}
	r.End = r.Start.Add(length.Draw(t, "takes"))
	switch rapid.IntRange(0, 4).Draw(t, "first") {
	case 0: // not told
	case 1:
		r.FirstToken = r.Start.Add(-length.Draw(t, "before"))
	case 2:
		r.FirstToken = r.End.Add(length.Draw(t, "beyond"))
	case 3:
		r.FirstToken = r.End
	default:
		r.FirstToken = r.Start.Add(time.Duration(rapid.Float64Range(0, 1).Draw(t, "first token") * float64(r.End.Sub(r.Start))))
	}
	return r
}
