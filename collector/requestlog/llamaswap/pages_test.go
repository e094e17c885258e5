package llamaswap_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/requestlog/llamaswap"
)

// TestActivityPages: the versions with a database. A request ended somewhere in
// the second of its stamp, and not after it was seen.
func TestActivityPages(t *testing.T) {
	f := &fake{most: 1000, paged: true}
	a := activity(t, llamaswap.ActivityOptions{Transport: f})
	f.serve(at(1.75), nil)
	f.serve(at(3.1), nil)
	want := []attribution.Request{{
		ID: "swap/1791201601000/1", Server: "swap", Model: "qwen3-8b", Outcome: attribution.OutcomeOK, Position: 1,
		Start: at(-1), FirstToken: at(-0.5), End: at(1.5), Uncertainty: 500 * time.Millisecond,
		Input: attribution.Known(100), Cached: attribution.Known(512), Output: attribution.Known(50), Context: attribution.Known(662),
	}, {
		ID: "swap/1791201603000/2", Server: "swap", Model: "qwen3-8b", Outcome: attribution.OutcomeOK, Position: 2,
		Start: at(0.625), FirstToken: at(1.125), End: at(3.125), Uncertainty: 125 * time.Millisecond,
		Input: attribution.Known(100), Cached: attribution.Known(512), Output: attribution.Known(50), Context: attribution.Known(662),
	}}
	if diff := cmp.Diff(want, look(t, a, at(3.25)).Requests); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestActivityManyPages: what does not fit one page is read from several, once,
// and what does not fit a look is counted.
func TestActivityManyPages(t *testing.T) {
	f := &fake{most: 1 << 20, paged: true}
	a := activity(t, llamaswap.ActivityOptions{Transport: f})
	f.serve(at(0), nil)
	look(t, a, at(1))
	for _, n := range []int{0, 1, 499, 500, 501, 1700, 8000} {
		serves(f, n)
		asked := f.times()
		u := look(t, a, at(float64(60*n+60)))
		if len(u.Requests) != n || u.Unplaced != 0 {
			t.Errorf("%d served, %d told, %d dropped", n, len(u.Requests), u.Unplaced)
		}
		if pages := f.times() - asked; pages > n/500+1 {
			t.Errorf("%d pages asked for %d entries", pages, n)
		}
	}
	serves(f, 9000)
	if u := look(t, a, at(1e6)); len(u.Requests) != 8000 || u.Unplaced != 1000 {
		t.Errorf("9000 served, %d told, %d dropped", len(u.Requests), u.Unplaced)
	}
}

// TestActivityOldPages: at first only what is not older than the metering is read.
func TestActivityOldPages(t *testing.T) {
	f := &fake{most: 1 << 20, paged: true}
	for i := range 3000 {
		f.serve(at(float64(i)), nil)
	}
	a := activity(t, llamaswap.ActivityOptions{Transport: f, Since: at(2400)})
	if u := look(t, a, at(3000)); len(u.Requests) != 600 || f.times() != 2 {
		t.Errorf("%d told after %d pages", len(u.Requests), f.times())
	}
}

// TestActivityUpgrade: llama-swap is replaced by a version that answers elsewhere,
// and back.
func TestActivityUpgrade(t *testing.T) {
	f := &fake{most: 1000}
	a := activity(t, llamaswap.ActivityOptions{Transport: f})
	f.serve(at(1), nil)
	told := len(look(t, a, at(2)).Requests)
	for i, paged := range []bool{true, false, true} {
		f.restart()
		f.paged = paged
		f.serve(at(float64(10*i+11)), nil)
		u := look(t, a, at(float64(10*i+12)))
		told += len(u.Requests)
		if u.Unplaced != 0 {
			t.Errorf("%d dropped", u.Unplaced)
		}
	}
	if told != 4 {
		t.Errorf("%d told, want 4", told)
	}
}

// TestActivityVLLMSpeeds: the versions with pages take speeds from vLLM, whose
// counts are not those of llama-server: the input holds what was cached.
func TestActivityVLLMSpeeds(t *testing.T) {
	f := &fake{most: 9, paged: true}
	f.serve(at(5), map[string]any{"tokens": map[string]any{
		"cache_tokens": -1, "draft_tokens": -1, "input_tokens": 600, "output_tokens": 50, "prompt_per_second": 300.0, "tokens_per_second": 25.0,
	}})
	u := look(t, activity(t, llamaswap.ActivityOptions{Transport: f}), at(6))
	got := fmt.Sprint(u.Requests[0].Input, u.Requests[0].Cached, u.Requests[0].Output, u.Requests[0].Context)
	if want := fmt.Sprint(attribution.Count{}, attribution.Count{}, attribution.Known(50), attribution.Known(650)); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}
