package calibration_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/calibration"
	"github.com/sovmeter/sovmeter/collector/energy"
)

var start = time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)

// wattage is a power of the machine by its rails.
type wattage func(cpu, gpu, ane float64) float64

func straight(base, c, g, a float64) wattage {
	return func(cpu, gpu, ane float64) float64 { return base + c*cpu + g*gpu + a*ane }
}

// block is one of 30 s, i-th after start.
func block(i int, cpu, gpu, ane, whole float64) calibration.Block {
	at := start.Add(time.Duration(i) * 30 * time.Second)
	return calibration.Block{
		Start: at, End: at.Add(30 * time.Second),
		CPU: energy.Watts(cpu), GPU: energy.Watts(gpu), ANE: energy.Watts(ane), Whole: energy.Watts(whole),
	}
}

// ladderOf is what nine steps of a ladder show of a machine.
func ladderOf(truth wattage, scale, noise float64, r *rand.Rand) []calibration.Block {
	loads := [][2]float64{{0.1, 0.02}, {2, 10}, {5, 0.05}, {2.5, 14}, {14, 0.1}, {3, 17}, {24, 0.1}, {3, 20}, {0.15, 0.02}}
	var out []calibration.Block
	for i, l := range loads {
		w := truth(scale*l[0], scale*l[1], 0)
		out = append(out, block(i, scale*l[0], scale*l[1], 0, w*(1+0.005*noise*r.NormFloat64())+0.1*noise*r.NormFloat64()))
	}
	return out
}

func TestFitFindsTheLine(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	c, err := calibration.Fit(ladderOf(straight(6, 1.25, 1.9, 1), 1, 0, r), calibration.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for name, off := range map[string]float64{"base": float64(c.Base) - 6, "cpu": c.CPU - 1.25, "gpu": c.GPU - 1.9} {
		if math.Abs(off) > 1e-9 {
			t.Errorf("%s is off by %g", name, off)
		}
	}
	if !c.PerRail || c.N != 9 || c.R2 < 1-1e-12 || c.RMSE > 1e-9 {
		t.Errorf("got %+v", c)
	}
}
