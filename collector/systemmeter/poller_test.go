package systemmeter_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/collector/systemmeter"
)

// scripted is a meter that answers what it is told.
type scripted struct {
	read  func(ctx context.Context) (systemmeter.Reading, error)
	asked []time.Time
}

func (m *scripted) Read(ctx context.Context) (systemmeter.Reading, error) {
	m.asked = append(m.asked, time.Now())
	return m.read(ctx)
}
func (m *scripted) Name() string             { return "plug" }
func (m *scripted) Scope() attribution.Scope { return attribution.ScopeWall }
func (m *scripted) Close() error             { return nil }

func watts(w energy.Watts) systemmeter.Reading {
	return systemmeter.Reading{At: time.Now(), Power: w, HasPower: true}
}

func shellyConfig() systemmeter.Config {
	return systemmeter.Config{Name: "plug", Kind: systemmeter.KindShelly, URL: "http://192.168.1.20"}
}

// runFor runs the poller for a time and returns what it handed on.
func runFor(t *testing.T, m systemmeter.Meter, d time.Duration, log *bytes.Buffer) (*systemmeter.Poller, []systemmeter.Reading) {
	t.Helper()
	var got []systemmeter.Reading
	o := systemmeter.PollerOptions{Hand: func(_ context.Context, r systemmeter.Reading) { got = append(got, r) }}
	if log != nil {
		o.Log = zerolog.New(log)
	}
	p := systemmeter.NewPoller(m, shellyConfig(), o)
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	if err := p.Run(ctx); err != nil {
		t.Errorf("run: %v", err)
	}
	return p, got
}

func TestPollerAsksEachTwoSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &scripted{read: func(context.Context) (systemmeter.Reading, error) {
			<-time.After(300 * time.Millisecond)
			return watts(40), nil
		}}
		p, got := runFor(t, m, 19*time.Second, nil)
		if len(got) != 10 || len(m.asked) != 10 {
			t.Fatalf("%d readings of %d questions in 19 s, want 10", len(got), len(m.asked))
		}
		for i := range m.asked[1:] {
			if gap := m.asked[i+1].Sub(m.asked[i]); gap != 2*time.Second {
				t.Errorf("questions %v apart", gap)
			}
		}
		p.Status().Counts[systemmeter.ResultOK] = 99 // a copy
		s := p.Status()
		if s.Counts[systemmeter.ResultOK] != 10 || s.Failures != 0 || s.Error != "" || !s.HasLast || s.Last != got[9] {
			t.Errorf("status %+v", s)
		}
	})
}

func TestPollerBacksOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		working := false
		m := &scripted{read: func(context.Context) (systemmeter.Reading, error) {
			if working {
				return watts(40), nil
			}
			return systemmeter.Reading{}, fmt.Errorf("meter plug: %w", systemmeter.ErrUnreachable)
		}}
		runFor(t, m, 150*time.Second, nil)
		var gaps []time.Duration
		for i := range m.asked[1:] {
			gaps = append(gaps, m.asked[i+1].Sub(m.asked[i])/time.Second)
		}
		want := []time.Duration{2, 4, 8, 16, 30, 30, 30}
		if diff := cmp.Diff(want, gaps[:7]); diff != "" {
			t.Errorf("seconds between questions (-want +got):\n%s", diff)
		}
		m.asked, working = nil, true
		runFor(t, m, 5*time.Second, nil)
		if len(m.asked) != 3 {
			t.Errorf("%d questions in 5 s once it works, want 3", len(m.asked))
		}
	})
}

func TestPollerGivesUpAQuestionAfterTwoSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &scripted{read: func(ctx context.Context) (systemmeter.Reading, error) {
			<-ctx.Done()
			return systemmeter.Reading{}, ctx.Err()
		}}
		p := systemmeter.NewPoller(m, shellyConfig(), systemmeter.PollerOptions{})
		begun := time.Now()
		result, err := p.Poll(t.Context())
		if result != systemmeter.ResultTimeout || err == nil || time.Since(begun) != 2*time.Second {
			t.Errorf("result %v, error %v after %v", result, err, time.Since(begun))
		}
	})
}

func TestPollerEndsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &scripted{read: func(ctx context.Context) (systemmeter.Reading, error) {
			<-ctx.Done()
			return systemmeter.Reading{}, ctx.Err()
		}}
		begun := time.Now()
		p, _ := runFor(t, m, time.Second, nil)
		if took := time.Since(begun); took != time.Second {
			t.Errorf("ended after %v", took)
		}
		if s := p.Status(); s.Failures != 0 {
			t.Errorf("the end counts as a failure: %+v", s)
		}
	})
}

func TestPollerSortsWhatItGets(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	good := systemmeter.Reading{At: at, Power: 40, HasPower: true, Energy: 5000, HasEnergy: true}
	with := func(change func(*systemmeter.Reading)) systemmeter.Reading {
		r := good
		change(&r)
		return r
	}
	tests := []struct {
		name string
		r    systemmeter.Reading
		err  error
		want systemmeter.Result
	}{
		{"good", good, nil, systemmeter.ResultOK},
		{"only power", with(func(r *systemmeter.Reading) { r.HasEnergy, r.Energy = false, energy.Joules(math.NaN()) }), nil, systemmeter.ResultOK},
		{"nothing drawn", with(func(r *systemmeter.Reading) { r.Power, r.Energy = 0, 0 }), nil, systemmeter.ResultOK},
		{"29 s old", with(func(r *systemmeter.Reading) { r.At = at.Add(-29 * time.Second) }), nil, systemmeter.ResultOK},
		{"31 s old", with(func(r *systemmeter.Reading) { r.At = at.Add(-31 * time.Second) }), nil, systemmeter.ResultStale},
		{"without a time", with(func(r *systemmeter.Reading) { r.At = time.Time{} }), nil, systemmeter.ResultStale},
		{"power below 0", with(func(r *systemmeter.Reading) { r.Power = -5 }), nil, systemmeter.ResultImplausible},
		{"power in milliwatts", with(func(r *systemmeter.Reading) { r.Power = 40000 }), nil, systemmeter.ResultImplausible},
		{"power not a number", with(func(r *systemmeter.Reading) { r.Power = energy.Watts(math.NaN()) }), nil, systemmeter.ResultImplausible},
		{"power infinite", with(func(r *systemmeter.Reading) { r.Power = energy.Watts(math.Inf(1)) }), nil, systemmeter.ResultImplausible},
		{"counter below 0", with(func(r *systemmeter.Reading) { r.Energy = -1 }), nil, systemmeter.ResultImplausible},
		{"counter not a number", with(func(r *systemmeter.Reading) { r.Energy = energy.Joules(math.NaN()) }), nil, systemmeter.ResultImplausible},
		{"wrong password", systemmeter.Reading{}, systemmeter.ErrUnauthorized, systemmeter.ResultUnauthorized},
		{"no value", systemmeter.Reading{}, systemmeter.ErrUnavailable, systemmeter.ResultUnavailable},
		{"too old", systemmeter.Reading{}, systemmeter.ErrStale, systemmeter.ResultStale},
		{"silent", systemmeter.Reading{}, systemmeter.ErrTimeout, systemmeter.ResultTimeout},
		{"no connection", systemmeter.Reading{}, systemmeter.ErrUnreachable, systemmeter.ResultUnreachable},
		{"public address", systemmeter.Reading{}, systemmeter.ErrRemote, systemmeter.ResultRemote},
		{"status 500", systemmeter.Reading{}, systemmeter.ErrStatus, systemmeter.ResultError},
		{"another format", systemmeter.Reading{}, systemmeter.ErrFormat, systemmeter.ResultError},
		{"anything else", systemmeter.Reading{}, errors.New("else"), systemmeter.ResultError},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			handed := 0
			m := &scripted{read: func(context.Context) (systemmeter.Reading, error) { return tt.r, tt.err }}
			p := systemmeter.NewPoller(m, shellyConfig(), systemmeter.PollerOptions{
				Now: func() time.Time { return at }, Hand: func(context.Context, systemmeter.Reading) { handed++ },
			})
			got, err := p.Poll(t.Context())
			if got != tt.want || (err == nil) != (tt.want == systemmeter.ResultOK) {
				t.Errorf("result %q, error %v, want %q", got, err, tt.want)
			}
			if (handed == 1) != (tt.want == systemmeter.ResultOK) {
				t.Errorf("handed on %d times", handed)
			}
			if s := p.Status(); s.Counts[tt.want] != 1 || s.Result != tt.want || (s.Error == "") != (err == nil) {
				t.Errorf("status %+v", s)
			}
		})
	}
}

func TestPollerHandsOnWhatIsNew(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	after := func(seconds int) time.Time { return at.Add(time.Duration(seconds) * time.Second) }
	now := at
	var next systemmeter.Reading
	var got []time.Time
	m := &scripted{read: func(context.Context) (systemmeter.Reading, error) { return next, nil }}
	p := systemmeter.NewPoller(m, shellyConfig(), systemmeter.PollerOptions{
		Now:  func() time.Time { return now },
		Hand: func(_ context.Context, r systemmeter.Reading) { got = append(got, r.At) },
	})
	steps := []struct {
		name     string
		now, at  int // seconds after the begin
		want     systemmeter.Result
		wantAt   int
		isHanded bool
	}{
		{"first", 0, 0, systemmeter.ResultOK, 0, true},
		{"the same again", 2, 0, systemmeter.ResultRepeat, 0, false},
		{"new", 4, 4, systemmeter.ResultOK, 4, true},
		{"a cache answers", 6, 2, systemmeter.ResultRepeat, 0, false},
		{"a device whose clock is 30 s ahead", 8, 38, systemmeter.ResultOK, 8, true},
		{"the same, grown old", 45, 8, systemmeter.ResultStale, 0, false},
		{"new again", 47, 47, systemmeter.ResultOK, 47, true},
		{"our clock was set back by an hour", 50 - 3600, 50 - 3600, systemmeter.ResultOK, 50 - 3600, true},
	}
	for _, step := range steps {
		now, next = after(step.now), watts(40)
		next.At = after(step.at)
		before := len(got)
		if result, _ := p.Poll(t.Context()); result != step.want {
			t.Errorf("%s: %q, want %q", step.name, result, step.want)
		}
		if handed := len(got) > before; handed != step.isHanded {
			t.Errorf("%s: handed on %v", step.name, handed)
		} else if handed && !got[before].Equal(after(step.wantAt)) {
			t.Errorf("%s: at %v", step.name, got[before])
		}
	}
}

func TestPollerHandsOnTimesInUTC(t *testing.T) {
	var got time.Time
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.FixedZone("", 3600))
	m := &scripted{read: func(context.Context) (systemmeter.Reading, error) {
		return systemmeter.Reading{At: now.Add(time.Second).UTC(), Power: 40, HasPower: true}, nil
	}}
	p := systemmeter.NewPoller(m, shellyConfig(), systemmeter.PollerOptions{
		Now:  func() time.Time { return now },
		Hand: func(_ context.Context, r systemmeter.Reading) { got = r.At },
	})
	if _, err := p.Poll(t.Context()); err != nil || got.Location() != time.UTC || !got.Equal(now) {
		t.Errorf("at %v, want %v in UTC, error %v", got, now, err)
	}
}

func TestPollerLogsChangesOfState(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		begun := time.Now()
		m := &scripted{read: func(context.Context) (systemmeter.Reading, error) {
			switch at := time.Since(begun); {
			case at < time.Minute, at > 10*time.Minute && at < 20*time.Minute, at > 5*time.Minute && at < 5*time.Minute+3*time.Second:
				return systemmeter.Reading{}, fmt.Errorf("meter plug: %w", systemmeter.ErrUnreachable)
			}
			return watts(40), nil
		}}
		runFor(t, m, 30*time.Minute, &log)
		var messages []string
		for line := range strings.Lines(log.String()) {
			_, message, _ := strings.Cut(line, `"message":"`)
			messages = append(messages, strings.TrimSuffix(strings.TrimSpace(message), `"}`))
		}
		want := []string{"meter gives no reading", "meter answers", "meter gives no reading", "meter answers again"}
		if diff := cmp.Diff(want, messages); diff != "" {
			t.Errorf("log (-want +got):\n%s", diff)
		}
	})
}
