package store

import (
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sovmeter/sovmeter/collector/attribution"
)

func noNames() *names {
	return &names{ids: map[string]uint64{"": 0}, texts: map[uint64]string{0: ""}, next: 1}
}

// fill sets every field of v to something that is not its zero value, so that
// a field that an encoding forgets comes back different.
func fill(v reflect.Value, n *int64) {
	*n++
	switch v.Interface().(type) {
	case time.Time:
		v.Set(reflect.ValueOf(time.Unix(1_780_000_000+*n, 123_456_789).UTC()))
		return
	case attribution.Outcome:
		v.SetString(string(attribution.OutcomeCancelled))
		return
	case attribution.Tier:
		v.SetString(string(attribution.TierShared))
		return
	case attribution.Scope:
		v.SetString(string(attribution.ScopeBattery))
		return
	case attribution.CalibrationKind:
		v.SetString(string(attribution.CalibrationPassing))
		return
	case attribution.Driver:
		v.SetString(string(attribution.DriverGap))
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), n)
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), n)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(v.Index(0), n)
		fill(v.Index(1), n)
	case reflect.Array:
		for i := range v.Len() {
			fill(v.Index(i), n)
		}
	case reflect.String:
		v.SetString("text " + time.Duration(*n).String())
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(*n)
	case reflect.Float64:
		v.SetFloat(float64(*n) / 8)
	default:
		panic("store: fill does not know " + v.Type().String())
	}
}

func filled[T any]() T {
	var v T
	var n int64
	fill(reflect.ValueOf(&v).Elem(), &n)
	return v
}

// filledCalibration has a part where a part must be.
func filledCalibration() attribution.Calibration {
	c := filled[attribution.Calibration]()
	c.R2 = 0.99609375
	return c
}

// TestWholeVocabulary fails when the vocabulary gets a field that is not stored.
func TestWholeVocabulary(t *testing.T) {
	n := noNames()
	t.Run("window", func(t *testing.T) {
		want := filled[attribution.Window]()
		got, err := decodeWindow(want.End, encodeWindow(want, n), n)
		if err != nil {
			// The filled window lasts one second, from start to end.
			t.Fatal(err)
		}
		same(t, want, got)
	})
	t.Run("charge", func(t *testing.T) {
		want := filled[attribution.Charge]()
		want.Covered = 0.5
		got, err := decodeCharge(requestKey(want.Request), encodeCharge(want, n), n)
		if err != nil {
			t.Fatal(err)
		}
		same(t, want, got)
	})
	t.Run("gap", func(t *testing.T) {
		want := filled[attribution.Gap]()
		got, err := decodeGap(gapKey(want), encodeGap(want))
		if err != nil {
			t.Fatal(err)
		}
		same(t, want, got)
	})
	t.Run("calibration", func(t *testing.T) {
		want := filledCalibration()
		got, err := decodeCalibration(timeKey(want.Made), encodeCalibration(want))
		if err != nil {
			t.Fatal(err)
		}
		same(t, want, got)
	})
	t.Run("state", func(t *testing.T) {
		want := filled[attribution.State]()
		got, err := decodeState(encodeState(want, n), n)
		if err != nil {
			t.Fatal(err)
		}
		got.Closed = want.Closed // one of the marks
		same(t, want, got)
	})
	t.Run("system slot", func(t *testing.T) {
		want := filled[SystemSlot]()
		want.Start = want.Start.Truncate(SlotLength)
		key := slotKey(slotNumber(want.Start), kindSystem, n.id(string(want.Scope)))
		var got SystemSlot
		if err := decodeSystem(&got, key, want.encode(), n); err != nil {
			t.Fatal(err)
		}
		same(t, want, got)
	})
	t.Run("model slot", func(t *testing.T) {
		want := filled[ModelSlot]()
		want.Start = want.Start.Truncate(SlotLength)
		key := slotKey(slotNumber(want.Start), kindModel, n.id(want.Server), n.id(want.Model))
		var got ModelSlot
		if err := decodeModel(&got, key, want.encode(), n); err != nil {
			t.Fatal(err)
		}
		same(t, want, got)
	})
	t.Run("tagged slot", func(t *testing.T) {
		want := filled[TaggedSlot]()
		want.Start = want.Start.Truncate(SlotLength)
		all := newTags()
		key := slotKey(slotNumber(want.Start), kindTagged, n.id(want.Server), n.id(want.Model), all.id(tag{want.Client, want.Project}))
		var got TaggedSlot
		if err := decodeTagged(&got, key, want.encode(), n, all); err != nil {
			t.Fatal(err)
		}
		same(t, want, got)
	})
	t.Run("remote call", func(t *testing.T) {
		want := filled[attribution.RemoteCall]()
		got, err := decodeCall(callKey(want), encodeCall(want, n), n)
		if err != nil {
			t.Fatal(err)
		}
		same(t, want, got)
	})
	t.Run("remote slot", func(t *testing.T) {
		want := filled[RemoteSlot]()
		want.Start = want.Start.Truncate(SlotLength)
		key := slotKey(slotNumber(want.Start), kindRemote, n.id(want.Server), n.id(want.Provider), n.id(want.Model))
		var got RemoteSlot
		if err := decodeRemote(&got, key, want.encode(), n); err != nil {
			t.Fatal(err)
		}
		same(t, want, got)
	})
	t.Run("marks", func(t *testing.T) {
		want := marks{closed: at(1), lastEnd: at(2), first: at(3), last: at(4), at: at(5)}
		got, err := decodeMarks(want.encode())
		if err != nil || got != want {
			t.Errorf("got %+v, %v, want %+v", got, err, want)
		}
	})
}

func at(s int64) time.Time { return time.Unix(1_780_000_000+s, 1).UTC() }

func same(t *testing.T, want, got any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestIDs(t *testing.T) {
	for _, tt := range []struct {
		id, server string
		bytes      int // with form and length
	}{
		{"llama/1764000000123/17", "llama", 9},
		{"llama/d90a3f27b1c4/1234", "llama", 10},
		{"llama/0d90a3f27b1c4/17", "llama", 19}, // would come back without the 0
		{"llama/17/017", "llama", 9},
		{"llama/D9/17", "llama", 8},
		{"llama/+9/17", "llama", 8},
		{"llama/1/2/3", "llama", 8},
		{"llama/ffffffffffffffffff/1", "llama", 23}, // too large for a number
		{"llama/1", "llama", 4},
		{"llama", "llama", 2},
		{"0123456789abcdef", "llama", 10},
		{"0123456789ABCDEF", "llama", 18},
		{"/1764000000123/17", "", 9},
		{"abc", "", 5},
		{"ab", "", 3},
	} {
		var e encoder
		e.id(tt.id, tt.server)
		if len(e.b) != tt.bytes {
			t.Errorf("%s: %d bytes, want %d", tt.id, len(e.b), tt.bytes)
		}
		d := decoder{b: e.b}
		if got := d.id(tt.server); got != tt.id || d.done() != nil {
			t.Errorf("%s: read back as %s, %v", tt.id, got, d.err)
		}
	}
}

// FuzzDecode gives every reader any bytes: none may panic or take memory out
// of proportion, and what a reader takes survives being written and read.
func FuzzDecode(f *testing.F) {
	n := noNames()
	window, charge := filled[attribution.Window](), filled[attribution.Charge]()
	state, system, model := filled[attribution.State](), filled[SystemSlot](), filled[ModelSlot]()
	calibration, gap := filledCalibration(), filled[attribution.Gap]()
	call, remote := filled[attribution.RemoteCall](), filled[RemoteSlot]()
	for _, seed := range [][]byte{
		encodeWindow(window, n), encodeCharge(charge, n), encodeState(state, n), system.encode(), model.encode(), encodeCall(call, n), remote.encode(), encodeCalibration(calibration), encodeGap(gap), marks{at: at(1)}.encode(), {},
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value []byte) {
		if w, err := decodeWindow(at(0), value, n); err == nil {
			again, err := decodeWindow(at(0), encodeWindow(w, n), n)
			survives(t, w, again, err)
		}
		key := requestKey(charge.Request)
		if c, err := decodeCharge(key, value, n); err == nil && !c.Request.Start.IsZero() {
			again, err := decodeCharge(key, encodeCharge(c, n), n)
			survives(t, c, again, err)
		}
		if s, err := decodeState(value, n); err == nil {
			again, err := decodeState(encodeState(s, n), n)
			survives(t, s, again, err)
		}
		slotSurvives(t, value, func(s *ModelSlot, v []byte) error { return decodeModel(s, slotKey(7, kindModel, 0, 0), v, n) }, (*ModelSlot).encode)
		slotSurvives(t, value, func(s *TaggedSlot, v []byte) error {
			return decodeTagged(s, slotKey(7, kindTagged, 0, 0, 0), v, n, newTags())
		}, func(s *TaggedSlot) []byte { return s.encode() })
		slotSurvives(t, value, func(s *SystemSlot, v []byte) error { return decodeSystem(s, slotKey(7, kindSystem, 0), v, n) }, (*SystemSlot).encode)
		slotSurvives(t, value, func(s *RemoteSlot, v []byte) error { return decodeRemote(s, slotKey(7, kindRemote, 0, 0, 0), v, n) }, (*RemoteSlot).encode)
		if c, err := decodeCall(callKey(call), value, n); err == nil {
			again, err := decodeCall(callKey(call), encodeCall(c, n), n)
			survives(t, c, again, err)
		}
		if c, err := decodeCalibration(timeKey(calibration.Made), value); err == nil {
			again, err := decodeCalibration(timeKey(calibration.Made), encodeCalibration(c))
			survives(t, c, again, err)
		}
		if g, err := decodeGap(gapKey(gap), value); err == nil {
			again, err := decodeGap(gapKey(gap), encodeGap(g))
			survives(t, g, again, err)
		}
		if m, err := decodeMarks(value); err == nil {
			again, err := decodeMarks(m.encode())
			survives(t, m, again, err)
		}
	})
}

func slotSurvives[S any](t *testing.T, value []byte, decode func(*S, []byte) error, encode func(*S) []byte) {
	t.Helper()
	var s, again S
	if err := decode(&s, value); err == nil {
		err := decode(&again, encode(&s))
		survives(t, s, again, err)
	}
}

func survives(t *testing.T, want, got any, err error) {
	t.Helper()
	if err != nil || !reflect.DeepEqual(want, got) {
		t.Errorf("read %+v, written and read again %+v, %v", want, got, err)
	}
}
