package store

import (
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
)

// placed writes where an open request's tokens lie, once that is known.
func (e *encoder) placed(r attribution.OpenRequest) {
	if !r.Placed {
		e.byte(0)
		return
	}
	e.byte(1)
	for _, v := range []float64{r.Pace.Pure, r.Pace.Mixed, r.Pace.Tokens, r.Guess.Input, r.Guess.Output} {
		e.number(v)
	}
	e.time(r.Guess.FirstToken)
	e.time(r.DecodeStart)
	e.time(r.DecodeEnd)
	e.uvarint(uint64(len(r.Reading)))
	for _, s := range r.Reading {
		e.time(s.Start)
		e.time(s.End)
		e.number(s.Tokens)
	}
}

func (d *decoder) placed(r *attribution.OpenRequest) {
	if r.Placed = d.byte() != 0; !r.Placed {
		return
	}
	for _, v := range []*float64{&r.Pace.Pure, &r.Pace.Mixed, &r.Pace.Tokens, &r.Guess.Input, &r.Guess.Output} {
		*v = d.number()
	}
	r.Guess.FirstToken, r.DecodeStart, r.DecodeEnd = d.time(), d.time(), d.time()
	for range d.count() {
		r.Reading = append(r.Reading, attribution.Stretch{Start: d.time(), End: d.time(), Tokens: d.number()})
	}
}

func (e *encoder) learnedModels(all []attribution.Learned, n *names) {
	e.uvarint(uint64(len(all)))
	for _, l := range all {
		e.name(n, l.Server)
		e.model(n, l.Model)
		e.time(l.First)
		e.time(l.Last)
		for _, v := range learnedNumbers(&l) {
			e.number(*v)
		}
	}
}

func (d *decoder) learnedModels(n *names) []attribution.Learned {
	var all []attribution.Learned
	for range d.count() {
		l := attribution.Learned{Server: d.name(n), Model: d.name(n), First: d.time(), Last: d.time()}
		for _, v := range learnedNumbers(&l) {
			*v = d.number()
		}
		all = append(all, l)
	}
	return all
}

// learnedNumbers are all numbers of l, in the order in which they are stored.
func learnedNumbers(l *attribution.Learned) []*float64 {
	c := &l.Coefficients
	all := []*float64{
		&l.Prefilled, &l.Steps, &l.Decoded, &l.Contexts, &l.AloneWidth, &l.CompanyWidth, &l.Paused, &l.Worked, &c.PrefillSeconds, &c.StepSeconds, &c.TokenSeconds,
		(*float64)(&c.Baseline), (*float64)(&c.Prefill), (*float64)(&c.Step), (*float64)(&c.Token),
		(*float64)(&c.Context), (*float64)(&c.Spread), (*float64)(&c.Watts),
	}
	for i := range c.Covariance {
		all = append(all, &c.Covariance[i])
	}
	for _, f := range []*attribution.Fit{&l.Time, &l.Energy} {
		all = append(all, &f.Rows, &f.YY, &f.Strays)
		for i := range f.FF {
			all = append(all, &f.FF[i])
		}
		for i := range f.FY {
			all = append(all, &f.FY[i])
		}
	}
	return all
}

func (e *encoder) step(s attribution.Step, n *names) {
	e.time(s.Start)
	e.number(float64(s.Others.Energy))
	e.number(s.Others.Time)
	e.uvarint(uint64(len(s.Works)))
	for _, w := range s.Works {
		e.name(n, w.Server)
		e.model(n, w.Model)
		e.varint(int64(w.Length))
		for _, v := range workNumbers(&w) {
			e.number(*v)
		}
	}
}

func (d *decoder) step(n *names) attribution.Step {
	s := attribution.Step{Start: d.time(), Others: attribution.GPUPower{Energy: energy.Joules(d.number()), Time: d.number()}}
	for range d.count() {
		w := attribution.StepWork{Server: d.name(n), Model: d.name(n), Length: time.Duration(d.varint())}
		for _, v := range workNumbers(&w) {
			*v = d.number()
		}
		s.Works = append(s.Works, w)
	}
	return s
}

func workNumbers(w *attribution.StepWork) []*float64 {
	return []*float64{(*float64)(&w.Energy), (*float64)(&w.Elsewhere), &w.Prefilled, &w.Steps, &w.Decoded, &w.Contexts, &w.Paused}
}

// checkPlaced refuses what placed could not be read back from.
func checkPlaced(r attribution.OpenRequest) error {
	if err := checkTimes("open request", r.Guess.FirstToken, r.DecodeStart, r.DecodeEnd); err != nil {
		return err
	}
	for _, s := range r.Reading {
		if err := checkTimes("open request", s.Start, s.End); err != nil {
			return err
		}
		if err := checkNumber("open request", s.Tokens); err != nil {
			return err
		}
	}
	for _, v := range []float64{r.Pace.Pure, r.Pace.Mixed, r.Pace.Tokens, r.Guess.Input, r.Guess.Output, r.Booked.NoiseSquared} {
		if err := checkNumber("open request", v); err != nil {
			return err
		}
	}
	return nil
}

// checkLearned refuses what learnedNumbers could not be read back from.
func checkLearned(s attribution.State) error {
	for _, l := range s.Learned {
		if err := checkTimes("learned model", l.First, l.Last); err != nil {
			return err
		}
		for _, v := range learnedNumbers(&l) {
			if err := checkNumber("learned model", *v); err != nil {
				return err
			}
		}
	}
	for _, w := range s.Learning.Works {
		for _, v := range workNumbers(&w) {
			if err := checkNumber("learning", *v); err != nil {
				return err
			}
		}
	}
	for _, v := range []float64{float64(s.Others.Energy), s.Others.Time, float64(s.Learning.Others.Energy), s.Learning.Others.Time} {
		if err := checkNumber("GPU power", v); err != nil {
			return err
		}
	}
	for _, l := range s.Lags {
		if err := checkNumber("server lag", l.Lag); err != nil {
			return err
		}
	}
	return checkTimes("learning", s.Learning.Start)
}
