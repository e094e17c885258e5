package collector_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/sovmeter/sovmeter/collector"
	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
)

// playedLog tells of requests as they end, by a clock that is ahead.
type playedLog struct {
	name     string
	requests []attribution.Request // by start; true times
	ahead    time.Duration
	ended    int
}

func (l *playedLog) Name() string { return l.name }

func (l *playedLog) Poll(now time.Time) (attribution.LogUpdate, error) {
	u := attribution.LogUpdate{Horizon: now, Checkpoint: []byte("x")}
	for ; l.ended < len(l.requests) && !l.requests[l.ended].End.After(now); l.ended++ {
		u.Requests = append(u.Requests, l.logged(l.requests[l.ended]))
	}
	for _, r := range l.requests[l.ended:] {
		if r.Start.After(now) {
			break
		}
		r.End = time.Time{}
		u.InFlight = append(u.InFlight, l.logged(r))
	}
	return u, nil
}

func (l *playedLog) logged(r attribution.Request) attribution.Request {
	r.Start = r.Start.Add(l.ahead)
	if !r.End.IsZero() {
		r.End = r.End.Add(l.ahead)
	}
	return r
}

// play gives a server's log requests of some seconds, one after another, until
// the given second.
func play(name string, seed uint64, ahead time.Duration, until float64) *playedLog {
	r := rand.New(rand.NewPCG(seed, 1))
	l := &playedLog{name: name, ahead: ahead}
	for at := 10.0; ; {
		at += 3 + 20*r.Float64()
		end := at + 1 + 10*r.Float64()
		if end > until {
			return l
		}
		l.requests = append(l.requests, attribution.Request{
			ID: fmt.Sprintf("%s/%d", name, len(l.requests)), Server: name, Start: at2(at), End: at2(end), Outcome: attribution.OutcomeOK,
		})
		at = end
	}
}

// at2 is a moment to the millisecond, as logs tell it.
func at2(seconds float64) time.Time { return at(seconds).Truncate(time.Millisecond) }

// draw is the energy of the second from i on: 2 J, and 20 J more for each
// second of work.
func draw(i int, logs []*playedLog) energy.Joules {
	from, to, j := at(float64(i)), at(float64(i+1)), energy.Joules(2)
	for _, l := range logs {
		for _, r := range l.requests {
			a, b := r.Start, r.End
			if a.Before(from) {
				a = from
			}
			if b.After(to) {
				b = to
			}
			j += max(energy.Watts(20).For(b.Sub(a)), 0)
		}
	}
	return j
}

func run(c *collector.Collector, logs []*playedLog, from, to int) {
	for i := from; i < to; i++ {
		m := window(float64(i), float64(i+1), draw(i, logs))
		c.Measure(m)
		c.Poll(at(float64(i + 1)))
	}
}

func TestEachLogHasItsOwnClock(t *testing.T) {
	logs := []*playedLog{play("a", 1, 1500*time.Millisecond, 7000), play("b", 2, -700*time.Millisecond, 7000)}
	cfg := config(nil)
	for _, l := range logs {
		cfg.Logs = append(cfg.Logs, collector.Log{Source: l, Server: l.name})
	}
	c := collector.New(cfg, attribution.Resume{}, &memory{})
	run(c, logs, 0, 7200)
	for _, l := range logs {
		o := c.Status().ClockOffsets[l.name]
		if !o.Known || (o.Applied-l.ahead).Abs() > 50*time.Millisecond {
			t.Errorf("log %s, %v ahead: got %+v", l.name, l.ahead, o)
		}
	}
}

func TestServersThatTakeTurnsAreToldApart(t *testing.T) {
	a := play("a", 1, 0, 7000)
	b := &playedLog{name: "b"}
	for i, r := range a.requests {
		if i%3 == 0 { // power goes on as if the request of a did
			b.requests = append(b.requests, attribution.Request{
				ID: "b/" + r.ID, Server: "b", Start: r.End, End: r.End.Add(1700 * time.Millisecond), Outcome: attribution.OutcomeOK,
			})
		}
	}
	c := collector.New(collector.Config{Logger: zerolog.Nop(), Logs: []collector.Log{{Source: a, Server: "a"}, {Source: b, Server: "b"}}}, attribution.Resume{}, &memory{})
	run(c, []*playedLog{a, b}, 0, 7200)
	if o := c.Status().ClockOffsets["a"]; !o.Known || o.Applied != 0 || o.By.Abs() > 40*time.Millisecond {
		t.Errorf("got %+v of a clock that is right", o)
	}
}

func TestRequestInFlightKeepsItsCorrection(t *testing.T) {
	const ahead = 1500 * time.Millisecond
	l := play("s", 1, ahead, 3000)
	late := attribution.Request{ID: "late", Server: "s", Start: at2(3060), End: at2(3300), Outcome: attribution.OutcomeOK}
	sink := &memory{}
	cfg := config(l)
	cfg.MaxOpen = 5 * time.Minute
	c := collector.New(cfg, attribution.Resume{}, sink)
	run(c, []*playedLog{l}, 0, 3010)
	if o := c.Status().ClockOffsets["s"]; (o.Applied - ahead).Abs() > 50*time.Millisecond {
		t.Fatalf("got %+v, want a correction of %v", o, ahead)
	}
	l.requests = append(l.requests, late)
	run(c, []*playedLog{l}, 3010, 3100)
	commit(t, c, at(3100))

	// A restart knows no offset, but what it was for the request in flight.
	stored := sink.all()
	var start time.Time
	for _, r := range stored.State.Requests {
		if r.Request.ID == "late" {
			start = r.Request.Start
		}
	}
	if off := start.Sub(late.Start).Abs(); off > 50*time.Millisecond {
		t.Fatalf("the request in flight began %v from the truth", off)
	}
	var open []attribution.Window
	for _, w := range stored.Windows {
		if w.End.After(stored.State.Closed) {
			open = append(open, w)
		}
	}
	c = collector.New(cfg, attribution.Resume{State: stored.State, Windows: open, LastEnd: at(3100)}, sink)
	run(c, []*playedLog{l}, 3100, 3400)
	commit(t, c, at(3400))
	if o := c.Status().ClockOffsets["s"]; o.Applied != 0 {
		t.Errorf("a restart applies %v at once, want 0", o.Applied)
	}
	for _, charge := range sink.all().Charges {
		if charge.Request.ID != "late" {
			continue
		}
		if !charge.Request.Start.Equal(start) || charge.Request.End.Sub(late.End).Abs() > 50*time.Millisecond {
			t.Errorf("charged from %v to %v, want from %v to %v", charge.Request.Start, charge.Request.End, start, late.End)
		}
		return
	}
	t.Error("the request was not charged")
}

func TestLogThatNothingAnswersIsSaidOnce(t *testing.T) {
	var logged bytes.Buffer
	l := play("s", 1, 0, 7000)
	cfg := config(l)
	cfg.Logger = zerolog.New(&logged)
	c := collector.New(cfg, attribution.Resume{}, &memory{})
	run(c, []*playedLog{play("elsewhere", 9, 0, 7000)}, 0, 7200)
	if n := strings.Count(logged.String(), "does not rise and fall"); n != 1 {
		t.Errorf("said %d times that the log fits no power, want once:\n%s", n, logged.String())
	}
	if o := c.Status().ClockOffsets["s"]; o.Known || o.Applied != 0 || o.Edges < 100 {
		t.Errorf("got %+v, want edges and nothing known", o)
	}
}
