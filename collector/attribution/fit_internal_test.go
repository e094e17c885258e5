package attribution

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// row is one row of a fit.
type row struct {
	x         vector
	y, weight float64
}

func fitOf(rows []row) *Fit {
	var f Fit
	for _, r := range rows {
		f.add(r.x, r.y, r.weight)
	}
	return &f
}

// vague is a belief that says next to nothing.
func vague() belief {
	return belief{mean: vector{1, 1, 1, 1, 0}, err: vector{1e6, 1e6, 1e6, 1e6, 1e6}}
}

func drawRows(t *rapid.T) []row {
	var rows []row
	for range rapid.IntRange(0, 12).Draw(t, "rows") {
		var r row
		for i := range r.x {
			r.x[i] = rapid.Float64Range(0, 100).Draw(t, "x")
		}
		r.y = rapid.Float64Range(-100, 1000).Draw(t, "y")
		r.weight = rapid.Float64Range(0.001, 10).Draw(t, "weight")
		rows = append(rows, r)
	}
	return rows
}

// objective is what a solution has to make least, from the rows themselves.
func objective(rows []row, b belief, spread float64, x vector) float64 {
	var sum float64
	for _, r := range rows {
		d := r.y - r.x.dot(x)
		sum += r.weight * d * d / spread
	}
	for i := range x {
		d := (x[i] - b.mean[i]) / b.err[i]
		sum += d * d
	}
	return sum
}

// TestFitIsTheBestNonNegative: no step from the solution to any non-negative
// point near it makes the squares less.
func TestFitIsTheBestNonNegative(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := drawRows(t)
		b := belief{}
		for i := range b.mean {
			b.mean[i] = rapid.Float64Range(0, 10).Draw(t, "mean")
			b.err[i] = rapid.Float64Range(0.1, 100).Draw(t, "err")
		}
		s := fitOf(rows).solve(b, 1)
		checkFinite(t, s)
		best := objective(rows, b, s.spread, s.x)
		for _, size := range []float64{1e-3, 0.1, 3} {
			for d := range 81 { // -1, 0 or 1 in each of the four directions
				x := s.x
				for i, k := 0, d; i < terms; i, k = i+1, k/3 {
					x[i] = max(x[i]+size*float64(k%3-1), 0)
				}
				if o := objective(rows, b, s.spread, x); o < best*(1-1e-9)-1e-9 {
					t.Fatalf("%v has squares of %v, the solution %v has %v", x, o, s.x, best)
				}
			}
		}
	})
}

func checkFinite(t *rapid.T, s solution) {
	t.Helper()
	for i := range terms {
		if !(s.x[i] >= 0) || math.IsInf(s.x[i], 0) || !(s.cov[i][i] >= 0) || math.IsInf(s.cov[i][i], 0) {
			t.Fatalf("solution %+v", s)
		}
	}
}

// TestFitStaysFinite has rows of any size that say the same again and again.
func TestFitStaysFinite(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		scale := math.Exp(rapid.Float64Range(-30, 30).Draw(t, "scale"))
		var x vector
		for i := range x {
			x[i] = scale * rapid.Float64Range(0, 1).Draw(t, "x")
		}
		var f Fit
		for range rapid.IntRange(1, 1000).Draw(t, "rows") {
			f.add(x, scale*rapid.Float64Range(0, 1).Draw(t, "y"), 1)
		}
		checkFinite(t, f.solve(belief{mean: vector{1, 1, 1, 1}, err: vector{1e-3, 1, 1, 1}}, 1))
	})
}

func TestFitFindsWhatTheRowsSay(t *testing.T) {
	want := vector{2, 0.05, 1.5, 0.2}
	rnd := rand.New(rand.NewPCG(1, 1))
	var rows []row
	for range 50 {
		x := vector{1 + rnd.Float64(), 1000 * rnd.Float64(), 50 * rnd.Float64(), 200 * rnd.Float64()}
		rows = append(rows, row{x, x.dot(want), 0.1 + rnd.Float64()})
	}
	s := fitOf(rows).solve(vague(), 1)
	for i := range want {
		if math.Abs(s.x[i]/want[i]-1) > 1e-6 {
			t.Errorf("term %d: %v, want %v", i, s.x[i], want[i])
		}
	}
}

// TestFitOfCollinearRows has two terms that always come together, as steps and
// tokens do when nobody shares a step: the belief divides them.
func TestFitOfCollinearRows(t *testing.T) {
	for _, scale := range []float64{1e-3, 1, 1e3} {
		var rows []row
		for i := range 1000 {
			n := scale * float64(1+i%7)
			rows = append(rows, row{vector{0, 0, n, n}, 3 * n, 1})
		}
		b := belief{mean: vector{1, 1, 2, 1}, err: vector{1, 1, 1, 0.5}}
		s := fitOf(rows).solve(b, 0.01)
		if sum := s.x[2] + s.x[3]; math.Abs(sum-3) > 1e-3 || s.x[0] != 1 || s.x[1] != 1 {
			t.Errorf("scale %v: %v, want 3 for both terms together and the belief in the others", scale, s.x)
		}
		if s.x[2] < 1.8 || s.x[2] > 2.2 {
			t.Errorf("scale %v: %v, want the terms divided as the belief says", scale, s.x)
		}
		if math.IsNaN(s.cov[2][2]) || s.cov[2][2] <= 0 || s.cov[2][2] > 1 {
			t.Errorf("scale %v: variance %v", scale, s.cov[2][2])
		}
	}
}

func TestFitWithoutRowsIsTheBelief(t *testing.T) {
	b := belief{mean: vector{1, 2, 3, 4, 5}, err: vector{0.1, 0.2, 0.3, 0.4, 0.5}}
	s := new(Fit).solve(b, 1)
	for i := range terms {
		if math.Abs(s.x[i]-b.mean[i]) > 1e-12 || math.Abs(math.Sqrt(s.cov[i][i])-b.err[i]) > 1e-12 {
			t.Errorf("term %d: %v ± %v, want %v ± %v", i, s.x[i], math.Sqrt(s.cov[i][i]), b.mean[i], b.err[i])
		}
	}
}

// TestFitForgets has rows of an old truth and as many of a new one; the more of
// the old ones is forgotten, the closer is the solution to the new one.
func TestFitForgets(t *testing.T) {
	solve := func(keep float64) float64 {
		var f Fit
		for range 100 {
			f.add(vector{1, 0, 0, 0}, 10, 1)
		}
		f.forget(keep)
		for range 100 {
			f.add(vector{1, 0, 0, 0}, 20, 1)
		}
		return f.solve(vague(), 1).x[0]
	}
	for keep, want := range map[float64]float64{1: 15, 0.5: (0.5*10 + 20) / 1.5, 0.01: (0.01*10 + 20) / 1.01} {
		if got := solve(keep); math.Abs(got-want) > 1e-6 {
			t.Errorf("keeping %v: %v, want %v", keep, got, want)
		}
	}
}

// TestFitKnowsItsError repeats a measurement and holds the scatter of its
// solutions against the covariance that each states.
func TestFitKnowsItsError(t *testing.T) {
	want := vector{2, 0.05, 1.5, 0.2, 0.4}
	rnd := rand.New(rand.NewPCG(3, 3))
	const repeats, n, noise = 2000, 60, 5.0
	var inside [terms]int
	var stated, scatter vector
	for range repeats {
		var f Fit
		for range n {
			x := vector{10, 1000 * rnd.Float64(), 50 * rnd.Float64(), 200 * rnd.Float64(), 300 * rnd.Float64()}
			f.add(x, x.dot(want)+noise*rnd.NormFloat64(), 1)
		}
		s := f.solve(vague(), noise*noise)
		for i := range want {
			d := s.x[i] - want[i]
			scatter[i] += d * d / repeats
			stated[i] += s.cov[i][i] / repeats
			if math.Abs(d) < 1.96*math.Sqrt(s.cov[i][i]) {
				inside[i]++
			}
		}
	}
	for i := range want {
		if r := stated[i] / scatter[i]; r < 0.9 || r > 1.1 {
			t.Errorf("term %d: stated variance is %v of the scatter", i, r)
		}
		if c := float64(inside[i]) / repeats; c < 0.93 || c > 0.97 {
			t.Errorf("term %d: %v of the solutions lie in the 95 %% band", i, c)
		}
	}
}

func TestRobust(t *testing.T) {
	for _, tt := range []struct{ residual, deviation, want float64 }{
		{0, 1, 1}, {3, 1, 1}, {-3, 1, 1}, {6, 1, 0.25}, {-30, 1, 0.01}, {5, 0, 0}, {0, 0, 1},
	} {
		if got := robust(tt.residual, tt.deviation); got != tt.want {
			t.Errorf("residual %v of deviation %v weighs %v, want %v", tt.residual, tt.deviation, got, tt.want)
		}
	}
}
