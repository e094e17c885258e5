package attribution

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
)

const (
	// learnHalfLife is after how much time of work a row counts half.
	learnHalfLife = time.Hour
	// maxLearned bounds how many models are remembered.
	maxLearned = 64
	// dirty is the share of a window's active energy that went elsewhere from
	// which on nothing is learned from it.
	dirty = 0.2
	// enoughRows is from how many rows on a model is taken to be known.
	enoughRows = 5
	// sureError is the relative standard error of what a window's work takes
	// up to which it is known well.
	sureError = 0.03
	// usualPace is how much longer or shorter than learned a phase usually
	// takes, as the logarithm of the ratio.
	usualPace = 0.1
	// misfit is the relative error of a row's energy before rows show it.
	misfit = 0.05
	// priorWatts is what a server at work draws before anything was seen; only
	// the ratio of two models' tokens depends on it.
	priorWatts energy.Watts = 20
)

// Learned is what the windows and the log have shown of a model's tokens so
// far: how long they take and what they draw.
type Learned struct {
	Server, Model string
	Time, Energy  Fit
	// Work is the tokens that Energy was learned from, as far as they are not
	// forgotten.
	Prefilled, Steps, Decoded, Contexts float64
	// Paused is how long no request was in flight in the steps that it was learned
	// from, and Worked how long the model was, in seconds.
	Paused, Worked float64
	// First and Last are the first and the last step that was learned from.
	First, Last time.Time
	// AloneWidth and CompanyWidth are how many standard errors wide the bands
	// of its requests have to be, for those in tier measured and for others; 0
	// as long as nothing tells.
	AloneWidth, CompanyWidth float64
	// Coefficients are what was made of it when the last step ended.
	Coefficients Coefficients
}

// Coefficients are what a model's tokens take. A step of n sequences takes Step
// and n times Token; in company each sequence has 1/n of the step.
type Coefficients struct {
	PrefillSeconds, StepSeconds, TokenSeconds float64

	Baseline             energy.Watts // as the steps of work alone show it
	Prefill, Step, Token energy.Joules
	// Context is what a thousand tokens of context add to a decoded token.
	Context energy.Joules
	// Covariance of the five energies, upper triangle by rows.
	Covariance [15]float64
	// Spread is the variance of a step's energy, in joules for each joule.
	Spread energy.Joules
	// Watts is the mean power of its tokens above the baseline.
	Watts energy.Watts
}

func (c Coefficients) timing() timing {
	return timing{prefill: c.PrefillSeconds, step: c.StepSeconds, token: c.TokenSeconds}
}

func (c Coefficients) vector() vector {
	return vector{float64(c.Baseline), float64(c.Prefill), float64(c.Step), float64(c.Token), float64(c.Context)}
}

// learner learns the models of an engine.
type learner struct {
	models map[modelKey]*model
	step   Step
	watts  energy.Watts // of the model that was learned of last
	others GPUPower     // of other processes
}

type modelKey struct{ server, model string }

func (k modelKey) compare(o modelKey) int {
	return cmp.Or(strings.Compare(k.server, o.server), strings.Compare(k.model, o.model))
}

// model is a Learned that goes on learning.
type model struct{ Learned }

func newLearner(s State) learner {
	l := learner{models: map[modelKey]*model{}, step: s.Learning.clone(), watts: priorWatts, others: s.Others}
	var newest time.Time
	for _, m := range s.Learned {
		l.models[modelKey{m.Server, m.Model}] = &model{m}
		if m.Energy.Rows > 0 && !m.Last.Before(newest) { // as fold, which takes them in this order
			newest, l.watts = m.Last, m.Coefficients.Watts
		}
	}
	return l
}

// of returns a model, which may be new.
func (l *learner) of(k modelKey) *model {
	m, ok := l.models[k]
	if !ok {
		m = &model{Learned{Server: k.server, Model: k.model}}
		m.solve(level{}, l.watts)
		l.models[k] = m
	}
	return m
}

// learned lists what was learned, by server and model.
func (l *learner) learned() []Learned {
	var all []Learned
	for _, m := range l.models {
		if m.Time.Rows > 0 || m.Energy.Rows > 0 {
			all = append(all, m.Learned)
		}
	}
	slices.SortFunc(all, func(x, y Learned) int {
		return modelKey{x.Server, x.Model}.compare(modelKey{y.Server, y.Model})
	})
	return all
}

// observeTime takes in how long the phases of a request took.
func (m *model) observeTime(rows []timingRow) {
	for _, r := range rows {
		predicted := r.terms.dot(m.Coefficients.timing().vector())
		if r.seconds <= 0 || predicted <= 0 {
			continue
		}
		weight := 1 / max(r.seconds, predicted)
		if m.Time.Rows >= priorRows {
			weight *= m.Time.stray(robust(math.Log(r.seconds/predicted), usualPace))
		}
		m.Time.add(r.terms, r.seconds, weight)
	}
}

// observe takes in a booked window and what was done in it. Windows in which
// several models were at work, somebody's tokens are not known, or much of the
// energy went to other processes, teach nothing: how it was split rests on what
// was learned.
func (l *learner) observe(b *Booking, done tokensDone) {
	elsewhere, idle := b.OtherProcesses+b.Unexplained, len(done.works) == 0
	if idle && b.ServerOther > dirty*(b.Window.Energy-b.Baseline) {
		return // the server works for nobody: that is no pause
	}
	if done.unknown || len(b.Loads) > 0 || len(done.works) > 1 || elsewhere > dirty*(b.Window.Energy-b.Baseline) && !idle {
		return
	}
	s := StepWork{
		Length: b.Window.End.Sub(b.Window.Start), Elsewhere: elsewhere,
		Energy: b.Baseline + b.Inference + b.ServerOther,
		Paused: (b.Window.End.Sub(b.Window.Start) - b.Busy).Seconds(),
	}
	for k, w := range done.works { // one at most
		s.Server, s.Model = k.server, k.model
		s.Prefilled, s.Steps, s.Decoded, s.Contexts = w.prefill, w.steps, w.decode, w.context
	}
	l.step.add(s)
}

// fold ends the step before now and learns from it.
func (l *learner) fold(now time.Time, base level) {
	s := l.step
	if !s.Start.Before(now) {
		return
	}
	l.step = Step{Start: now}
	l.others.add(s.Others)
	works := s.Works
	if len(works) == 2 && works[0].Server == "" && works[0].Model == "" {
		works = []StepWork{works[1].plus(works[0])} // its pauses show the baseline
	}
	for _, w := range works {
		if w.Prefilled+w.Decoded <= 0 || w.Energy <= 0 {
			continue
		}
		m := l.of(modelKey{w.Server, w.Model})
		m.learn(w, s.Start)
		m.solve(base, l.watts)
		l.watts = m.Coefficients.Watts
	}
	l.forget()
}

// learn takes in a step's row. Rows weigh by the inverse of their energy: their
// error grows with it, since a token is placed wrongly by so much at the ends
// of each phase, and the sensor's noise is relative.
func (m *model) learn(s StepWork, at time.Time) {
	keep := math.Exp2(-float64(s.Length) / float64(learnHalfLife))
	m.Energy.forget(keep)
	m.Time.forget(keep)
	m.Prefilled, m.Steps, m.Decoded = m.Prefilled*keep+s.Prefilled, m.Steps*keep+s.Steps, m.Decoded*keep+s.Decoded
	m.Contexts = m.Contexts*keep + s.Contexts
	m.Paused, m.Worked = m.Paused*keep+s.Paused, m.Worked*keep+s.Length.Seconds()-s.Paused
	terms := work{s.Prefilled, s.Steps, s.Decoded, s.Contexts}.terms(s.Length.Seconds())
	y := float64(s.Energy)
	weight := 1 / max(y, terms.dot(m.Coefficients.vector()))
	weight /= 1 + math.Pow(float64(s.Elsewhere)/y/(dirty/2), 2)
	if m.Energy.Rows >= priorRows {
		r := robust(y-terms.dot(m.Coefficients.vector()), math.Sqrt(float64(m.Coefficients.Spread)/weight))
		weight *= m.Energy.stray(r)
	}
	m.Energy.add(terms, y, weight)
	if m.First.IsZero() {
		m.First = at
	}
	m.Last = at
}

// solve works out the timing and the energies. Before rows show it, a token
// draws as much as its time at the model's mean power would, or at watts.
func (m *model) solve(base level, watts energy.Watts) {
	t := timingOf(&m.Time)
	prior := t.vector()
	h := m.Energy.matrix()
	if along := h.of(prior); along > 0 {
		scale := (prior.dot(m.Energy.FY) - float64(base.all)*prior.dot(h[termConstant])) / along
		if energy.Watts(scale) > watts/100 {
			watts = energy.Watts(scale)
		}
	}
	b := belief{mean: vector{termConstant: float64(base.all)}, err: vector{termConstant: max(float64(base.err), 1e-3)}}
	for i := termPrefill; i <= termToken; i++ {
		b.mean[i] = float64(watts) * prior[i]
		b.err[i] = b.mean[i] / 2
	}
	b.err[termToken] = b.mean[termStep] / 4
	b.err[termContext] = (b.mean[termStep] + b.mean[termToken]) / 10 // ten thousand tokens may double it
	spread := 1.0
	if m.Energy.Rows > 0 && m.Energy.YY > 0 {
		spread = misfit * misfit * m.Energy.YY / m.Energy.Rows
	}
	s := m.Energy.solve(b, spread)
	m.Coefficients = Coefficients{
		PrefillSeconds: t.prefill, StepSeconds: t.step, TokenSeconds: t.token,
		Baseline: energy.Watts(s.x[termConstant]), Prefill: energy.Joules(s.x[termPrefill]),
		Step: energy.Joules(s.x[termStep]), Token: energy.Joules(s.x[termToken]),
		Context: energy.Joules(s.x[termContext]), Covariance: s.cov.upper(), Spread: energy.Joules(s.spread), Watts: watts,
	}
}

// sure reports whether what w takes is known well enough to tell it from what
// other parties draw.
func (m *model) sure(w work) bool {
	if m.Energy.Rows < enoughRows {
		return false
	}
	prefill, decode := m.joules(w)
	cov := matrixOf(m.Coefficients.Covariance)
	return math.Sqrt(max(cov.of(w.terms(0)), 0)) <= sureError*(prefill+decode)
}

// joules is what work takes, by phase.
func (m *model) joules(w work) (prefill, decode float64) {
	x := m.Coefficients.vector()
	return x[termPrefill] * w.prefill, x[termStep]*w.steps + x[termToken]*w.decode + x[termContext]*w.context
}

// lately is for how long the baseline that a model's work shows is believed.
const lately = 30 * time.Minute

// leastPause is how much of a model's time must be pauses for its work to show
// the baseline.
const leastPause = 0.02

// restless is the baseline as the work of the model that was learned of last
// shows it, with its standard error; false when none was lately.
func (l *learner) restless(now time.Time) (watts, err energy.Watts, ok bool) {
	var newest *model
	for k, m := range l.models {
		if newest == nil || m.Last.After(newest.Last) || m.Last.Equal(newest.Last) && k.compare(modelKey{newest.Server, newest.Model}) < 0 {
			newest = m
		}
	}
	if newest == nil || now.Sub(newest.Last) > lately || newest.Paused < leastPause*newest.Worked {
		return 0, 0, false // without pauses the baseline and the work cannot be told apart
	}
	c := newest.Coefficients
	return c.Baseline, energy.Watts(math.Sqrt(c.Covariance[0])), true
}

// forget drops the models that were not seen for the longest, and those of
// which nothing was learned: they are made anew from what is known then, as
// after a restart.
func (l *learner) forget() {
	maps.DeleteFunc(l.models, func(_ modelKey, m *model) bool { return m.Time.Rows <= 0 && m.Energy.Rows <= 0 })
	for len(l.models) > maxLearned {
		var oldest modelKey
		first := true
		for k, m := range l.models {
			if o := l.models[oldest]; first || m.Last.Before(o.Last) || m.Last.Equal(o.Last) && k.compare(oldest) < 0 {
				oldest, first = k, false
			}
		}
		delete(l.models, oldest)
	}
}
