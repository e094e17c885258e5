package api_test

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/exporter/api"
	"github.com/sovmeter/sovmeter/store"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 123456789, time.UTC)

// shelf is a source with a fixed answer that remembers what it was asked.
type shelf struct {
	found        store.Range
	err          error
	since, until time.Time
}

func (s *shelf) Range(_ context.Context, since, until time.Time) (store.Range, error) {
	s.since, s.until = since, until
	return s.found, s.err
}

func someRange() store.Range {
	return store.Range{
		Since: noon.Add(-time.Hour), Until: noon, Open: 0.1, OpenSeconds: 1.0 / 3, First: noon.AddDate(-1, 0, 0), Last: noon,
		System: []store.SystemSlot{{Start: noon.Truncate(store.SlotLength), Scope: attribution.ScopeSoC, Energy: 1e6 / 3.0, BaselineBusy: 5e-324, Measured: time.Minute,
			Gap: 1.0 / 7, GapTime: time.Nanosecond, Error: 2.0 / 3}},
		Tagged: []store.TaggedSlot{{Client: "editor", Project: "docs", ModelSlot: store.ModelSlot{Start: noon.Truncate(store.SlotLength), Server: "main", Output: 7}}},
		Models: []store.ModelSlot{{Start: noon.Truncate(store.SlotLength), Server: "main", Model: "tiny <&>", Input: math.MaxInt64, Busy: time.Nanosecond}},
		Remote: []store.RemoteSlot{{Start: noon.Truncate(store.SlotLength), Server: "gw", Provider: "openai", Model: "gpt-5", OK: 2, Spend: math.MaxInt64, UnknownSpend: 1}},
		Gaps:   []attribution.Gap{{Start: noon.Add(-time.Second), End: noon, Reason: attribution.GapSleep, Scope: attribution.ScopeSMC, Energy: 1.0 / 9, Error: 1.0 / 99}},

		Calibrations: []attribution.Calibration{someLine()},
		Learned:      []store.Learned{{Server: "main", Prefill: store.TokenEnergy{Energy: 0.1, Error: 1e-9, Known: true}, Batch: 1.0 / 3, Rows: 30, Last: noon}},
	}
}

// someLine is a good calibration.
func someLine() attribution.Calibration {
	return attribution.Calibration{
		Made: noon, Kind: attribution.CalibrationLadder, Model: "Mac16,11", OS: "26.1", Meter: "desk <&>", Scope: attribution.ScopeWall,
		Base: 20.0 / 3, CPU: 1.25, GPU: 1.1, ANE: 1, PerRail: true, RMSE: 0.1, R2: 0.99, N: 40, Covariance: [6]float64{1e-300, -2, 3, 4, 5, 6},
		SoCMin: 0.125, SoCMax: 61.7, Lag: -1200 * time.Millisecond, LagKnown: true,
	}
}

// start runs a server until the test ends and returns its socket.
func start(t testing.TB, source store.Source, options ...api.Option) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "s")
	s := api.NewServer(path, source, zerolog.Nop(), options...)
	if err := s.Listen(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("run: %v", err)
		}
	})
	return path
}

// The client is a source that gives exactly what the source behind the daemon
// gives.
func TestRange(t *testing.T) {
	source := &shelf{found: someRange()}
	client := api.NewClient(start(t, source))
	zone := time.FixedZone("X", 3*3600)
	for range 2 {
		got, err := store.Source(client).Range(t.Context(), noon.Add(-time.Hour).In(zone), noon)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(source.found, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if !source.since.Equal(noon.Add(-time.Hour)) || !source.until.Equal(noon) || source.since.Location() != time.UTC {
			t.Errorf("the source was asked for %v to %v", source.since, source.until)
		}
	}
}

// advised is an error with a hint, as the store has them.
type advised struct{}

func (advised) Error() string { return "open store: locked" }
func (advised) Hint() string  { return "stop the other program" }

func TestErrorsComeWithTheirHints(t *testing.T) {
	endless := someRange()
	endless.Open = 0
	endless.OpenSeconds = math.Inf(1)
	for _, tt := range []struct {
		name    string
		source  *shelf
		since   time.Time
		message string
		hint    string
		status  int
	}{
		{name: "source fails", source: &shelf{err: advised{}}, since: noon.Add(-1), message: "open store: locked", hint: "stop the other program", status: 500},
		{name: "backwards", source: &shelf{}, since: noon.Add(1), message: "until is before since", hint: "swap the two times", status: 400},
		{name: "no number", source: &shelf{found: endless}, since: noon, message: "encode range: json: unsupported value: +Inf", status: 500},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := api.NewClient(start(t, tt.source)).Range(t.Context(), tt.since, noon)
			var remote *api.RemoteError
			if !errors.As(err, &remote) {
				t.Fatalf("got %v", err)
			}
			if remote.Message != tt.message || remote.Hint() != tt.hint || remote.Status != tt.status {
				t.Errorf("got %+v", remote)
			}
			if diff := cmp.Diff(store.Range{}, got); diff != "" {
				t.Errorf("something comes with the error:\n%s", diff)
			}
		})
	}
}

func TestHandlerRefuses(t *testing.T) {
	h := api.Handler(&shelf{})
	for _, tt := range []struct {
		name, method, target string
		status               int
		message              string
	}{
		{name: "no times", method: "GET", target: "/v3/range", status: 400, message: "since=\"\" is no RFC 3339 time\nuntil=\"\" is no RFC 3339 time"},
		{name: "odd time", method: "GET", target: "/v3/range?since=yesterday&until=2026-03-01T12:00:00Z", status: 400, message: `since="yesterday" is no RFC 3339 time`},
		{name: "other version", method: "GET", target: "/v2/range", status: 404, message: `GET "/v2/range" is not part of the interface`},
		{name: "post", method: "POST", target: "/v3/range", status: 404, message: `POST "/v3/range" is not part of the interface`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := httptest.NewRecorder()
			h.ServeHTTP(w, httptest.NewRequest(tt.method, tt.target, nil))
			var got struct {
				Version     int
				Error, Hint string
			}
			if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
				t.Fatal(err)
			}
			if w.Code != tt.status || got.Error != tt.message || got.Hint == "" || got.Version != api.Version {
				t.Errorf("status %d, %+v", w.Code, got)
			}
		})
	}
}

// Whatever the query, the answer is a range or an error of this version, and
// the source is asked only for times that were really given.
func FuzzHandler(f *testing.F) {
	for _, q := range []string{"", "since=2026-03-01T12:00:00Z&until=2026-03-02T00:00:00+02:00", "since=&until", "since=%ff;until=1", "since=0000-01-01T00:00:00Z&until=9999-12-31T23:59:59.999999999Z"} {
		f.Add(q)
	}
	f.Fuzz(func(t *testing.T, query string) {
		source := &shelf{}
		r := httptest.NewRequest(http.MethodGet, "/v3/range", nil)
		r.URL.RawQuery = query
		w := httptest.NewRecorder()
		api.Handler(source).ServeHTTP(w, r)
		if w.Code != 200 {
			var got struct {
				Version int
				Error   string
			}
			if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || got.Version != api.Version || got.Error == "" || w.Code != 400 {
				t.Errorf("%q: status %d, %+v, %v", query, w.Code, got, err)
			}
			return
		}
		if _, err := store.ReadRange(w.Body); err != nil {
			t.Fatalf("%q: %v", query, err)
		}
		values, _ := url.ParseQuery(query)
		want, err := time.Parse(time.RFC3339, values.Get("since"))
		if err != nil || !source.since.Equal(want) || strings.TrimSpace(query) == "" {
			t.Errorf("%q: asked since %v", query, source.since)
		}
	})
}
