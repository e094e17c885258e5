package main

import (
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/collector/systemmeter/fake"
)

// plugOf is a plug that 60 W were drawn at since it was made.
type plugOf struct {
	mu    sync.Mutex
	since time.Time
}

func (p *plugOf) Plug() (energy.Watts, energy.Joules) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return 60, energy.Watts(60).For(time.Since(p.since))
}

// A daemon at a plug books what the plug counts, says so everywhere, goes on
// without it and comes back, and never tells its password.
func TestDaemonAtAPlug(t *testing.T) {
	if testing.Short() {
		t.Skip("meters in real time for a minute")
	}
	const password = "canary-of-a-password"
	plug := &plugOf{since: time.Now()}
	device, err := fake.New(fake.Shelly, plug, fake.Options{Password: password})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(device)
	t.Cleanup(server.Close)
	t.Setenv("FAKE_IDLE", "yes") // the plug's power does not change, so the chip's must not
	d := newDaemonTest(t)
	secret := filepath.Join(d.folder, "plug.password")
	config, err := os.ReadFile(d.config)
	if err != nil {
		t.Fatal(err)
	}
	config = fmt.Appendf(config, "meters: [{name: desk, kind: shelly, url: %q, password_file: %q, every: 1s, max_age: 3s}]\n", server.URL, secret)
	for path, text := range map[string][]byte{secret: []byte(password + "\n"), d.config: config} {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	d.start()
	d.until("energy at the wall", func(m map[string]float64) bool {
		return m["sovmeter_meter_watts"] == 60 && m["sovmeter_joules_total"] > 300
	})
	page := d.page("/metrics")
	for _, want := range []string{`sovmeter_scope_info{scope="wall"} 1`, `sovmeter_meter_up{meter="desk"} 1`} {
		if !strings.Contains(page, want) {
			t.Errorf("/metrics lacks %s", want)
		}
	}
	device.SetFault(fake.ServerError)
	d.until("a meter that is away", func(m map[string]float64) bool { return m["sovmeter_meter_up"] == 0 })
	if health := d.page("/healthz"); !strings.Contains(health, "desk") {
		t.Errorf("/healthz does not name the meter that is away: %s", health)
	}
	device.SetFault(fake.NoFault)
	d.until("the meter's return", func(m map[string]float64) bool { return m["sovmeter_meter_up"] == 1 })
	if code := d.end(); code != 0 {
		t.Errorf("the daemon ended with code %d", code)
	}
	code, out, errs := d.command("report", "--config", d.config, "--last", "1h")
	if code != 0 || !strings.Contains(out, "wall plug") {
		t.Errorf("report: code %d, %s\n%s", code, errs, out)
	}
	total, _ := d.reported()
	if most := 60 * time.Since(plug.since).Seconds(); total <= 0 || total > most {
		t.Errorf("%v J booked, the plug gave %v", total, math.Round(most))
	}
	if strings.Contains(d.stderr.String()+out+errs+page, password) {
		t.Error("the password was told")
	}
}

// page is what the daemon answers with.
func (d *daemonTest) page(path string) string {
	d.Helper()
	resp, err := http.Get("http://" + d.address + path)
	if err != nil {
		d.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		d.Fatal(err)
	}
	return string(b)
}
