package collector_test

import (
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector"
	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
)

// done is a request of server "s" that ended.
func done(id string, start, end float64) attribution.Request {
	return attribution.Request{ID: id, Server: "s", Start: at(start), End: at(end), Outcome: attribution.OutcomeOK}
}

func TestWindowsBeforeASleepWaitForTheirRequest(t *testing.T) {
	sink := &memory{}
	log := &scriptedLog{updates: []attribution.LogUpdate{{}}} // speaks at the end of a request
	cfg := config(log)
	cfg.ProcessStats = true
	c := collector.New(cfg, attribution.Resume{}, sink)
	for i := range 60 {
		f, gpu, j := float64(i), 0.9, energy.Joules(10)
		if i < 10 {
			gpu, j = 0, 1
		}
		c.Measure(window(f, f+1, j))
		c.Use(use(f, f+1, gpu))
		c.Poll(at(f + 1))
	}
	c.Poll(at(3600)) // awake again, with no sample yet
	log.updates = []attribution.LogUpdate{{Requests: []attribution.Request{done("x", 10, 3605)}}, {}}
	c.Measure(gap(60, 3600))
	for i := 3600; i < 3620; i++ {
		f := float64(i)
		c.Measure(window(f, f+1, 1))
		c.Use(use(f, f+1, 0))
		c.Poll(at(f + 1))
	}
	c.Finish()
	commit(t, c, at(3620))
	var other, inference energy.Joules
	for _, b := range sink.all().Bookings {
		other += b.ServerOther
		inference += b.Inference
	}
	if other != 0 || inference < 400 {
		t.Errorf("%v J went to the server without a request and %v J to the request that ran", other, inference)
	}
}

func TestGapsDoNotOvertakeHeldWindows(t *testing.T) {
	sink := &memory{}
	cfg := config(nil)
	cfg.ProcessStats = true
	c := collector.New(cfg, attribution.Resume{}, sink)
	c.Measure(gap(-5, 0))
	for i := range 4 {
		c.Measure(window(float64(i), float64(i+1), 5))
	}
	c.Measure(gap(4, 600))
	commit(t, c, at(601)) // a crash now must not find everything until 600 told
	if got := sink.all(); len(got.Windows) != 0 || len(got.Gaps) != 1 || !got.Gaps[0].End.Equal(at(0)) {
		t.Fatalf("stored %d windows and gaps %+v, want the first gap alone", len(got.Windows), got.Gaps)
	}
	c.Flush()
	commit(t, c, at(602))
	if got := sink.all(); len(got.Windows) != 4 || len(got.Gaps) != 2 {
		t.Errorf("stored %d windows and %d gaps in the end, want 4 and 2", len(got.Windows), len(got.Gaps))
	}
}

func TestMeteringGoesOnAfterFinish(t *testing.T) {
	sink := &memory{}
	c := collector.New(config(nil), attribution.Resume{}, sink)
	for i := range 10 {
		c.Measure(window(float64(i), float64(i+1), 5))
	}
	c.Finish()
	for i := 11; i < 40; i++ {
		c.Measure(window(float64(i), float64(i+1), 5))
	}
	c.Finish()
	commit(t, c, at(40))
	if n := len(sink.all().Bookings); n != 39 || c.Status().Rejected != 0 {
		t.Errorf("%d windows booked of 39, %d rejected", n, c.Status().Rejected)
	}
}

func TestFinishChargesWhatIsInFlightBeyondTheSamples(t *testing.T) {
	sink := &memory{}
	r := attribution.Request{ID: "s/1/1", Server: "s", Start: at(200)}
	log := &scriptedLog{updates: []attribution.LogUpdate{{InFlight: []attribution.Request{r}, Horizon: at(300)}}}
	c := collector.New(config(log), attribution.Resume{}, sink)
	for i := range 20 {
		c.Measure(window(float64(i), float64(i+1), 5))
	}
	c.Poll(at(20))
	c.Finish()
	commit(t, c, at(20))
	if n := len(sink.all().Charges); n != 1 {
		t.Errorf("%d requests charged of 1", n)
	}
}

func TestClockSetBackWhileRunningStillStores(t *testing.T) {
	sink := &memory{}
	cfg := config(nil)
	cfg.ProcessStats = true
	c := collector.New(cfg, attribution.Resume{}, sink)
	for i := range 600 { // windows go on from before, the clock is an hour back
		f, now := float64(i)/2, float64(i)-3600
		c.Measure(window(f, f+0.5, 5))
		c.Use(use(now, now+1, 0.5))
		c.Poll(at(now + 1))
	}
	commit(t, c, at(-3000))
	if n := len(sink.all().Windows); n < 500 {
		t.Errorf("%d of 600 windows were stored in ten minutes", n)
	}
}

func TestRequestsInFlightAtARestartStayInFlight(t *testing.T) {
	flying := attribution.Request{ID: "s/1/1", Server: "s", Start: at(10)}
	log := &scriptedLog{updates: []attribution.LogUpdate{{InFlight: []attribution.Request{flying}, Horizon: at(18)}}}
	sink := &memory{}
	c := collector.New(config(log), attribution.Resume{}, sink)
	for i := range 20 {
		c.Measure(window(float64(i), float64(i+1), 5))
	}
	c.Poll(at(20))
	commit(t, c, at(20))
	stored := sink.all()
	var open []attribution.Window
	for _, w := range stored.Windows {
		if w.End.After(stored.State.Closed) {
			open = append(open, w)
		}
	}

	log = &scriptedLog{err: errNotMounted}
	cfg := config(log)
	cfg.ProcessStats = true
	c = collector.New(cfg, attribution.Resume{State: stored.State, Windows: open, LastEnd: at(20)}, sink)
	for i := 20; i < 60; i++ {
		f := float64(i)
		c.Measure(window(f, f+1, 5))
		c.Use(use(f, f+1, 0))
		c.Poll(at(f + 1))
	}
	commit(t, c, at(60))
	ended := done("s/1/1", 10, 30)
	log.err, log.updates = nil, []attribution.LogUpdate{{Requests: []attribution.Request{ended}, Horizon: at(60)}, {Horizon: at(61)}}
	c.Poll(at(61))
	c.Poll(at(62))
	commit(t, c, at(62))
	charges := sink.all().Charges
	if len(charges) != 1 || charges[0].Request.Outcome != attribution.OutcomeOK || !charges[0].EnergyKnown || charges[0].Request.End.Sub(at(30)) != time.Duration(0) {
		t.Errorf("charged %+v, want the request once, as it ended", charges)
	}
}
