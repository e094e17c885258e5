package requestlog_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/requestlog"
)

// tree is a log that is a sequence of dated files in folders of months.
type tree struct{ *logDir }

// newTree follows the tree as one that has been metered since the given time.
func newTree(t *testing.T, since time.Time) tree {
	t.Helper()
	d := &logDir{t: t, path: filepath.Join(t.TempDir(), "server-logs")}
	d.now = time.Now().UTC()
	d.opt = requestlog.FollowerOptions{Since: since, NoModTime: true, Files: func() ([]string, error) {
		paths, err := filepath.Glob(filepath.Join(d.path, "*", "*.log"))
		slices.Sort(paths)
		return paths, err
	}}
	d.follow()
	return tree{d}
}

func (d tree) file(name string) string { return filepath.Join(d.path, name[:7], name) }

// append adds text to a file; its time is hours ago.
func (d tree) append(name, text string, hours int) {
	d.t.Helper()
	if err := os.MkdirAll(filepath.Dir(d.file(name)), 0o700); err != nil {
		d.t.Fatal(err)
	}
	f, err := os.OpenFile(d.file(name), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		d.t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString(text); err != nil {
		d.t.Fatal(err)
	}
	at := time.Now().Add(-time.Duration(hours) * time.Hour)
	if err := os.Chtimes(d.file(name), at, at); err != nil {
		d.t.Fatal(err)
	}
}

func (d tree) remove(name string) {
	d.t.Helper()
	if err := os.Remove(d.file(name)); err != nil {
		d.t.Fatal(err)
	}
}

func TestSequenceBegins(t *testing.T) {
	tests := []struct {
		name  string
		since int // hours ago; -1: zero
		want  []string
	}{
		{"at the oldest", -1, []string{"a", "b", "c"}},
		{"at the first modified since", 30, []string{"b", "c"}},
		{"at the newest", 0, []string{"c"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			since := time.Now().Add(-time.Duration(tt.since) * time.Hour)
			if tt.since < 0 {
				since = time.Time{}
			}
			d := newTree(t, since)
			d.append("2026-10-31.1.log", "a\n", 50)
			d.append("2026-11-01.1.log", "b\n", 25)
			d.append("2026-11-01.2.log", "c\n", 5)
			d.want(tt.want...)
			d.append("2026-11-01.2.log", "d\n", 0)
			d.want("d")
		})
	}
}

// TestSequenceBeforeItsFirstFile: as for a log that is not there yet.
func TestSequenceBeforeItsFirstFile(t *testing.T) {
	d := newTree(t, time.Now())
	_, err := d.tryPoll()
	var fe *requestlog.FileError
	if !errors.Is(err, fs.ErrNotExist) || !errors.As(err, &fe) || fe.Path != d.path {
		t.Fatalf("no file yet: %v", err)
	}
	d.append("2026-11-24.1.log", "a\n", 0)
	d.want("a")
	broken := errors.New("broken")
	d.opt.Files = func() ([]string, error) { return nil, broken }
	d.restart()
	if _, err := d.tryPoll(); !errors.Is(err, broken) {
		t.Errorf("a list that fails: %v", err)
	}
}

func TestSequenceGoesOn(t *testing.T) {
	d := newTree(t, time.Now())
	d.append("2026-11-24.1.log", "a\nb", 9)
	d.want("a")
	d.append("2026-11-24.2.log", "", 8) // being created
	d.append("2026-11-24.1.log", "c\n", 8)
	d.want("bc")
	d.append("2026-11-24.1.log", "d\ncut", 7)
	d.append("2026-11-24.2.log", "e\n", 7)
	d.want("d", "e")
	d.append("2026-11-24.3.log", "", 6) // a start that came to nothing
	d.append("2026-12-01.1.log", "f\n", 6)
	d.want("f")
	if s := d.f.Stats(); s.Rotations != 2 || s.CutLines != 1 || s.Lost != 0 {
		t.Errorf("stats %+v", s)
	}
}

// TestSequenceResumes: days pass while sovmeter is down.
func TestSequenceResumes(t *testing.T) {
	d := newTree(t, time.Time{})
	d.append("2026-11-20.1.log", "old\n", 99)
	d.append("2026-11-21.1.log", "a\nb", 90)
	d.want("old", "a")
	pos, _ := d.f.Position()
	d.f.Close()
	d.append("2026-11-21.1.log", "c\n", 80)
	d.append("2026-11-21.2.log", "d\n", 79)
	d.append("2026-11-23.1.log", "e\n", 30)
	d.append("2026-11-24.1.log", "f\ng", 1)
	d.follow()
	d.f.Resume(pos)
	d.want("bc", "d", "e", "f")
	d.restart()
	d.append("2026-11-24.1.log", "h\n", 0)
	d.want("gh")
	if s := d.f.Stats(); s.Lost != 0 {
		t.Errorf("stats %+v", s)
	}
}

// TestSequenceVanishes: the file being read is removed, while it is open and
// while sovmeter is down.
func TestSequenceVanishes(t *testing.T) {
	d := newTree(t, time.Time{})
	d.append("2026-11-21.1.log", "a\n", 90)
	d.append("2026-11-22.1.log", "b\n", 80)
	d.want("a", "b")
	d.append("2026-11-22.1.log", "c\n", 79)
	d.remove("2026-11-22.1.log")
	d.want("c") // it is open
	d.append("2026-11-23.1.log", "d\n", 70)
	d.want("d")

	pos, _ := d.f.Position()
	d.f.Close()
	pos.AtEnd = time.Now().Add(-69 * time.Hour).UnixNano()
	d.remove("2026-11-23.1.log")
	d.follow()
	d.f.Resume(pos)
	d.want() // what is left was read before
	if n := d.f.Stats().Lost; n != 1 {
		t.Errorf("lost %d files, want 1", n)
	}
	d.append("2026-11-24.1.log", "e\n", 1)
	d.append("2026-11-24.2.log", "f\n", 0)
	d.want("e", "f")

	pos, _ = d.f.Position()
	d.f.Close()
	pos.AtEnd = time.Now().Add(-30 * time.Minute).UnixNano()
	d.remove("2026-11-24.2.log")
	d.append("2026-11-25.1.log", "g\n", 0)
	d.append("2026-11-25.2.log", "h\n", 0)
	d.follow()
	d.f.Resume(pos)
	d.want("g", "h")
}

// TestSequenceClock: after the clock was set back a new file sorts before the
// one being read. An old one that somebody puts there is not the log's.
func TestSequenceClock(t *testing.T) {
	d := newTree(t, time.Time{})
	d.append("2026-11-24.1.log", "a\n", 0)
	d.want("a")
	d.append("2026-11-20.1.log", "restored\n", 90)
	d.want()
	d.append("2026-11-23.1.log", "b\n", 0)
	d.want("b")
	d.append("2026-11-23.1.log", "c\n", 0)
	d.want("c")
	d.append("2026-11-25.1.log", "d\n", 0)
	d.want("d")
	d.restart()
	d.append("2026-11-25.1.log", "e\n", 0)
	d.want("e")
}

// TestSequenceReplaced: a file is saved anew, truncated, or closed to us.
func TestSequenceReplaced(t *testing.T) {
	closed := ""
	d := newTree(t, time.Time{})
	d.opt.Open = func(path string) (requestlog.File, error) {
		if filepath.Base(path) == closed {
			return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrPermission}
		}
		return os.Open(path)
	}
	d.follow()
	d.append("2026-11-24.1.log", "a\nb\n", 3)
	d.want("a", "b")
	d.append("2026-11-24.1.log.tmp", "a\nb\nc\n", 2)
	if err := os.Rename(d.file("2026-11-24.1.log.tmp"), d.file("2026-11-24.1.log")); err != nil {
		t.Fatal(err)
	}
	d.want("c")
	if err := os.Truncate(d.file("2026-11-24.1.log"), 0); err != nil {
		t.Fatal(err)
	}
	d.append("2026-11-24.1.log", "d\n", 1)
	d.want("d")
	if s := d.f.Stats(); s.Emptied != 1 || s.Rotations != 0 {
		t.Errorf("stats %+v", s)
	}
	closed = "2026-11-24.2.log"
	d.append("2026-11-24.2.log", "e\n", 0)
	if _, err := d.tryPoll(); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("the next file is closed to us: %v", err)
	}
	d.append("2026-11-24.3.log", "f\n", 0)
	d.want("f")
	if s := d.f.Stats(); s.Lost != 1 {
		t.Errorf("stats %+v", s)
	}
}
