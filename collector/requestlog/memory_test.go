//go:build darwin || linux

package requestlog_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/requestlog"
)

// overlongEnv names the log that TestOverlongChild reads.
const overlongEnv = "SOVMETER_TEST_OVERLONG"

// TestFollowHugeLine: a line of 512 MiB takes no more memory than any other. A
// process of its own reads it, and what that process ever held is measured.
func TestFollowHugeLine(t *testing.T) {
	if testing.Short() {
		t.Skip("writes 512 MiB")
	}
	const limit = 64 << 20
	path := filepath.Join(t.TempDir(), "server.log")
	writeHugeLine(t, path, 512<<20)
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestOverlongChild$", "-test.v")
	child.Env = append(os.Environ(), overlongEnv+"="+path)
	out, err := child.CombinedOutput()
	if err != nil {
		t.Fatalf("the child: %v\n%s", err, out)
	}
	m := regexp.MustCompile(`lines \[before overlong after\], peak (\d+) bytes`).FindSubmatch(out)
	if m == nil {
		t.Fatalf("the child said:\n%s", out)
	}
	peak, err := strconv.ParseInt(string(m[1]), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("a line of 512 MiB: %.1f MiB resident at most", float64(peak)/(1<<20))
	if peak > limit {
		t.Errorf("%d MiB were resident, want 64 at most", peak>>20)
	}
}

func writeHugeLine(t *testing.T, path string, size int) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	write := func(data []byte) {
		if _, err := f.Write(data); err != nil {
			t.Fatal(err)
		}
	}
	write([]byte("before\n"))
	block := bytes.Repeat([]byte("x"), 1<<20)
	for range size >> 20 {
		write(block)
	}
	write([]byte("\nafter\n"))
}

// TestOverlongChild is the process that TestFollowHugeLine measures.
func TestOverlongChild(t *testing.T) {
	path := os.Getenv(overlongEnv)
	if path == "" {
		t.Skip("runs in a process of TestFollowHugeLine alone")
	}
	f := requestlog.NewFollower(path, requestlog.FollowerOptions{})
	defer f.Close()
	var lines []string
	for again := true; again; again = f.Behind() {
		err := f.Poll(time.Now(), func(l requestlog.Line) {
			if l.Overlong {
				lines = append(lines, "overlong")
			} else {
				lines = append(lines, string(l.Data))
			}
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	fmt.Printf("lines %v, peak %d bytes\n", lines, peakResident(t))
}

// peakResident is the most memory that this process ever had resident. Linux
// counts what the parent had, too, in what getrusage says, but not in /proc.
func peakResident(t *testing.T) int64 {
	t.Helper()
	if status, err := os.ReadFile("/proc/self/status"); err == nil {
		for line := range strings.Lines(string(status)) {
			var kib int64
			if n, _ := fmt.Sscanf(line, "VmHWM: %d kB", &kib); n == 1 {
				return kib << 10
			}
		}
	}
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS == "darwin" {
		return u.Maxrss
	}
	return u.Maxrss << 10
}
