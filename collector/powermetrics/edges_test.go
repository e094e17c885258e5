package powermetrics_test

import (
	"strings"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/powermetrics"
)

// One invalid mark is enough, wherever the document says the opposite.
func TestInvalidProcessorStaysInvalid(t *testing.T) {
	d := usual()
	doc := strings.Replace(d.String(), "<key>processor</key>\n<dict>\n", "<key>processor</key>\n<dict>\n<key>invalid</key><true/>\n", 1)
	doc = strings.Replace(doc, "<key>gpu</key>", "<key>invalid</key><false/>\n<key>gpu</key>", 1)
	var s powermetrics.Sample
	if err := powermetrics.NewDecoder(strings.NewReader(doc)).Next(&s); err != nil {
		t.Fatal(err)
	}
	if s.Flaw != powermetrics.FlawInvalid {
		t.Errorf("flaw %q", s.Flaw)
	}
}

// A rail that was there in other samples and is NaN in one is unknown, not 0.
func TestRailMissingInOneSample(t *testing.T) {
	a, b := usual(), usual()
	b.cpu, b.stamp = "nan", a.stamp.Add(time.Second)
	c := usual()
	c.stamp = a.stamp.Add(2 * time.Second)
	var got []attribution.Measurement
	_, err := powermetrics.Replay(strings.NewReader(stream(a, b, c)), func(m attribution.Measurement) error { got = append(got, m); return nil })
	if err != nil {
		t.Fatal(err)
	}
	if got[1].Gap == nil {
		t.Errorf("CPU unknown, window of %v J measured", got[1].Window.Energy)
	}
}

// A reader that is slow to take measurements is not a silent tool.
func TestSlowReaderIsNotSilence(t *testing.T) {
	r := newRig(t, "ok")
	r.Patience = 400 * time.Millisecond
	r.start(t)
	r.until(t, isWindow)
	<-time.After(3 * r.Patience) // as behind a store that syncs slowly
	r.until(t, isWindow)
	r.until(t, isWindow)
	r.until(t, isWindow)
	r.stop(t)
	if s := r.Stats(); s.Starts != 1 {
		t.Errorf("started %d times; log %s", s.Starts, r.log)
	}
}
