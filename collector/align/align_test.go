package align_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sovmeter/sovmeter/collector/align"
	"github.com/sovmeter/sovmeter/collector/attribution"
)

func TestOffsetIsFound(t *testing.T) {
	ms := time.Millisecond
	floor := func(t time.Time) time.Time { return t.Truncate(time.Second) }
	for _, c := range []struct {
		name string
		rig  rig
		want time.Duration
		off  time.Duration // at most
	}{
		{"right clock", rig{}, 0, 5 * ms},
		{"ahead", rig{clock: ahead(800 * ms)}, 800 * ms, 5 * ms},
		{"behind", rig{clock: ahead(-2500 * ms)}, -2500 * ms, 5 * ms},
		{"almost out of range", rig{clock: ahead(4800 * ms)}, 4800 * ms, 10 * ms},
		{"whole seconds", rig{clock: floor}, -500 * ms, 60 * ms},
		{"windows of 100 ms", rig{clock: ahead(300 * ms), length: 100 * ms}, 300 * ms, 5 * ms},
		{"windows of 5 s", rig{clock: ahead(-300 * ms), length: 5 * time.Second}, -300 * ms, 30 * ms},
		{"other programs", rig{clock: ahead(300 * ms), others: 10}, 300 * ms, 40 * ms},
		{"other programs, windows of 5 s", rig{clock: ahead(300 * ms), others: 10, length: 5 * time.Second}, 300 * ms, 150 * ms},
		{"no first tokens", rig{clock: ahead(300 * ms), blind: true}, 300 * ms, 40 * ms},
		{"short requests", rig{clock: ahead(300 * ms), busy: 0.6, pause: 4}, 300 * ms, 10 * ms},
		{"missing windows", rig{clock: ahead(300 * ms), skip: 7}, 300 * ms, 10 * ms},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := align.New(align.Config{})
			c.rig.seed, c.rig.hours = 1, 2
			c.rig.run(e)
			o, ok := e.Offset()
			if !ok || (o.By-c.want).Abs() > c.off {
				t.Fatalf("got %+v (known %v), want %v within %v", o, ok, c.want, c.off)
			}
			if o.StdErr > 10*c.off+100*ms {
				t.Errorf("standard error %v for an error of %v", o.StdErr, o.By-c.want)
			}
		})
	}
}

func TestDriftIsFollowed(t *testing.T) {
	const ppm = 100e-6
	end := t0.Add(3 * time.Hour)
	e := align.New(align.Config{})
	rig{seed: 1, hours: 3, clock: func(t time.Time) time.Time {
		return t.Add(time.Duration(ppm * float64(t.Sub(end))))
	}}.run(e)
	o, ok := e.Offset()
	if !ok || o.By.Abs() > 60*time.Millisecond {
		t.Errorf("got %+v (known %v) when the clock is right by now, want 0 within 60 ms", o, ok)
	}
}

func TestNothingIsKnownWithoutEvidence(t *testing.T) {
	for _, c := range []struct {
		name  string
		rig   rig
		edges bool // there are enough of them
	}{
		{"nothing seen", rig{}, false},
		{"few edges", rig{hours: 0.05}, false},
		{"never idle", rig{hours: 2, busy: 1e5}, false},
		{"power follows no request", rig{hours: 2, deaf: true, others: 20}, true},
		{"power is always the same", rig{hours: 2, deaf: true}, true},
		{"power falls with requests", rig{hours: 2, inverse: true}, true},
		{"beyond the range", rig{hours: 2, clock: ahead(60 * time.Second)}, true},
		{"long ago", rig{hours: 2}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := align.New(align.Config{})
			c.rig.seed = 1
			end := c.rig.run(e)
			if c.name == "long ago" {
				e.Add(window(end.Add(8*time.Hour), time.Second, 1), nil)
			}
			o, ok := e.Offset()
			if ok || o.By != 0 || o.StdErr != 0 {
				t.Errorf("got %+v (known %v), want nothing known", o, ok)
			}
			if enough := o.Edges >= align.DefaultMinEdges; enough != c.edges {
				t.Errorf("%d edges seen; enough: %v", o.Edges, enough)
			}
		})
	}
}

func TestUnrelatedLogIsSeldomBelieved(t *testing.T) {
	believed := 0
	for seed := range uint64(100) {
		e := align.New(align.Config{})
		rig{seed: seed, hours: 1, deaf: true, others: 20}.run(e)
		if _, ok := e.Offset(); ok {
			believed++
		}
	}
	if believed > 1 {
		t.Errorf("an offset was made out for %d of 100 logs that have nothing to do with the power", believed)
	}
}

func TestStandardErrorCoversTheError(t *testing.T) {
	for _, c := range []struct {
		name string
		rig  rig
	}{
		{"whole seconds", rig{clock: func(t time.Time) time.Time { return t.Add(500 * time.Millisecond).Truncate(time.Second) }}},
		{"other programs", rig{others: 20}},
		{"windows of 5 s", rig{others: 20, length: 5 * time.Second}},
	} {
		t.Run(c.name, func(t *testing.T) {
			inside, n := 0, 100
			for seed := range n {
				e := align.New(align.Config{})
				c.rig.seed, c.rig.hours = uint64(seed), 1
				c.rig.run(e)
				if o, ok := e.Offset(); !ok || o.By.Abs() <= 2*o.StdErr {
					inside++
				}
			}
			if inside < 90 {
				t.Errorf("%d of %d estimates are within two standard errors of the truth, want 90", inside, n)
			}
		})
	}
}

func TestWindowsThatCannotBeComparedSayNothing(t *testing.T) {
	spans := []align.Span{{Start: t0.Add(2500 * time.Millisecond)}}
	for _, c := range []struct {
		name   string
		change func(i int, w *attribution.Window)
		edges  int
	}{
		{"a row of windows", func(int, *attribution.Window) {}, 1},
		{"the GPU is known in every other", func(i int, w *attribution.Window) { w.GPU.Known = i%2 == 0 }, 0},
		{"a gap after each", func(_ int, w *attribution.Window) { w.End = w.End.Add(-time.Millisecond) }, 0},
		{"no length", func(_ int, w *attribution.Window) { w.End = w.Start }, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := align.New(align.Config{})
			for i := range 6 {
				w := window(t0.Add(time.Duration(i)*time.Second), time.Second, 5)
				c.change(i, &w)
				e.Add(w, spans)
			}
			if o, ok := e.Offset(); ok || o.Edges != c.edges {
				t.Errorf("got %+v (known %v), want %d edges", o, ok, c.edges)
			}
		})
	}
}

// draw draws a rig whose offset is known soon.
func draw(t *rapid.T) rig {
	return rig{
		seed:   rapid.Uint64().Draw(t, "seed"),
		hours:  1,
		length: time.Duration(rapid.IntRange(250, 2000).Draw(t, "window_ms")) * time.Millisecond,
		busy:   rapid.Float64Range(2, 20).Draw(t, "busy"),
		pause:  rapid.Float64Range(2, 20).Draw(t, "pause"),
		blind:  rapid.Bool().Draw(t, "blind"),
	}
}

func TestOffsetFollowsTheClock(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := draw(t)
		by := time.Duration(rapid.IntRange(-4000, 4000).Draw(t, "by_ms")) * time.Millisecond
		one, other := align.New(align.Config{}), align.New(align.Config{})
		g.run(one)
		g.clock = ahead(by)
		g.run(other)
		a, ok := one.Offset()
		b, also := other.Offset()
		if !ok || !also {
			t.Fatalf("not known: %+v, %+v", a, b)
		}
		if d := (b.By - a.By - by).Abs(); d > 10*time.Millisecond {
			t.Errorf("the clock was set ahead by %v and the estimate moved by %v", by, b.By-a.By)
		}
	})
}

func TestOrderOfRequestsChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := draw(t)
		g.hours = 0.3
		one, other := align.New(align.Config{MinEdges: 4}), align.New(align.Config{MinEdges: 4})
		g.run(one)
		g.shuffle = true
		g.run(other)
		a, ok := one.Offset()
		b, also := other.Offset()
		if a != b || ok != also {
			t.Errorf("got %+v (known %v), and in another order %+v (known %v)", a, ok, b, also)
		}
	})
}
