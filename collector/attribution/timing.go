package attribution

// timing is how long a model's work takes: a batched step with n sequences that
// decode takes step + n·token, and each prompt token prefill.
type timing struct {
	prefill, step, token float64 // seconds
}

const (
	// batchTokens is how many prompt tokens a step reads at most, while the
	// sequences that decode beside it wait: the micro-batch of llama.cpp.
	batchTokens = 512
	// The timing before any request was seen is a rule of thumb: llama-bench
	// tables of quantised 7B and 8B models on M1 to M4 show prompt speeds of 7
	// to 13 times the generation speed at about the same GPU power.
	priorPrefill = 0.003 // seconds a token
	priorStep    = 9.5 * priorPrefill
	priorToken   = 0.5 * priorPrefill
)

func (t timing) vector() vector {
	return vector{termPrefill: t.prefill, termStep: t.step, termToken: t.token}
}

// decode is how long a step of n sequences takes.
func (t timing) decode(n int) float64 { return t.step + float64(n)*t.token }

// The terms of both fits of a model.
const (
	termConstant = iota // time: of each phase; energy: of each second, the baseline
	termPrefill         // a prompt token
	termStep            // a step
	termToken           // a sequence in a step
	termContext         // a thousand tokens in the context of a sequence in a step; energy only
)

// timingOf is the timing that fits best. The rule of thumb, in the model's own
// speed, stands in for what the rows do not show.
func timingOf(f *Fit) timing {
	prior := vector{termPrefill: priorPrefill, termStep: priorStep, termToken: priorToken}
	scale := 1.0
	if along := f.along(prior); along > 0 && f.Rows > 0 {
		scale = prior.dot(f.FY) / along
	}
	b := belief{err: vector{termConstant: 0.05}}
	for i := termPrefill; i <= termToken; i++ {
		b.mean[i] = scale * prior[i]
		b.err[i] = b.mean[i] // as likely half of it as twice
	}
	b.err[termToken] = b.mean[termStep] / 4
	x := f.solve(b, 0.01).x
	for i := termPrefill; i <= termToken; i++ {
		x[i] = max(x[i], b.mean[i]/100) // no work takes no time
	}
	return timing{prefill: x[termPrefill], step: x[termStep], token: x[termToken]}
}

// along is the weighted sum of squares of what x predicts.
func (f *Fit) along(x vector) float64 {
	h := f.matrix()
	return h.of(x)
}
