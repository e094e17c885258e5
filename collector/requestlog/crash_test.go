package requestlog_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/requestlog"
)

// numbered are lines of 20 bytes, those from from until to.
func numbered(from, to int) string {
	var b strings.Builder
	for i := from; i < to; i++ {
		fmt.Fprintf(&b, "line with number %02d\n", i)
	}
	return b.String()
}

func split(text string) []string {
	return strings.Split(strings.TrimSuffix(text, "\n"), "\n")
}

// TestFollowCrash: the machine crashes when the position is stored and the last
// lines of the log are not. Nothing of the log is read twice, and that something
// may be missing is counted.
func TestFollowCrash(t *testing.T) {
	const kept = 92 // of 100 lines
	tests := []struct {
		name, after string
		want        []string
	}{
		{"nothing new", "", nil},
		{"less than was lost", "new\n", nil},
		{"more than was lost", numbered(0, 10), split(numbered(8, 10))},
		{"within a line", "x" + numbered(0, 10), split(numbered(8, 10))},
		{"blocks without data", strings.Repeat("\x00", 200) + "new\n", []string{"new"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := newLogDir(t, requestlog.FollowerOptions{})
			d.append(numbered(0, 100))
			d.want(split(numbered(0, 100))...)
			pos, _ := d.f.Position()
			d.f.Close()
			d.write("server.log", numbered(0, kept)+tt.after, os.O_TRUNC)
			d.follow()
			d.f.Resume(pos)
			d.want(tt.want...)
			if s := d.f.Stats(); s.Emptied != 1 || s.Rewrites != 1 || s.Lost != 0 {
				t.Errorf("stats %+v", s)
			}
			d.append("next\n")
			d.restart()
			d.want("next")
		})
	}
}

// TestFollowBegunAnew: a log that was begun anew with the same greeting while
// sovmeter was down is no log that lost its end.
func TestFollowBegunAnew(t *testing.T) {
	d := newLogDir(t, requestlog.FollowerOptions{})
	greeting := strings.Repeat("greeting\n", 40)
	d.append(greeting + numbered(0, 50))
	d.poll()
	pos, _ := d.f.Position()
	d.f.Close()
	d.write("server.log", greeting+numbered(50, 90), os.O_TRUNC)
	d.follow()
	d.f.Resume(pos)
	d.want(split(greeting + numbered(50, 90))...)
}

// TestSequenceCrash: the same in a log that is a sequence of files.
func TestSequenceCrash(t *testing.T) {
	d := newTree(t, time.Time{})
	d.append("2026-11-24.1.log", numbered(0, 100), 2)
	d.poll()
	pos, _ := d.f.Position()
	d.f.Close()
	if err := os.Truncate(d.file("2026-11-24.1.log"), 92*20); err != nil {
		t.Fatal(err)
	}
	d.append("2026-11-24.2.log", "next\n", 0)
	d.follow()
	d.f.Resume(pos)
	d.want("next")
}

// unplugged is a file on a disk that is taken out while gone is set.
type unplugged struct {
	*os.File
	gone *bool
}

func (f unplugged) ReadAt(p []byte, off int64) (int, error) {
	if *f.gone {
		return 0, syscall.EIO
	}
	return f.File.ReadAt(p, off)
}

// TestFollowDiskTakenOut: files that were open stay broken when their disk is
// back. The log is opened anew, and nothing of it is lost or read twice.
func TestFollowDiskTakenOut(t *testing.T) {
	gone := new(bool)
	d := newLogDir(t, requestlog.FollowerOptions{Open: func(path string) (requestlog.File, error) {
		f, err := os.Open(path)
		return unplugged{f, gone}, err
	}})
	d.append("one\ntw")
	d.want("one")
	*gone = true
	gone = new(bool)
	*gone = true
	d.append("o\nthree\n")
	for range 3 {
		if _, err := d.tryPoll(); !errors.Is(err, syscall.EIO) {
			t.Fatalf("taken out: %v", err)
		}
	}
	gone = new(bool)
	d.want("two", "three")
	if s := d.f.Stats(); s != (requestlog.FollowerStats{}) {
		t.Errorf("stats %+v", s)
	}
}

// TestFollowCutShort: somebody cuts a log to a shorter length. What is left of
// it was read before.
func TestFollowCutShort(t *testing.T) {
	d := newLogDir(t, requestlog.FollowerOptions{})
	d.append(numbered(0, 100) + "half")
	d.poll()
	for _, left := range []int64{2002, 1900, 1810} { // within the half line, after a line, within one
		if _, ok := d.f.Position(); !ok {
			t.Fatal("no position")
		}
		if err := os.Truncate(d.path, left); err != nil {
			t.Fatal(err)
		}
		d.want()
	}
	d.append("\nnext\n")
	d.want("next")
	if s := d.f.Stats(); s.Truncations != 3 || s.Emptied != 3 {
		t.Errorf("stats %+v", s)
	}
}
