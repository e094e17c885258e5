package tariff

import (
	"time"

	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/store"
)

// Interval is a time [Start, End) through which one thing holds.
type Interval struct {
	Start, End time.Time // UTC, on 15-minute marks
	Source     Source    // where the base is from
	Window     string    // the window's name, for FromWindow
	Price      cost.Price
	Unknown    Reason // why there is no Price; empty when there is one
}

// Intervals returns what holds in the slots that lie in [since, until), in time
// order and without holes. Neighbours differ in something.
func (t *Tariff) Intervals(since, until time.Time) []Interval {
	var list []Interval
	r := t.resolver()
	end := cost.Slot(until)
	for at := cost.Slot(since.Add(store.SlotLength - 1)); at.Before(end); at = at.Add(store.SlotLength) {
		next := t.interval(r.at(at.Unix()), at)
		if last := len(list) - 1; last >= 0 && list[last].same(next) {
			list[last].End = next.End
			continue
		}
		list = append(list, next)
	}
	return list
}

func (t *Tariff) interval(f facts, at time.Time) Interval {
	i := Interval{Start: at, End: at.Add(store.SlotLength), Source: f.source, Unknown: f.unknown}
	if f.source == FromWindow {
		i.Window = f.version.Windows[f.window].Name
	}
	if f.unknown != "" {
		return i
	}
	price, ok := t.At(at)
	if i.Price = price; !ok {
		i.Unknown = TooLarge
	}
	return i
}

func (i Interval) same(o Interval) bool {
	return i.Source == o.Source && i.Window == o.Window && i.Price == o.Price && i.Unknown == o.Unknown
}
