package requestlog_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// paceEnv makes TestPacedWriter write: a folder, lines a second, lines, and how
// the log is rotated.
const paceEnv = "SOVMETER_TEST_WRITER"

// The ways to rotate in TestRotationRealPace.
const (
	byRename  = "rename"
	byCopy    = "copy"    // the writer waits while its log is copied and truncated
	byForeign = "foreign" // it does not, as with logrotate
)

// TestRotationRealPace is TestRotationVirtualPace with a writer in a process of
// its own that keeps the pace by the clock. It takes two minutes:
//
//	SOVMETER_LOAD=1 go test -run RealPace -v ./collector/requestlog
func TestRotationRealPace(t *testing.T) {
	if os.Getenv("SOVMETER_LOAD") == "" {
		t.Skip("takes two minutes: set SOVMETER_LOAD=1 to run it")
	}
	tests := []struct {
		rotate      string
		rate, lines int
		poll        time.Duration
	}{
		{byRename, 10_000, 1_000_000, time.Second},
		{byCopy, 20_000, 1_000_000, time.Second},
		{byForeign, 20_000, 1_000_000, 20 * time.Millisecond},
	}
	for _, tt := range tests {
		t.Run(tt.rotate, func(t *testing.T) {
			t.Parallel()
			w, err := newWriter(t.TempDir(), true)
			if err != nil {
				t.Fatal(err)
			}
			if err := w.lines(1); err != nil {
				t.Fatal(err)
			}
			w.file.Close()
			r := newReader(t, w.path())
			r.poll()
			child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestPacedWriter$", "-test.timeout=10m")
			child.Env = append(os.Environ(), fmt.Sprintf("%s=%s %d %d %s", paceEnv, w.dir, tt.rate, tt.lines, tt.rotate))
			var out bytes.Buffer
			child.Stdout, child.Stderr = &out, &out
			begun := time.Now()
			if err := child.Start(); err != nil {
				t.Fatal(err)
			}
			ended := make(chan error, 1)
			go func() { ended <- child.Wait() }()
			rotations := 0
			if err := pollUntil(ended, r, tt.poll, func() {
				if tt.rotate == byForeign && rand.IntN(150) == 0 { // every three seconds
					rotations++
					if err := foreignRotation(w, r); err != nil {
						t.Error(err)
					}
				}
			}); err != nil {
				t.Fatalf("the writer: %v\n%s", err, out.Bytes())
			}
			t.Logf("%.0f lines/s", float64(tt.lines)/time.Since(begun).Seconds())
			if tt.rotate == byForeign {
				r.close()
				foreign(t, w, r, tt.lines, rotations)
				return
			}
			r.whole(tt.lines)
		})
	}
}

// pollUntil polls until the writer ends, and once more. At times sovmeter is
// started again, and at times it is down for a while before.
func pollUntil(ended chan error, r *reader, every time.Duration, also func()) error {
	tick := time.NewTicker(every)
	defer tick.Stop()
	down := 0
	for {
		select {
		case err := <-ended:
			r.poll()
			return err
		case <-tick.C:
		}
		also()
		if down--; down > 0 {
			continue
		}
		r.poll()
		if rand.IntN(8) == 0 {
			r.restart()
			down = rand.IntN(8)
		}
	}
}

// foreignRotation copies the log and truncates it while it is being written,
// with a long while between, in which it may be read.
func foreignRotation(w *writer, r *reader) error {
	to, err := w.room()
	if err != nil {
		return err
	}
	from, err := os.Open(w.path())
	if err != nil {
		return err
	}
	defer from.Close()
	f, err := os.Create(to)
	if err != nil {
		return err
	}
	if _, err := io.Copy(f, from); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for range rand.IntN(6) {
		<-tick.C
		if rand.IntN(3) == 0 {
			r.poll()
		}
	}
	if rand.IntN(8) == 0 {
		r.restart()
	}
	return os.Truncate(w.path(), 0)
}

// foreign checks that of the lines that are missing each was destroyed by the
// rotator, after its copy and before its truncation, and that every time when
// that may have happened is counted.
func foreign(t *testing.T, w *writer, r *reader, lines, rotations int) {
	t.Helper()
	kept := make([]bool, lines)
	paths, err := filepath.Glob(w.path() + "*")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for line := range bytes.Lines(data) {
			if n, err := strconv.Atoi(string(line[:min(9, len(line))])); err == nil && bytes.HasSuffix(line, []byte("\n")) {
				kept[n] = true
			}
		}
	}
	destroyed, ours := 0, 0
	for _, k := range kept {
		if !k {
			destroyed++
		}
	}
	for _, n := range r.lost {
		if kept[n] {
			ours++
		}
	}
	t.Logf("%d rotations destroyed %d lines, of which %d were read before; %+v", rotations, destroyed, destroyed-len(r.lost)+ours, r.stats)
	if destroyed == 0 {
		t.Error("the rotator destroyed nothing: the test is too gentle")
	}
	if ours > 0 || r.doubled > 0 || r.strange > 0 || r.next != lines {
		t.Errorf("%d lines, %d lost that a file holds, %d doubled, %d strange", r.next, ours, r.doubled, r.strange)
	}
	// Each went on in the copy, which is a rotation in the end, or found none.
	if s := r.stats; s.Rotations+s.Emptied+s.Lost < int64(rotations) {
		t.Errorf("%d rotations, of which some are not counted: %+v", rotations, s)
	}
}

// TestPacedWriter is the process that writes for TestRotationRealPace.
func TestPacedWriter(t *testing.T) {
	args := strings.Fields(os.Getenv(paceEnv))
	if len(args) != 4 {
		t.Skip("runs in a process of TestRotationRealPace alone")
	}
	rate, err1 := strconv.Atoi(args[1])
	lines, err2 := strconv.Atoi(args[2])
	w, err3 := newWriter(args[0], true)
	if err := errors.Join(err1, err2, err3); err != nil {
		t.Fatal(err)
	}
	w.next = 1
	rotate := map[string]func() error{byRename: w.rename, byCopy: w.copyTruncate, byForeign: func() error { return nil }}[args[3]]
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for begun := time.Now(); w.next < lines; <-tick.C {
		due := min(lines, int(time.Since(begun).Seconds()*float64(rate)))
		turn := w.next + rand.IntN(3*rate) // every three seconds or so
		if turn < due {
			err1 = w.lines(turn - w.next)
			err2 = rotate()
		}
		if err := errors.Join(err1, err2, w.lines(max(0, due-w.next))); err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
	}
}
