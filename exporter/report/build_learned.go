package report

import (
	"slices"
	"time"

	"github.com/sovmeter/sovmeter/store"
)

// addLearned takes over what is learned of the models in the report, in their
// order.
func (out *Report) addLearned(learned []store.Learned) {
	for _, m := range out.Models {
		i := slices.IndexFunc(learned, func(l store.Learned) bool { return l.Server == m.Server && l.Model == m.Model })
		if i >= 0 && learned[i].Known() {
			out.Learned = append(out.Learned, learned[i])
		}
	}
}

// Age is how long before the report l was learned from the last time.
func (r Report) Age(l store.Learned) time.Duration { return max(0, r.Now.Sub(l.Last)) }

// unlearned are the models that shared energy with other requests and whose
// tokens are not learned yet.
func (r Report) unlearned() []Model {
	return slices.DeleteFunc(slices.Clone(r.Models), func(m Model) bool {
		return m.Shared <= 0 || slices.ContainsFunc(r.Learned, func(l store.Learned) bool { return l.Server == m.Server && l.Model == m.Model })
	})
}
