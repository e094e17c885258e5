package host_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// helperEnv makes the test binary play a process of a family: "parent" starts
// a child named worker that talks through descriptors 3 and 4, then both do
// what they are told line by line.
const helperEnv = "SOVMETER_TEST_HELPER"

func TestMain(m *testing.M) {
	switch os.Getenv(helperEnv) {
	case "":
		os.Exit(m.Run())
	case "parent":
		startWorker()
	}
	obey(os.Stdin, os.Stdout)
}

func startWorker() {
	cmd := exec.Command(os.Getenv("SOVMETER_TEST_WORKER"))
	cmd.Env = []string{helperEnv + "=child"}
	cmd.Stdin, cmd.Stdout = os.NewFile(3, "in"), os.NewFile(4, "out")
	if err := cmd.Start(); err != nil {
		fmt.Fprintln(os.Stderr, "start worker:", err)
		os.Exit(1)
	}
}

// answer is what a helper says after each order.
type answer struct {
	PID int           `json:"pid"`
	CPU time.Duration `json:"cpu_ns"` // its own use, from getrusage
}

func obey(in io.Reader, out io.Writer) {
	lines, enc := bufio.NewScanner(in), json.NewEncoder(out)
	for lines.Scan() {
		if d, err := time.ParseDuration(lines.Text()); err == nil {
			for end := cpuUsed() + d; cpuUsed() < end; {
			}
		}
		if err := enc.Encode(answer{PID: os.Getpid(), CPU: cpuUsed()}); err != nil {
			os.Exit(1)
		}
	}
	os.Exit(0)
}

func cpuUsed() time.Duration {
	var ru unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &ru); err != nil {
		os.Exit(1)
	}
	return time.Duration(ru.Utime.Nano() + ru.Stime.Nano())
}

// helper is the test's end of a process.
type helper struct {
	t   *testing.T
	in  io.WriteCloser
	out *json.Decoder
}

// order makes the helper burn CPU time ("50ms") or only answer ("").
func (h helper) order(what string) answer {
	h.t.Helper()
	if _, err := io.WriteString(h.in, what+"\n"); err != nil {
		h.t.Fatal(err)
	}
	var a answer
	if err := h.out.Decode(&a); err != nil {
		h.t.Fatal(err)
	}
	return a
}

// spawn runs the test binary under another name as a helper; extra files come
// out as descriptors 3 and up.
func spawn(t *testing.T, name string, env []string, extra ...*os.File) (helper, *exec.Cmd) {
	t.Helper()
	cmd := exec.Command(link(t, name))
	cmd.Env, cmd.ExtraFiles, cmd.Stderr = env, extra, os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may have ended already
		_ = cmd.Wait()
	})
	return helper{t, in, json.NewDecoder(out)}, cmd
}

// link gives the test binary another name, by copying where it cannot link.
func link(t *testing.T, name string) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), name)
	if os.Link(self, path) == nil {
		return path
	}
	b, err := os.ReadFile(self)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b, 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

// spawnFamily starts a server and its worker.
func spawnFamily(t *testing.T, name string) (server, worker helper, cmd *exec.Cmd) {
	t.Helper()
	childIn, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	out, childOut, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	server, cmd = spawn(t, name, []string{helperEnv + "=parent", "SOVMETER_TEST_WORKER=" + link(t, "worker")}, childIn, childOut)
	for _, f := range []*os.File{childIn, childOut} {
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { _ = in.Close(); _ = out.Close() }) // ends the worker
	return server, helper{t, in, json.NewDecoder(out)}, cmd
}
