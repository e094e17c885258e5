package systemmeter

import (
	"context"
	"encoding/binary"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sovmeter/sovmeter/collector/attribution"
)

// smcFake is a driver with one key, and what it was asked.
type smcFake struct {
	watts   float32
	absent  bool
	broken  bool // calls fail, as they may after a sleep
	refused error
	opened  int
	closed  int
	asked   []byte // the commands
}

func (f *smcFake) open() (smcPort, error) {
	if f.refused != nil {
		return nil, f.refused
	}
	f.opened++
	return f, nil
}

func (f *smcFake) close() error { f.closed++; return nil }

func (f *smcFake) ask(q smcParam) (a smcParam, err error) {
	f.asked = append(f.asked, q[smcCommandAt])
	switch {
	case f.broken:
		return a, ErrUnavailable
	case f.absent || binary.LittleEndian.Uint32(q[:]) != fourCC("PSTR"):
		a[smcResultAt] = smcKeyNotFound
	case q[smcCommandAt] == smcGetKeyInfo:
		binary.LittleEndian.PutUint32(a[smcSizeAt:], 4)
		binary.LittleEndian.PutUint32(a[smcTypeAt:], fourCC("flt "))
	case q[smcSizeAt] == 4:
		binary.LittleEndian.PutUint32(a[smcBytesAt:], math.Float32bits(f.watts))
	}
	return a, nil
}

// smcOn returns a meter on a fake driver, and its clock, which stands still
// until it is moved.
func smcOn(f *smcFake) (*smcMeter, *time.Time) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	return &smcMeter{
		name: "smc", limit: 155, now: func() time.Time { return now }, origin: now, open: f.open,
		sum: integral{pause: time.Second},
	}, &now
}

func TestSMCRead(t *testing.T) {
	f := &smcFake{watts: 40}
	m, now := smcOn(f)
	if m.Scope() != attribution.ScopeSMC || m.Name() != "smc" {
		t.Errorf("%s is of scope %s", m.Name(), m.Scope())
	}
	var got []Reading
	start := *now
	for _, watts := range []float32{40, 60, 60} {
		f.watts = watts
		r, err := m.Read(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, r)
		*now = now.Add(500 * time.Millisecond)
	}
	want := []Reading{
		{At: start, Power: 40, HasPower: true, Energy: 0, HasEnergy: true},
		{At: start.Add(500 * time.Millisecond), Power: 60, HasPower: true, Energy: 25, HasEnergy: true},
		{At: start.Add(time.Second), Power: 60, HasPower: true, Energy: 55, HasEnergy: true},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]byte{9, 5, 5, 5}, f.asked); diff != "" {
		t.Error("asked more than once for the type of the key\n" + diff)
	}
	if err := errors.Join(m.Close(), m.Close()); err != nil || f.closed != 1 {
		t.Errorf("closed %d times, %v", f.closed, err)
	}
}

// An implausible value is left out, and what was drawn around it is not.
func TestSMCImplausible(t *testing.T) {
	f := &smcFake{watts: 40}
	m, now := smcOn(f)
	for _, watts := range []float32{40, float32(math.NaN()), -1, 400, 40} {
		f.watts = watts
		r, err := m.Read(t.Context())
		if watts == 40 != (err == nil) || err != nil && !errors.Is(err, ErrImplausible) {
			t.Errorf("%v W: %v", watts, err)
		}
		if watts != 40 && r != (Reading{}) {
			t.Errorf("%v W gave %+v", watts, r)
		}
		*now = now.Add(400 * time.Millisecond)
	}
	if m.sum.total != 64 { // 40 W for 1.6 s
		t.Errorf("%v J", m.sum.total)
	}
}

func TestSMCAbsent(t *testing.T) {
	for name, f := range map[string]*smcFake{
		"no key":    {absent: true},
		"no driver": {refused: hint(ErrAbsent, "nothing to be done")},
	} {
		t.Run(name, func(t *testing.T) {
			m, now := smcOn(f)
			_, err := m.Read(t.Context())
			if !errors.Is(err, ErrAbsent) || !errors.Is(err, ErrUnavailable) || !strings.Contains(err.Error(), "PSTR") {
				t.Fatal(err)
			}
			if f.opened != f.closed {
				t.Errorf("opened %d, closed %d", f.opened, f.closed)
			}
			asked := len(f.asked)
			f.absent, f.refused, f.watts = false, nil, 30
			*now = now.Add(absentFor - 1)
			if _, err := m.Read(t.Context()); !errors.Is(err, ErrAbsent) || len(f.asked) != asked {
				t.Errorf("asked again too soon: %v", err)
			}
			*now = now.Add(1)
			if _, err := m.Read(t.Context()); err != nil {
				t.Errorf("not asked again after an hour: %v", err)
			}
		})
	}
}

// A connection that broke is opened anew, and a key that was there is not
// absent when it is missing once.
func TestSMCReopens(t *testing.T) {
	f := &smcFake{watts: 40}
	m, now := smcOn(f)
	read := func() error {
		*now = now.Add(500 * time.Millisecond)
		_, err := m.Read(t.Context())
		return err
	}
	if err := read(); err != nil {
		t.Fatal(err)
	}
	f.broken = true
	if err := read(); !errors.Is(err, ErrUnavailable) {
		t.Error(err)
	}
	f.broken, f.absent = false, true
	if err := read(); !errors.Is(err, ErrAbsent) {
		t.Error(err)
	}
	f.absent = false
	if err := read(); err != nil {
		t.Errorf("left alone after it was missing once: %v", err)
	}
	if f.opened != 3 || f.closed != 2 {
		t.Errorf("opened %d, closed %d", f.opened, f.closed)
	}
}

func TestSMCEndsWithItsContext(t *testing.T) {
	f := &smcFake{watts: 40}
	m, _ := smcOn(f)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := m.Read(ctx); !errors.Is(err, context.Canceled) || f.opened != 0 {
		t.Errorf("%v, opened %d", err, f.opened)
	}
}
