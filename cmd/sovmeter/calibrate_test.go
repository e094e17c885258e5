package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"github.com/sovmeter/sovmeter/cmd/sovmeter/config"
	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/calibration"
	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/collector/systemmeter/fake"
	"github.com/sovmeter/sovmeter/exporter/api"
	"github.com/sovmeter/sovmeter/store"
)

// fakeRails prints what the world's rails do as powermetrics prints it, until the
// test ends, into a pipe that the returned executable reads from.
func fakeRails(t *testing.T, w *world) string {
	t.Helper()
	folder := t.TempDir()
	pipe, script := filepath.Join(folder, "pipe"), filepath.Join(folder, "powermetrics")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(script, []byte("#!/bin/sh\nexec cat "+pipe+"\n"), 0o700); err != nil { //nolint:gosec // it is to be run
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		w.print(t.Context(), pipe)
	}()
	t.Cleanup(func() {
		// Whoever still waits for a reader has one now.
		in, err := os.OpenFile(pipe, os.O_RDONLY|syscall.O_NONBLOCK, 0)
		if err == nil {
			defer in.Close()
		}
		<-ended
	})
	return script
}

// print writes a sample a second into a pipe, from when somebody reads it.
func (w *world) print(ctx context.Context, pipe string) {
	out, err := os.OpenFile(pipe, os.O_WRONLY, 0)
	if err != nil {
		return
	}
	defer out.Close()
	from := time.Now()
	for pause(ctx, time.Second) {
		to := time.Now()
		if _, err := fmt.Fprint(out, w.document(from, to), "\x00"); err != nil {
			return
		}
		from = to
	}
}

// document is a sample of powermetrics from one time to another.
func (w *world) document(from, to time.Time) string {
	cpuFrom, gpuFrom := w.drawn(from)
	cpuTo, gpuTo := w.drawn(to)
	mj := func(to, from energy.Joules) int64 { return int64(1000*float64(to)) - int64(1000*float64(from)) }
	return fmt.Sprintf(`<?xml version="1.0" encoding="UTF-8"?>
<plist version="1.0">
<dict>
<key>elapsed_ns</key><integer>%d</integer>
<key>hw_model</key><string>Mac16,11</string>
<key>timestamp</key><date>%s</date>
<key>processor</key>
<dict>
<key>cpu_energy</key><integer>%d</integer>
<key>gpu_energy</key><integer>%d</integer>
<key>ane_energy</key><integer>0</integer>
</dict>
<key>gpu</key>
<dict>
<key>idle_ratio</key><real>0.5</real>
</dict>
</dict>
</plist>
`, to.Sub(from).Nanoseconds(), to.UTC().Format(time.RFC3339), mj(cpuTo, cpuFrom), mj(gpuTo, gpuFrom))
}

// calibrateTest is a world with a server and a plug on the network.
type calibrateTest struct {
	*calibrator
	config         config.Config
	stdout, stderr *bytes.Buffer
}

func newCalibrateTest(t *testing.T, w *world) *calibrateTest {
	t.Helper()
	server := httptest.NewServer(w)
	t.Cleanup(server.Close)
	_, plug := startDevice(t, fake.Shelly, fake.PlugFunc(func() (energy.Watts, energy.Joules) { return w.wall(time.Now()) }), "")
	folder, err := os.MkdirTemp("", "sov") // short: a socket's path is limited
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(folder) })
	text := fmt.Sprintf("meters: [{name: plug, kind: shelly, url: %q, every: 500ms}]\nstore: {path: %[2]s/store/sovmeter.db}\nsocket: %[2]s/sock\n", plug, folder)
	cfg, err := config.Parse("f", []byte(text), configFormats())
	if err != nil {
		t.Fatal(err)
	}
	c := &calibrateTest{config: cfg, stdout: &bytes.Buffer{}, stderr: &bytes.Buffer{}}
	c.calibrator = &calibrator{
		env: env{stdout: c.stdout, stderr: c.stderr}, server: serverChoice{url: server.URL}, powermetrics: fakeRails(t, w),
		burn: w.burn, json: true,
		ladder: func(int, time.Duration) []calibration.Step {
			var steps []calibration.Step
			for i, s := range calibration.Ladder(4) {
				if slices.Contains([]string{"idle", "decode-2", "cpu-half", "decode-4", "prefill"}, s.Name) {
					s.Length, s.Settle = calibration.LeastPlateau+4*time.Second+time.Duration(i)*200*time.Millisecond, time.Second
					steps = append(steps, s)
				}
			}
			return steps
		},
	}
	return c
}

func (c *calibrateTest) stored(t *testing.T) []attribution.Calibration {
	t.Helper()
	db, err := store.OpenReadOnly(c.config.Store, store.Options{})
	if errors.Is(err, store.ErrNoStore) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	r, err := db.Resume(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return r.Calibrations
}

// TestCalibrate measures in real time, through a process, a plug and a server.
func TestCalibrate(t *testing.T) {
	if testing.Short() {
		t.Skip("calibrates in real time for a minute and a half")
	}
	w := newWorld()
	c := newCalibrateTest(t, w)
	if err := c.run(t.Context(), c.config); err != nil {
		t.Fatalf("%v\n%s%s", err, c.stdout, c.stderr)
	}
	var got calibrationDocument
	if err := json.Unmarshal(c.stdout.Bytes(), &got); err != nil || got.Line == nil {
		t.Fatalf("%v in %s", err, c.stdout)
	}
	near(t, "base", got.Line.Base, float64(w.base))
	near(t, "CPU", got.Line.CPU, w.cpu)
	near(t, "GPU", got.Line.GPU, w.gpu)
	if got.Lag == nil || max(got.Lag.Seconds, -got.Lag.Seconds) > 1 {
		t.Errorf("lag %+v of a plug that is on time", got.Lag)
	}
	all := c.stored(t)
	if len(all) != 1 || all[0].Meter != "plug" || all[0].Scope != attribution.ScopeWall || all[0].Model != "Mac16,11" || float64(all[0].Base) != got.Line.Base {
		t.Errorf("stored %+v, printed %+v", all, got.Line)
	}
	if want := "in " + c.config.Store; got.Stored != want {
		t.Errorf("stored %q, want %q", got.Stored, want)
	}
	if !strings.Contains(c.stderr.String(), "sovmeter: decode-2 (") {
		t.Errorf("no progress was shown: %s", c.stderr)
	}
	if running(t, c.powermetrics) {
		t.Error("a powermetrics was left behind")
	}
}

// TestCalibrateInterrupted stops the load and stores nothing.
func TestCalibrateInterrupted(t *testing.T) {
	w := newWorld()
	c := newCalibrateTest(t, w)
	ctx, interrupt := context.WithCancel(t.Context())
	c.ladder = func(int, time.Duration) []calibration.Step {
		return []calibration.Step{{Name: "decode-2", Load: calibration.LoadDecode, Count: 2, Length: time.Hour}}
	}
	done := make(chan error, 1)
	go func() { done <- c.run(ctx, c.config) }()
	for decoding := 0; decoding != 2; decoding, _, _ = w.load() {
		pause(ctx, 10*time.Millisecond)
	}
	interrupt()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v, want that it was interrupted", err)
	}
	for decoding := 2; decoding != 0; decoding, _, _ = w.load() { // the server notices when it notices
		pause(t.Context(), 10*time.Millisecond)
	}
	if c.stdout.Len() > 0 || len(c.stored(t)) > 0 {
		t.Errorf("printed or stored: %s", c.stdout)
	}
}

// line is any that a fit may give.
func line() attribution.Calibration {
	return attribution.Calibration{
		Made: time.Now().UTC().Truncate(time.Second), Kind: attribution.CalibrationLadder, Model: "Mac16,11", OS: "26.1", Meter: "plug", Scope: attribution.ScopeWall,
		Base: 7.5, CPU: 1.25, GPU: 1.9, ANE: 1.9, PerRail: true, RMSE: 0.2, R2: 0.999, N: 9, SoCMin: 0.4, SoCMax: 30,
	}
}

// TestStoreCalibration gives a line to the daemon, or to the store where there is
// none.
func TestStoreCalibration(t *testing.T) {
	folder, err := os.MkdirTemp("", "sov")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(folder) })
	cfg := config.Config{Store: filepath.Join(folder, "db"), Socket: filepath.Join(folder, "sock")}
	where, err := storeCalibration(t.Context(), cfg, line())
	if err != nil || where != "in "+cfg.Store {
		t.Fatalf("without a daemon: %q, %v", where, err)
	}
	db, err := store.Open(cfg.Store, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var held *heldError
	if _, err := storeCalibration(t.Context(), cfg, line()); !errors.As(err, &held) || held.Hint() == "" {
		t.Errorf("a store that is held, and nobody answers: %v", err)
	}
	told := make(chan attribution.Calibration, 1)
	server := api.NewServer(cfg.Socket, db, zerolog.Nop(), api.WithCalibrations(db, func(c attribution.Calibration) { told <- c }))
	if err := server.Listen(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- server.Run(ctx) }()
	second := line()
	second.Made = second.Made.Add(time.Second)
	where, err = storeCalibration(t.Context(), cfg, second)
	if err != nil || where != "by the daemon at "+cfg.Socket {
		t.Fatalf("with a daemon: %q, %v", where, err)
	}
	if d := cmp.Diff(second, <-told); d != "" {
		t.Errorf("the daemon was told another line (-want +got):\n%s", d)
	}
	stop()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	r, err := db.Resume(t.Context())
	if err != nil || len(r.Calibrations) == 0 || !r.Calibrations[len(r.Calibrations)-1].Made.Equal(second.Made) {
		t.Errorf("the store has %+v, %v", r.Calibrations, err)
	}
}

// TestRefusedCalibration prints what was measured, and leaves the store alone.
func TestRefusedCalibration(t *testing.T) {
	w := newWorld()
	c := newCalibrateTest(t, w)
	c.json = false
	err := c.finish(t.Context(), c.config, calibrationResult{Climbed: climbed{Plateaus: []calibration.Plateau{{
		Run: calibration.Run{Step: calibration.Step{Name: "idle", Load: calibration.LoadIdle}},
		Err: &calibration.PlateauError{Step: "idle", Err: calibration.ErrUnsteady, Detail: "from 3.0 to 9.0 W"},
	}}}})
	var hint hinted
	if err == nil || !strings.Contains(err.Error(), "no new calibration, the one before stays: fit calibration: 0 usable blocks") ||
		!errors.As(err, &hint) || !strings.Contains(hint.Hint(), "leave the machine alone") {
		t.Errorf("got %v with hint %v", err, hint)
	}
	if !strings.Contains(c.stdout.String(), "dropped: not steady (from 3.0 to 9.0 W)") || len(c.stored(t)) > 0 {
		t.Errorf("printed %s, stored %v", c.stdout, c.stored(t))
	}
}
