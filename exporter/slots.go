package exporter

import (
	"iter"
	"time"

	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/store"
)

// longestWindow bounds which windows are split into slots. They are seconds long;
// longer ones are a broken clock, and all of one falls in the slot of its end.
const longestWindow = 25 * time.Hour

// slotShares yields the slots that [start, end) touches, each with the share
// of the time that lies in it. The shares sum to 1.
func slotShares(start, end time.Time, longest time.Duration) iter.Seq2[time.Time, float64] {
	return func(yield func(time.Time, float64) bool) {
		whole := end.Sub(start)
		if whole <= 0 || whole > longest {
			yield(cost.Slot(end), 1)
			return
		}
		for at := start; at.Before(end); {
			slot := cost.Slot(at)
			next := slot.Add(store.SlotLength)
			if next.After(end) {
				next = end
			}
			if !yield(slot, float64(next.Sub(at))/float64(whole)) {
				return
			}
			at = next
		}
	}
}
