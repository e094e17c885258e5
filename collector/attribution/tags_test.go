package attribution_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sovmeter/sovmeter/collector/attribution"
)

// TestShareTags: every window's share tells whose request it is for, also of a
// request that was in flight when the window was booked and in company, and
// tags change no energy.
func TestShareTags(t *testing.T) {
	tagged, other, plain := request("a", 1, 1, 5, 0, 31), request("b", 2, 2, 5, 0, 31), request("c", 3, 3, 5, 0, 31)
	tagged.Client, tagged.Project, other.Project = "editor", "docs", "site"
	run := func(requests ...attribution.Request) (tags []string, bookings []attribution.Booking) {
		var ws []attribution.Window
		for i := range 6 {
			ws = append(ws, window(float64(i), float64(i+1), 10, gpu(1, 0)))
		}
		res := engine(t, ws, requests...).Advance(at(20), nil, nil)
		for _, b := range res.Bookings {
			for i, s := range b.Shares {
				tags = append(tags, fmt.Sprintf("%s %s/%s", s.Request, s.Client, s.Project))
				b.Shares[i].Client, b.Shares[i].Project = "", ""
			}
		}
		return tags, res.Bookings
	}
	got, bookings := run(tagged, other, plain)
	want := []string{"a editor/docs", "a editor/docs", "b /site", "a editor/docs", "b /site", "c /", "a editor/docs", "b /site", "c /"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("tags of shares (-want +got):\n%s", d)
	}
	_, untagged := run(request("a", 1, 1, 5, 0, 31), request("b", 2, 2, 5, 0, 31), request("c", 3, 3, 5, 0, 31))
	if d := cmp.Diff(untagged, bookings); d != "" {
		t.Errorf("tags changed what was booked (-untagged +tagged):\n%s", d)
	}
}

// A request in flight is booked under the tags that its log has told so far.
func TestShareTagsInFlight(t *testing.T) {
	flying := request("a", 1, 1, 5, 0, 31)
	flying.End, flying.Outcome, flying.Client = time.Time{}, "", "editor"
	e := engine(t, []attribution.Window{window(2, 3, 10, gpu(1, 0))})
	res := e.Advance(at(20), []attribution.Request{flying}, nil)
	if len(res.Bookings) != 1 || len(res.Bookings[0].Shares) != 1 || res.Bookings[0].Shares[0].Client != "editor" {
		t.Errorf("booked %+v", res.Bookings)
	}
}
