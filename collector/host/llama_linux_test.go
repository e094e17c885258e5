package host_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/host"
)

// llamaRoot is a folder with a llama-server of its own and a tiny model.
const llamaRoot = "/tmp/sovmeter-llama"

// TestRealLlamaServer meters an inference on a real llama-server, found by its
// name and again by its port.
func TestRealLlamaServer(t *testing.T) {
	if _, err := os.Stat(llamaRoot + "/usr/bin/llama-server"); err != nil {
		t.Skipf("no llama-server under %s", llamaRoot)
	}
	// /proc counts user and system time in whole ticks of 10 ms, each cut.
	const grain = 20 * time.Millisecond
	if os.Getuid() != 0 {
		t.Skip("llama-server runs in a chroot here, which needs root")
	}
	port := freePort(t)
	started := time.Now()
	pid := startLlama(t, port)
	m := realMeter(t,
		// The port too: another llama-server may run on this machine.
		host.Server{Name: "by-name", Processes: []string{"llama-server"}, Port: port},
	)
	byPort := realMeter(t, host.Server{Name: "by-port", Port: port})

	now := time.Now()
	before := procTicks(t, pid)
	base(t, m, now)
	base(t, byPort, now)
	inner := procTicks(t, pid)
	complete(t, port)
	least := procTicks(t, pid) - inner - grain
	later := now.Add(time.Second)
	spans := []attribution.UsageSpan{sample(t, byPort, later), sample(t, m, later)}
	most := procTicks(t, pid) - before + grain

	for i, meter := range []*host.Meter{byPort, m} {
		row := spans[i].Usage.Servers[0]
		t.Logf("%s: %v of CPU for 8 tokens, /proc says %v to %v", row.Server, row.CPU, least, most)
		if row.CPU < least || row.CPU > most {
			t.Errorf("%s used %v, want %v to %v", row.Server, row.CPU, least, most)
		}
		start, ok := meter.ServerStart(row.Server)
		if !ok || start.Before(started.Add(-20*time.Millisecond)) || start.After(now) {
			t.Errorf("%s started %v, %v; want between %v and %v", row.Server, start, ok, started, now)
		}
	}
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close() //nolint:errcheck // nothing was written
	return l.Addr().(*net.TCPAddr).Port
}

func startLlama(t *testing.T, port int) int {
	t.Helper()
	// chroot executes the server in its own place, so the pid is the server's.
	cmd := exec.Command("chroot", llamaRoot, "llama-server", "-m", "/mdls/tiny.gguf",
		"--host", "127.0.0.1", "--port", strconv.Itoa(port), "-t", "2")
	out, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout = cmd.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ready, ended := watch(out, "listening on http")
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-ended // Wait closes the pipe
		_ = cmd.Wait()
	})
	select {
	case <-ready:
	case <-ended:
		t.Fatal("llama-server ended before it listened")
	case <-time.After(time.Minute):
		t.Fatal("llama-server did not listen within a minute")
	}
	return cmd.Process.Pid
}

// watch closes ready when the server says what, and goes on reading so that it
// never blocks on a full pipe; ended closes with the pipe.
func watch(out io.Reader, what string) (ready, ended chan struct{}) {
	ready, ended = make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		found := false
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if !found && strings.Contains(lines.Text(), what) {
				found = true
				close(ready)
			}
		}
	}()
	return ready, ended
}

func complete(t *testing.T, port int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	body := strings.NewReader(`{"prompt":"power energy joule","n_predict":8,"ignore_eos":true}`)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://127.0.0.1:"+strconv.Itoa(port)+"/completion", body)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_, err = io.Copy(io.Discard, resp.Body)
	if err = errors.Join(err, resp.Body.Close()); err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("completion: status %s, error %v", resp.Status, err)
	}
}

// procTicks is user and system time as /proc/PID/stat has them, read without
// the code under test.
func procTicks(t *testing.T, pid int) time.Duration {
	t.Helper()
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		t.Fatal(err)
	}
	fields := strings.Fields(string(b[strings.LastIndexByte(string(b), ')')+1:]))
	var sum time.Duration
	for _, f := range fields[11:13] {
		n, err := strconv.Atoi(f)
		if err != nil {
			t.Fatal(err)
		}
		sum += time.Duration(n) * 10 * time.Millisecond
	}
	return sum
}
