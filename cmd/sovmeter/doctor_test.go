package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/sovmeter/sovmeter/cmd/sovmeter/config"
)

// diagnose runs doctor and returns its account of the server on a port.
func diagnose(t *testing.T, port int, args ...string) (serverReport, int, string) {
	t.Helper()
	d := &daemonTest{T: t}
	code, out, errs := d.command(append([]string{"doctor", "--json"}, args...)...)
	var got diagnosis
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatalf("%v: %s%s", err, out, errs)
	}
	i := slices.IndexFunc(got.Servers, func(s serverReport) bool { return s.Port == port })
	if i < 0 {
		t.Fatalf("the server on port %d was not found: %s", port, out)
	}
	return got.Servers[i], code, out
}

func TestDoctorFindsAServer(t *testing.T) {
	recorded, err := os.ReadFile("../../collector/requestlog/llamacpp/testdata/llama-parallel4.log")
	if err != nil {
		t.Fatal(err)
	}
	log := filepath.Join(t.TempDir(), "llama.log")
	if err := os.WriteFile(log, recorded, 0o600); err != nil {
		t.Fatal(err)
	}
	port := startLlamaServer(t, log)
	none := filepath.Join(t.TempDir(), "none.yaml")

	got, _, out := diagnose(t, port, "--config", none)
	if got.Kind != "llama-server" || got.Log != log || got.LogFrom != "its option --log-file" || got.Format != "llamacpp" || len(got.Problems) > 0 {
		t.Errorf("got %+v", got)
	}
	if s := got.Sample; s == nil || s.Requests < 20 || s.WithCount == 0 || s.WithCount >= s.Requests || s.Bytes != int64(len(recorded)) {
		t.Errorf("the log's end: %+v", s)
	}
	if strings.Contains(out, none) {
		t.Errorf("a config that is not there is named: %s", out)
	}

	named := filepath.Join(t.TempDir(), "named.yaml")
	write := func(text string) {
		if err := os.WriteFile(named, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(fmt.Sprintf("servers: [{name: mine, log: %s, port: %d}]\n", log, port))
	if got, _, _ = diagnose(t, port, "--config", named); got.Configured != "mine" || len(got.Problems) > 0 {
		t.Errorf("named in the config: %+v", got)
	}

	write(fmt.Sprintf("servers: [{name: other, log: %s/none.log, port: 1}]\n", t.TempDir()))
	got, code, _ := diagnose(t, port, "--config", named)
	if code != exitRuntime || len(got.Problems) != 1 || !strings.Contains(got.Problems[0].Text, "does not name it") {
		t.Errorf("not named in the config: code %d, %+v", code, got)
	}
	if other, _, _ := diagnose(t, 1, "--config", named); len(other.Problems) != 1 || other.Problems[0].Text != "its log is not there" || other.PID != 0 {
		t.Errorf("configured and not there: %+v", other)
	}
}

func TestDoctorPrintsEachProblemWithItsFix(t *testing.T) {
	d := diagnosis{Config: "/etc/s.yaml", Servers: []serverReport{
		{Name: "llama", Kind: "llama-server", PID: 7, Port: 8080, Log: "/l.log", LogFrom: "its usual place", Sample: &logSample{Bytes: 2_100_000, Requests: 3, WithCount: 2, Cancelled: 1}},
		{Name: "mlx", Kind: "mlx", PID: 8, Problems: []finding{{"it writes no log", "write one"}}},
		{Name: "gone", Log: "/g.log", LogFrom: "the config names it"},
	}}
	var b strings.Builder
	if err := d.print(&b); err != nil {
		t.Fatal(err)
	}
	want := `Config /etc/s.yaml names the servers to meter.

llama
  process   llama-server, pid 7, port 8080
  log       /l.log (its usual place)
  requests  3 in the last 2.1 MB of the log, 2 of them with tokens, 1 cancelled
  state     nothing to mend

mlx
  process   mlx, pid 8; it does not listen on a port that is known
  problem   it writes no log
  fix       write one

gone
  process   does not run as a server that sovmeter knows; the config's processes and port are used
  log       /g.log (the config names it)
  state     nothing to mend
`
	if b.String() != want {
		t.Errorf("got:\n%s", b.String())
	}
}

func TestDoctorAsksAnAddress(t *testing.T) {
	status := http.StatusOK
	swap := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/api/metrics" {
			http.NotFound(w, r)
			return
		}
		w.WriteHeader(status)
	}))
	for _, tt := range []struct {
		status int
		closed bool
		want   string
	}{
		{http.StatusOK, false, ""},
		{http.StatusUnauthorized, false, "its address does not tell of requests: it answers with status 401"},
		{http.StatusOK, true, "connection refused"},
	} {
		if status = tt.status; tt.closed {
			swap.Close()
		}
		r := serverReport{Log: swap.URL}
		r.readLog(t.Context())
		if tt.want == "" && len(r.Problems) > 0 || tt.want != "" && (len(r.Problems) != 1 || !strings.Contains(r.Problems[0].Text, tt.want)) {
			t.Errorf("status %d, closed %v: %+v", tt.status, tt.closed, r.Problems)
		}
	}
	swap.Close()
}

// A pipe in place of a log must not make doctor wait for a writer.
func TestDoctorDoesNotWaitForAPipe(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := unix.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, format := range []string{config.FormatAuto, "llamacpp"} {
		r := serverReport{Log: pipe, Format: format}
		r.readLog(t.Context())
		if len(r.Problems) != 1 || !strings.Contains(r.Problems[0].Text, "not a file") {
			t.Errorf("format %s: %+v", format, r.Problems)
		}
	}
}

func TestDoctorMatchesTheConfig(t *testing.T) {
	folder := t.TempDir()
	link := filepath.Join(t.TempDir(), "link")
	log := filepath.Join(folder, "l.log")
	if err := errors.Join(os.WriteFile(log, nil, 0o600), os.Symlink(folder, link)); err != nil {
		t.Fatal(err)
	}
	names := []string{"llama-server"}
	found := serverReport{Name: "llama-server", PID: 7, Log: log, processes: names}
	for _, tt := range []struct {
		name  string
		port  int // that was found
		entry config.Server
		want  bool
	}{
		{"its log", 8080, config.Server{Log: log, Port: 1}, true},
		{"its log by another path", 8080, config.Server{Log: filepath.Join(link, "l.log"), Port: 1}, true},
		{"its port", 8080, config.Server{Log: "/x", Port: 8080}, true},
		{"its process, no port", 8080, config.Server{Log: "/x", Processes: names}, true},
		{"its process by path", 8080, config.Server{Log: "/x", Processes: []string{"/opt/bin/llama-server"}}, true},
		{"its process on another port", 8080, config.Server{Log: "/x", Processes: names, Port: 8081}, false},
		{"its process, port not found", 0, config.Server{Log: "/x", Processes: names, Port: 8081}, true},
		{"another process", 8080, config.Server{Log: "/x", Processes: []string{"ollama"}}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.entry.Name = "mine"
			found := found
			found.Port = tt.port
			d := diagnosis{Servers: []serverReport{found}}
			d.compare(config.Config{Servers: []config.Server{tt.entry}})
			if got := d.Servers[0].Configured == "mine"; got != tt.want {
				t.Errorf("the same: %v, want %v: %+v", got, tt.want, d.Servers)
			}
		})
	}
}

// Nothing of a path that another user's process chose reaches the terminal but
// what can be seen.
func TestDoctorPrintsNoControls(t *testing.T) {
	d := diagnosis{Servers: []serverReport{{Name: "llama", Log: "/tmp/\x1b]0;x\x07\nstate nothing to mend", LogFrom: "its option --log-file"}}}
	var b strings.Builder
	if err := d.print(&b); err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(b.String(), "\x1b\x07") || strings.Contains(b.String(), "\nstate") {
		t.Errorf("got %q", b.String())
	}
}
