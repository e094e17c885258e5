package payback

import (
	"math"
	"math/rand/v2"
	"slices"
)

// mostMonths is where every forecast ends: what takes longer is never.
const mostMonths = 100 * 12

// term says after how many months what each month avoids and costs has reached
// a capital; false when it never does.
type term func(month) (int, bool)

// forecast answers for the mean, and for each of the draws.
func (m Machine) forecast(reach term, mean month, draws []month) Forecast {
	f := Forecast{Outcome: Never}
	if months, ok := reach(mean); ok {
		f.Outcome, f.Months = Reached, months
		if m.Life > 0 && months > int(m.Life/Month) {
			f.Outcome = BeyondLife
		}
	}
	all := make([]int, len(draws))
	for i, d := range draws {
		months, ok := reach(d)
		if !ok {
			months = mostMonths + 1
		}
		all[i] = months
	}
	slices.Sort(all)
	f.Early, f.EarlyKnown = percentile(all, 10)
	f.Late, f.LateKnown = percentile(all, 90)
	return f
}

// percentile is the nearest rank of sorted months; false when it is never.
func percentile(sorted []int, percent int) (int, bool) {
	at := sorted[(len(sorted)*percent+99)/100-1]
	if at > mostMonths {
		return 0, false
	}
	return at, true
}

// flat is the term without drift and discount, exact in whole nano-units.
func flat(capital int64) term {
	return func(m month) (int, bool) {
		if capital <= 0 {
			return 0, true
		}
		gain := m.avoided - m.cost
		if overflows := (m.cost < 0) != (gain > m.avoided) && m.cost != 0; overflows {
			return 1, m.cost < 0 // more than any capital, or less than nothing
		}
		if gain <= 0 {
			return 0, false
		}
		months := (capital-1)/gain + 1
		return int(min(months, mostMonths)), months <= mostMonths
	}
}

// drifting is the term with cloud prices that change by drift a year once the
// months that have passed are over, and money that is worth less by rate a year.
// It is the one place of this package where amounts are floats: a factor of
// drift is no ratio of whole numbers.
func drifting(capital int64, drift, rate float64, passed int) term {
	// What a unit avoided, and one spent, in each of the months so far is worth.
	var avoided, spent [mostMonths + 1]float64
	for n := range mostMonths {
		worth := math.Pow(1+rate, -float64(n+1)/12)
		avoided[n+1] = avoided[n] + worth*math.Pow(1+drift, float64(max(0, n-passed))/12)
		spent[n+1] = spent[n] + worth
	}
	return func(m month) (int, bool) {
		for n := range mostMonths + 1 {
			if float64(m.avoided)*avoided[n]-float64(m.cost)*spent[n] >= float64(capital) {
				return n, true
			}
		}
		return 0, false
	}
}

// The bootstrap: so many draws, each of whole runs of days.
const (
	drawCount = 1000
	runLength = 7 // days; a run has each weekday once
)

// bootstrap draws days again, in runs, and returns the mean months. Every run of
// days in a row is as likely as any other; the last day is followed by the
// first, or days at the ends would be drawn too seldom. A draw is about a run
// shorter than the days are: runs out of few days differ less than those of
// other weeks would, by the factor that this makes up for. The generator is
// seeded with a constant: the same days have the same answer, on every machine.
func bootstrap(days []Day) []month {
	runs := make([]*total, len(days))
	for i := range days {
		run := make([]Day, runLength)
		for j := range run {
			run[j] = days[(i+j)%len(days)]
		}
		runs[i] = sums(run)
	}
	r := rand.New(rand.NewPCG(0x736f766d65746572, 14))
	draws := make([]month, drawCount)
	for i := range draws {
		var t total
		for range max(1, (len(days)-runLength/2-1)/runLength) {
			t.add(runs[r.IntN(len(runs))])
		}
		draws[i] = monthlyMean(&t)
	}
	return draws
}
