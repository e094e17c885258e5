package requestlog_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/sovmeter/sovmeter/collector/requestlog"
)

// world is a log that is written, rotated and followed in any order, with the
// lines that were written and those that were handed over.
type world struct {
	t          *rapid.T
	dir        string
	f          *requestlog.Follower
	now        time.Time
	clock      time.Time // of the files
	content    string    // of the present file
	lines      int
	written    []string
	got        []string
	generation int
	rotated    func(w *world) string // makes room and returns the name to rotate to
}

// rotations are the ways to name rotated logs.
func rotations() map[string]func(*world) string {
	shift := func(format string) func(*world) string {
		return func(w *world) string {
			for i := w.generation - 1; i >= 1; i-- {
				if err := os.Rename(filepath.Join(w.dir, fmt.Sprintf(format, i)), filepath.Join(w.dir, fmt.Sprintf(format, i+1))); err != nil {
					w.t.Fatal(err)
				}
			}
			return fmt.Sprintf(format, 1)
		}
	}
	return map[string]func(*world) string{
		"server.log.1":         shift("server.log.%d"),
		"server-1.log":         shift("server-%d.log"),
		"server.log-20261124…": func(w *world) string { return fmt.Sprintf("server.log-20261124%02d", w.generation) },
		// Numbers that rise are told from those that fall by what was there before.
		"server.log.4 and up": func(w *world) string {
			for i := 1; w.generation == 1 && i <= 3; i++ {
				old := filepath.Join(w.dir, fmt.Sprintf("server.log.%d", i))
				if err := os.WriteFile(old, []byte("before\n"), 0o600); err != nil {
					w.t.Fatal(err)
				}
				if err := os.Chtimes(old, time.Unix(int64(i), 0), time.Unix(int64(i), 0)); err != nil {
					w.t.Fatal(err)
				}
			}
			return fmt.Sprintf("server.log.%d", w.generation+3)
		},
	}
}

func (w *world) path() string { return filepath.Join(w.dir, "server.log") }

func (w *world) flush() {
	if err := os.WriteFile(w.path(), []byte(w.content), 0o600); err != nil {
		w.t.Fatal(err)
	}
	w.touch(w.path())
}

// touch gives every change a time of its own, as real rotations have.
func (w *world) touch(path string) {
	w.clock = w.clock.Add(time.Second)
	if err := os.Chtimes(path, w.clock, w.clock); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) write() {
	for range rapid.IntRange(1, 4).Draw(w.t, "lines") {
		line := fmt.Sprintf("line %d %s", w.lines, strings.Repeat("x", rapid.IntRange(0, 300).Draw(w.t, "length")))
		w.lines++
		w.written = append(w.written, line)
		w.content += line + "\n"
	}
	w.flush()
}

func (w *world) rename() {
	w.generation++
	if err := os.Rename(w.path(), filepath.Join(w.dir, w.rotated(w))); err != nil {
		w.t.Fatal(err)
	}
	w.content = ""
	w.write()
}

func (w *world) copyTruncate() {
	w.generation++
	kept := filepath.Join(w.dir, w.rotated(w))
	if err := os.WriteFile(kept, []byte(w.content), 0o600); err != nil {
		w.t.Fatal(err)
	}
	w.touch(kept)
	w.content = ""
	w.flush()
}

func (w *world) poll() {
	w.now = w.now.Add(time.Second)
	for again := true; again; again = w.f.Behind() {
		if err := w.f.Poll(w.now, func(l requestlog.Line) { w.got = append(w.got, string(l.Data)) }); err != nil {
			w.t.Fatal(err)
		}
	}
}

func (w *world) restart() {
	w.poll()
	pos, ok := w.f.Position()
	if !ok {
		w.t.Fatal("no position")
	}
	w.f.Close()
	w.f = newFollower(w.path())
	w.f.Resume(pos)
}

func newFollower(path string) *requestlog.Follower {
	return requestlog.NewFollower(path, requestlog.FollowerOptions{NoModTime: true, MaxLine: 400, MaxRead: 1000})
}

// TestFollowAnything: whatever happens to the file, every line is handed over
// once and in order.
func TestFollowAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp("", "sovmeter")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		names := slices.Sorted(maps.Keys(rotations()))
		w := &world{t: t, dir: dir, now: time.Unix(1.8e9, 0), clock: time.Unix(1.7e9, 0)}
		w.rotated = rotations()[rapid.SampledFrom(names).Draw(t, "names")]
		w.f = newFollower(w.path())
		defer func() { w.f.Close() }()
		w.write()
		w.poll()
		for range rapid.IntRange(1, 20).Draw(t, "steps") {
			steps := map[string]func(){
				"write": w.write, "rename": w.rename, "copy": w.copyTruncate, "poll": w.poll, "restart": w.restart,
			}
			steps[rapid.SampledFrom([]string{"write", "rename", "copy", "poll", "restart"}).Draw(t, "step")]()
		}
		w.poll()
		if diff := cmp.Diff(w.written, w.got); diff != "" {
			t.Fatalf("lines (-written +handed over):\n%s", diff)
		}
	})
}
