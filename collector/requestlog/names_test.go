package requestlog_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/sovmeter/sovmeter/collector/requestlog"
)

// TestFollowResumeByName: the unread rest of a log is found after a restart
// under the names that newsyslog, logrotate, Ollama and log libraries give it,
// and so are logs rotated twice meanwhile.
func TestFollowResumeByName(t *testing.T) {
	tests := []struct{ log, older, newer string }{
		{"server.log", "server.log.1", "server.log.0"}, // newsyslog
		{"server.log", "server.log.2", "server.log.1"}, // logrotate, Python
		{"server.log", "server-2.log", "server-1.log"}, // Ollama
		{"server.log", "server.2.log", "server.1.log"}, // log libraries
		{"server.log", "server.log.20261123", "server.log.20261124"},
		{"server.log", "server.log-20261123", "server.log-20261124"}, // logrotate dateext
		{"server.log", "server.log-1795436268", "server.log-1795440000"},
		{"server.log", "server.log.2026-11-23", "server.log.2026-11-24"}, // Python
		{"server.log", "server-2026-11-23T10-00-00.000.log", "server-2026-11-24T10-00-00.000.log"},
		{"server.log", "server__2026-11-23_00-00-00.log", "server__2026-11-24_00-00-00.log"},
		{"server.log", "server.2026-11-23.log", "server.2026-11-24.log"},
		{"ollama", "ollama.1", "ollama.0"}, // a log without an extension
		{"llama.err.log", "llama.err.log.1", "llama.err.log.0"},
	}
	for _, tt := range tests {
		t.Run(tt.older, func(t *testing.T) {
			d := newLogDir(t, requestlog.FollowerOptions{})
			d.path = filepath.Join(filepath.Dir(d.path), tt.log)
			d.follow()
			d.write(tt.log, "one\n", os.O_APPEND)
			d.want("one")
			pos, _ := d.f.Position()
			d.f.Close()
			d.write(tt.log, "two\n", os.O_APPEND)
			d.rename(tt.log, tt.older)
			d.write(tt.newer, "three\n", 0)
			d.age(tt.older, 2)
			d.age(tt.newer, 1)
			d.write(tt.log, "four\n", 0)
			d.follow()
			d.f.Resume(pos)
			d.want("two", "three", "four")
			if s := d.f.Stats(); s.Lost != 0 || s.Rotations != 2 {
				t.Errorf("stats %+v", s)
			}
		})
	}
}

// TestFollowForeignLogs: the logs of other servers in the folder are not read
// when the log is rotated, however new they are.
func TestFollowForeignLogs(t *testing.T) {
	d := newLogDir(t, requestlog.FollowerOptions{})
	d.append("one\n")
	d.want("one")
	d.rename("server.log", "server.log.1")
	d.age("server.log.1", 1)
	for _, name := range []string{
		"server-8081.log", "server-11434.log", "server2.log", "server-errors.log", "server-1-2.log", "server.log.bak",
		"server.log.1.tmp", "my-server.log", "server.json", "server.log.", "server..log", "server.log.7",
	} {
		d.write(name, "foreign: "+name+"\n", 0)
	}
	d.append("two\n")
	d.want("two")
}

// ollama rotates as the Ollama app does when it starts its server: every file
// moves up by one name, and the sixth is removed.
func (d *logDir) ollama() {
	d.t.Helper()
	os.Remove(filepath.Join(filepath.Dir(d.path), "server-5.log"))
	for i := 5; i >= 1; i-- {
		older, newer := fmt.Sprintf("server-%d.log", i), fmt.Sprintf("server-%d.log", i-1)
		if i == 1 {
			newer = "server.log"
		}
		if _, err := os.Stat(filepath.Join(filepath.Dir(d.path), newer)); err == nil {
			d.rename(newer, older)
		}
	}
}

// TestFollowOllamaRestarts: Ollama is started again and again while sovmeter
// is down. Up to five times nothing is lost; after that the oldest file is
// gone, and what is left of the others is read.
func TestFollowOllamaRestarts(t *testing.T) {
	for starts := range 8 {
		t.Run(fmt.Sprint(starts), func(t *testing.T) {
			d := newLogDir(t, requestlog.FollowerOptions{})
			for i := range 7 { // runs of days before
				d.append(fmt.Sprintf("run %d\nmore\n", i-7))
				d.poll()
				d.ollama()
			}
			d.append("read\n")
			d.poll()
			pos, _ := d.f.Position()
			d.f.Close()
			pos.AtEnd = d.modTime("server.log")
			d.append("unread\n")
			want := []string{"unread"}
			if starts > 5 {
				want = nil
			}
			for i := range starts {
				d.ollama()
				d.append(fmt.Sprintf("run %d\n", i))
				if starts-i <= 6 {
					want = append(want, fmt.Sprintf("run %d", i))
				}
			}
			d.follow()
			d.f.Resume(pos)
			d.want(want...)
			if got, lost := d.f.Stats().Lost, starts > 5; got != 0 != lost {
				t.Errorf("lost %d times after %d starts", got, starts)
			}
		})
	}
}

// modTime is a file's modification time as a position holds it.
func (d *logDir) modTime(name string) int64 {
	d.t.Helper()
	info, err := os.Stat(filepath.Join(filepath.Dir(d.path), name))
	if err != nil {
		d.t.Fatal(err)
	}
	return info.ModTime().UnixNano()
}

// TestFollowNewsyslog: a server whose output launchd redirects is not told that
// its log was renamed, and goes on writing to it, until it is started again.
func TestFollowNewsyslog(t *testing.T) {
	const note = "Nov 24 00:00:00 studio newsyslog[812]: logfile turned over due to size>10000K\n"
	d := newLogDir(t, requestlog.FollowerOptions{})
	d.append("one\n")
	d.want("one")
	d.rename("server.log", "server.log.0")
	d.append(note)
	d.want()
	d.write("server.log.0", "two\n", os.O_APPEND)
	d.want("two")
	d.restart()
	d.rename("server.log.0", "server.log.1")
	d.rename("server.log", "server.log.0")
	d.append(note)
	d.want()
	d.write("server.log.1", "three\n", os.O_APPEND)
	d.want("three")
	d.append("four\n") // launchd opens the log by its name
	d.want(note[:len(note)-1], "four")
	if s := d.f.Stats(); s.Rotations != 1 || s.Lost != 0 {
		t.Errorf("stats %+v", s)
	}
}

// TestFollowTouchedRotation: a rotation that was read is not read again because
// somebody touched it, copied it or moved it.
func TestFollowTouchedRotation(t *testing.T) {
	d := newLogDir(t, requestlog.FollowerOptions{})
	for _, day := range []string{"21", "22", "23"} {
		d.append("day " + day + "\n")
		d.want("day " + day)
		d.rename("server.log", "server.log-202611"+day)
	}
	d.append("today\n")
	d.want("today")
	d.restart()
	d.age("server.log-20261121", -1) // from now on its time is ahead
	d.write("server.log-20261130", "day 22\n", 0)
	d.age("server.log-20261130", -2)
	d.rename("server.log", "server.log-20261124")
	d.append("tomorrow\n")
	d.want("tomorrow")

	d.write("server.log-20261122", "late\n", os.O_APPEND) // only this is new
	d.age("server.log-20261122", -3)
	d.rename("server.log", "server.log-20261125")
	d.append("after\n")
	d.want("late", "after")
}

// TestFollowClockSetBack: numbered rotations keep their order when the clock
// was set back between them.
func TestFollowClockSetBack(t *testing.T) {
	d := newLogDir(t, requestlog.FollowerOptions{})
	d.append("one\n")
	d.want("one")
	d.append("two\n")
	d.rename("server.log", "server.log.2")
	d.write("server.log.1", "three\n", 0)
	d.age("server.log.1", 3) // an hour or two before the file that was written first
	d.append("four\n")
	d.want("two", "three", "four")
}

// TestFollowBacklogWhileRotating: while several rotated files are being read,
// the log is rotated again, which moves all their names.
func TestFollowBacklogWhileRotating(t *testing.T) {
	d := newLogDir(t, requestlog.FollowerOptions{MaxRead: 1, MaxLine: 100})
	d.append("0\n")
	d.want("0")
	pos, _ := d.f.Position()
	d.f.Close()
	for i := range 4 {
		d.ollama()
		d.append(fmt.Sprintf("%d\n", i+1))
	}
	d.follow()
	d.f.Resume(pos)
	var got []string
	for polls := 0; len(got) < 5 && polls < 20; polls++ {
		got = append(got, d.poll()...)
		if polls == 1 {
			d.ollama()
			d.append("5\n")
		}
	}
	for i := range 5 {
		if i >= len(got) || got[i] != fmt.Sprint(i+1) {
			t.Fatalf("lines %q, stats %+v", got, d.f.Stats())
		}
	}
}

// TestFollowLink: a log that is a link has its rotations beside the file that it
// leads to, or is one of several files that it leads to one after the other.
func TestFollowLink(t *testing.T) {
	d := newLogDir(t, requestlog.FollowerOptions{})
	disk := t.TempDir()
	to := func(name string) {
		t.Helper()
		os.Remove(d.path)
		if err := os.Symlink(filepath.Join(disk, name), d.path); err != nil {
			t.Fatal(err)
		}
	}
	to("current.log")
	d.append("one\n")
	d.want("one")
	pos, _ := d.f.Position()
	d.f.Close()
	for i, text := range []string{"two\n", "three\n"} {
		d.append(text)
		rotated := filepath.Join(disk, fmt.Sprintf("current-%d.log", 2-i))
		if err := os.Rename(filepath.Join(disk, "current.log"), rotated); err != nil {
			t.Fatal(err)
		}
	}
	d.append("four\n")
	d.follow()
	d.f.Resume(pos)
	d.want("two", "three", "four")
	d.append("five\n")
	to("other.log")
	d.append("six\n")
	d.want("five", "six")
	d.append("seven\n")
	to("third.log")
	d.append("eight\n")
	d.restart()
	d.want("seven", "eight")
	if n := d.f.Stats().Lost; n != 0 {
		t.Errorf("lost %d files", n)
	}
}
