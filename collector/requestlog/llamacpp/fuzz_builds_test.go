package llamacpp_test

import (
	"bytes"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/requestlog"
	"github.com/sovmeter/sovmeter/collector/requestlog/llamacpp"
)

// FuzzBuilds: no log of any build makes the parser panic, grow without bound, give
// a request that cannot be, or go on differently after a restart.
func FuzzBuilds(f *testing.F) {
	for _, name := range builds(f) {
		var log []byte
		for _, l := range buildLines(f, name) {
			log = append(append(log, l.Data...), '\n')
		}
		f.Add(log, uint8(7))
	}
	for _, run := range routed {
		data := capture(f, run)
		f.Add(data[len(data)/2:][:3000], uint8(5))
	}
	f.Fuzz(func(t *testing.T, data []byte, cut uint8) {
		a, b := llamacpp.New(requestlog.Options{Server: "s"}), llamacpp.New(requestlog.Options{Server: "s"})
		for i, line := range bytes.Split(data, []byte("\n")) {
			l := requestlog.Line{Data: line, Offset: int64(i), Arrival: begun.Add(time.Duration(i) * time.Second)}
			if i%3 == 1 {
				l.Spread = requestlog.SpreadUnknown
			}
			va, vb := a.Parse(l), b.Parse(l)
			fa, fb := a.Take(), b.Take()
			if va != vb || !reflect.DeepEqual(fa, fb) {
				t.Fatalf("after a restart line %d gives %v, not %v:\n%s", i, vb, va, cmp.Diff(fa, fb))
			}
			if len(fa.InFlight) > i+1 || len(fa.Loading) > 33 {
				t.Fatalf("%d in flight, %d loads after %d lines", len(fa.InFlight), len(fa.Loading), i+1)
			}
			for _, r := range fa.Requests {
				possible(t, r)
			}
			if i == int(cut) {
				b = restarted(t, b)
			}
		}
	})
}

func possible(t *testing.T, r attribution.Request) {
	t.Helper()
	if r.End.Before(r.Start) || r.Input.N < 0 || r.Cached.N < 0 || r.Output.N < 0 || r.Context.N < 0 || r.Outcome == "" {
		t.Fatalf("impossible request %+v", r)
	}
	if !r.FirstToken.IsZero() && (r.FirstToken.Before(r.Start) || r.FirstToken.After(r.End)) {
		t.Fatalf("first token outside its request %+v", r)
	}
}
