package llamacpp_test

import (
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/requestlog"
	"github.com/sovmeter/sovmeter/collector/requestlog/llamacpp"
)

// A stamped line in a prompt (a pasted server log) is none of the allow-list.
func TestTextWithAnOldStampEndsNoRequest(t *testing.T) {
	got, _, _ := script(t, "0.1 "+greeting, "5 "+launch0, "6 x", "0.5 main: build = 1", "8.1 "+prompt0, "8.1 "+eval0, "8.1 "+total0, "8.2 "+release0)
	if len(got) != 1 || got[0].Outcome != attribution.OutcomeOK || !got[0].Output.Known {
		t.Errorf("got %+v", got)
	}
}

func TestTextWithAFutureStamp(t *testing.T) {
	p := llamacpp.New(requestlog.Options{Server: "s"})
	var got []attribution.Request
	for _, l := range []struct {
		sec int
		s   string
	}{
		{0, "0.00.100.000 I " + greeting}, {5, "0.05.000.000 I " + launch0},
		{5, "9999999.00.000.000 I hello"},
		{8, "0.08.100.000 I " + prompt0}, {8, "0.08.100.000 I " + eval0}, {8, "0.08.100.000 I " + total0}, {9, "0.08.200.000 I " + release0},
	} {
		p.Parse(requestlog.Line{Data: []byte(l.s), Arrival: begun.Add(sec(l.sec))})
		got = append(got, p.Take().Requests...)
	}
	for _, r := range got {
		t.Logf("%s start %s end %s first %s out %v %s", r.ID, r.Start, r.End, r.FirstToken, r.Output, r.Outcome)
	}
	if len(got) != 1 || got[0].Outcome != attribution.OutcomeOK || got[0].Start.Before(begun) {
		t.Errorf("request lost or moved")
	}
}
func sec(n int) time.Duration { return time.Duration(n) * time.Second }
