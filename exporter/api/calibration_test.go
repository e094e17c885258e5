package api_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/exporter/api"
	"github.com/sovmeter/sovmeter/store"
)

// lines is a sink that keeps what it is given, until it fails.
type lines struct {
	all []attribution.Calibration
	err error
}

func (l *lines) AddCalibration(_ context.Context, c attribution.Calibration) error {
	if l.err == nil {
		l.all = append(l.all, c)
	}
	return l.err
}

func atNoon() api.Option { return api.WithClock(func() time.Time { return noon }) }

// A calibration comes to the daemon's store as it was made, once, and the daemon
// is told of it.
func TestPutCalibration(t *testing.T) {
	db, err := store.Open(filepath.Join(t.TempDir(), "store.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	told := make(chan attribution.Calibration, 2)
	client := api.NewClient(start(t, db, atNoon(), api.WithCalibrations(db, func(c attribution.Calibration) { told <- c })))
	local := someLine()
	local.Made = local.Made.In(time.FixedZone("X", 3*3600))
	for range 2 {
		if err := client.PutCalibration(t.Context(), local); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(someLine(), <-told); d != "" {
			t.Errorf("told (-want +got):\n%s", d)
		}
	}
	r, err := client.Range(t.Context(), noon, noon.Add(time.Hour))
	if d := cmp.Diff([]attribution.Calibration{someLine()}, r.Calibrations); err != nil || d != "" {
		t.Errorf("range: %v (-want +got):\n%s", err, d)
	}
}

func TestPutCalibrationRefused(t *testing.T) {
	change := func(f func(*attribution.Calibration)) attribution.Calibration {
		c := someLine()
		f(&c)
		return c
	}
	for _, tt := range []struct {
		name string
		put  attribution.Calibration
		sink api.CalibrationSink
		want api.RemoteError
	}{
		{"nobody takes it", someLine(), nil, api.RemoteError{Message: "this daemon takes no calibrations", Advice: "it answers from a store that it cannot write", Status: 501}},
		{"negative base", change(func(c *attribution.Calibration) { c.Base = -1 }), &lines{},
			api.RemoteError{Message: "calibration of 2026-03-01T12:00:00.123456789Z: -1 W: invalid value", Status: 400}},
		{"no time", change(func(c *attribution.Calibration) { c.Made = time.Time{} }), &lines{},
			api.RemoteError{Message: "calibration of 0001-01-01T00:00:00Z: no clock shows that time: invalid value", Status: 400}},
		{"of next year", change(func(c *attribution.Calibration) { c.Made = noon.AddDate(1, 0, 0) }), &lines{},
			api.RemoteError{Message: "calibration of 2027-03-01T12:00:00.123456789Z: that is in the future, it is 2026-03-01T12:00:00.123456789Z", Status: 400}},
		{"learned in passing, in place of what the daemon learned", change(func(c *attribution.Calibration) { c.Kind = attribution.CalibrationPassing }), &lines{},
			api.RemoteError{Message: "calibration of 2026-03-01T12:00:00.123456789Z: of the kind passing, which is the daemon's own", Status: 400}},
		{"too long", change(func(c *attribution.Calibration) { c.Meter = strings.Repeat("x", 70_000) }), &lines{},
			api.RemoteError{Message: "read calibration: http: request body too large", Status: 413}},
		{"sink refuses", someLine(), &lines{err: fmt.Errorf("odd: %w", store.ErrInvalid)}, api.RemoteError{Message: "odd: invalid value", Status: 400}},
		{"sink fails", someLine(), &lines{err: advised{}}, api.RemoteError{Message: "open store: locked", Advice: "stop the other program", Status: 500}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			options := []api.Option{atNoon()}
			if tt.sink != nil {
				options = append(options, api.WithCalibrations(tt.sink, func(attribution.Calibration) { t.Error("told of what was not taken") }))
			}
			err := api.NewClient(start(t, &shelf{}, options...)).PutCalibration(t.Context(), tt.put)
			var remote *api.RemoteError
			if !errors.As(err, &remote) || *remote != tt.want {
				t.Errorf("got %#v, want %#v", err, tt.want)
			}
			if l, ok := tt.sink.(*lines); ok && len(l.all) != 0 {
				t.Errorf("taken: %v", l.all)
			}
		})
	}
	if err := api.NewClient("s").PutCalibration(t.Context(), change(func(c *attribution.Calibration) { c.GPU = math.NaN() })); err == nil || !strings.Contains(err.Error(), "encode calibration") {
		t.Errorf("what is no number: %v", err)
	}
	if err := api.NewClient(filepath.Join(t.TempDir(), "s")).PutCalibration(t.Context(), someLine()); !errors.Is(err, api.ErrNoSocket) {
		t.Errorf("no daemon: %v", err)
	}
}

// body is what a client puts, changed.
func body(t testing.TB, from, to string) string {
	t.Helper()
	b, err := json.Marshal(map[string]any{"version": api.Version, "calibration": someLine()})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(b), from) {
		t.Fatalf("no %s in %s", from, b)
	}
	return strings.Replace(string(b), from, to, 1)
}

func put(h http.Handler, body string) (status int, message string) {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodPut, "/v3/calibration", strings.NewReader(body)))
	var got struct {
		Version int
		Error   string
	}
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || got.Version != api.Version {
		return w.Code, fmt.Sprintf("no answer of this version: %s, %v", w.Body, err)
	}
	return w.Code, got.Error
}

func TestCalibrationBody(t *testing.T) {
	sink := &lines{}
	h := api.Handler(&shelf{}, atNoon(), api.WithCalibrations(sink, nil))
	for _, tt := range []struct{ name, body, want string }{
		{"nothing", "", "read calibration: EOF"},
		{"no JSON", "<html>", "read calibration: invalid character '<'"},
		{"other version", body(t, `"version":3`, `"version":2`), "read calibration: version 2, want 3"},
		{"new field", body(t, `"N":40`, `"N":40,"Humidity":1`), `unknown field "Humidity"`},
		{"new field outside", body(t, `"version":3`, `"version":3,"by":"me"`), `unknown field "by"`},
		{"more", body(t, "x", "x") + "{}", "read calibration: more follows it"},
		{"garbage after it", body(t, "x", "x") + "x", "read calibration: more follows it"},
		{"text for a number", body(t, `"R2":0.99`, `"R2":"NaN"`), "cannot unmarshal string"},
		{"no number", body(t, `"R2":0.99`, `"R2":1e999`), "cannot unmarshal number"},
		{"part of a point", body(t, `"N":40`, `"N":0.5`), "cannot unmarshal number"},
	} {
		if status, got := put(h, strings.ReplaceAll(tt.body, "\n", "")); status != 400 || !strings.Contains(got, tt.want) {
			t.Errorf("%s: %d, %q; want %q", tt.name, status, got, tt.want)
		}
	}
	if len(sink.all) != 0 {
		t.Errorf("%d were taken", len(sink.all))
	}
	if status, got := put(h, body(t, "x", "x")); status != 200 || len(sink.all) != 1 {
		t.Errorf("a good one: %d, %q", status, got)
	}
}

// A daemon of before calibrations says so: it is to be restarted.
func TestPutToOlderDaemon(t *testing.T) {
	client := foreign(t, "application/json", `{"version":2,"error":"PUT \"/v3/calibration\" is not part of the interface"}`)
	wantError(t, client.PutCalibration(t.Context(), someLine()), api.ErrVersion, "sovmeter service restart")
}

// FuzzCalibration: whatever is put, the answer is of this version, and what is
// taken can be true.
func FuzzCalibration(f *testing.F) {
	f.Add(body(f, "x", "x"))
	f.Add(body(f, `"Base":`, `"base":-`))
	f.Add(`{"version":3}`)
	f.Fuzz(func(t *testing.T, text string) {
		sink := &lines{}
		status, message := put(api.Handler(&shelf{}, atNoon(), api.WithCalibrations(sink, nil)), text)
		if (status == 200) != (len(sink.all) == 1) || (message == "") != (status == 200) {
			t.Fatalf("%d, %q, %d taken", status, message, len(sink.all))
		}
		for _, c := range sink.all {
			if err := store.CheckCalibration(c); err != nil || c.Made.After(noon.Add(time.Hour)) {
				t.Errorf("taken: %+v, %v", c, err)
			}
		}
	})
}
