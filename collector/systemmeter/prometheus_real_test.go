package systemmeter_test

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/systemmeter"
)

// TestRealPrometheus asks a real server that scrapes a page of ours: that
// timestamp() tells the time of a scrape, and that what selectors are taken to
// be is what they are.
func TestRealPrometheus(t *testing.T) {
	tool, err := exec.LookPath("prometheus")
	if err != nil {
		t.Skip("no prometheus in PATH: the test needs a real server")
	}
	scrapes := make(chan struct{}, 64)
	measured := time.Now().Add(-30 * time.Second) // of a sample that brings its own time
	var pages atomic.Int64
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, "plug_power_watts{plug=\"mac\"} 47.1\nplug_power_watts{plug=\"nas\"} 12\nplug_energy_joules_total{plug=\"mac\"} 3.6e6\n")
		fmt.Fprintf(w, "relayed_watts{plug=\"mac\"} 80 %d\n", measured.UnixMilli())
		if pages.Add(1) == 1 { // and then the series ends
			fmt.Fprint(w, "gone_watts 60\n")
		}
		select {
		case scrapes <- struct{}{}:
		default:
		}
	}))
	defer page.Close()
	address := startPrometheus(t, tool, strings.TrimPrefix(page.URL, "http://"), scrapes)
	open := func(power, counter string) systemmeter.Meter {
		m, err := systemmeter.Open(systemmeter.Config{
			Name: "plug", Kind: systemmeter.KindPrometheus, URL: "http://" + address,
			Power: systemmeter.ValuePlace{Place: power}, EnergyCounter: systemmeter.ValuePlace{Place: counter},
		}, systemmeter.Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { m.Close() })
		return m
	}
	for _, query := range []string{
		`plug_power_watts{plug="mac"}`, `sum by (plug) (plug_power_watts{plug="mac"}) * 1`, `max(plug_power_watts)`,
		`scalar(plug_power_watts{plug="mac"})`, `max_over_time(plug_power_watts{plug="mac"}[1m])`,
	} {
		r, err := open(query, `plug_energy_joules_total`).Read(t.Context())
		if err != nil {
			t.Errorf("%s: %v", query, err)
			continue
		}
		if r.Power != 47.1 || r.Energy != 3.6e6 || r.Lag < 0 || r.Lag > time.Minute {
			t.Errorf("%s: %+v, want 47.1 W and 3.6 MJ of some seconds ago", query, r)
		}
		t.Logf("%s: %.1f W, %v old", query, float64(r.Power), r.Lag.Round(time.Millisecond))
	}
	for _, query := range []string{`relayed_watts`, `sum by (plug) (relayed_watts) + on(plug) 0 * max by (plug) (relayed_watts)`, `scalar(relayed_watts)`} {
		r, err := open(query, "").Read(t.Context())
		if err != nil || r.Power != 80 || r.At.Sub(measured).Abs() > time.Second {
			t.Errorf("%s: %+v and %v, want 80 W as of %v", query, r, err, measured)
		}
		t.Logf("%s: %.1f W, %v old, dated %v off", query, float64(r.Power), r.Lag.Round(time.Millisecond), r.At.Sub(measured).Round(time.Millisecond))
	}
	for query, words := range map[string]string{
		`plug_power_watts`: "2 series, that differ in the labels plug:", `missing`: "no series", `plug_power_watts[5m]`: "neither a vector nor a scalar",
		`sum(`: "does not understand it", `plug_power_watts * on() plug_power_watts`: "cannot evaluate it", `0/0`: "NaN",
		`gone_watts`: "no series", `last_over_time(gone_watts[5m])`: "no sample of its series", `gone_watts or vector(7)`: "no sample of its series",
	} {
		_, err := open(query, "").Read(t.Context())
		if err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%s: %v, want words of %q", query, err, words)
		}
	}
}

// startPrometheus starts a server and waits for it to have scraped twice: the
// first sample is stored by then.
func startPrometheus(t *testing.T, tool, target string, scrapes <-chan struct{}) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address = l.Addr().String()
	l.Close()
	dir := t.TempDir()
	config := filepath.Join(dir, "prometheus.yml")
	text := "global: {scrape_interval: 1s, scrape_timeout: 1s}\nscrape_configs: [{job_name: plug, static_configs: [{targets: ['" + target + "']}]}]\n"
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	cmd := exec.CommandContext(t.Context(), tool, "--config.file="+config, "--storage.tsdb.path="+filepath.Join(dir, "data"), "--web.listen-address="+address)
	cmd.Stderr = &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		<-ended
	})
	for range 3 {
		select {
		case <-scrapes:
		case err := <-ended:
			ended <- err
			t.Fatalf("prometheus ended: %v\n%s", err, log.String())
		case <-time.After(time.Minute):
			t.Fatal("prometheus does not scrape")
		}
	}
	return address
}
