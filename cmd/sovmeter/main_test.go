package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/sovmeter/sovmeter/collector/sim"
)

// TestMain lets the test binary stand in for two programs: sovmeter itself, as
// scripts run it, and a powermetrics of a simulated Mac.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"sovmeter":         func() { os.Exit(run(context.Background(), os.Args[1:], os.Stdout, os.Stderr)) },
		"fakepowermetrics": fakePowermetrics,
		"llama-server":     fakeLlamaServer,
	})
}

// fakeLlamaServer is what discovery sees of a llama-server: its name, its
// options and its port. It prints its port once it listens, and runs until its
// standard input ends.
func fakeLlamaServer() {
	flags := flag.NewFlagSet("llama-server", flag.ExitOnError)
	port := flags.Int("port", 8080, "")
	flags.String("log-file", "", "")
	flags.Parse(os.Args[1:]) //nolint:errcheck // exits on errors
	l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", *port))
	if err != nil {
		os.Stderr.WriteString(err.Error() + "\n")
		os.Exit(1)
	}
	fmt.Println(l.Addr().(*net.TCPAddr).Port)
	io.Copy(io.Discard, os.Stdin) //nolint:errcheck // its end is all that counts
}

// startLlamaServer runs a fakeLlamaServer for the time of a test and returns
// its port once it listens.
func startLlamaServer(t *testing.T, logFile string) int {
	t.Helper()
	_, port, err := net.SplitHostPort(freeAddress(t))
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command("llama-server", "--port", port, "--log-file", logFile)
	stop, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stop.Close()
		c.Wait() //nolint:errcheck // it ends with its input
	})
	var listening int
	if _, err := fmt.Fscan(out, &listening); err != nil {
		t.Fatal(err)
	}
	return listening
}

// fakePowermetrics prints what powermetrics prints on a simulated Mac, at real
// speed until it is killed. Its arguments are the real ones; the model server
// on that Mac logs to the file named by FAKE_LOG.
func fakePowermetrics() {
	s := sim.Live()
	s.Start = time.Now().UTC()
	s.Servers[0].Runs = s.Servers[0].Runs[:1]
	s.Servers[0].Traffic[0].At = []time.Duration{2 * time.Second, 2500 * time.Millisecond, 4 * time.Second}
	if os.Getenv("FAKE_IDLE") != "" {
		s.Servers[0].Traffic, s.Processes, s.Background = nil, nil, sim.Background{}
	}
	for i, arg := range os.Args {
		if arg == "--sample-rate" && i+1 < len(os.Args) {
			if ms, err := strconv.Atoi(os.Args[i+1]); err == nil {
				s.Sensor.Interval = time.Duration(ms) * time.Millisecond
			}
		}
	}
	log, err := os.OpenFile(os.Getenv("FAKE_LOG"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		os.Stderr.WriteString(err.Error() + "\n")
		os.Exit(1)
	}
	mac, err := sim.New(s, sim.Streams{Power: os.Stdout, Logs: map[string]io.Writer{"llama": log}})
	if err != nil {
		os.Stderr.WriteString(err.Error() + "\n")
		os.Exit(1)
	}
	for now := range time.Tick(50 * time.Millisecond) {
		if mac.AdvanceTo(now) != nil {
			os.Exit(1)
		}
	}
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata/script", Cmds: map[string]func(*testscript.TestScript, bool, []string){
		"exits":  exits,
		"expand": expand,
	}})
}

// exits runs a command and wants this exit code: exits 3 sovmeter report ...
func exits(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	code := 0
	err = ts.Exec(args[1], args[2:]...)
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		code = exit.ExitCode()
	case err != nil:
		ts.Fatalf("%v", err)
	}
	if code != want {
		ts.Fatalf("exit code %d, want %d", code, want)
	}
}

// expand is a command of the scripts: it puts the values of environment
// variables into a file, since a config wants absolute paths.
func expand(ts *testscript.TestScript, _ bool, args []string) {
	for _, file := range args {
		text := os.Expand(ts.ReadFile(file), ts.Getenv)
		ts.Check(os.WriteFile(ts.MkAbs(file), []byte(text), 0o600))
	}
}
