package store

import (
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
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
	r.Guess.FirstToken = d.time()
	for range d.count() {
		r.Reading = append(r.Reading, attribution.Stretch{Start: d.time(), End: d.time(), Tokens: d.number()})
	}
}

func (e *encoder) learnedModels(all []attribution.Learned, n *names) {
	e.uvarint(uint64(len(all)))
	for _, l := range all {
		e.name(n, l.Server)
		e.name(n, l.Model)
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
		&l.Prefilled, &l.Steps, &l.Decoded, &c.PrefillSeconds, &c.StepSeconds, &c.TokenSeconds,
		(*float64)(&c.Baseline), (*float64)(&c.Prefill), (*float64)(&c.Step), (*float64)(&c.Token),
		(*float64)(&c.Spread), (*float64)(&c.Watts),
	}
	for i := range c.Covariance {
		all = append(all, &c.Covariance[i])
	}
	for _, f := range []*attribution.Fit{&l.Time, &l.Energy} {
		all = append(all, &f.Rows, &f.YY)
		for i := range f.FF {
			all = append(all, &f.FF[i])
		}
		for i := range f.FY {
			all = append(all, &f.FY[i])
		}
	}
	return all
}

func (e *encoder) stepWork(s attribution.StepWork, n *names) {
	e.time(s.Start)
	e.varint(int64(s.Length))
	e.name(n, s.Server)
	e.name(n, s.Model)
	several := byte(0)
	if s.Several {
		several = 1
	}
	e.byte(several)
	for _, v := range stepNumbers(&s) {
		e.number(*v)
	}
}

func (d *decoder) stepWork(n *names) attribution.StepWork {
	s := attribution.StepWork{Start: d.time(), Length: time.Duration(d.varint()), Server: d.name(n), Model: d.name(n)}
	s.Several = d.byte() != 0
	for _, v := range stepNumbers(&s) {
		*v = d.number()
	}
	return s
}

func stepNumbers(s *attribution.StepWork) []*float64 {
	return []*float64{(*float64)(&s.Energy), (*float64)(&s.Elsewhere), &s.Prefilled, &s.Steps, &s.Decoded}
}

// checkPlaced refuses what placed could not be read back from.
func checkPlaced(r attribution.OpenRequest) error {
	if err := checkTimes("open request", r.Guess.FirstToken); err != nil {
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
	for _, v := range stepNumbers(&s.Learning) {
		if err := checkNumber("learning", *v); err != nil {
			return err
		}
	}
	return checkTimes("learning", s.Learning.Start)
}
