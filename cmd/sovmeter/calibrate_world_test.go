package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/collector/systemmeter"
)

// world is a small Mac whose load a completions server and busy cores drive. What
// its wall shows is base + cpu·CPU + gpu·GPU.
type world struct {
	base     energy.Watts
	cpu, gpu float64
	began    time.Time

	mu               sync.Mutex
	decoding         int
	prefilling       int
	cores            int
	other            energy.Watts // of the CPU, by another process
	asked, cancelled int
	longest          int // numbers in a prompt
	history          []moment
}

// moment is what the machine drew from a time on, and had drawn until then.
type moment struct {
	at       time.Time
	cpu, gpu energy.Watts
	cpuDrawn energy.Joules
	gpuDrawn energy.Joules
}

func newWorld() *world {
	w := &world{base: 7.5, cpu: 1.25, gpu: 1.9, began: time.Now()}
	w.change(func() {})
	return w
}

// change does something to the load, and notes what is drawn from now on.
func (w *world) change(do func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	do()
	m := moment{
		at:  time.Now(),
		cpu: 0.3 + 2.2*energy.Watts(w.cores) + 0.7*energy.Watts(min(w.decoding, 1)) + w.other,
		gpu: 0.05 + energy.Watts(map[bool]float64{true: 8}[w.decoding > 0]) + 1.5*energy.Watts(w.decoding) + 9*energy.Watts(min(w.prefilling, 2)),
	}
	if n := len(w.history); n > 0 {
		before := w.history[n-1]
		m.cpuDrawn, m.gpuDrawn = before.until(m.at)
	}
	w.history = append(w.history, m)
}

func (m moment) until(at time.Time) (cpu, gpu energy.Joules) {
	d := at.Sub(m.at)
	return m.cpuDrawn + m.cpu.For(d), m.gpuDrawn + m.gpu.For(d)
}

// seen is the newest moment that had begun at a time.
func (w *world) seen(at time.Time) moment {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := len(w.history) - 1; i > 0; i-- {
		if !w.history[i].at.After(at) {
			return w.history[i]
		}
	}
	return w.history[0]
}

// drawn is what the rails had drawn at a time.
func (w *world) drawn(at time.Time) (cpu, gpu energy.Joules) { return w.seen(at).until(at) }

// wall is what the plug shows at a time, and has counted.
func (w *world) wall(at time.Time) (energy.Watts, energy.Joules) {
	m := w.seen(at)
	cpu, gpu := m.until(at)
	total := w.base.For(at.Sub(w.began)) + energy.Joules(w.cpu)*cpu + energy.Joules(w.gpu)*gpu
	return w.base + energy.Watts(w.cpu)*m.cpu + energy.Watts(w.gpu)*m.gpu, total
}

// load is how much is in flight.
func (w *world) load() (decoding, prefilling, cores int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.decoding, w.prefilling, w.cores
}

// burn is a load of busy cores without any.
func (w *world) burn(ctx context.Context, cores int) {
	w.change(func() { w.cores += cores })
	<-ctx.Done()
	w.change(func() { w.cores -= cores })
}

// serve answers one request of a completions server, in the time that it takes.
func (w *world) serve(ctx context.Context, path string, body io.Reader) (status int, answer string) {
	switch path {
	case "/v1/models":
		return http.StatusOK, `{"object":"list","data":[{"id":"tiny","object":"model"}]}`
	case "/props":
		return http.StatusOK, `{"total_slots":4}`
	case "/v1/completions":
	default:
		return http.StatusNotFound, "{}"
	}
	var question struct {
		Model  string `json:"model"`
		Prompt string `json:"prompt"`
		Tokens int    `json:"max_tokens"`
	}
	if err := json.NewDecoder(body).Decode(&question); err != nil || question.Model != "tiny" {
		return http.StatusBadRequest, "{}"
	}
	numbers := len(strings.Fields(question.Prompt))
	const context = 1000
	if numbers > context {
		return http.StatusBadRequest, `{"error":{"message":"the prompt exceeds the context"}}`
	}
	count := &w.decoding
	took := time.Duration(question.Tokens) * 20 * time.Millisecond
	if question.Tokens == 1 {
		count, took = &w.prefilling, time.Duration(numbers)*time.Millisecond
	}
	w.change(func() { *count++; w.asked++; w.longest = max(w.longest, numbers) })
	done := pause(ctx, took)
	w.change(func() {
		*count--
		if !done {
			w.cancelled++
		}
	})
	return http.StatusOK, `{"choices":[{"text":"never looked at"}]}`
}

// ServeHTTP serves over the network.
func (w *world) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body) // the server notices a client that goes only once it has read all
	if err != nil {
		return
	}
	status, answer := w.serve(r.Context(), r.URL.Path, strings.NewReader(string(body)))
	rw.WriteHeader(status)
	io.WriteString(rw, answer) //nolint:errcheck // the client may be gone
}

// RoundTrip serves without a network.
func (w *world) RoundTrip(r *http.Request) (*http.Response, error) {
	var body io.Reader = http.NoBody
	if r.Body != nil {
		body = r.Body
		defer r.Body.Close()
	}
	status, answer := w.serve(r.Context(), r.URL.Path, body)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(answer)), Request: r}, nil
}

// Run is the power source: one window a second.
func (w *world) Run(ctx context.Context, out chan<- attribution.Measurement) error {
	from := time.Now()
	for pause(ctx, time.Second) {
		to := time.Now()
		cpuFrom, gpuFrom := w.drawn(from)
		cpuTo, gpuTo := w.drawn(to)
		window := attribution.Window{
			Start: from.UTC(), End: to.UTC(), Scope: attribution.ScopeSoC, Energy: cpuTo - cpuFrom + gpuTo - gpuFrom,
			CPU: attribution.Rail{Energy: cpuTo - cpuFrom, Known: true}, GPU: attribution.Rail{Energy: gpuTo - gpuFrom, Known: true},
			ANE: attribution.Rail{Known: true},
		}
		select {
		case out <- attribution.Measurement{Window: &window}:
		case <-ctx.Done():
			return nil
		}
		from = to
	}
	return nil
}

// worldMeter is a meter at the world's wall that is late.
type worldMeter struct {
	world *world
	lag   time.Duration
	// factor is what its values are off by; 0 means 1.
	factor float64
}

func (m *worldMeter) Read(context.Context) (systemmeter.Reading, error) {
	at := time.Now()
	w, total := m.world.wall(at.Add(-m.lag))
	if m.factor != 0 {
		w, total = energy.Watts(m.factor)*w, energy.Joules(m.factor)*total
	}
	return systemmeter.Reading{
		At: at.UTC(), Power: w, HasPower: true, Energy: total, HasEnergy: true, Resolution: 3.6,
	}, nil
}

func (m *worldMeter) Name() string             { return "plug" }
func (m *worldMeter) Scope() attribution.Scope { return attribution.ScopeWall }
func (m *worldMeter) Close() error             { return nil }

func (m *worldMeter) poller(record *recorder) *systemmeter.Poller {
	c := systemmeter.Config{Name: "plug", Kind: systemmeter.KindShelly, Every: time.Second}
	return systemmeter.NewPoller(m, c, systemmeter.PollerOptions{Hand: record.reading})
}

// server is a client of the world's completions server without a network.
func (w *world) server(t *testing.T) *completions {
	t.Helper()
	c := newCompletions("tiny", "http://world", "")
	c.http = &http.Client{Transport: w}
	if err := c.meet(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	return c
}
