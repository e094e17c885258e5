package powermetrics_test

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The test binary plays powermetrics when it is started with these set.
const (
	fakeMode   = "FAKE_POWERMETRICS"        // how to behave
	fakeDir    = "FAKE_POWERMETRICS_DIR"    // where to leave pids and arguments
	fakeRefuse = "FAKE_POWERMETRICS_REFUSE" // samplers and options to refuse, by comma
)

func TestMain(m *testing.M) {
	if mode := os.Getenv(fakeMode); mode != "" {
		os.Exit(fake(mode, os.Args[1:]))
	}
	os.Exit(m.Run())
}

// fake behaves as the real tool does on a Mac where the given thing happens.
func fake(mode string, args []string) int {
	if mode == "sleeper" {
		signal.Ignore(syscall.SIGTERM, syscall.SIGHUP)
		note("pids", strconv.Itoa(os.Getpid()))
		os.NewFile(3, "ready").Close()
		select {}
	}
	note("pids", strconv.Itoa(os.Getpid()))
	note("args", strings.Join(args, " "))
	if refused := fakeRefused(args); refused != "" {
		fmt.Fprintln(os.Stderr, refused)
		return 64
	}
	switch mode {
	case "exit":
		fmt.Fprintln(os.Stderr, "Assertion failed: (num_resids == 3), cpu_power_arm.c")
		return 3
	case "root":
		fmt.Fprintln(os.Stderr, "powermetrics must be invoked as the superuser")
		return 1
	case "root-on-stdout":
		fmt.Println("powermetrics must be invoked as the superuser")
		return 1
	case "text":
		fmt.Println("*** Sampled system activity ***\nCPU Power: 12 mW")
		return 0
	case "stuck":
		fmt.Println("Sampling ...")
		<-make(chan struct{})
	case "flood":
		flood := strings.Repeat("not a property list ", 1000)
		for {
			if _, err := os.Stdout.WriteString(flood); err != nil {
				return 1
			}
		}
	case "silent":
		select {}
	case "stubborn":
		signal.Ignore(syscall.SIGTERM)
		fakeSamples(args, 2, false)
		select {} // it does not write, so no SIGPIPE ends it either
	case "works-once":
		if b, err := os.ReadFile(filepath.Join(os.Getenv(fakeDir), "pids")); err != nil || strings.Count(string(b), "\n") > 1 {
			return 3
		}
		return fakeSamples(args, 2, false)
	case "batched":
		return fakeSamples(args, -1, true)
	case "leaves-a-child":
		if err := leaveChild(); err != nil {
			return 2
		}
		return fakeSamples(args, 2, false)
	case "dies":
		fakeSamples(args, 3, false)
		fmt.Print("\x00" + usual().String()[:300])
		return 1
	}
	return fakeSamples(args, -1, false)
}

// leaveChild starts a child that holds our stdout open, and waits until it is up.
func leaveChild() error {
	ready, w, err := os.Pipe()
	if err != nil {
		return err
	}
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), fakeMode+"=sleeper")
	child.Stdout = os.Stdout
	child.ExtraFiles = []*os.File{w}
	if err := child.Start(); err != nil {
		return err
	}
	w.Close()
	_, err = io.Copy(io.Discard, ready)
	return err
}

func note(file, line string) {
	f, err := os.OpenFile(filepath.Join(os.Getenv(fakeDir), file), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err == nil {
		fmt.Fprintln(f, line)
		f.Close()
	}
}

func fakeRefused(args []string) string {
	samplers := strings.Split(args[max(slices.Index(args, "--samplers")+1, 0)], ",")
	for refuse := range strings.SplitSeq(os.Getenv(fakeRefuse), ",") {
		switch {
		case refuse == "":
		case strings.HasPrefix(refuse, "--") && slices.Contains(args, refuse):
			return "powermetrics: unrecognized option `" + refuse + "'\nUsage: powermetrics [-i sample_interval]\n  try powermetrics -h"
		case slices.Contains(samplers, refuse):
			return "unrecognized sampler: " + refuse
		}
	}
	return ""
}

// fakeSamples prints a document each interval, with the NUL before the second
// and later ones written when the next is due. With batched counters every other
// one reads 0 for the CPUs.
func fakeSamples(args []string, n int, batched bool) int {
	rate := max(slices.Index(args, "--sample-rate"), slices.Index(args, "--sample-interval"))
	ms, err := strconv.Atoi(args[rate+1])
	if err != nil {
		return 64
	}
	tick := time.NewTicker(time.Duration(ms) * time.Millisecond)
	last := time.Now()
	out := bufio.NewWriter(os.Stdout)
	for i := 0; i != n; i++ {
		now := <-tick.C
		if i > 0 {
			out.WriteByte(0)
		}
		fmt.Fprintln(os.Stderr, "Second underflow occured.")
		d := usual()
		d.elapsed, d.stamp = now.Sub(last), now
		if batched && i%2 == 0 {
			d.cpu = "0"
		}
		out.WriteString(d.String())
		if out.Flush() != nil {
			return 1
		}
		last = now
	}
	return 0
}
