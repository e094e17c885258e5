package attribution

// division is what the work of a window's requests is known to take.
type division struct {
	prefill, decode []float64 // joules, by request
	unknown         []bool    // their tokens are not known
	vague           bool      // what a model's work takes is not known well
	learned         []bool    // enough is known of their model, and of when they read their prompt
	model           []int     // the first request of the same model
}

// weights are the energies of both phases.
func (d division) weights() []float64 {
	w := make([]float64, len(d.prefill))
	for i := range w {
		w[i] = d.prefill[i] + d.decode[i]
	}
	return w
}

// tokensDone is what was done in a window, by model.
type tokensDone struct {
	works   map[modelKey]work
	unknown bool
}

// divide works out what each request of c did in the window and what that
// takes. It adds the work to done.
func (e *Engine) divide(c company, done *tokensDone) division {
	n := len(c.requests)
	d := division{prefill: make([]float64, n), decode: make([]float64, n), unknown: make([]bool, n), learned: make([]bool, n), model: make([]int, n)}
	for i, r := range c.requests {
		d.unknown[i] = !r.Request.counted()
		done.unknown = done.unknown || d.unknown[i]
		d.learned[i] = e.learner.of(r.key()).Energy.Rows >= enoughRows && !coarse(r.Request)
		d.model[i] = firstOf(c.requests, r.key())
		if d.model[i] == i {
			e.divideModel(c, r.key(), &d, done)
		}
	}
	return d
}

// divideModel does it for the requests of one model, which run in one batch.
func (e *Engine) divideModel(c company, k modelKey, d *division, done *tokensDone) {
	m := e.learner.of(k)
	own := e.warps.of(k.server)
	members := make([]member, 0, len(c.requests))
	index := make([]int, 0, len(c.requests))
	for i, r := range c.requests {
		if r.key() == k {
			members = append(members, r.member(own, c.to, m.Coefficients.timing()))
			index = append(index, i)
		}
	}
	var sum work
	for i, w := range worksIn(members, span{own.at(c.from), own.at(c.to)}, m.Coefficients.timing()) {
		d.prefill[index[i]], d.decode[index[i]] = m.joules(w)
		sum = sum.plus(w)
	}
	d.vague = d.vague || !m.sure(sum)
	if done.works == nil {
		done.works = map[modelKey]work{}
	}
	done.works[k] = done.works[k].plus(sum)
}

func firstOf(requests []*tracked, k modelKey) int {
	for i, r := range requests {
		if r.key() == k {
			return i
		}
	}
	return -1
}
