package jsonl_test

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/requestlog"
	"github.com/sovmeter/sovmeter/collector/requestlog/jsonl"
)

// wanted reads the expected requests and calls, written down by hand.
func wanted(t *testing.T, path string) (requests []attribution.Request, calls []attribution.RemoteCall) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(text) {
		var kind struct{ Remote bool }
		var r attribution.Request
		var c attribution.RemoteCall
		err := json.Unmarshal(line, &kind)
		switch {
		case err != nil:
		case kind.Remote:
			err = json.Unmarshal(line, &c)
			calls = append(calls, c)
		default:
			err = json.Unmarshal(line, &r)
			requests = append(requests, r)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return requests, calls
}

// TestGolden reads a log of every kind of line, with a restart at each of them.
func TestGolden(t *testing.T) {
	log, err := os.ReadFile("testdata/mixed.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	requests, calls := wanted(t, "testdata/mixed.want")
	for restart := range bytes.Count(log, []byte("\n")) + 1 {
		var got requestlog.Facts
		p := jsonl.New(requestlog.Options{Server: "gw"})
		verdicts := map[requestlog.Verdict]int{}
		take := func() {
			f := p.Take()
			got.Requests, got.Remote = append(got.Requests, f.Requests...), append(got.Remote, f.Remote...)
			got.Latest = f.Latest
		}
		offset, n := int64(0), 0
		for line := range bytes.Lines(log) {
			if n == restart {
				take()
				p = restored(t, p)
			}
			verdicts[p.Parse(requestlog.Line{Data: bytes.TrimSuffix(line, []byte("\n")), Offset: offset})]++
			offset += int64(len(line))
			n++
		}
		take()
		want := requestlog.Facts{Requests: requests, Remote: calls, Latest: requests[len(requests)-1].End}
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("restart at line %d (-want +got):\n%s", restart, diff)
		}
		if diff := cmp.Diff(map[requestlog.Verdict]int{requestlog.Used: 7, requestlog.Ignored: 2, requestlog.Malformed: 2}, verdicts); diff != "" {
			t.Errorf("verdicts (-want +got):\n%s", diff)
		}
	}
}

func restored(t *testing.T, p *jsonl.Parser) *jsonl.Parser {
	t.Helper()
	state, err := p.State()
	if err != nil {
		t.Fatal(err)
	}
	again := jsonl.New(requestlog.Options{Server: "gw"})
	if err := again.Restore(state); err != nil {
		t.Fatal(err)
	}
	return again
}
