package report

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/store"
)

// addTime splits the time that has passed into what was measured and gaps by
// reason, be a meter of the whole machine there or not: it does not say who used
// it. Time that neither a window nor a gap of the store covers becomes a
// gap that says so.
func (out *Report) addTime(r store.Range, now time.Time) {
	out.Measured = time.Duration(r.OpenSeconds * float64(time.Second))
	for _, s := range r.System {
		out.Measured += s.Measured
	}
	found := gapsByReason(r.Gaps)
	missing := out.Elapsed - out.Measured
	for _, g := range found {
		missing -= g.Length
	}
	end := earlier(out.Period.Until, now)
	for _, side := range []Gap{
		{Reason: GapBeforeFirst, Length: earlier(r.First, end).Sub(out.Period.Since)},
		{Reason: GapAfterLast, Length: sinceLast(r.Last, end, out.Period.Since)},
		{Reason: GapNoRecord, Length: missing},
	} {
		if length := min(side.Length, missing); length >= time.Millisecond {
			found[side.Reason] = Gap{Reason: side.Reason, Length: length}
			missing -= length
		}
	}
	out.Gaps = sortedGaps(found)
}

// gapsOf sums gaps by reason, the longest first.
func gapsOf(gaps []attribution.Gap) []Gap { return sortedGaps(gapsByReason(gaps)) }

func gapsByReason(gaps []attribution.Gap) map[attribution.GapReason]Gap {
	found := map[attribution.GapReason]Gap{}
	for _, g := range gaps {
		sum, length := found[g.Reason], g.End.Sub(g.Start)
		sum.Reason = g.Reason
		sum.Length += length
		if g.Scope != "" {
			sum.Metered += length
			sum.Energy += g.Energy
		}
		found[g.Reason] = sum
	}
	return found
}

func sortedGaps(found map[attribution.GapReason]Gap) []Gap {
	gaps := slices.Collect(maps.Values(found))
	slices.SortFunc(gaps, func(a, b Gap) int {
		return cmp.Or(cmp.Compare(b.Length, a.Length), cmp.Compare(a.Reason, b.Reason))
	})
	return gaps
}

// sinceLast is how much of the period lies after the newest measurement; 0
// when there never was one.
func sinceLast(last, end, since time.Time) time.Duration {
	if last.IsZero() {
		return 0
	}
	return end.Sub(later(last, since))
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// maxPowerPoints bounds the power curve of a report: a week in slots.
const maxPowerPoints = 7 * 24 * 4

// wholeStep rounds a number of slots up to what divides a day, or to days: other
// steps would beat with the rhythm of the days.
func wholeStep(slots int) int {
	const day = int(24 * time.Hour / store.SlotLength)
	for _, step := range []int{1, 2, 4, 8, 16, 24, 48} {
		if slots <= step {
			return step
		}
	}
	return (slots + day - 1) / day * day
}

// powerPoints lays the slots on a grid over the whole period, so that a slot
// without a measurement shows as a hole. The grid is widened to whole slots:
// a recording may begin and end within one.
func powerPoints(p Period, slots []store.SystemSlot) []PowerPoint {
	since, until := floorSlot(p.Since), ceilSlot(p.Until)
	total := int(until.Sub(since) / store.SlotLength)
	each := wholeStep((total + maxPowerPoints - 1) / maxPowerPoints)
	points := make([]PowerPoint, (total+each-1)/each)
	step := time.Duration(each) * store.SlotLength
	for i := range points {
		points[i].Start = since.Add(time.Duration(i) * step)
		points[i].Length = min(step, until.Sub(points[i].Start))
	}
	for _, s := range slots {
		i := int(s.Start.Sub(since) / step)
		if s.Start.Before(since) || i >= len(points) {
			continue
		}
		points[i].Energy += s.Energy
		points[i].Parts = points[i].Parts.Plus(powerParts(s))
		points[i].Measured += s.Measured + s.GapTime
	}
	return points
}
