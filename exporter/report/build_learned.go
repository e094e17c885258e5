package report

import (
	"slices"

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
