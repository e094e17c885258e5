package requestlog_test

import (
	"os"
	"strings"
	"testing"

	"github.com/sovmeter/sovmeter/collector/requestlog"
)

// meddler lets something happen to the log just before a reading.
type meddler struct {
	*os.File
	before func(off int64)
}

func (m meddler) ReadAt(p []byte, off int64) (int, error) {
	m.before(off)
	return m.File.ReadAt(p, off)
}

// TestFollowTruncatedWhileReading: between the look at the file and the reading
// the log is copied, truncated, and outgrows its old size, so that the reading
// begins in the middle of new text.
func TestFollowTruncatedWhileReading(t *testing.T) {
	for _, copied := range []bool{true, false} {
		var d *logDir
		meddle := func(int64) {}
		d = newLogDir(t, requestlog.FollowerOptions{Open: func(path string) (requestlog.File, error) {
			f, err := os.Open(path)
			return meddler{f, func(off int64) { meddle(off) }}, err
		}})
		d.append("one\n")
		d.want("one")
		d.append("two\n")
		late := []string{strings.Repeat("x", 100), "five"}
		meddle = func(off int64) {
			if off != 4 {
				return
			}
			meddle = func(int64) {}
			if copied {
				d.write("server.log.1", "one\ntwo\nthree\n", 0)
			}
			d.write("server.log", late[0]+"\n"+late[1]+"\n", os.O_TRUNC)
		}
		want := append([]string{"two", "three"}, late...)
		if !copied {
			want = late // and that is counted
		}
		d.want(want...)
		if s := d.f.Stats(); s.Rewrites != 1 || s.Emptied == 1 == copied {
			t.Errorf("copied %v: stats %+v", copied, s)
		}
		d.restart()
		d.append("six\n")
		d.want("six")
	}
}

// TestFollowPositionBeforeTruncation: a position tells what was read, not what
// the file holds by the time that it is asked for.
func TestFollowPositionBeforeTruncation(t *testing.T) {
	d := newLogDir(t, requestlog.FollowerOptions{})
	d.append("one\ntwo\nthr")
	d.want("one", "two")
	d.write("server.log.1", "one\ntwo\nthree\n", 0)
	d.write("server.log", strings.Repeat("new\n", 10), os.O_TRUNC)
	d.restart()
	d.want(append([]string{"three"}, strings.Split(strings.TrimSpace(strings.Repeat("new\n", 10)), "\n")...)...)
	if n := d.f.Stats().Lost; n != 0 {
		t.Errorf("lost %d files", n)
	}
}

// TestFollowRotatedWhileLooking: names move between the looks at them. The
// oldest unread file is found all the same.
func TestFollowRotatedWhileLooking(t *testing.T) {
	for hook := 1; hook <= 6; hook++ {
		var d *logDir
		opens := 0
		d = newLogDir(t, requestlog.FollowerOptions{Open: func(path string) (requestlog.File, error) {
			if opens++; opens == 1+hook {
				d.ollama()
				d.append("four\n")
			}
			return os.Open(path)
		}})
		d.append("one\n")
		d.want("one")
		d.ollama()
		d.append("two\n")
		d.ollama()
		d.append("three\n")
		var got []string
		for again := true; again; again = d.f.Behind() {
			got = append(got, d.poll()...)
		}
		got = append(got, d.poll()...)
		want := "two three four"
		if opens <= hook { // it was not reached
			want = "two three"
		}
		if strings.Join(got, " ") != want {
			t.Errorf("rotated at open %d: %q", hook, got)
		}
	}
}

// TestFollowSameGreeting: logs of the same server begin alike. The one that was
// being read is known by its inode.
func TestFollowSameGreeting(t *testing.T) {
	greeting := strings.Repeat("greeting\n", 40)
	d := newLogDir(t, requestlog.FollowerOptions{})
	d.append(greeting)
	d.poll()
	pos, _ := d.f.Position()
	d.f.Close()
	d.append("one\n")
	d.ollama()
	d.append(greeting + "two\n")
	d.follow()
	d.f.Resume(pos)
	got := d.poll()
	if len(got) != 42 || got[0] != "one" || got[41] != "two" {
		t.Errorf("%d lines, stats %+v", len(got), d.f.Stats())
	}
}

// TestFollowShortCopy: a log that was read further than its copy goes is
// truncated while sovmeter is down. Nothing of the copy is read again.
func TestFollowShortCopy(t *testing.T) {
	d := newLogDir(t, requestlog.FollowerOptions{})
	one := strings.Repeat("one ", 100)
	d.append(one + "\ntwo\nthree\n")
	d.want(one, "two", "three")
	pos, _ := d.f.Position()
	d.f.Close()
	pos.AtEnd = 1 // long before: the last poll left something unread
	d.write("server.log.1", one+"\ntwo\n", 0)
	d.write("server.log", "four\n", os.O_TRUNC)
	d.follow()
	d.f.Resume(pos)
	d.want("four")
	if n := d.f.Stats().Lost; n != 1 {
		t.Errorf("lost %d files, want 1", n)
	}
}
