package attribution_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
)

// held is what an engine holds on to.
type held struct{ state, requests, learned, quiet, open int }

// TestMonthHoldsNoMoreThanADay runs 30 days of windows of a minute with a
// request in every fifth and another model every hour, and then looks at what
// is left of it.
func TestMonthHoldsNoMoreThanADay(t *testing.T) {
	const each = time.Minute
	e := attribution.New(attribution.Config{}, attribution.Resume{})
	var day held
	for i := range 30 * 24 * 60 {
		from := t0.Add(time.Duration(i) * each)
		j := energy.Joules(60)
		if i%5 == 0 {
			j = 300
			e.AddRequest(attribution.Request{
				ID: fmt.Sprintf("r%08d", i), Server: "s", Model: fmt.Sprintf("m%05d", i/60), Start: from, FirstToken: from.Add(time.Second), End: from.Add(20 * time.Second),
				Input: attribution.Known(300), Output: attribution.Known(500),
			})
		}
		if i%1000 == 0 {
			e.AddLoad(attribution.ModelLoad{Server: "s", Start: from, End: from.Add(time.Second)})
		}
		w := attribution.Window{Start: from, End: from.Add(each), Energy: j, Scope: attribution.ScopeSoC, GPU: attribution.Rail{Energy: j, Known: true}}
		if err := e.AddWindow(w); err != nil {
			t.Fatal(err)
		}
		e.Advance(w.End, nil, nil)
		if i == 24*60*4 { // 64 models have been seen by then
			day = heldBy(t, e)
		}
	}
	month := heldBy(t, e)
	t.Logf("after four days %+v, after 30 %+v", day, month)
	if month.state > day.state*101/100 || month.requests > day.requests || month.open > 2 {
		t.Errorf("after four days %+v, after 30 %+v", day, month)
	}
	if month.learned > 64 || month.quiet > 120 {
		t.Errorf("%d models and %d quiet minutes are held", month.learned, month.quiet)
	}
}

func heldBy(t *testing.T, e *attribution.Engine) held {
	t.Helper()
	s := e.State()
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	_, open := e.Open()
	return held{len(text), len(s.Requests), len(s.Learned), len(s.Quiet), int(open / time.Minute)}
}
