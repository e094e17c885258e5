package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
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
