package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/collector/systemmeter/fake"
)

// steadyPlug draws the same power all the time.
func steadyPlug(w energy.Watts) fake.Plug {
	started := time.Now()
	return fake.PlugFunc(func() (energy.Watts, energy.Joules) { return w, 1000*3600 + w.For(time.Since(started)) })
}

// startDevice runs a fake device for the time of a test.
func startDevice(t *testing.T, kind fake.Kind, plug fake.Plug, password string) (*fake.Device, string) {
	t.Helper()
	d, err := fake.New(kind, plug, fake.Options{Password: password})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(d)
	t.Cleanup(server.Close)
	return d, server.URL
}

func sovmeter(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(t.Context(), args, &out, &errs)
	return code, out.String(), errs.String()
}

func TestMeterTest(t *testing.T) {
	const hunter = "hunter2"
	password := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(password, []byte(hunter+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name  string
		kind  fake.Kind
		path  string
		watts energy.Watts
		fault fake.Fault
		args  []string
		code  int
		want  []string // parts of what is printed
	}{
		{name: "a plug", kind: fake.Shelly, watts: 23.4, args: []string{"--password-file", password}, want: []string{
			"shelly: shelly at http://127.0.0.1:", ", scope wall, every 100ms", "23.4 W", "3 readings, median 23.4 W, the counter moved 0.00 Wh in", "none refused", "nothing to mend",
		}},
		{name: "no password", kind: fake.Shelly, watts: 23.4, code: 1, want: []string{
			"unauthorized: ", "0 readings, refused: 1 unauthorized", "problem  meter shelly: ", "password_file with user, or token_file",
		}},
		{name: "a wrong unit", kind: fake.Tasmota, watts: 23.4, fault: fake.WrongUnit, code: 1, want: []string{
			"implausible", "refused: 3 implausible", "is its unit right?",
		}},
		{name: "another device", kind: fake.HomeWizard, watts: 23.4, fault: fake.Garbage, code: 1, want: []string{
			"refused: 3 error", "fix      ",
		}},
		{name: "an empty socket", kind: fake.Tasmota, watts: 0.2, want: []string{
			"problem  it shows 0.0 W, which is less than a Mac draws that is awake",
		}},
		{name: "a place that is not there", kind: fake.JSON, path: "/state", watts: 23.4, args: []string{"--power", "/devices/0/power"}, code: 1, want: []string{
			"refused: 3 ", "problem  meter http: ",
		}},
		{name: "a counter in another unit", kind: fake.JSON, path: "/state", watts: 1400, args: []string{"--power", "/devices/0/state/power", "--energy", "/devices/0/state/energy_wh", "--energy-unit", "kWh", "--count", "8"}, want: []string{
			"problem  its counter counts ", "W, and its power is 1400.0 W",
		}},
		{name: "no counter", kind: fake.JSON, path: "/state", watts: 23.4, args: []string{"--power", "/devices/0/state/power"}, want: []string{
			"problem  it has no energy counter",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d, url := startDevice(t, tt.kind, steadyPlug(tt.watts), map[bool]string{true: hunter}[tt.kind == fake.Shelly])
			d.SetFault(tt.fault)
			args := append([]string{"meter", "test", "--kind", string(tt.kind), "--url", url + tt.path, "--every", "100ms", "--count", "3"}, tt.args...)
			code, out, errs := sovmeter(t, args...)
			if code != tt.code {
				t.Errorf("code %d, want %d: %s", code, tt.code, errs)
			}
			for _, want := range tt.want {
				if !strings.Contains(out, want) {
					t.Errorf("%q is missing in:\n%s", want, out)
				}
			}
			if strings.Contains(out+errs, hunter) {
				t.Errorf("the password was printed:\n%s%s", out, errs)
			}
		})
	}
}

// TestMeterTestInterrupted prints what there is when the user has seen enough.
func TestMeterTestInterrupted(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	plug := steadyPlug(23.4)
	var mu sync.Mutex
	asked := 0
	_, url := startDevice(t, fake.HomeWizard, fake.PlugFunc(func() (energy.Watts, energy.Joules) {
		mu.Lock()
		defer mu.Unlock()
		if asked++; asked == 6 {
			interrupt()
		}
		return plug.Plug()
	}), "")
	var out, errs bytes.Buffer
	code := run(ctx, []string{"meter", "test", "--kind", "homewizard", "--url", url, "--count", "1000", "--every", "100ms", "--json"}, &out, &errs)
	var got struct {
		Meters []struct {
			Questions []struct {
				Power *float64 `json:"power_watts"`
			} `json:"questions"`
			Summary struct {
				Usable   bool    `json:"usable"`
				Readings int     `json:"readings"`
				Median   float64 `json:"median_power_watts"`
			} `json:"summary"`
		} `json:"meters"`
	}
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatalf("code %d, %v: %s%s", code, err, out.String(), errs.String())
	}
	if code != 0 || len(got.Meters) != 1 {
		t.Fatalf("code %d, %d meters: %s", code, len(got.Meters), errs.String())
	}
	m := got.Meters[0]
	if n := m.Summary.Readings; !m.Summary.Usable || n < 3 || n > 6 || len(m.Questions) != n {
		t.Errorf("%d readings and %d questions of a meter that was asked some 5 times", n, len(m.Questions))
	}
	if m.Summary.Median != 23.4 || m.Questions[0].Power == nil || *m.Questions[0].Power != 23.4 {
		t.Errorf("median %v W, want 23.4", m.Summary.Median)
	}
}

// TestMeterTestOfConfig tests all meters of a config, or the one that is named.
func TestMeterTestOfConfig(t *testing.T) {
	_, first := startDevice(t, fake.HomeWizard, steadyPlug(23.4), "")
	second, address := startDevice(t, fake.Tasmota, steadyPlug(11), "")
	second.SetFault(fake.ServerError)
	file := filepath.Join(t.TempDir(), "sovmeter.yaml")
	text := "meters:\n- {name: plug, kind: homewizard, url: \"" + first + "\"}\n- {name: other, kind: tasmota, url: \"" + address + "\"}\nbuilt_in_meters: false\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	code, out, errs := sovmeter(t, "meter", "test", "--config", file, "--count", "2", "--every", "100ms")
	if code != 1 || !strings.Contains(out, "2 readings, median 23.4 W") || !strings.Contains(errs, "1 of 2 meters: no usable reading") {
		t.Errorf("code %d: %s%s", code, out, errs)
	}
	code, out, errs = sovmeter(t, "meter", "test", "plug", "--config", file, "--count", "2", "--every", "100ms")
	if code != 0 || strings.Contains(out, "tasmota") {
		t.Errorf("code %d: %s%s", code, out, errs)
	}
	code, _, errs = sovmeter(t, "meter", "test", "lamp", "--config", file)
	if code != 2 || !strings.Contains(errs, `has no meter "lamp"; there are plug, other`) {
		t.Errorf("code %d: %s", code, errs)
	}
}

// TestMeterTestOfACounterThatFalls says so, also of one without a power that has
// risen in the end.
func TestMeterTestOfACounterThatFalls(t *testing.T) {
	counter := []string{"5.00001", "5.00002", "3.00001", "5.00003"}
	var asked atomic.Int64
	device := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, `{"kwh":`+counter[min(int(asked.Add(1)), len(counter))-1]+`}`) //nolint:errcheck // the client sees it
	}))
	t.Cleanup(device.Close)
	code, out, errs := sovmeter(t, "meter", "test", "--kind", "http", "--url", device.URL, "--energy", "/kwh", "--every", "100ms", "--count", "4")
	if code != 0 || !strings.Contains(out, "problem  its counter ran backwards") {
		t.Errorf("code %d:\n%s%s", code, out, errs)
	}
}

// TestMistakenSecretsAreNotShown has the secret itself where its place should be.
func TestMistakenSecretsAreNotShown(t *testing.T) {
	const hunter = "hunter2"
	for _, flag := range []string{"--password-env", "--password-file", "--token-env", "--token-file"} {
		code, out, errs := sovmeter(t, "meter", "test", "--kind", "shelly", "--url", "http://127.0.0.1:1", flag, hunter)
		if code != 2 || !strings.Contains(errs, flag+": names ") || strings.Contains(out+errs, hunter) {
			t.Errorf("%s: code %d: %s%s", flag, code, out, errs)
		}
	}
}

// TestNoConfig says how to get one, and does not name flags that a command lacks.
func TestNoConfig(t *testing.T) {
	for command, described := range map[string]bool{"meter test": true, "meter list": false, "calibrate": false} {
		args := append(strings.Fields(command), "--config", filepath.Join(t.TempDir(), "none.yaml"))
		code, _, errs := sovmeter(t, args...)
		if code != 2 || !strings.Contains(errs, "write one with: sovmeter check --example") || strings.Contains(errs, "--kind") != described {
			t.Errorf("%s: code %d: %s", command, code, errs)
		}
	}
}
