package requestlog_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/requestlog"
)

// copytruncate, and the server writes more than before until the next poll.
func TestCopyTruncateAndRegrowth(t *testing.T) {
	path := filepath.Join(t.TempDir(), "server.log")
	write := func(from, to int) {
		f, _ := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		for i := from; i < to; i++ {
			fmt.Fprintf(f, "line %04d\n", i)
		}
		f.Close()
	}
	f := requestlog.NewFollower(path, requestlog.FollowerOptions{})
	defer f.Close()
	n := 0
	poll := func() {
		if err := f.Poll(time.Now(), func(requestlog.Line) { n++ }); err != nil {
			t.Fatal(err)
		}
	}
	write(0, 10)
	poll()
	write(10, 15)
	data, _ := os.ReadFile(path)
	os.WriteFile(path+".1", data, 0o600)
	os.Truncate(path, 0)
	write(15, 40)
	poll()
	poll()
	if n != 40 {
		t.Errorf("%d of 40 lines, stats %+v", n, f.Stats())
	}
}

// An editor, or sed -i, saves the log under the same name: a new file with the same lines.
func TestSavedUnderTheSameName(t *testing.T) {
	path := filepath.Join(t.TempDir(), "server.log")
	os.WriteFile(path, []byte("a\nb\n"), 0o600)
	f := requestlog.NewFollower(path, requestlog.FollowerOptions{})
	defer f.Close()
	n := 0
	poll := func() {
		if err := f.Poll(time.Now(), func(requestlog.Line) { n++ }); err != nil {
			t.Fatal(err)
		}
	}
	poll()
	os.WriteFile(path+".tmp", []byte("a\nb\nc\n"), 0o600)
	os.Rename(path+".tmp", path)
	poll()
	if n != 3 {
		t.Errorf("%d lines of 3, stats %+v", n, f.Stats())
	}
}

// A log that is emptied without a copy beside it has lost lines, which is told.
func TestEmptiedWithoutACopyIsCounted(t *testing.T) {
	d := newLogDir(t, requestlog.FollowerOptions{})
	d.append("one\ntwo\n")
	d.want("one", "two")
	d.write("server.log", "", os.O_TRUNC)
	d.append("3\n")
	d.want("3")
	if n := d.f.Stats().Emptied; n != 1 {
		t.Errorf("emptied %d times, want once", n)
	}
}

// TestFollowEmptiedBesideOlderLog: an older log that begins alike is no copy of
// the one that was emptied.
func TestFollowEmptiedBesideOlderLog(t *testing.T) {
	greeting := strings.Repeat("greeting\n", 50)
	d := newLogDir(t, requestlog.FollowerOptions{})
	d.write("server.log.1", greeting+"old\n", 0)
	d.age("server.log.1", 1)
	d.append(greeting)
	d.poll()
	d.write("server.log", "new\n", os.O_TRUNC)
	d.want("new")
	if s := d.f.Stats(); s.Emptied != 1 {
		t.Errorf("stats %+v", s)
	}
}
