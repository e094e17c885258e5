package requestlog_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sovmeter/sovmeter/collector/requestlog"
)

// logDir is a folder with a log called server.log, and a follower of it.
type logDir struct {
	t    *testing.T
	path string
	f    *requestlog.Follower
	opt  requestlog.FollowerOptions
	now  time.Time
}

func newLogDir(t *testing.T, opt requestlog.FollowerOptions) *logDir {
	t.Helper()
	opt.NoModTime = true // arrivals are the test's own clock
	d := &logDir{t: t, path: filepath.Join(t.TempDir(), "server.log"), opt: opt}
	d.now = time.Date(2026, 11, 24, 6, 0, 0, 0, time.UTC)
	d.follow()
	return d
}

func (d *logDir) follow() {
	d.f = requestlog.NewFollower(d.path, d.opt)
	d.t.Cleanup(func() { d.f.Close() })
}

func (d *logDir) write(name, text string, flags int) {
	d.t.Helper()
	f, err := os.OpenFile(filepath.Join(filepath.Dir(d.path), name), os.O_CREATE|os.O_WRONLY|flags, 0o600)
	if err != nil {
		d.t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString(text); err != nil {
		d.t.Fatal(err)
	}
}

func (d *logDir) append(text string) { d.t.Helper(); d.write("server.log", text, os.O_APPEND) }

func (d *logDir) rename(from, to string) {
	d.t.Helper()
	dir := filepath.Dir(d.path)
	if err := os.Rename(filepath.Join(dir, from), filepath.Join(dir, to)); err != nil {
		d.t.Fatal(err)
	}
}

// poll returns the lines handed over, an overlong one as its length's place.
func (d *logDir) poll() []string {
	d.t.Helper()
	lines, err := d.tryPoll()
	if err != nil {
		d.t.Fatal(err)
	}
	return lines
}

func (d *logDir) tryPoll() ([]string, error) {
	d.now = d.now.Add(time.Second)
	var lines []string
	err := d.f.Poll(d.now, func(l requestlog.Line) {
		if l.Overlong {
			lines = append(lines, fmt.Sprintf("overlong at %d", l.Offset))
			return
		}
		lines = append(lines, string(l.Data))
	})
	return lines, err
}

func (d *logDir) want(lines ...string) {
	d.t.Helper()
	if diff := cmp.Diff(lines, d.poll()); diff != "" {
		d.t.Fatalf("lines (-want +got):\n%s", diff)
	}
}

// restart replaces the follower by one that resumes at its position.
func (d *logDir) restart() {
	d.t.Helper()
	pos, ok := d.f.Position()
	if !ok {
		d.t.Fatal("no position")
	}
	d.f.Close()
	d.follow()
	d.f.Resume(pos)
}

func TestFollowGrowingFile(t *testing.T) {
	d := newLogDir(t, requestlog.FollowerOptions{})
	d.append("one\ntwo\r\nthr")
	d.want("one", "two")
	d.want()
	d.append("ee\n\nfour\n")
	d.want("three", "", "four")
}

func TestFollowOffsets(t *testing.T) {
	d := newLogDir(t, requestlog.FollowerOptions{})
	d.append("a\nbcd\n")
	var offsets []int64
	if err := d.f.Poll(d.now, func(l requestlog.Line) { offsets = append(offsets, l.Offset) }); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int64{0, 2}, offsets); diff != "" {
		t.Errorf("offsets (-want +got):\n%s", diff)
	}
}

func TestFollowOverlongLine(t *testing.T) {
	d := newLogDir(t, requestlog.FollowerOptions{MaxLine: 10})
	d.append("short\n" + strings.Repeat("x", 11) + "\n0123456789\n")
	d.want("short", "overlong at 6", "0123456789")
	d.append(strings.Repeat("y", 1<<20))
	d.want("overlong at 29")
	d.append(strings.Repeat("z", 1<<20))
	d.want()
	d.restart() // within the overlong line
	d.append("tail\nnext\n")
	d.want("next")
}

func TestFollowVanishedFile(t *testing.T) {
	d := newLogDir(t, requestlog.FollowerOptions{})
	_, err := d.tryPoll()
	var fe *requestlog.FileError
	if !errors.Is(err, fs.ErrNotExist) || !errors.As(err, &fe) || fe.Hint == "" {
		t.Fatalf("missing file: %v", err)
	}
	d.append("one\n")
	d.want("one")
	if err := os.Remove(d.path); err != nil {
		t.Fatal(err)
	}
	d.want()
	d.append("two\n")
	d.want("two")
}

func TestFollowPermissionLost(t *testing.T) {
	allowed := true
	opt := requestlog.FollowerOptions{Open: func(path string) (requestlog.File, error) {
		if !allowed {
			return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrPermission}
		}
		return os.Open(path)
	}}
	d := newLogDir(t, opt)
	d.append("one\n")
	d.want("one")
	allowed = false
	d.append("two\n")
	d.want("two") // open files stay open
	d.rename("server.log", "server.log.1")
	d.append("three\n")
	d.write("server.log.1", "last\n", os.O_APPEND)
	d.want("last") // lines come before the error
	_, err := d.tryPoll()
	var fe *requestlog.FileError
	if !errors.Is(err, fs.ErrPermission) || !errors.As(err, &fe) || !strings.Contains(fe.Error(), "let the user") {
		t.Fatalf("permission lost: %v", err)
	}
	allowed = true
	d.want("three")
}

func TestFollowNotAFile(t *testing.T) {
	f := requestlog.NewFollower(t.TempDir(), requestlog.FollowerOptions{})
	err := f.Poll(time.Now(), func(requestlog.Line) { t.Error("a folder has a line") })
	if !errors.Is(err, requestlog.ErrNotRegular) {
		t.Fatalf("a folder: %v", err)
	}
}

func TestFollowReadsBoundedChunks(t *testing.T) {
	d := newLogDir(t, requestlog.FollowerOptions{MaxLine: 100, MaxRead: 1 << 20})
	line := strings.Repeat("x", 99) + "\n"
	d.append(strings.Repeat(line, 50_000)) // 5 MB
	polls, lines := 0, 0
	for again := true; again; again = d.f.Behind() {
		got := d.poll()
		if n := len(got) * len(line); n > 1<<20+256<<10 {
			t.Fatalf("one poll gave %d bytes", n)
		}
		lines += len(got)
		polls++
	}
	if lines != 50_000 || polls < 4 {
		t.Errorf("%d lines in %d polls", lines, polls)
	}
}

func TestFollowArrivals(t *testing.T) {
	d := newLogDir(t, requestlog.FollowerOptions{})
	d.append("old\n")
	read := func() requestlog.Line {
		var last requestlog.Line
		d.now = d.now.Add(time.Second)
		if err := d.f.Poll(d.now, func(l requestlog.Line) { last = l }); err != nil {
			t.Fatal(err)
		}
		return last
	}
	if l := read(); l.Spread != requestlog.SpreadUnknown || !l.Arrival.Equal(d.now) {
		t.Errorf("a line that was there before: %v, spread %v", l.Arrival, l.Spread)
	}
	d.append("new\n")
	if l := read(); l.Spread != time.Second || !l.Arrival.Equal(d.now) {
		t.Errorf("a line that came between two polls: %v, spread %v", l.Arrival, l.Spread)
	}
}

func TestFollowModTime(t *testing.T) {
	d := newLogDir(t, requestlog.FollowerOptions{})
	d.opt.NoModTime = false
	d.follow()
	d.append("one\ntwo\n")
	written := d.now.Add(-3*time.Hour + 250*time.Millisecond)
	if err := os.Chtimes(d.path, written, written); err != nil {
		t.Fatal(err)
	}
	var spreads []time.Duration
	err := d.f.Poll(d.now, func(l requestlog.Line) {
		if !l.Arrival.Equal(written) {
			t.Errorf("arrival %v, want %v", l.Arrival, written)
		}
		spreads = append(spreads, l.Spread)
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]time.Duration{requestlog.SpreadUnknown, 0}, spreads); diff != "" {
		t.Errorf("only the last line is dated exactly (-want +got):\n%s", diff)
	}
}

// TestFollowAheadOfTheClock: after the clock was set back nothing is known of
// when the lines were written that came since.
func TestFollowAheadOfTheClock(t *testing.T) {
	d := newLogDir(t, requestlog.FollowerOptions{})
	d.append("one\n")
	d.want("one")
	d.append("two\n")
	d.now = d.now.Add(-time.Hour)
	if err := d.f.Poll(d.now, func(l requestlog.Line) {
		if l.Spread != requestlog.SpreadUnknown || !l.Arrival.Equal(d.now) {
			t.Errorf("arrival %v, spread %v", l.Arrival, l.Spread)
		}
	}); err != nil {
		t.Fatal(err)
	}
	d.append("three\n")
	d.want("three")
}
