package requestlog_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sovmeter/sovmeter/collector/requestlog"
)

func TestFollowRenameRotation(t *testing.T) {
	d := newLogDir(t, requestlog.FollowerOptions{})
	d.append("one\n")
	d.want("one")
	d.append("two\n")
	d.rename("server.log", "server.log.1")
	d.want("two") // no new file yet
	d.write("server.log.1", "three\n", os.O_APPEND)
	d.write("server.log", "", 0)
	d.want("three") // an empty new file proves nothing
	d.write("server.log.1", "four\n", os.O_APPEND)
	d.append("five\n")
	d.want("four", "five")
	d.append("six\n")
	d.want("six")
	if s := d.f.Stats(); s.Rotations != 1 || s.CutLines != 0 {
		t.Errorf("stats %+v", s)
	}
}

// TestFollowLastWords: a line written to the old file just before its writer
// turned to the new one is read although the old file was at its end before.
func TestFollowLastWords(t *testing.T) {
	var d *logDir
	opens := 0
	d = newLogDir(t, requestlog.FollowerOptions{Open: func(path string) (requestlog.File, error) {
		if opens++; opens == 2 {
			d.write("server.log.1", "last words\n", os.O_APPEND)
		}
		return os.Open(path)
	}})
	d.append("one\n")
	d.want("one")
	d.rename("server.log", "server.log.1")
	d.append("two\n")
	d.want("last words", "two")
}

func TestFollowRotationWithinLine(t *testing.T) {
	d := newLogDir(t, requestlog.FollowerOptions{})
	d.append("one\ntw")
	d.want("one")
	d.rename("server.log", "server-1.log")
	d.append("three\n")
	d.want("three")
	if s := d.f.Stats(); s.CutLines != 1 {
		t.Errorf("stats %+v", s)
	}
}

func TestFollowCopyTruncate(t *testing.T) {
	d := newLogDir(t, requestlog.FollowerOptions{})
	d.append("one\ntw")
	d.want("one")
	d.write("server.log.1", "one\ntwo\nthree\n", 0) // the copy has what came after the poll
	d.write("server.log", "", os.O_TRUNC)
	d.want("two", "three")
	d.append("four\n")
	d.want("four")
	if s := d.f.Stats(); s.Truncations != 1 || s.Rotations != 1 {
		t.Errorf("stats %+v", s)
	}
}

func TestFollowTruncation(t *testing.T) {
	d := newLogDir(t, requestlog.FollowerOptions{})
	d.append("one\ntwo\n")
	d.want("one", "two")
	d.write("server.log", "3\n", os.O_TRUNC)
	d.want("3")
	if s := d.f.Stats(); s.Truncations != 1 {
		t.Errorf("stats %+v", s)
	}
}

func TestFollowRewriteOfSameSize(t *testing.T) {
	for _, text := range []string{"six\nten\n", "six\nten\nmore\n"} {
		d := newLogDir(t, requestlog.FollowerOptions{})
		d.append("one\ntwo\n")
		d.want("one", "two")
		d.write("server.log", text, os.O_TRUNC)
		later := time.Now().Add(time.Minute) // a kernel's clock may tick too slowly to show it
		if err := os.Chtimes(d.path, later, later); err != nil {
			t.Fatal(err)
		}
		d.want(strings.Split(strings.TrimSuffix(text, "\n"), "\n")...)
		if s := d.f.Stats(); s.Rewrites != 1 || s.Truncations != 0 {
			t.Errorf("stats %+v", s)
		}
	}
}

func TestFollowResume(t *testing.T) {
	tests := []struct {
		name   string
		before string
		first  []string // what is handed over before the restart
		during func(d *logDir)
		want   []string
		lost   int64
	}{
		{"unchanged", "one\n", []string{"one"}, func(*logDir) {}, nil, 0},
		{"grown", "one\n", []string{"one"}, func(d *logDir) { d.append("two\n") }, []string{"two"}, 0},
		{"mid-line", "one\ntw", []string{"one"}, func(d *logDir) { d.append("o\n") }, []string{"two"}, 0},
		{"rotated", "one\n", []string{"one"}, func(d *logDir) {
			d.append("two\n")
			d.rename("server.log", "server.log.1")
			d.append("three\n")
		}, []string{"two", "three"}, 0},
		{"rotated twice", "one\n", []string{"one"}, func(d *logDir) {
			d.append("two\n")
			d.rename("server.log", "server-2.log")
			d.write("server-1.log", "three\n", 0)
			d.write("server-errors.log", "not a rotation\n", 0)
			d.age("server-2.log", 2)
			d.age("server-1.log", 1)
			d.append("four\n")
		}, []string{"two", "three", "four"}, 0},
		{"rotated to another name", "one\n", []string{"one"}, func(d *logDir) {
			d.append("two\n")
			d.rename("server.log", "kept")
			d.append("three\n")
		}, []string{"two", "three"}, 0},
		{"copied and truncated", "one\ntw", []string{"one"}, func(d *logDir) {
			d.write("server.log.1", "one\ntwo\n", 0)
			d.write("server.log", "three\n", os.O_TRUNC)
		}, []string{"two", "three"}, 0},
		{"rotated away", "one\n", []string{"one"}, func(d *logDir) {
			if err := os.Remove(d.path); err != nil {
				d.t.Fatal(err)
			}
			d.append("two\n")
		}, []string{"two"}, 1},
		{"rewritten longer", "one\n", []string{"one"}, func(d *logDir) {
			d.write("server.log", "two\nthree\n", os.O_TRUNC)
		}, []string{"two", "three"}, 1},
		{"rotated, no new file", "one\n", []string{"one"}, func(d *logDir) {
			d.append("two\n")
			d.rename("server.log", "server.log.1")
		}, []string{"two"}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := newLogDir(t, requestlog.FollowerOptions{})
			d.append(tt.before)
			d.want(tt.first...)
			pos, _ := d.f.Position()
			d.f.Close()
			tt.during(d)
			d.follow()
			d.f.Resume(pos)
			d.want(tt.want...)
			if got := d.f.Stats().Lost; got != tt.lost {
				t.Errorf("lost %d, want %d", got, tt.lost)
			}
			d.append("after\n")
			if tt.name != "rotated, no new file" {
				d.want("after")
			}
		})
	}
}

// age sets a file's time back.
func (d *logDir) age(name string, hours int) {
	d.t.Helper()
	at := time.Now().Add(-time.Duration(hours) * time.Hour)
	if err := os.Chtimes(filepath.Join(filepath.Dir(d.path), name), at, at); err != nil {
		d.t.Fatal(err)
	}
}

// TestFollowBackupCopy: a copy of the rotated file that somebody made beside it
// is not a rotation to be read.
func TestFollowBackupCopy(t *testing.T) {
	d := newLogDir(t, requestlog.FollowerOptions{})
	d.append("one\ntwo\n")
	d.want("one", "two")
	d.rename("server.log", "server.log.1")
	d.age("server.log.1", 2)
	d.write("server.log.20261124", "one\ntwo\n", 0)
	d.age("server.log.20261124", 1)
	d.append("three\n")
	d.want("three")
}

func TestFollowLogReplacedByItsCopy(t *testing.T) {
	d := newLogDir(t, requestlog.FollowerOptions{})
	d.append("one\ntwo\n")
	d.want("one", "two")
	d.write("copy", "one\ntwo\nthree\n", 0) // as an editor or sed -i does
	d.rename("copy", "server.log")
	var lines []string
	for range 3 {
		lines = append(lines, d.poll()...)
	}
	d.append("four\n")
	lines = append(lines, d.poll()...)
	if diff := cmp.Diff([]string{"three", "four"}, lines); diff != "" {
		t.Errorf("lines after the copy took its place (-want +got):\n%s", diff)
	}
}

// TestFollowLateTwice: a rotated file that grows after it was left, and grows
// again after it was left a second time, is gone on with where it was left last.
func TestFollowLateTwice(t *testing.T) {
	d := newLogDir(t, requestlog.FollowerOptions{})
	d.append("one\n")
	d.want("one")
	d.rename("server.log", "server.log-20261121")
	d.append("two\n")
	d.want("two")
	for i, late := range []string{"late", "later"} {
		d.write("server.log-20261121", late+"\n", os.O_APPEND)
		d.age("server.log-20261121", -1-i)
		d.rename("server.log", fmt.Sprintf("server.log-2026112%d", 2+i))
		d.append("next\n")
		d.want(late, "next")
	}
}
